"""The two mounts of a stream session: an in-process socket for tests, a websockets server on loopback for people."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from websockets.asyncio.server import Server, ServerConnection
from websockets.asyncio.server import serve as serve_websocket
from websockets.exceptions import ConnectionClosed, InvalidState
from websockets.http11 import Request as Upgrade
from websockets.http11 import Response as Refusal

from bot.sandbox.exchange.http import loopback
from bot.sandbox.exchange.stream import Session

_BATCH = 256

# Path to (private, demo). Demo is told by its host on the real exchange, by a prefix here.
PATHS = {
    "/v2/ws/public": (False, False),
    "/v2/ws/private": (True, False),
    "/demo/v2/ws/public": (False, True),
    "/demo/v2/ws/private": (True, True),
}

Open = Callable[[bool, bool, str], Session]
"""Make a session: private, demo, address."""


class SocketClosed(ConnectionError):
    """The connection is over; carries the close code and reason."""

    def __init__(self, code: int, reason: str) -> None:
        self.code, self.reason = code, reason
        super().__init__(f"closed with {code}: {reason}")


class InProcessSocket:
    """A connection without sockets: ``send``, ``recv``, ``close``."""

    def __init__(self, session: Session, sent: Callable[[], None]) -> None:
        self.session = session
        self._sent = sent
        self._ready = asyncio.Event()
        session.wake = self._ready.set

    async def send(self, text: str) -> None:
        """Send one text frame. Raises SocketClosed when the connection is over."""
        self._check()
        self.session.receive(text)
        self._sent()

    async def recv(self) -> str:
        """Return the next text frame, waiting for it. Raises SocketClosed when the connection is over."""
        while not self.session.out:
            self._check()
            self._ready.clear()
            await self._ready.wait()
        return self.session.out.popleft()

    async def close(self) -> None:
        """Close from the client's side."""
        self.session.close(1000, "closed by the client")

    def _check(self) -> None:
        if self.session.closed:
            raise SocketClosed(*self.session.closed)


async def serve_streams(open_session: Open, *, host: str = "127.0.0.1", port: int = 0) -> tuple[Server, int]:
    """Serve sessions on loopback and return the server and its port. Raises ValueError for another address."""
    loopback(host)

    def admit(connection: ServerConnection, upgrade: Upgrade) -> Refusal | None:
        return None if _path(upgrade.path) in PATHS else connection.respond(404, "There is no stream here.\n")

    async def run(connection: ServerConnection) -> None:
        private, demo = PATHS[_path(connection.request.path if connection.request else "")]
        address = connection.remote_address
        session = open_session(private, demo, str(address[0]) if address else "")
        if session.closed:
            await connection.close(*session.closed)
            return
        ready = asyncio.Event()
        session.wake = ready.set
        writer = asyncio.create_task(_write(connection, session, ready))
        try:
            async for message in connection:
                session.receive(message)
                if session.closed:
                    break
        except ConnectionClosed:
            pass
        finally:
            session.close(1000, "closed by the client")
            await writer

    server = await serve_websocket(
        run, host, port, process_request=admit, compression=None, ping_interval=None, close_timeout=0.2, max_size=2**20,
        open_timeout=5,
    )
    return server, next(iter(server.sockets)).getsockname()[1]


def _path(target: str) -> str:
    return target.partition("?")[0]


async def _write(connection: ServerConnection, session: Session, ready: asyncio.Event) -> None:
    out: deque[str] = session.out
    try:
        while True:
            while out:
                # One write for many frames: a call per frame costs more than the frames themselves.
                for _ in range(min(len(out), _BATCH)):
                    connection.protocol.send_text(out.popleft().encode())
                connection.send_data()
                await connection.drain()
                await asyncio.sleep(0)
            if session.closed:
                await connection.close(*session.closed)
                return
            ready.clear()
            await ready.wait()
    except (ConnectionClosed, ConnectionError, InvalidState):
        session.close(1006, "connection lost")
