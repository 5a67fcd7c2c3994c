"""The walls around the tests hold: no network, no forgotten warning."""
from __future__ import annotations

import asyncio
import socket
import warnings
from pathlib import Path

import pytest


def test_the_network_is_closed() -> None:
    with pytest.raises(PermissionError, match=r"93\.184\.216\.34"), socket.socket() as line:
        line.connect(("93.184.216.34", 80))
    for name in ("example.com", "localhost.example", "127.0.0.1.example", "::ffff:8.8.8.8"):
        with pytest.raises(PermissionError, match=name):
            socket.getaddrinfo(name, 443)
    with pytest.raises(PermissionError, match="example"):
        socket.gethostbyname("example.com")
    assert socket.getaddrinfo("localhost", 0)


def test_datagrams_are_closed_too() -> None:
    with pytest.raises(PermissionError), socket.socket(type=socket.SOCK_DGRAM) as line:
        line.sendto(b"x", ("8.8.8.8", 53))
    with pytest.raises(PermissionError), socket.socket(type=socket.SOCK_DGRAM) as line:
        line.sendmsg([b"x"], [], 0, ("8.8.8.8", 53))


async def test_loopback_and_unix_sockets_are_open(tmp_path: Path) -> None:
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        assert await reader.read() == b""
        writer.close()
    path = tmp_path / "s"
    async with await asyncio.start_unix_server(hang_up, path):
        reader, writer = await asyncio.open_unix_connection(path)
        assert await reader.read() == b""
        writer.close()


def test_warnings_are_errors() -> None:
    with pytest.raises(UserWarning):
        warnings.warn("forgotten", stacklevel=1)
