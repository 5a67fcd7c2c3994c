"""The stream over real sockets on loopback: drops, silence, slow logins, garbage, the cut after a day."""
from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from itertools import pairwise
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from bot.adapters.bitget.classic.stream_events import (
    Alive,
    Garbled,
    Lost,
    Pushed,
    Rotated,
    Settled,
    Trouble,
)
from bot.adapters.bitget.classic.stream_frames import Credentials
from bot.adapters.bitget.classic.stream_protocol import StreamProtocol
from bot.adapters.bitget.classic.topic import Topic
from bot.adapters.bitget.socket import WebSockets
from bot.adapters.bitget.stream import Stream, StreamEvent
from bot.domain.instrument import ProductLine
from tests.adapters.bitget.classic.pushes import vector
from tests.adapters.bitget.loopback import FastClock, Talk, polite, venue

FILL = Topic(line=ProductLine.USDT, channel="fill")
CREDENTIALS = Credentials(api_key="k", passphrase="p", sign=lambda timestamp: "s")
Seen = tuple[int, StreamEvent]


@asynccontextmanager
async def following(url: str, factor: float, **options: Any) -> AsyncIterator[tuple[Stream, AsyncIterator[Seen]]]:
    stream = Stream(
        url=url, connector=WebSockets(), clock=FastClock(factor), chance=lambda: 0.0,
        make=lambda: StreamProtocol([FILL], CREDENTIALS), **options,
    )
    async with aclosing(stream.follow()) as events:  # type: ignore[type-var]
        yield stream, events


async def until(events: AsyncIterator[Seen], kind: type[Any], count: int = 1) -> list[Seen]:
    """Read until so many events of a kind came; gives all that came."""
    seen: list[Seen] = []
    async with asyncio.timeout(10):
        async for event in events:
            seen.append(event)
            count -= isinstance(event[1], kind)
            if count == 0:
                break
    return seen


def then(*frames: str | bytes, stay: bool = True, login_after_s: float = 0.0) -> Talk:
    """Be polite through the subscription, then send frames, then stay or hang up."""

    async def talk(socket: ServerConnection) -> None:
        await socket.recv()
        await asyncio.sleep(login_after_s)
        await socket.send('{"event":"login","code":"0"}')
        await socket.recv()
        await socket.send(json.dumps({"event": "subscribe", "arg": FILL.argument()}))
        for frame in frames:
            await socket.send(frame)
        if stay:
            await polite(socket)

    return talk


async def test_a_push_arrives_over_a_real_socket() -> None:
    async with venue(then(vector("fill"))) as url, following(url, 1) as (_, events):
        seen = await until(events, Pushed)
        assert [type(event) for _, event in seen] == [Settled, Pushed]


async def test_a_drop_is_followed_by_a_new_login() -> None:
    async with venue(then(stay=False), then(vector("fill"))) as url, following(url, 50) as (_, events):
        seen = await until(events, Pushed)
        assert [(number, type(event)) for number, event in seen] == [
            (1, Settled), (1, Lost), (2, Settled), (2, Pushed)]
        lost = seen[1][1]
        assert isinstance(lost, Lost)
        assert "ConnectionClosed" in lost.why


async def mute(socket: ServerConnection) -> None:
    """Hear everything and say nothing."""
    with suppress(ConnectionClosed):
        while True:
            await socket.recv()


async def test_a_venue_that_falls_silent_is_left_ff63() -> None:
    async def deaf(socket: ServerConnection) -> None:
        await then(stay=False)(socket)
        await mute(socket)

    async with venue(deaf, polite) as url, following(url, 60) as (_, events):
        lost = (await until(events, Lost))[-1][1]
        assert isinstance(lost, Lost)
        assert "a ping was not answered" in lost.why
        await until(events, Settled)


async def test_pings_and_pongs_keep_a_quiet_stream_ff65() -> None:
    async with venue(polite) as url, following(url, 60) as (_, events):
        seen = await until(events, Alive, count=2)
        assert [type(event) for _, event in seen] == [Settled, Alive, Alive]


async def test_a_slow_login_is_awaited_and_a_lost_one_is_not() -> None:
    async with venue(mute, then(login_after_s=0.03)) as url, following(url, 50) as (_, events):
        seen = await until(events, Settled)
        assert [(number, type(event)) for number, event in seen] == [(1, Lost), (2, Settled)]
        lost = seen[0][1]
        assert isinstance(lost, Lost)
        assert "login was not answered" in lost.why


async def test_garbage_is_named_and_what_follows_is_read() -> None:
    garbage = ("<html>502 Bad Gateway</html>", b"\x00\xff\xfe", "", vector("fill")[:200], '{"event":"notice"}', "[]")
    async with venue(then(*garbage, vector("fill"))) as url, following(url, 1) as (_, events):
        seen = await until(events, Pushed)
        assert [type(event) for _, event in seen] == [Settled, *[Garbled] * 5, Pushed]


async def test_an_html_answer_instead_of_a_socket_is_a_lost_connection() -> None:
    async def page(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 5\r\nConnection: close\r\n\r\n<html")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(page, "127.0.0.1", 0)
    url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        async with following(url, 50) as (_, events):
            seen = await until(events, Lost, count=3)
            assert [number for number, _ in seen] == [1, 2, 3]
            assert "502" in str(seen[0][1])
    finally:
        server.close()
        await server.wait_closed()


async def test_a_refused_connection_backs_off() -> None:
    clock = FastClock(1000)
    stamps = []
    server = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    stream = Stream(url=f"ws://127.0.0.1:{port}", connector=WebSockets(), clock=clock, chance=lambda: 1.0,
                    make=lambda: StreamProtocol([FILL]))
    async with aclosing(stream.follow()) as events:  # type: ignore[type-var]
        for _ in range(7):
            await until(events, Lost)
            stamps.append(clock.monotonic())
    gaps = [later - sooner for sooner, later in pairwise(stamps)]
    assert all(gap >= least for gap, least in zip(gaps, (1, 2, 4, 8, 16, 32), strict=True))


@pytest.mark.parametrize(("code", "trouble"), [(30005, Trouble.AUTH), (30014, Trouble.CLOCK)])
async def test_a_refused_login(code: int, trouble: Trouble) -> None:
    async def refuse(socket: ServerConnection) -> None:
        await socket.recv()
        await socket.send(json.dumps({"event": "error", "code": code, "msg": "error"}))

    async with venue(refuse) as url, following(url, 50) as (_, events):
        lost = (await until(events, Lost))[-1][1]
        assert isinstance(lost, Lost)
        assert lost.trouble is trouble


async def test_the_cut_after_a_day_is_forestalled_with_overlap_ff65() -> None:
    async with venue(then(), then(vector("fill"))) as url, following(url, 60, rotate_after_s=12) as (_, events):
        seen = await until(events, Rotated, count=2)
        assert not [event for _, event in seen if isinstance(event, Lost)]
        assert [(number, event) for number, event in seen if not isinstance(event, Pushed)] == [
            (1, Settled({})), (2, Settled({})), (2, Rotated(1)), (3, Settled({})), (3, Rotated(2))]
        assert {number for number, event in seen if isinstance(event, Pushed)} == {2, 3}


async def test_an_overflow_loses_the_connection_not_the_memory() -> None:
    back = asyncio.Event()

    async def again(socket: ServerConnection) -> None:
        back.set()
        await then(vector("fill"))(socket)

    flood = then(*[vector("fill")] * 400)
    async with venue(flood, again) as url, following(url, 50, queue_max=100) as (_, events):
        before = [await anext(events)]
        await asyncio.wait_for(back.wait(), 10)
        # What was pushed before the loss is gone, but not the word of the loss.
        seen = before + await until(events, Pushed)
        assert [event.trouble for _, event in seen if isinstance(event, Lost)] == [Trouble.OVERFLOW]
        assert seen[-1][0] == 2


async def test_closing_the_iterator_closes_the_socket() -> None:
    closed = asyncio.Event()

    async def talk(socket: ServerConnection) -> None:
        await polite(socket)
        closed.set()

    async with venue(talk) as url:
        async with following(url, 1) as (stream, events):
            await until(events, Settled)
        assert stream.protocols == ()
        await asyncio.wait_for(closed.wait(), 5)


async def test_a_defect_in_the_protocol_is_not_swallowed() -> None:
    class Defect(StreamProtocol):
        def received(self, *args: Any) -> Any:
            raise ZeroDivisionError

    async with venue(polite) as url:
        stream = Stream(url=url, connector=WebSockets(), clock=FastClock(1), chance=lambda: 0.0,
                        make=lambda: Defect([FILL], CREDENTIALS))
        with pytest.raises(ZeroDivisionError):
            async with asyncio.timeout(5), aclosing(stream.follow()) as events:  # type: ignore[type-var]
                await anext(events)
