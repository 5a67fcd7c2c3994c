"""Compare our way from a pushed frame to values with that of ccxt.pro's handlers: same frames, decoding included."""
from __future__ import annotations

import asyncio
import json
import logging
import random
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from bot.adapters.bitget.classic.private_feed import PrivateFeed
from bot.adapters.bitget.classic.public_feed import PublicFeed
from bot.adapters.bitget.classic.stream_frames import Credentials
from bot.adapters.bitget.classic.stream_protocol import StreamProtocol
from bot.adapters.bitget.classic.topic import ALL, Topic
from bot.adapters.bitget.socket import WebSockets
from bot.domain.ids import Symbol
from bot.domain.instrument import ProductLine
from tests.benchmarks.row import Missing, Row, microseconds

try:
    import ccxt.pro
    from ccxt.async_support.base.ws.client import Client
except ImportError:
    ccxt = None

VECTORS = Path(__file__).parents[1] / "data" / "bitget"
AT = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
PUSHES = 2_000
UPDATES = 1_000
LEVELS = 10
BTC = Symbol("BTCUSDT")
BOOK = Topic(line=ProductLine.USDT, channel="books", symbol=BTC)


class StillClock:
    """A clock that costs nothing."""

    def now(self) -> datetime:
        """Give always the same time."""
        return AT

    def monotonic(self) -> float:
        """Give always the same second."""
        return 1.0

    async def sleep(self, seconds: float) -> None:
        """Wait no time at all."""


def _private(topic: Topic) -> Callable[[bytes], None]:
    credentials = Credentials(api_key="k", passphrase="p", sign=lambda timestamp: "s")
    feed = PrivateFeed(url="", connector=WebSockets(), clock=StillClock(), chance=lambda: 0.0,
                       credentials=credentials, lines=[ProductLine.USDT])
    protocol = StreamProtocol([topic])
    protocol.opened(0.0, AT)

    def take(frame: bytes) -> None:
        for event in protocol.received(frame, 1.0, AT):
            for _ in feed._told(1, event):
                pass

    return take


def _public(topic: Topic) -> tuple[Callable[[bytes], None], PublicFeed]:
    feed = PublicFeed(url="", connector=WebSockets(), clock=StillClock(), chance=lambda: 0.0)
    protocol = StreamProtocol([topic])
    protocol.opened(0.0, AT)

    def take(frame: bytes) -> None:
        for event in protocol.received(frame, 1.0, AT):
            feed._take(1, event)

    return take, feed


def _ccxt() -> tuple[Callable[[bytes], None], Any]:
    exchange = ccxt.pro.bitget({"enableRateLimit": False})
    exchange.set_markets([exchange.safe_market_structure({
        "id": "BTCUSDT", "symbol": "BTC/USDT:USDT", "base": "BTC", "quote": "USDT", "settle": "USDT",
        "baseId": "BTC", "quoteId": "USDT", "settleId": "USDT", "type": "swap", "spot": False, "swap": True,
        "contract": True, "linear": True, "inverse": False, "contractSize": 1.0, "active": True,
        "precision": {"price": 0.1, "amount": 0.001},
    })])

    def fail(*args: object) -> None:
        raise AssertionError("ccxt found a checksum that does not hold")

    exchange.spawn = fail
    client = Client("wss://test", exchange.handle_message, fail, fail, fail)
    return lambda frame: client.handle_text_or_binary_message(frame.decode()), exchange


def _repeat(take: Callable[[bytes], None], frame: bytes) -> Callable[[], int]:
    def work() -> int:
        for _ in range(PUSHES):
            take(frame)
        return PUSHES

    return work


def book_frames(count: int, levels: int, seed: int = 1) -> Iterator[bytes]:
    """Yield a snapshot of 400 levels a side and updates of `levels` a side: near the top, a quarter deletions."""
    draw = random.Random(seed)
    sides: list[dict[Decimal, tuple[str, str]]] = [{}, {}]
    argument = BOOK.argument()

    def frame(action: str, changes: list[list[list[str]]], seq: int, checksum: int) -> bytes:
        row = {"asks": changes[1], "bids": changes[0], "checksum": checksum, "seq": seq, "ts": str(1695716059516 + seq)}
        push = {"action": action, "arg": argument, "data": [row], "ts": 1695716059516 + seq}
        return json.dumps(push, separators=(",", ":")).encode()

    def price(side: int, steps: int) -> str:
        return f"{27000 - steps * 0.1 if side == 0 else 27000.1 + steps * 0.1:.1f}"

    whole = [[[price(side, step), f"{draw.random() * 9 + 0.1:.3f}"] for step in range(400)] for side in (0, 1)]
    for side in (0, 1):
        sides[side] = {Decimal(text): (text, size) for text, size in whole[side]}
    yield frame("snapshot", whole, 1, 0)
    for seq in range(2, count + 2):
        changes: list[list[list[str]]] = [[], []]
        for side in (0, 1):
            for steps in draw.sample(range(60), levels):
                text, size = price(side, steps), "0" if draw.random() < 0.25 else f"{draw.random() * 9 + 0.1:.3f}"
                changes[side].append([text, size])
                sides[side].pop(Decimal(text), None)
                if size != "0":
                    sides[side][Decimal(text)] = (text, size)
        best = [[":".join(sides[side][key]) for key in sorted(sides[side], reverse=side == 0)[:25]] for side in (0, 1)]
        crc = zlib.crc32(":".join(part for pair in zip(*best, strict=True) for part in pair).encode())
        yield frame("update", changes, seq, crc - (1 << 32) if crc >> 31 else crc)


def _book_rows() -> Iterator[Row]:
    frames = list(book_frames(UPDATES, LEVELS))
    take, feed = _public(BOOK)
    other, exchange = _ccxt()

    def played(one: Callable[[bytes], None]) -> Callable[[], int]:
        def work() -> int:
            for frame in frames:
                one(frame)
            return len(frames)

        return work

    ours, theirs = microseconds(played(take), played(other))
    depth = feed.depth(ProductLine.USDT, BTC, 25)
    kept = exchange.orderbooks["BTC/USDT:USDT"]
    if depth is None or [float(price) for price, _ in depth.bids] != [level[0] for level in kept["bids"]][:25]:
        raise AssertionError("The two books differ.")
    yield Row(name="book update, 20 levels, checksum", unit="us/push", ours=ours, theirs=theirs, goal=4)


async def _measured() -> list[Row]:
    found = []
    for name, channel in (("ticker push", "ticker"), ("orders push", "orders"), ("positions push", "positions")):
        frame = (VECTORS / f"push_{channel}.json").read_bytes().strip()
        public = channel == "ticker"
        topic = Topic(line=ProductLine.USDT, channel=channel, symbol=BTC if public else ALL)
        take = _public(topic)[0] if public else _private(topic)
        ours, theirs = microseconds(_repeat(take, frame), _repeat(_ccxt()[0], frame))
        found.append(Row(name=name, unit="us/push", ours=ours, theirs=theirs, goal=8))
    return [*found, *_book_rows()]


def rows() -> Iterator[Row | Missing]:
    """Measure ticker, orders, positions and a 20-level book update with checksum, bytes to values."""
    if ccxt is None:
        yield Missing(name="pushes", why="ccxt is not installed; uv sync --extra bench")
        return
    logging.getLogger("bot").setLevel(logging.ERROR)
    yield from asyncio.run(_measured())
