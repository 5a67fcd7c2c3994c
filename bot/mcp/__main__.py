"""Serve MCP as a process of its own: `python -m bot.mcp --desk DIR`, over stdio or HTTP; started by `wiredesk mcp`."""
from __future__ import annotations

import argparse
import asyncio
import ipaddress
import os
import sys
from pathlib import Path
from typing import cast

import uvicorn
from mcp.server.stdio import stdio_server
from mcp.server.transport_security import TransportSecuritySettings
from uvicorn.protocols.http.h11_impl import H11Protocol

from bot.mcp.bearer import App, guarded
from bot.mcp.line import Line
from bot.mcp.server import server_of

BODY_MAX = 64 * 1024
CONNECTIONS_MAX, HEADER_S = 64, 10.0


def main() -> int:
    """Serve until the client leaves or the process is told to stop."""
    top = argparse.ArgumentParser(prog="bot.mcp")
    top.add_argument("--desk", type=Path, required=True)
    top.add_argument("--http", metavar="HOST:PORT")
    top.add_argument("--token-fd", type=int)
    given = top.parse_args()
    if given.http is None:
        asyncio.run(over_stdio(Line(directory=given.desk, token=_token(given.token_fd))))
        return 0
    host, _, port = str(given.http).rpartition(":")
    if not host or not port.isdigit():
        print("--http takes HOST:PORT, such as 127.0.0.1:8790.", file=sys.stderr)
        return 1
    if not _loopback(host):
        print(f"Tokens travel in the clear to {host}: put TLS in front.", file=sys.stderr)
    asyncio.run(over_http(Line(directory=given.desk), host.strip("[]"), int(port)))
    return 0


async def over_stdio(line: Line) -> None:
    """Serve the one client on standard input and output."""
    server = server_of(line)
    async with stdio_server() as (reading, writing):
        await server.run(reading, writing, server.create_initialization_options())


async def over_http(line: Line, host: str, port: int) -> None:
    """Serve streamable HTTP without sessions, each request with its own bearer token."""
    await uvicorn.Server(served(http_app(line), host, port)).serve()


class Prompt(H11Protocol):
    """The library's HTTP, which hangs up on whoever has not sent a whole header in time; it would wait for ever."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the time for the first header."""
        super().connection_made(transport)
        self.loop.call_later(HEADER_S, self._look)

    def _look(self) -> None:
        if self.cycle is None:
            self.transport.close()


def served(app: App, host: str, port: int) -> uvicorn.Config:
    """Say how the application is served: few connections at once, and none that only sits there."""
    return uvicorn.Config(
        app, host=host, port=port, log_level="warning", access_log=False, http=Prompt, ws="none",
        limit_concurrency=CONNECTIONS_MAX,
    )


def http_app(line: Line) -> App:
    """Build the guarded application; the token, not the name of the host, says who may come in."""
    app = server_of(line).streamable_http_app(
        stateless_http=True, json_response=True, max_request_body_size=BODY_MAX,
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )
    return guarded(cast(App, app), line)


def _token(handle: int | None) -> str | None:
    if handle is None:
        return None
    with os.fdopen(handle, encoding="utf-8") as pipe:
        return pipe.read().strip() or None


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


if __name__ == "__main__":
    sys.exit(main())
