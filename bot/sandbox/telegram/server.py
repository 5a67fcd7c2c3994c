"""The Bot API over HTTP on loopback: `{root}/bot{token}/{method}` and `{root}/file/bot{token}/{path}`."""
from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from aiohttp import web

from bot.sandbox.telegram import carriers
from bot.sandbox.telegram.emulator import Answer, Emulator, refused
from bot.sandbox.telegram.errors import Dropped, Refusal
from bot.sandbox.telegram.webhook import Delivery

_BODY_BYTES = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A running Bot API; `root` carries no trailing slash."""

    emulator: Emulator
    root: str


def application(emulator: Emulator) -> web.Application:
    """Build the bot-facing application. Its path holds the token, so it must run without an access log."""
    app = web.Application(client_max_size=_BODY_BYTES)

    async def call(request: web.Request) -> web.StreamResponse:
        token = request.match_info["token"]
        try:
            p = carriers.read(request.rel_url.raw_query_string, request.headers.get("Content-Type", ""),
                              await request.read())
        except Refusal as refusal:
            return _response(refused(refusal))
        try:
            answer = await emulator.call(
                token, request.match_info.get("method", ""), p, alive=lambda: _alive(request),
            )
        except Dropped:
            return _drop(request)
        return _response(answer)

    async def download(request: web.Request) -> web.StreamResponse:
        if emulator.world.faults.has("telegram_down", "file", emulator.world.now()):
            return _drop(request)
        stored = emulator.world.files.by_path(request.match_info["path"])
        if request.match_info["token"] != emulator.world.bot.token or stored is None:
            return _response(refused(Refusal(404, "Not Found")))
        return web.Response(body=stored.content, content_type="application/octet-stream")

    token = r"/bot{token:[^/]+}"
    for prefix in (token, token + "/test"):
        app.router.add_route("*", prefix + "/{method:[^/]*}", call)
    app.router.add_route("*", token, call)
    app.router.add_get(r"/file/bot{token:[^/]+}/{path:.+}", download)
    return app


def _alive(request: web.Request) -> bool:
    return request.transport is not None and not request.transport.is_closing()


def _drop(request: web.Request) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


def _response(answer: Answer) -> web.Response:
    return web.Response(
        status=answer.status, body=answer.body, headers={"Content-Type": answer.content_type, **answer.headers},
    )


@asynccontextmanager
async def serve(emulator: Emulator, *, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[Served]:
    """Run the Bot API and the webhook's delivery on loopback; port 0 takes a free one.

    Raises ValueError for an address that is not loopback.
    """
    runner = await start_loopback(application(emulator), host, port)
    delivery = asyncio.create_task(Delivery(emulator).run())
    try:
        yield Served(emulator=emulator, root=address(runner))
    finally:
        delivery.cancel()
        with suppress(asyncio.CancelledError):
            await delivery
        emulator.world.updates.end_parked(Dropped())
        await runner.cleanup()


async def start_loopback(app: web.Application, host: str = "127.0.0.1", port: int = 0) -> web.AppRunner:
    """Start an application on loopback only; a cut connection cancels its handler."""
    if not (host.startswith("127.") or host in ("localhost", "::1")):
        raise ValueError(f"The sandbox listens on loopback only; expected 127.0.0.1, found {host}.")
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, host, port).start()
    return runner


def address(runner: web.AppRunner) -> str:
    """Return `http://host:port` of a started application."""
    host, port = runner.addresses[0][:2]
    return f"http://{host}:{port}"
