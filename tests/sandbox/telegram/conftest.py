"""The emulator on a free loopback port, for tests that need sockets."""

from __future__ import annotations

import asyncio
import json
import struct
import time
import zlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from bot.sandbox.telegram.emulator import Emulator
from bot.sandbox.telegram.params import Params, Upload
from bot.sandbox.telegram.server import Served, serve
from bot.sandbox.telegram.world import World


def png(width: int = 4, height: int = 3, color: tuple[int, int, int] = (31, 44, 58)) -> bytes:
    """Write a one-coloured PNG."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    row = b"\0" + bytes(color) * width
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(row * height)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


async def until(condition: Callable[[], bool], seconds: float = 4.0) -> None:
    """Wait for a condition; fails when it does not come in time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come in time"
        await asyncio.sleep(0.005)


class Clock:
    """Time set by hand; sleeping moves it."""

    def __init__(self, now: float = 1_763_800_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


class Caller:
    """Calls the emulator without sockets and decodes its answers."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.emulator = Emulator(world)

    async def raw(self, method: str, files: dict[str, Upload] | None = None, **values: Any) -> dict[str, Any]:
        given = {k: v if isinstance(v, str) else json.dumps(v) for k, v in values.items()}
        answer = await self.emulator.call(self.world.bot.token, method, Params(values=given, files=files or {}))
        decoded: dict[str, Any] = json.loads(answer.body)
        assert answer.status == decoded.get("error_code", 200)
        return decoded

    async def ok(self, method: str, files: dict[str, Upload] | None = None, **values: Any) -> Any:
        answer = await self.raw(method, files, **values)
        assert answer["ok"], answer
        return answer["result"]

    async def refused(self, method: str, files: dict[str, Upload] | None = None, **values: Any) -> str:
        answer = await self.raw(method, files, **values)
        assert not answer["ok"], answer
        return str(answer["description"])


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def world(clock: Clock) -> World:
    return World(now=clock, sleep=clock.sleep)


@pytest.fixture
def api(world: World) -> Caller:
    return Caller(world)


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    async with serve(Emulator(World())) as running:
        yield running
