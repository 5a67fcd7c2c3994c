"""Requests and responses as small frozen values, and the mount that serves them on loopback.

A handler is ``async (Request) -> Response``. Tests call it directly; people reach it through ``serve``.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from aiohttp import web

JSON = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One call: method in upper case, path and query as on the wire, header names in lower case, exact body bytes."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    ip: str = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One answer; ``silent`` means that the connection ends without any."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = JSON
    silent: bool = False


Handler = Callable[[Request], Awaitable[Response]]


def loopback(host: str) -> str:
    """Return the host when it is a loopback address. Raises ValueError with a sentence (architecture.md 14, rule 5)."""
    try:
        fine = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host).is_loopback
    except ValueError:
        fine = False
    if not fine:
        raise ValueError(f"The sandbox listens on loopback only, but was asked to bind {host!r}. Use 127.0.0.1.")
    return host


@dataclass(slots=True, kw_only=True)
class Mount:
    """A handler being served: where, and how to stop."""

    host: str
    port: int
    _runner: web.ServerRunner

    @property
    def url(self) -> str:
        """Return the address without a trailing slash."""
        return f"http://{self.host}:{self.port}"

    async def close(self) -> None:
        """Stop serving."""
        await self._runner.cleanup()


async def serve(handler: Handler, *, host: str = "127.0.0.1", port: int = 0) -> Mount:
    """Serve a handler over HTTP/1.1 on loopback (port 0: a free one).

    Raises ValueError for another address, OSError when the port is taken.
    """
    loopback(host)

    async def answer(raw: web.BaseRequest) -> web.StreamResponse:
        path, _, query = raw.raw_path.partition("?")
        request = Request(
            method=raw.method, path=path, query=query, headers={k.lower(): v for k, v in raw.headers.items()},
            body=await raw.read() if raw.body_exists else b"", ip=raw.remote or "",
        )
        response = await handler(request)
        if response.silent:
            if raw.transport is not None:
                raw.transport.abort()
            return web.Response(status=500)
        reply = web.Response(status=response.status, body=response.body, headers=dict(response.headers))
        reply.headers["Content-Type"] = response.content_type
        return reply

    runner = web.ServerRunner(web.Server(answer, access_log=None), shutdown_timeout=0.2)
    await runner.setup()
    site = web.TCPSite(runner, host, port, backlog=512)
    await site.start()
    bound = runner.addresses[0][1]
    return Mount(host=host, port=bound, _runner=runner)
