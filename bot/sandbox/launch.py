"""Start the whole sandbox on free loopback ports, say where it is, stop it again (C9)."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.sandbox import model as stub
from bot.sandbox.exchange.http import Request, loopback, serve
from bot.sandbox.exchange.sockets import serve_streams
from bot.sandbox.exchange.venue import Venue
from bot.sandbox.kept import write_private
from bot.sandbox.telegram.control import health, mount_rest
from bot.sandbox.telegram.launch import Running
from bot.sandbox.telegram.launch import launch as launch_telegram
from bot.sandbox.telegram.world import TOKEN, World

PIN = "000000"
# The people the bot knows from the start, with their roles; everybody else is a stranger.
ROLES = {"owner": ("OWNER",), "trader": ("TRADER",)}
_SHOWN = ("BTCUSDT", "ETHUSDT", "SOLUSDT", "XRPUSDT", "DOGEUSDT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What to start: port of page and control (0: a free one), data directory, tape file (None: generated), speed.

    `model` is the mood of the model the bot asks for ideas; None: it is there, and nobody asks it.
    """

    host: str = "127.0.0.1"
    port: int = 0
    data: Path | None = None
    tape: Path | None = None
    speed: float = 1.0
    seed: int = 1
    model: str | None = None
    with_limits: bool = True
    with_checksum: bool = True


@dataclass(slots=True, kw_only=True)
class Sandbox:
    """A running sandbox: exchange, Telegram and model, and what the ready file says of them."""

    venue: Venue
    telegram: Running
    model: stub.Model
    options: Options
    ready: dict[str, Any] = field(default_factory=dict)

    def write_ready_file(self, path: Path) -> None:
        """Write the ready file. Its keys open nothing real, yet nobody else needs them."""
        write_private(path, json.dumps(self.ready, indent=2))


@asynccontextmanager
async def launch(options: Options | None = None) -> AsyncIterator[Sandbox]:
    """Start exchange, Telegram with its page, and model, and yield them; everything stops on leaving.

    Raises ValueError with a sentence for a wrong address, tape or mood, OSError when the port is taken.
    """
    options = options or Options()
    host = loopback(options.host)
    if options.data:
        options.data.mkdir(parents=True, exist_ok=True)
    venue = Venue(seed=options.seed, tape=options.tape, speed=options.speed, with_checksum=options.with_checksum,
                  with_limits=options.with_limits)
    model = stub.Model(venue.clock.true_wall)
    if options.model is not None:
        model.moods.set({"name": options.model})
    async with contextlib.AsyncExitStack() as stack:
        rest = await serve(venue.handle, host=host)
        stack.push_async_callback(rest.close)
        server, stream_port = await serve_streams(venue.hub.open, host=host)
        stack.push_async_callback(_close_streams, server, venue)
        model_url = await stack.enter_async_context(stub.serve(model, host=host))
        telegram = await stack.enter_async_context(launch_telegram(
            World(seed=options.seed), host=host, port=options.port, prices=lambda: prices(venue),
            notes={"PIN": PIN}, extend=lambda app: mount_rest(app, lambda raw: _controlled(venue, raw)),
        ))
        venue.control.mount("/model", model.control)
        venue.control.part("telegram", lambda: health(telegram.emulator))
        venue.control.part("model", model.health)
        ticking = asyncio.create_task(venue.run(), name="sandbox clock")
        stack.push_async_callback(_stop, ticking)
        ready = _ready(venue, rest.url, f"ws://{host}:{stream_port}", telegram, model_url, options)
        yield Sandbox(venue=venue, telegram=telegram, model=model, options=options, ready=ready)


def prices(venue: Venue) -> Mapping[str, str]:
    """Return the last prices the page's panel shows."""
    return {symbol: str(venue.market.listings[symbol].last) for symbol in _SHOWN}


async def _controlled(venue: Venue, raw: web.Request) -> web.StreamResponse:
    path, _, query = raw.raw_path.partition("?")
    headers = {name.lower(): value for name, value in raw.headers.items()}
    asked = Request(method=raw.method, path=path, query=query, headers=headers, body=await raw.read())
    answer = await venue.control.handle(asked)
    return web.Response(status=answer.status, body=answer.body,
                        headers={"Content-Type": answer.content_type, **answer.headers})


async def _close_streams(server: Any, venue: Venue) -> None:
    venue.close()
    server.close()
    await server.wait_closed()


async def _stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def _ready(
    venue: Venue, rest: str, streams: str, telegram: Running, model_url: str, options: Options
) -> dict[str, Any]:
    people = {person.name: person.id for person in telegram.emulator.world.people.values()}
    ready: dict[str, Any] = {
        "rest": rest,
        "ws_public": f"{streams}/v2/ws/public",
        "ws_private": f"{streams}/v2/ws/private",
        "ws_demo_public": f"{streams}/demo/v2/ws/public",
        "ws_demo_private": f"{streams}/demo/v2/ws/private",
        "ws3_public": None,
        "ws3_private": None,
        "key": venue.main.key,
        "secret": venue.main.secret,
        "passphrase": venue.main.passphrase,
        "telegram_root": telegram.telegram_root,
        "telegram_token": TOKEN,
        "chat_page": telegram.chat_page,
        "control": telegram.control,
        "model_url": model_url,
        "people": people,
    }
    ready["env"] = _env(ready, options)
    return ready


def _free_port() -> int:
    """Find a port for the bot's own door; who takes it in between is told of by the bot."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _env(ready: Mapping[str, Any], options: Options) -> dict[str, str]:
    """Return the variables with which the bot joins this sandbox."""
    env = {
        "WIREDESK_ENVIRONMENT": "sandbox",
        "WIREDESK_BITGET_REST": ready["rest"],
        "WIREDESK_BITGET_WS_PUBLIC": ready["ws_public"],
        "WIREDESK_BITGET_WS_PRIVATE": ready["ws_private"],
        "WIREDESK_BITGET_KEY": ready["key"],
        "WIREDESK_BITGET_SECRET": ready["secret"],
        "WIREDESK_BITGET_PASSPHRASE": ready["passphrase"],
        "WIREDESK_TELEGRAM_ROOT": ready["telegram_root"],
        "WIREDESK_TELEGRAM_TOKEN": ready["telegram_token"],
        "WIREDESK_SEED_PEOPLE": json.dumps([
            {"name": name, "id": ready["people"][name], "roles": list(roles), "pin": PIN}
            for name, roles in ROLES.items()
        ]),
        "WIREDESK_MODEL_URL": ready["model_url"],
        "WIREDESK_SIGNALS_LISTEN": f"127.0.0.1:{_free_port()}",
        "WIREDESK_SIGNALS_SECRET": f"signals-{ready['secret']}",
        "WIREDESK_MODEL_NAME": stub.NAME,
    }
    if options.model is not None:
        # A version nobody knows starts in the shadow; here it may ask at once.
        env |= {"WIREDESK_ADVISORS": "llm", "WIREDESK_RUNG": "PROPOSE", "WIREDESK_MODEL_PRICE_IN": "3",
                "WIREDESK_MODEL_PRICE_OUT": "15"}
    if options.data:
        env["WIREDESK_DATA"] = str(options.data.absolute() / "bot")
    return env
