"""One question over HTTP: what the faults of the matrix do not show (see test_client)."""
from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from bot.adapters.advisors.llm.failure import Failure
from bot.adapters.advisors.llm.line import BODY_MOST, Got, Line
from bot.adapters.advisors.llm.provider import Wire
from tests.adapters.advisors.llm.voices import KEY, provider

Serve = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


async def exchange(serve: Serve, wire: Wire = Wire.OPENAI) -> tuple[Got | Failure, list[bytes]]:
    """Ask once at a server that answers as `serve` does; gives what came and the heads the server saw."""
    heads: list[bytes] = []

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        heads.append(head)
        await serve(head, writer)
        writer.close()

    async with await asyncio.start_server(connected, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        line = Line(provider(f"http://127.0.0.1:{port}/v1/", wire=wire), KEY)
        try:
            return await line.ask(b'{"a": 1}'), heads
        finally:
            await line.close()


def answering(head: bytes, body: bytes = b"{}") -> Serve:
    async def serve(seen: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 " + head + b"\r\n\r\n" + body)
        await writer.drain()

    return serve


@pytest.mark.parametrize(("wire", "path", "header"), [
    (Wire.OPENAI, b"POST /v1/chat/completions", b"authorization: bearer sk-canary-4711"),
    (Wire.ANTHROPIC, b"POST /v1/messages", b"x-api-key: sk-canary-4711"),
])
async def test_each_wire_has_its_path_and_its_key(wire: Wire, path: bytes, header: bytes) -> None:
    got, (head,) = await exchange(answering(b"200 OK\r\nContent-Length: 2"), wire)
    assert got == Got(body=b"{}")
    assert head.startswith(path)
    assert header in head.lower()
    assert b"accept-encoding: identity" in head.lower()


@pytest.mark.parametrize(("head", "code", "billed"), [
    (b"200 OK\r\nContent-Length: 99999999999999999999", "too_big", True),
    (b"200 OK\r\nContent-Encoding: br\r\nContent-Length: 2", "encoded", True),
    (b"301 Moved\r\nLocation: http://10.0.0.1/\r\nContent-Length: 0", "redirect", False),
    (b"429 Slow Down\r\nRetry-After: 45\r\nContent-Length: 0", "rate_limited", False),
    (b"503 Busy\r\nContent-Length: 0", "http_503", False),
    (b"204 Nothing", "http_204", False),
    (b"abc\r\n", "cut", True),
    (b"200 OK\r\nContent-Length: 50", "cut", True),
    (b"200 OK\r\nTransfer-Encoding: chunked", "cut", True),
])
async def test_a_wrong_head_ends_it(head: bytes, code: str, billed: bool) -> None:
    got, heads = await exchange(answering(head))
    assert isinstance(got, Failure)
    assert (got.code, got.billed) == (code, billed)
    assert len(heads) == 1


async def test_a_connection_that_ends_without_an_answer_is_not_repeated() -> None:
    async def hang_up(seen: bytes, writer: asyncio.StreamWriter) -> None:
        writer.close()

    got, heads = await exchange(hang_up)
    assert isinstance(got, Failure)
    assert (got.code, got.billed, len(heads)) == ("cut", True, 1)


async def test_a_megabyte_is_taken_and_a_byte_more_is_not() -> None:
    for size, taken in ((BODY_MOST, True), (BODY_MOST + 1, False)):
        got, _ = await exchange(answering(b"200 OK\r\nConnection: close", b"x" * size))
        assert isinstance(got, Got) is taken


async def test_the_list_of_models_is_asked_for_without_a_question() -> None:
    seen: list[bytes] = []

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{"data":[]}')
        writer.close()

    async with await asyncio.start_server(connected, "127.0.0.1", 0) as server:
        line = Line(provider(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"), KEY)
        assert await line.listed() == Got(body=b'{"data":[]}')
        await line.close()
    assert seen[0].startswith(b"GET /v1/models")
