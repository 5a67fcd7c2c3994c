"""A venue on a loopback socket, with the protocol's manners and a test's malice; and a clock that runs fast."""
from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from websockets.asyncio.server import ServerConnection, serve

Talk = Callable[[ServerConnection], Awaitable[None]]
START = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


class FastClock:
    """The clock port, `factor` times faster than the machine's."""

    def __init__(self, factor: float) -> None:
        self._factor = factor
        self._began = time.monotonic()

    def monotonic(self) -> float:
        """Give hurried seconds."""
        return (time.monotonic() - self._began) * self._factor

    def now(self) -> datetime:
        """Give a wall time that hurries along."""
        return START + timedelta(seconds=self.monotonic())

    async def sleep(self, seconds: float) -> None:
        """Wait a fraction of what was asked."""
        await asyncio.sleep(seconds / self._factor)


async def polite(socket: ServerConnection, login_after_s: float = 0.0) -> None:
    """Log in, acknowledge and pong until the client goes."""
    async for text in socket:
        if text == "ping":
            await socket.send("pong")
            continue
        request: dict[str, Any] = json.loads(text)
        if request["op"] == "login":
            await asyncio.sleep(login_after_s)
            await socket.send('{"event":"login","code":0,"msg":""}')
        else:
            for argument in request["args"]:
                await socket.send(json.dumps({"event": request["op"], "arg": argument}))


@asynccontextmanager
async def venue(*talks: Talk) -> AsyncIterator[str]:
    """Serve on loopback; each connection gets the next talk, the last one again and again. Gives the address."""
    count = 0

    async def talk(socket: ServerConnection) -> None:
        nonlocal count
        count += 1
        await talks[min(count, len(talks)) - 1](socket)

    async with serve(talk, "127.0.0.1", 0, ping_interval=None, close_timeout=0.05) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        yield f"ws://127.0.0.1:{port}/v2/ws/private"
