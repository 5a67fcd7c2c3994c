"""Public channels, their errors, limits and ends (websocket.md)."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.exchange.sockets import InProcessSocket, SocketClosed
from bot.sandbox.exchange.stream_public import checksum
from tests.sandbox.exchange.bench import Bench, arg, frames, pushes, subscribe

VECTORS = json.loads((Path(__file__).parents[2] / "data" / "bitget" / "checksums.json").read_text())


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def socket(bench: Bench) -> InProcessSocket:
    return bench.venue.connect(private=False)


@pytest.mark.parametrize("vector", VECTORS)
def test_documented_checksums(vector: dict[str, Any]) -> None:
    assert checksum(vector["bids"], vector["asks"]) == vector["checksum"]


def test_documented_thirty_levels() -> None:
    bids = [(f"{27000 - 0.5 * i:.1f}", f"{0.1 * (i + 1):.3f}") for i in range(30)]
    asks = [(f"{27000.5 + 0.5 * i:.1f}", f"{0.2 * (i + 1):.3f}") for i in range(30)]
    assert checksum(bids, asks) == 735353622
    assert checksum([("27000.0", "5.000"), *bids[1:]], asks[1:]) == -2054953809


async def test_ticker(bench: Bench, socket: InProcessSocket) -> None:
    await subscribe(socket, arg("ticker"))
    ack, first = frames(socket)
    assert ack == {"event": "subscribe", "arg": arg("ticker")}
    assert first["action"] == "snapshot"
    assert isinstance(first["ts"], int)
    row = first["data"][0]
    assert row["instId"] == row["symbol"] == "BTCUSDT"
    assert float(row["bidPr"]) < float(row["askPr"])
    assert float(row["low24h"]) <= float(row["lastPr"]) <= float(row["high24h"])
    bench.pass_time(3)
    assert 8 <= len(pushes(socket, "ticker")) <= 11


class Mirror:
    """A client's book: strings as received, verified on every update."""

    def __init__(self) -> None:
        self.bids: dict[str, str] = {}
        self.asks: dict[str, str] = {}
        self.seq = 0
        self.updates = 0

    def take(self, push: dict[str, Any]) -> None:
        row = push["data"][0]
        if push["action"] == "snapshot":
            self.bids, self.asks = dict(row["bids"]), dict(row["asks"])
            assert row["checksum"] == 0
        else:
            assert row["pseq"] == self.seq
            assert row["seq"] > self.seq
            for side, changes in ((self.bids, row["bids"]), (self.asks, row["asks"])):
                for price, size in changes:
                    if Decimal(size) == 0:
                        del side[price]
                    else:
                        side[price] = size
            assert checksum(*self.sorted()) == row["checksum"] != 0
            self.updates += 1
        self.seq = row["seq"]

    def sorted(self) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        bids = sorted(self.bids.items(), key=lambda level: Decimal(level[0]), reverse=True)
        return bids, sorted(self.asks.items(), key=lambda level: Decimal(level[0]))


@pytest.mark.parametrize("symbol", ["BTCUSDT", "DOGEUSDT"])
async def test_a_book_kept_from_snapshot_and_updates_stays_right(bench: Bench, socket: InProcessSocket,
                                                                  symbol: str) -> None:
    await subscribe(socket, arg("books", symbol))
    mirror = Mirror()
    for _ in range(40):
        for push in pushes(socket, "books"):
            mirror.take(push)
        bench.pass_time(0.5)
    assert mirror.updates > 20
    late = bench.venue.connect(private=False)
    await subscribe(late, arg("books", symbol))
    other = Mirror()
    for push in pushes(late, "books"):
        other.take(push)
    for push in pushes(socket, "books"):
        mirror.take(push)
    assert other.sorted() == mirror.sorted()
    bids, asks = mirror.sorted()
    assert Decimal(bids[0][0]) < Decimal(asks[0][0])


async def test_an_own_order_shows_in_the_book(bench: Bench, socket: InProcessSocket) -> None:
    await subscribe(socket, arg("books"))
    mirror = Mirror()
    price = f"{bench.last() * 0.995:.1f}"
    for push in pushes(socket, "books"):
        mirror.take(push)
    before = Decimal(mirror.bids.get(price, "0"))
    await bench.order(orderType="limit", price=price, size="0.0123", force="post_only")
    bench.pass_time(0.3)
    for push in pushes(socket, "books"):
        mirror.take(push)
    assert price in mirror.bids
    assert Decimal(mirror.bids[price]) - before >= Decimal("0.0123") or Decimal(mirror.bids[price]) > 0


async def test_checksum_can_be_switched_off() -> None:
    bench = Bench(with_checksum=False)
    socket = bench.venue.connect(private=False)
    await subscribe(socket, arg("books"))
    bench.pass_time(1)
    assert all(push["data"][0]["checksum"] == 0 for push in pushes(socket, "books"))


@pytest.mark.parametrize(("channel", "levels"), [("books1", 1), ("books5", 5), ("books15", 15)])
async def test_short_books_are_snapshots(bench: Bench, socket: InProcessSocket, channel: str, levels: int) -> None:
    await subscribe(socket, arg(channel))
    bench.pass_time(2)
    got = pushes(socket, channel)
    assert len(got) > 3
    assert all(push["action"] == "snapshot" for push in got)
    assert all(len(push["data"][0]["bids"]) == len(push["data"][0]["asks"]) == levels for push in got)
    seqs = [push["data"][0]["seq"] for push in got]
    assert seqs == sorted(seqs)


async def test_candles_first_many_then_the_open_one(bench: Bench, socket: InProcessSocket) -> None:
    await subscribe(socket, arg("candle1m"))
    first, = pushes(socket, "candle1m")
    rows = first["data"]
    assert len(rows) > 100
    assert all(len(row) == 8 and all(isinstance(cell, str) for cell in row) for row in rows)
    assert [int(row[0]) for row in rows] == sorted(int(row[0]) for row in rows)
    bench.pass_time(60)
    updates = pushes(socket, "candle1m")
    assert all(push["action"] == "update" for push in updates)
    assert 30 < len(updates) <= 61
    # Around a rollover the finished candle comes along.
    assert any(len(push["data"]) == 2 for push in updates)
    opens = {row[0] for push in updates for row in push["data"]}
    assert {int(ms) for ms in opens} == {int(rows[-1][0]), int(rows[-1][0]) + 60_000}


async def test_trades(bench: Bench, socket: InProcessSocket) -> None:
    await subscribe(socket, arg("trade"))
    first, = pushes(socket, "trade")
    assert first["action"] == "snapshot"
    assert len(first["data"]) == 50
    ids = [int(row["tradeId"]) for row in first["data"]]
    assert ids == sorted(ids, reverse=True)
    bench.pass_time(2)
    news = pushes(socket, "trade")
    assert news
    assert all(push["action"] == "update" for push in news)
    assert set(news[0]["data"][0]) == {"ts", "price", "size", "side", "tradeId"}
    await bench.order()
    own = [row for push in pushes(socket, "trade") for row in push["data"]]
    assert any(row["size"] == "0.01" and row["side"] == "buy" for row in own)


@pytest.mark.parametrize("wrong", [
    arg("depth"), arg("trades"), arg("candle1h"), arg("candle2H"), arg("1m"), arg("ticker", "BTCXUSDT"),
    arg("ticker", "BTCUSD"), arg("ticker", product="SUSDT-FUTURES"), arg("ticker", product="mc"), {"channel": "ticker"},
])
async def test_what_does_not_exist_is_30001_and_harms_nobody(socket: InProcessSocket, wrong: dict[str, str]) -> None:
    await subscribe(socket, wrong, arg("ticker"))
    error, ack, first = frames(socket)
    assert error["event"] == "error"
    assert error["code"] == 30001
    assert error["arg"] == wrong
    assert error["msg"].endswith("doesn't exist")
    assert ack["event"] == "subscribe"
    assert first["action"] == "snapshot"


@pytest.mark.parametrize(("text", "code"), [
    ("hello", 30002), ("[]", 30002), ('{"op":"subscribe"}', 30002), ('{"op":"subscribe","args":[]}', 30002),
    ('{"op":"login","args":[{}]}', 30003), ('{"op":"buy","args":[{}]}', 30003), ('{"args":[1]}', 30003),
    ('{"op":"subscribe","args":[1]}', 30016), ('{"op":"subscribe","args":[{"channel":1}]}', 30016),
    ('{"op":"subscribe","args":[{"instType":"USDT-FUTURES","channel":"orders","instId":"default"}]}', 30004),
])
async def test_illegal_requests(socket: InProcessSocket, text: str, code: int) -> None:
    await socket.send(text)
    error, = frames(socket)
    assert (error["event"], error["code"]) == ("error", code)
    await socket.send("ping")
    assert await socket.recv() == "pong"


async def test_unsubscribing_ends_the_pushes(bench: Bench, socket: InProcessSocket) -> None:
    await subscribe(socket, arg("ticker"))
    await socket.send(json.dumps({"op": "unsubscribe", "args": [arg("ticker")]}))
    assert frames(socket)[-1] == {"event": "unsubscribe", "arg": arg("ticker")}
    bench.pass_time(2)
    assert frames(socket) == []


async def test_two_minutes_without_a_ping_end_it(bench: Bench, socket: InProcessSocket) -> None:
    bench.pass_time(100, step=1)
    await socket.send("ping")
    assert await socket.recv() == "pong"
    bench.pass_time(119, step=1)
    assert socket.session.closed is None
    bench.pass_time(2, step=1)
    with pytest.raises(SocketClosed):
        await socket.recv()


async def test_a_day_ends_it(bench: Bench, socket: InProcessSocket) -> None:
    socket.session.last_ping_ms = bench.now_ms + 86_400_000
    bench.now_ms += 86_400_001
    bench.venue.hub.tick()
    assert socket.session.closed is not None


async def test_eleven_messages_in_a_second_end_it(bench: Bench, socket: InProcessSocket) -> None:
    for _ in range(10):
        await socket.send("ping")
    bench.pass_time(1)
    for _ in range(10):
        await socket.send("ping")
    await socket.send("ping")
    assert [frame.get("code") for frame in frames(socket) if frame.get("event") == "error"] == [30007]
    with pytest.raises(SocketClosed):
        await socket.recv()


async def test_240_subscribe_requests_an_hour(bench: Bench, socket: InProcessSocket) -> None:
    for i in range(241):
        if i % 8 == 0:
            bench.now_ms += 1000
        await subscribe(socket, arg("nothing"))
    codes = [frame["code"] for frame in frames(socket)]
    assert codes == [30001] * 240 + [30006]


async def test_arguments_over_4096_bytes_are_refused(socket: InProcessSocket) -> None:
    await subscribe(socket, *[arg("ticker")] * 64)
    assert [frame["code"] for frame in frames(socket)] == [30016]


async def test_one_hundred_connections_an_address(bench: Bench) -> None:
    sockets = [bench.venue.connect(private=False) for _ in range(100)]
    assert all(one.session.closed is None for one in sockets)
    extra = bench.venue.connect(private=False)
    assert extra.session.closed is not None
    assert frames(extra)[0]["code"] == 30007 or extra.session.closed[0] == 1008
