"""Compare our way from a pushed frame to values with that of ccxt.pro's handlers: same frames, decoding included.

Both sides are set up as in use. ccxt: five markets, its cache of 1,000 orders full, a future waiting for each push.
Ours: the feed's own protocol with all its bookkeeping, every value of the house made. No frame occurs twice in a round.
"""
from __future__ import annotations

import asyncio
import logging
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime

from bot.adapters.bitget.classic.private_feed import PrivateFeed
from bot.adapters.bitget.classic.public_feed import PublicFeed
from bot.adapters.bitget.classic.stream_frames import Credentials
from bot.adapters.bitget.classic.stream_protocol import StreamProtocol
from bot.adapters.bitget.classic.topic import Topic
from bot.adapters.bitget.socket import WebSockets
from bot.domain.ids import Symbol
from bot.domain.instrument import ProductLine
from tests.benchmarks import peer
from tests.benchmarks.frames import BASES, book_frames, order_frames, position_frames, ticker_frames
from tests.benchmarks.row import Missing, Row, microseconds

AT = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
PUSHES = 2_000
UPDATES = 1_000
# ccxt keeps the last thousand orders.
ORDERS_BEFORE = 3_000
LEVELS = 10
BTC = Symbol("BTCUSDT")
SET_UP = "ccxt: 5 markets, a future awaited"
SET_UPS = {"orders": f"{SET_UP}, 1,000 orders cached", "positions": f"{SET_UP}, 3 positions"}


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


def private(channel: str) -> Callable[[bytes], None]:
    """Give what takes a private frame all the way to reports."""
    credentials = Credentials(api_key="k", passphrase="p", sign=lambda timestamp: "s")
    feed = PrivateFeed(url="", connector=WebSockets(), clock=StillClock(), chance=lambda: 0.0,
                       credentials=credentials, lines=[ProductLine.USDT])
    protocol = StreamProtocol([Topic(line=ProductLine.USDT, channel=channel)])
    protocol.opened(0.0, AT)

    def take(frame: bytes) -> None:
        for event in protocol.received(frame, 1.0, AT):
            for _ in feed._told(1, event):
                pass

    return take


def public(channel: str) -> tuple[Callable[[bytes], None], PublicFeed]:
    """Give what takes a public frame, and the feed that keeps what it said."""
    feed = PublicFeed(url="", connector=WebSockets(), clock=StillClock(), chance=lambda: 0.0)
    bases = BASES if channel == "ticker" else BASES[:1]
    symbols = [Symbol(f"{base}USDT") for base in bases]
    protocol = StreamProtocol([Topic(line=ProductLine.USDT, channel=channel, symbol=symbol) for symbol in symbols])
    protocol.opened(0.0, AT)

    def take(frame: bytes) -> None:
        for event in protocol.received(frame, 1.0, AT):
            feed._take(1, event)

    return take, feed


def _played(frames: Sequence[bytes], take: Callable[[bytes], None]) -> Callable[[], int]:
    def work() -> int:
        for frame in frames:
            take(frame)
        return len(frames)

    return work


def _row(name: str, channel: str, frames: Sequence[bytes], before: Sequence[bytes] = ()) -> Row:
    ours = public(channel)[0] if channel == "ticker" else private(channel)
    theirs = peer.watcher(channel)[0]
    _played(before, theirs)()
    measured = microseconds(_played(frames, ours), _played(frames, theirs))
    return Row(name=name, unit="us/push", ours=measured[0], theirs=measured[1], goal=8,
               note=f"({SET_UPS.get(channel, SET_UP)})")


def _book_row() -> Row:
    frames = list(book_frames(UPDATES, LEVELS))
    take, feed = public("books")
    other, exchange = peer.watcher("books")
    ours, theirs = microseconds(_played(frames, take), _played(frames, other))
    depth = feed.depth(ProductLine.USDT, BTC, 25)
    kept = exchange.orderbooks["BTC/USDT:USDT"]
    if depth is None or [float(price) for price, _ in depth.bids] != [level[0] for level in kept["bids"]][:25]:
        raise AssertionError("The two books differ.")
    return Row(name="book update, 20 levels, checksum", unit="us/push", ours=ours, theirs=theirs, goal=4,
               note=f"({SET_UP})")


async def _measured(channel: str) -> Row:
    if channel == "ticker":
        return _row("ticker push", channel, list(ticker_frames(PUSHES)))
    if channel == "orders":
        orders = list(order_frames(ORDERS_BEFORE + PUSHES))
        return _row("orders push", channel, orders[ORDERS_BEFORE:], orders[:ORDERS_BEFORE])
    if channel == "positions":
        return _row("positions push", channel, list(position_frames(PUSHES // 2)))
    return _book_row()


def measured(channel: str) -> Row:
    """Measure one channel."""
    logging.getLogger("bot").setLevel(logging.ERROR)
    return asyncio.run(_measured(channel))


def rows() -> Iterator[Row | Missing]:
    """Measure ticker, orders, positions and a 20-level book update with checksum, bytes to values."""
    if peer.ccxt is None:
        yield Missing(name="pushes", why="ccxt is not installed; uv sync --extra bench")
        return
    for channel in ("ticker", "orders", "positions", "books"):
        # Each in a process of its own: what one leaves in memory would slow the next.
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as alone:
            yield alone.submit(measured, channel).result()
