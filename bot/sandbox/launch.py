"""Start the whole sandbox on free loopback ports, say where it is, stop it again (C9)."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.sandbox.exchange.http import Mount, serve
from bot.sandbox.exchange.sockets import serve_streams
from bot.sandbox.exchange.venue import Venue


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What to start: port of page and control (0: a free one), data directory, tape file (None: generated), speed."""

    host: str = "127.0.0.1"
    port: int = 0
    data: Path | None = None
    tape: Path | None = None
    speed: float = 1.0
    seed: int = 1
    with_limits: bool = True
    with_checksum: bool = True


@dataclass(slots=True, kw_only=True)
class Sandbox:
    """A running sandbox. Parts that come from other rooms add to ``ready`` and to ``venue.control``."""

    venue: Venue
    options: Options
    ready: dict[str, Any] = field(default_factory=dict)

    def write_ready_file(self, path: Path) -> None:
        """Write the ready file whole: a half-written one never carries its name."""
        part = path.with_name(path.name + ".part")
        path.parent.mkdir(parents=True, exist_ok=True)
        # The sandbox's keys open nothing real, yet nobody else needs them.
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(self.ready, file, indent=2)
        part.replace(path)


@asynccontextmanager
async def launch(options: Options | None = None) -> AsyncIterator[Sandbox]:
    """Start exchange and control surface and yield them; everything stops on leaving.

    Raises ValueError with a sentence for a wrong address or tape, OSError when the port is taken.
    """
    options = options or Options()
    if options.data:
        options.data.mkdir(parents=True, exist_ok=True)
    venue = Venue(seed=options.seed, tape=options.tape, speed=options.speed, with_checksum=options.with_checksum,
                  with_limits=options.with_limits)
    async with contextlib.AsyncExitStack() as stack:
        control = await serve(venue.control.handle, host=options.host, port=options.port)
        stack.push_async_callback(control.close)
        rest = await serve(venue.handle, host=options.host)
        stack.push_async_callback(rest.close)
        server, stream_port = await serve_streams(venue.hub.open, host=options.host)
        stack.push_async_callback(_close_streams, server, venue)
        ticking = asyncio.create_task(venue.run(), name="sandbox clock")
        stack.push_async_callback(_stop, ticking)
        ready = _ready(venue, control, rest, f"ws://{options.host}:{stream_port}", options)
        yield Sandbox(venue=venue, options=options, ready=ready)


async def _close_streams(server: Any, venue: Venue) -> None:
    venue.close()
    server.close()
    await server.wait_closed()


async def _stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def _ready(venue: Venue, control: Mount, rest: Mount, streams: str, options: Options) -> dict[str, Any]:
    key = venue.main
    env = {
        "WIREDESK_ENVIRONMENT": "sandbox",
        "WIREDESK_BITGET_REST": rest.url,
        "WIREDESK_BITGET_WS_PUBLIC": f"{streams}/v2/ws/public",
        "WIREDESK_BITGET_WS_PRIVATE": f"{streams}/v2/ws/private",
        "WIREDESK_BITGET_KEY": key.key,
        "WIREDESK_BITGET_SECRET": key.secret,
        "WIREDESK_BITGET_PASSPHRASE": key.passphrase,
    }
    if options.data:
        env["WIREDESK_DATA"] = str(options.data / "bot")
    return {
        "rest": rest.url,
        "ws_public": f"{streams}/v2/ws/public",
        "ws_private": f"{streams}/v2/ws/private",
        "ws_demo_public": f"{streams}/demo/v2/ws/public",
        "ws_demo_private": f"{streams}/demo/v2/ws/private",
        "ws3_public": None,
        "ws3_private": None,
        "key": key.key,
        "secret": key.secret,
        "passphrase": key.passphrase,
        "telegram_root": None,
        "telegram_token": None,
        "chat_page": None,
        "control": control.url,
        "model_url": None,
        "people": None,
        "env": env,
    }
