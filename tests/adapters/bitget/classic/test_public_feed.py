from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal as D
from typing import Any

import pytest

from bot.adapters.bitget.classic.public_feed import PublicFeed
from bot.adapters.bitget.classic.stream_protocol import StreamState
from bot.adapters.bitget.classic.topic import Topic
from bot.domain.ids import Symbol
from bot.domain.instrument import ProductLine
from tests.adapters.bitget.classic.feeds import Venue
from tests.adapters.bitget.classic.pushes import SPOILS, VECTORS, row, vector
from tests.support.clock import FakeClock

USDT = ProductLine.USDT
BTC = Symbol("BTCUSDT")
CHECKS = json.loads((VECTORS / "book_checksums.json").read_text())["checks"]
ARG = {"instType": "USDT-FUTURES", "channel": "books", "instId": "BTCUSDT"}


class Screen:
    """A public feed with a clock moved by hand."""

    def __init__(self, venue: Venue, **options: Any) -> None:
        self.clock = FakeClock()
        self.feed = PublicFeed(url="ws://test", connector=venue, clock=self.clock, chance=lambda: 1.0, **options)

    async def settle(self, seconds: int = 0) -> None:
        for _ in range(seconds + 1):
            for _ in range(30):
                await asyncio.sleep(0)
            if seconds:
                await self.clock.advance(1.0)


@asynccontextmanager
async def watching(venue: Venue, *channels: str, **options: Any) -> AsyncIterator[Screen]:
    screen = Screen(venue, **options)
    for channel in channels:
        screen.feed.follow(USDT, channel, [BTC])
    task = asyncio.get_running_loop().create_task(screen.feed.run())
    try:
        await screen.settle()
        yield screen
    finally:
        task.cancel()
        await asyncio.wait([task])


def book(action: str, seq: int, bids: object = (), asks: object = (), checksum: int = 0) -> dict[str, object]:
    return {"action": action, "arg": ARG, "ts": 1695716059516,
            "data": [{"bids": bids, "asks": asks, "checksum": checksum, "seq": seq, "ts": "1695716059516"}]}


async def test_a_ticker_and_its_age() -> None:
    venue = Venue()
    async with watching(venue, "ticker") as screen:
        assert screen.feed.state is StreamState.LIVE
        assert screen.feed.ticker(BTC) is None
        venue.push(["ticker"])
        await screen.settle()
        ticker = screen.feed.ticker(BTC)
        assert ticker is not None
        assert (ticker.mark, ticker.received_at) == (D(27000), screen.clock.now())
        await screen.settle(7)
        topic = Topic(line=USDT, channel="ticker", symbol=BTC)
        assert 7.0 <= (screen.feed.age(topic) or 0.0) <= 8.0


async def test_a_symbol_may_be_followed_later() -> None:
    venue = Venue()
    async with watching(venue) as screen:
        assert venue.asked == []
        screen.feed.follow(USDT, "ticker", [BTC])
        await screen.settle(1)
        assert [request["op"] for request in venue.asked] == ["subscribe"]
        venue.last.drop()
        await screen.settle(3)
        assert [request["op"] for request in venue.asked] == ["subscribe", "subscribe"]


async def test_a_book_is_kept_and_mended() -> None:
    venue = Venue()
    async with watching(venue, "books") as screen:
        check = CHECKS[2]
        venue.last.push(book("snapshot", 1, check["bids"], check["asks"], check["checksum"]))
        await screen.settle()
        depth = screen.feed.depth(USDT, BTC, 1)
        assert depth is not None
        assert (depth.bids, depth.asks) == (((D(27000), D("2.71")),), ((D("27000.5"), D("8.76")),))
        venue.last.push(book("update", 2, [["27000.0", "1"]], [], 12345))
        await screen.settle()
        assert screen.feed.depth(USDT, BTC, 1) is None
        await screen.settle(2)
        assert [request["op"] for request in venue.asked] == ["subscribe", "unsubscribe", "subscribe"]
        venue.last.push(book("snapshot", 9, check["bids"], check["asks"]))
        await screen.settle()
        assert screen.feed.depth(USDT, BTC, 1) is not None


@pytest.mark.parametrize("data", [None, "x", [None], [{"bids": None, "asks": []}], [7]])
async def test_a_book_push_that_cannot_be_read_starts_the_book_anew(data: object) -> None:
    venue = Venue()
    async with watching(venue, "books") as screen:
        venue.last.push(book("snapshot", 1, [["1", "1"]], [["2", "1"]]))
        venue.last.push({"action": "update", "arg": ARG, "data": data})
        await screen.settle(2)
        assert screen.feed.depth(USDT, BTC, 1) is None
        assert venue.asked[-1]["op"] == "subscribe"


async def test_a_book_is_dropped_with_its_connection_ff64() -> None:
    venue = Venue()
    async with watching(venue, "books") as screen:
        venue.last.push(book("snapshot", 100, [["1", "1"]], [["2", "1"]]))
        await screen.settle()
        venue.last.drop()
        await screen.settle()
        assert screen.feed.depth(USDT, BTC, 1) is None
        assert screen.feed.why_down == "dropped"
        await screen.settle(2)
        assert screen.feed.why_down is None
        venue.last.push(book("update", 101, [["1", "2"]]))
        await screen.settle()
        assert screen.feed.depth(USDT, BTC, 1) is None
        venue.last.push(book("snapshot", 5, [["1", "3"]], [["2", "1"]]))
        await screen.settle()
        depth = screen.feed.depth(USDT, BTC, 1)
        assert depth is not None
        assert depth.bids == ((D(1), D(3)),)


async def test_a_rotation_never_mixes_two_connections_sequences() -> None:
    venue = Venue()
    async with watching(venue, "books", rotate_after_s=50.0) as screen:
        venue.last.push(book("snapshot", 900, [["1", "1"]], [["2", "1"]]))
        await screen.settle(52)
        old, new = venue.pipes
        assert (old.closed, new.closed) == (True, False)
        new.push(book("snapshot", 3, [["1", "7"]], [["2", "1"]]))
        new.push(book("update", 4, [["1", "8"]]))
        await screen.settle()
        depth = screen.feed.depth(USDT, BTC, 1)
        assert depth is not None
        assert depth.bids == ((D(1), D(8)),)


async def test_snapshot_books() -> None:
    venue = Venue()
    async with watching(venue, "books5") as screen:
        venue.push(["books5"])
        await screen.settle()
        depth = screen.feed.depth(USDT, BTC, 5, "books5")
        assert depth is not None
        assert (len(depth.bids), depth.asks[0]) == (2, (D("27000.5"), D("8.760")))


async def test_candles_close_when_the_next_one_opens() -> None:
    venue = Venue()
    async with watching(venue, "candle1m") as screen:
        venue.push(["candle1m"])
        later = json.loads(vector("candle1m"))
        later["data"] = [["1695685560000", "1", "2", "0.5", "1.5", "3", "4", "4"], ["broken"], None]
        venue.last.push(later)
        await screen.settle()
        bars = screen.feed.candles(USDT, BTC, "1m")
        assert [(bar.close, bar.forming) for bar in bars] == [(D("27000.5"), False), (D("1.5"), True)]
        assert screen.feed.unreadable["candle1m"] == 2


async def test_a_ticker_that_cannot_be_read_keeps_the_one_before() -> None:
    venue = Venue()
    async with watching(venue, "ticker") as screen:
        venue.push(["ticker"])
        for changes in ({"lastPr": None}, {"markPrice": "x"}):
            venue.last.push(json.loads(vector("ticker")) | {"data": [row("ticker", **changes)]})
        venue.last.push("<html>502</html>")
        await screen.settle()
        assert screen.feed.ticker(BTC) is not None
        assert screen.feed.unreadable == {"ticker": 2, "frame": 1}


async def test_no_push_of_any_kind_ends_the_feed() -> None:
    venue = Venue()
    async with watching(venue, "ticker", "books5", "candle1m") as screen:
        for channel in ("ticker", "books5"):
            for name in row(channel):
                for spoil in SPOILS:
                    venue.last.push(json.loads(vector(channel)) | {"data": [row(channel, **{name: spoil})]})
                await screen.settle()
        for channel in ("ticker", "books5", "candle1m"):
            for spoil in SPOILS:
                venue.last.push(json.loads(vector(channel)) | {"data": spoil, "ts": spoil, "action": spoil})
                venue.last.push(json.loads(vector(channel)) | {"data": [spoil, [spoil] * 8]})
            await screen.settle()
        assert len(venue.pipes) == 1
        assert screen.feed.ticker(BTC) is not None
