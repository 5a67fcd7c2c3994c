"""One request over a real socket: what provably never left is told from what may have arrived."""
from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from bot.adapters.bitget.transport import HttpTransport, NoAnswer, NotSent, Request, check_address
from bot.domain.trading import Environment

Handler = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]
JSON = b'{"code":"00000","msg":"success","requestTime":1,"data":{}}'


@asynccontextmanager
async def serving(handle: Handler) -> AsyncIterator[str]:
    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = [line.lower() for line in head.split(b"\r\n")]
                length = next((int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length")), 0)
                await handle(head + (await reader.readexactly(length) if length else b""), writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


def answer(body: bytes, status: str = "200 OK", kind: str = "application/json", length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {size}\r\n\r\n".encode() + body


def request(method: str = "POST", body: bytes = b'{"a":"1"}', query: str = "", connect_within: float = 1.0) -> Request:
    return Request(
        method=method,
        path="/api/v2/x",
        query=query,
        headers={"ACCESS-KEY": "k", "Content-Type": "application/json"},
        body=body,
        connect_within=connect_within,
    )


async def carry(handle: Handler, sent: Request | None = None, total_s: float = 2.0, body_max: int = 1000) -> object:
    async with serving(handle) as address:
        transport = HttpTransport(address, Environment.SANDBOX, total_s=total_s, body_max=body_max)
        try:
            return await transport(sent or request())
        finally:
            await transport.close()


async def test_bytes_on_the_wire_are_exactly_those_given() -> None:
    seen: list[bytes] = []

    async def handle(raw: bytes, writer: asyncio.StreamWriter) -> None:
        seen.append(raw)
        writer.write(answer(JSON))

    response = await carry(handle, request(query="b=1%23&a=x"))
    assert (response.status, response.body) == (200, JSON)  # type: ignore[attr-defined]
    assert seen[0].startswith(b"POST /api/v2/x?b=1%23&a=x HTTP/1.1\r\n")
    assert seen[0].endswith(b'\r\n\r\n{"a":"1"}')
    assert b"ACCESS-KEY: k" in seen[0]


async def test_connection_is_kept_for_the_next_request() -> None:
    writers: set[int] = set()

    async def handle(raw: bytes, writer: asyncio.StreamWriter) -> None:
        writers.add(id(writer))
        writer.write(answer(JSON))

    async with serving(handle) as address:
        transport = HttpTransport(address, Environment.SANDBOX)
        for _ in range(3):
            await transport(request())
        await transport.close()
    assert len(writers) == 1


async def test_refused_connection_never_left() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        transport = HttpTransport(f"http://127.0.0.1:{taken.getsockname()[1]}", Environment.SANDBOX)
        with pytest.raises(NotSent, match="no connection"):
            await transport(request())
        await transport.close()


async def test_unknown_host_never_left() -> None:
    transport = HttpTransport("https://no-such-host.invalid", Environment.LIVE)
    with pytest.raises(NotSent):
        await transport(request(connect_within=5.0))
    await transport.close()


async def test_silence_after_sending_is_no_answer() -> None:
    async def handle(raw: bytes, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(3600)

    with pytest.raises(NoAnswer, match="within"):
        await carry(handle, total_s=0.2)


async def test_cut_before_the_answer_is_no_answer_and_not_sent_twice() -> None:
    seen: list[bytes] = []

    async def handle(raw: bytes, writer: asyncio.StreamWriter) -> None:
        seen.append(raw)
        writer.close()

    with pytest.raises(NoAnswer):
        await carry(handle)
    assert len(seen) == 1


async def test_ff03_cut_on_a_kept_connection_is_not_sent_twice() -> None:
    seen: list[bytes] = []

    async def handle(raw: bytes, writer: asyncio.StreamWriter) -> None:
        seen.append(raw)
        if len(seen) == 1:
            writer.write(answer(JSON))
        else:
            writer.transport.abort()

    async with serving(handle) as address:
        transport = HttpTransport(address, Environment.SANDBOX)
        await transport(request())
        with pytest.raises(NoAnswer):
            await transport(request())
        await transport.close()
    assert len(seen) == 2


async def test_cut_in_the_middle_of_the_body_is_no_answer() -> None:
    async def handle(raw: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(JSON[:20], length=len(JSON)))
        await writer.drain()
        writer.close()

    with pytest.raises(NoAnswer, match="broke off"):
        await carry(handle)


async def test_body_without_end_is_cut_off() -> None:
    async def handle(raw: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(b"x" * 5000))

    with pytest.raises(NoAnswer, match="larger"):
        await carry(handle)


@pytest.mark.parametrize("garbage", [b"SSH-2.0-OpenSSH\r\n\r\n", b"HTTP/9.9 abc\r\n\r\n", b"\x00\x01\x02\r\n\r\n"])
async def test_garbage_instead_of_http_is_no_answer(garbage: bytes) -> None:
    async def handle(raw: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(garbage)
        await writer.drain()
        writer.close()

    with pytest.raises(NoAnswer):
        await carry(handle)


async def test_redirect_is_not_followed() -> None:
    async def handle(raw: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 307 Go\r\nLocation: https://elsewhere.example/\r\nContent-Length: 0\r\n\r\n")

    response = await carry(handle)
    assert response.status == 307  # type: ignore[attr-defined]


async def test_proxy_of_the_environment_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")

    async def handle(raw: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(JSON))

    response = await carry(handle)
    assert response.status == 200  # type: ignore[attr-defined]


@pytest.mark.parametrize("environment", list(Environment))
def test_https_is_taken_everywhere(environment: Environment) -> None:
    assert check_address("https://api.bitget.com/", environment) == "https://api.bitget.com"


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost", "[::1]:90", "127.9.9.9"])
def test_plain_http_reaches_only_this_machine_in_the_sandbox(host: str) -> None:
    assert check_address(f"http://{host}", Environment.SANDBOX) == f"http://{host}"
    for environment in (Environment.LIVE, Environment.DEMO, Environment.PAPER):
        with pytest.raises(ValueError, match="use https"):
            check_address(f"http://{host}", environment)


@pytest.mark.parametrize("address", ["http://api.bitget.com", "http://10.0.0.1", "http://127.0.0.1.evil.example"])
def test_plain_http_elsewhere_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="use https"):
        check_address(address, Environment.SANDBOX)


@pytest.mark.parametrize("address", ["", "api.bitget.com", "ftp://api.bitget.com", "https://", "file:///etc/passwd"])
def test_other_addresses_are_refused_with_a_sentence(address: str) -> None:
    with pytest.raises(ValueError, match="Expected an https address"):
        check_address(address, Environment.SANDBOX)
