"""Public channels: ticker, candles, books with sequence and checksum, trades (websocket.md 6)."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Sequence
from random import Random
from typing import Any

from bot.sandbox.exchange.candles import GRANULARITIES
from bot.sandbox.exchange.faults import Faults
from bot.sandbox.exchange.market import Market
from bot.sandbox.exchange.stream import Topic, dump

Level = tuple[str, str]
Publish = Callable[[Topic, str], None]

LEVELS = {"books": 400, "books1": 1, "books5": 5, "books15": 15}
PERIODS_MS = {"books1": 100, "books": 150, "books5": 150, "books15": 150, "ticker": 300, "candle": 1000}
CHECKSUM_LEVELS = 25
_CANDLES_FIRST = 200
_TRADES_FIRST = 50
# REST alone knows two hours (websocket.md 6.3).
_CANDLES = frozenset(f"candle{name}" for name in GRANULARITIES if name != "2H")
_TRADE_FIELDS = ("ts", "price", "size", "side", "tradeId")


def checksum(bids: Sequence[Level], asks: Sequence[Level]) -> int:
    """Return the signed CRC-32 over the best 25 levels, bid and ask in turn, text as sent (websocket.md 6.6)."""
    parts: list[str] = []
    for i in range(CHECKSUM_LEVELS):
        for side in (bids, asks):
            if i < len(side):
                parts += side[i]
    crc = zlib.crc32(":".join(parts).encode("ascii"))
    return crc - (1 << 32) if crc >= 1 << 31 else crc


def frame(action: str, arg: dict[str, str], data: Any, now_ms: int) -> str:
    """Return a push frame; ``ts`` is a JSON number."""
    return dump({"action": action, "arg": arg, "data": data, "ts": now_ms})


class BookFeed:
    """What subscribers of ``books`` of one symbol have been told so far."""

    __slots__ = ("_rng", "asks", "bids", "pseq", "seq")

    def __init__(self, rng: Random, seq: int) -> None:
        self.bids: list[Level] = []
        self.asks: list[Level] = []
        self.seq = seq
        self.pseq = seq
        self._rng = rng

    def replace(self, bids: Sequence[Level], asks: Sequence[Level]) -> None:
        """Take the book as it is, as before a snapshot."""
        self.bids, self.asks = list(bids), list(asks)

    def advance(self, bids: Sequence[Level], asks: Sequence[Level]) -> tuple[list[Level], list[Level]]:
        """Return changed bids and asks (size "0" deletes) and take the new book; the sequence grows, with gaps."""
        changes = _changes(self.bids, bids, reverse=True), _changes(self.asks, asks, reverse=False)
        if changes[0] or changes[1]:
            self.pseq = self.seq
            self.seq += self._rng.randint(1, 9)
            self.replace(bids, asks)
        return changes


class PublicFeeds:
    """Make the frames of public channels and publish those that are due."""

    def __init__(self, market: Market, faults: Faults, now: Callable[[], int], publish: Publish, *, seed: int,
                 with_checksum: bool = True) -> None:
        self.with_checksum = with_checksum
        self._market, self._faults, self._now, self._publish = market, faults, now, publish
        self._rng = Random(f"{seed}:books")
        self._seq = 0
        self._topics: set[Topic] = set()
        self._books: dict[str, BookFeed] = {}
        self._last: dict[Topic, Any] = {}
        self._due: dict[str, int] = dict.fromkeys(PERIODS_MS, 0)

    def knows(self, product: str, channel: str, symbol: str) -> bool:
        """Return whether there is such a public channel."""
        named = channel in ("ticker", "trade", *LEVELS) or channel in _CANDLES
        return named and self._market.product_of(symbol) == product

    def watch(self, topic: Topic) -> None:
        """Start publishing a topic."""
        self._topics.add(topic)

    def unwatch(self, topic: Topic) -> None:
        """Stop publishing a topic nobody listens to; a book starts over with its next subscriber."""
        self._topics.discard(topic)
        self._last.pop(topic, None)
        if topic[2] == "books":
            self._books.pop(topic[3], None)

    def first(self, topic: Topic) -> str:
        """Return the frame that follows the acknowledgement."""
        _, _, channel, symbol = topic
        if channel == "ticker":
            data: Any = [self._market.shown_ticker(symbol)]
        elif channel == "trade":
            data = self._market.trade_rows(symbol, _TRADES_FIRST)
        elif channel == "books":
            data = [self._book_snapshot(symbol)]
        elif channel in LEVELS:
            data = [self._top(symbol, channel)]
        else:
            data = self._market.candle_rows(symbol, GRANULARITIES[channel.removeprefix("candle")], _CANDLES_FIRST)
            self._last[topic] = data[-1]
        return frame("snapshot", _arg(topic), data, self._now())

    def due(self, true_now_ms: int) -> None:
        """Publish every watched channel whose period is over."""
        ready = set()
        for name, at in self._due.items():
            if true_now_ms >= at:
                ready.add(name)
                self._due[name] = true_now_ms + PERIODS_MS[name]
        if not ready:
            return
        for topic in list(self._topics):
            channel = topic[2]
            if ("candle" if channel.startswith("candle") else channel) in ready:
                self._push(topic)

    def trades(self, symbol: str, rows: Iterable[dict[str, str]]) -> None:
        """Publish new trades, newest first."""
        topic = ("", self._market.product_of(symbol), "trade", symbol)
        if topic in self._topics:
            shown = [{name: row[name] for name in _TRADE_FIELDS} for row in rows]
            self._publish(topic, frame("update", _arg(topic), shown, self._now()))

    def _push(self, topic: Topic) -> None:
        _, _, channel, symbol = topic
        if channel == "books":
            self._push_book(topic)
        elif channel.startswith("candle"):
            self._push_candle(topic)
        elif channel in LEVELS:
            self._push_changed(topic, self._top(symbol, channel), ("bids", "asks"))
        elif channel == "ticker":
            self._push_changed(topic, self._market.shown_ticker(symbol), ("lastPr", "bidPr", "askPr", "bidSz", "askSz",
                                                                    "markPrice", "indexPrice", "holdingAmount"))

    def _push_changed(self, topic: Topic, row: dict[str, Any], names: tuple[str, ...]) -> None:
        seen = tuple(row[name] for name in names)
        if topic[2] != "ticker" and self._last.get(topic) == seen:
            return
        self._last[topic] = seen
        self._publish(topic, frame("snapshot", _arg(topic), [row], self._now()))

    def _push_book(self, topic: Topic) -> None:
        symbol = topic[3]
        feed = self._books.get(symbol)
        if feed is None:
            return
        bids, asks = feed.advance(*self._market.depth(symbol, LEVELS["books"]))
        if not bids and not asks:
            return
        crc = checksum(feed.bids, feed.asks) if self.with_checksum else 0
        if self._faults:
            if self._faults.take("book_gap"):
                return
            if self._faults.take("book_replay"):
                self._publish(topic, self.first(topic))
                return
            if self._faults.take("book_corrupt"):
                crc ^= 1
        row = {"asks": asks, "bids": bids, "checksum": crc, "seq": feed.seq, "pseq": feed.pseq, "ts": str(self._now())}
        self._publish(topic, frame("update", _arg(topic), [row], self._now()))

    def _push_candle(self, topic: Topic) -> None:
        granularity = GRANULARITIES[topic[2].removeprefix("candle")]
        last = self._last.get(topic)
        rows = self._market.candle_rows(topic[3], granularity, 2)
        if last is not None:
            rows = [row for row in rows if int(row[0]) >= int(last[0])]
        if rows and rows[-1] != last:
            self._last[topic] = rows[-1]
            self._publish(topic, frame("update", _arg(topic), rows, self._now()))

    def _book_snapshot(self, symbol: str) -> dict[str, Any]:
        feed = self._books.get(symbol)
        if feed is None:
            feed = self._books[symbol] = BookFeed(self._rng, self._sequence())
            feed.replace(*self._market.depth(symbol, LEVELS["books"]))
        return {"asks": feed.asks, "bids": feed.bids, "checksum": 0, "seq": feed.seq, "pseq": feed.pseq,
                "ts": str(self._now())}

    def _sequence(self) -> int:
        """Return a number greater than all before, also across a book's feeds."""
        self._seq = max(self._seq + 1, self._now() * 1000)
        return self._seq

    def _top(self, symbol: str, channel: str) -> dict[str, Any]:
        bids, asks = self._market.depth(symbol, LEVELS[channel])
        return {"asks": asks, "bids": bids, "checksum": 0, "seq": self._sequence(), "ts": str(self._now())}


def _changes(old: Sequence[Level], new: Sequence[Level], *, reverse: bool) -> list[Level]:
    before, after = dict(old), dict(new)
    changed = [level for level in new if before.get(level[0]) != level[1]]
    gone = [(price, "0") for price in before if price not in after]
    return sorted(changed + gone, key=lambda level: float(level[0]), reverse=reverse)


def _arg(topic: Topic) -> dict[str, str]:
    return {"instType": topic[1], "channel": topic[2], "instId": topic[3]}
