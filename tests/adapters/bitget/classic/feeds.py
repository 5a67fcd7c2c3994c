"""A venue in process for the feeds: sockets that are queues, and a conversation that a test can steer."""
from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from typing import Any

from bot.adapters.bitget.socket import SocketClosed
from tests.adapters.bitget.classic.pushes import vector


class Pipe:
    """One socket: what the client sends is answered by the venue, what `push` is given arrives."""

    def __init__(self, venue: Venue) -> None:
        self._venue = venue
        self._frames: asyncio.Queue[str | None] = asyncio.Queue()
        self.closed = False

    async def send(self, text: str) -> None:
        if self.closed:
            raise SocketClosed("sent on a closed pipe")
        self._venue.answer(self, text)

    async def recv(self) -> str:
        frame = await self._frames.get()
        if frame is None:
            raise SocketClosed("dropped")
        return frame

    async def close(self) -> None:
        self.closed = True

    def push(self, frame: object) -> None:
        self._frames.put_nowait(frame if isinstance(frame, str) else json.dumps(frame))

    def drop(self) -> None:
        self.closed = True
        self._frames.put_nowait(None)


class Venue:
    """A Connector whose sockets log in, acknowledge and pong; `refusals` maps channels to an error code."""

    def __init__(self, refusals: dict[str, int] | None = None, login: object = 0) -> None:
        self.refusals = refusals or {}
        self.login = login
        self.silent = False
        self.pipes: list[Pipe] = []
        self.asked: list[dict[str, Any]] = []

    @property
    def last(self) -> Pipe:
        return self.pipes[-1]

    async def connect(self, url: str) -> Pipe:
        if self.login == "unreachable":
            raise SocketClosed("connection refused")
        self.pipes.append(Pipe(self))
        return self.last

    def answer(self, pipe: Pipe, text: str) -> None:
        if self.silent:
            return
        if text == "ping":
            pipe.push("pong")
            return
        request = json.loads(text)
        self.asked.append(request)
        if request["op"] == "login":
            pipe.push({"event": "login" if not self.login else "error", "code": self.login, "msg": "no such key"})
        for argument in request["args"] if request["op"] != "login" else ():
            code = self.refusals.get(argument["channel"])
            pipe.push({"event": request["op"], "arg": argument} if code is None else
                      {"event": "error", "arg": argument, "code": code, "msg": "doesn't exist"})

    def push(self, channels: Iterable[str]) -> None:
        for channel in channels:
            self.last.push(vector(channel))
