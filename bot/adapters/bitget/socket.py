"""Open a text socket: the connector the streams are given, and the one over the websockets library."""
from __future__ import annotations

from typing import Protocol

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

# A snapshot of 400 levels is 40 kB; a candle history block 200 kB.
FRAME_MAX_BYTES = 4 * 1024 * 1024
CLOSE_MAX_S = 1.0


class SocketClosed(Exception):
    """The socket could not be opened, or is closed; the text says why."""


class Socket(Protocol):
    """An open connection; `send` and `recv` raise SocketClosed, a cancelled `recv` loses nothing."""

    async def send(self, text: str) -> None:
        """Send one text frame."""
        ...

    async def recv(self) -> str | bytes:
        """Wait for the next frame."""
        ...

    async def close(self) -> None:
        """Close, without raising."""
        ...


class Connector(Protocol):
    """What opens sockets."""

    async def connect(self, url: str) -> Socket:
        """Open a socket; raises SocketClosed."""
        ...


class WebSocket:
    """A Socket over the websockets library."""

    __slots__ = ("_connection",)

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def send(self, text: str) -> None:
        """Send one text frame; raises SocketClosed."""
        try:
            await self._connection.send(text)
        except (ConnectionClosed, OSError) as fault:
            raise SocketClosed(_words(fault)) from fault

    async def recv(self) -> str | bytes:
        """Wait for the next frame; raises SocketClosed. Text stays undecoded: the JSON reader takes bytes."""
        try:
            return await self._connection.recv(decode=False)
        except (ConnectionClosed, OSError) as fault:
            raise SocketClosed(_words(fault)) from fault

    async def close(self) -> None:
        """Close, without raising."""
        await self._connection.close()


class _Straight(connect):
    """The library's opening, without redirects: the login is said to the address of the settings or to nobody."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        """Take a redirect as the refusal it is."""
        return exc


class WebSockets:
    """A Connector over the websockets library; the venue's own ping and pong are texts, so the protocol's are off.

    No proxies from the environment, no redirects (security section 7).
    """

    async def connect(self, url: str) -> WebSocket:
        """Open a socket; raises SocketClosed for refused connections, HTML answers and the like."""
        try:
            connection = await _Straight(
                url,
                proxy=None,
                compression=None,
                ping_interval=None,
                open_timeout=None,
                close_timeout=CLOSE_MAX_S,
                max_size=FRAME_MAX_BYTES,
            )
        except (WebSocketException, OSError, EOFError, ValueError) as fault:
            raise SocketClosed(_words(fault)) from fault
        return WebSocket(connection)


def _words(fault: Exception) -> str:
    return f"{type(fault).__name__}: {fault}"
