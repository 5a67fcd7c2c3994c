"""Follow the market: own the public subscriptions and keep the latest prices, books and candles with their age."""
from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime

from bot.adapters.bitget.classic import map_push_market, wire_push
from bot.adapters.bitget.classic.book import Book, Broken
from bot.adapters.bitget.classic.stream_events import Garbled, Lost, Pushed, Refused, Rotated, Settled
from bot.adapters.bitget.classic.stream_protocol import StreamProtocol, StreamState
from bot.adapters.bitget.classic.topic import Topic
from bot.adapters.bitget.classic.wire_value import Notes, Unreadable
from bot.adapters.bitget.socket import Connector
from bot.adapters.bitget.stream import PUSH_QUEUE_MAX, ROTATE_AFTER_S, Stream, StreamEvent
from bot.domain.ids import Symbol
from bot.domain.instrument import ProductLine
from bot.ports.clock import Clock
from bot.ports.market import Candle, Depth, Ticker

# A ticker moves with the mark price, several times a second; a minute without one is a lost subscription.
QUIET_MAX_S = {"ticker": 60.0, "books": 60.0}
BOOK = "books"
BOOK_CHANNELS = frozenset({"books", "books1", "books5", "books15"})
CANDLE = "candle"
CANDLES_MAX = 1_000

log = logging.getLogger(__name__)


class PublicFeed:
    """The public stream: what `follow` names is kept; `unreadable` counts rows lost by channel.

    A cached value is no older than `age` says; while the stream is down nothing is given away as fresh: books and
    candles are dropped, tickers keep their time of receipt.
    """

    def __init__(
        self,
        *,
        url: str,
        connector: Connector,
        clock: Clock,
        chance: Callable[[], float],
        topics: Iterable[Topic] = (),
        queue_max: int = PUSH_QUEUE_MAX,
        rotate_after_s: float = ROTATE_AFTER_S,
    ) -> None:
        self.unreadable: Counter[str] = Counter()
        self.why_down: str | None = "not connected yet"
        self._clock = clock
        self._topics: dict[Topic, None] = dict.fromkeys(topics)
        self._tickers: dict[Symbol, Ticker] = {}
        self._heard_at: dict[tuple[str, str], float] = {}
        self._books: dict[tuple[int, str, str], Book] = {}
        self._candles: dict[Topic, dict[datetime, Candle]] = {}
        # Empty but while a push is read; one that left notes leaves it to a new one.
        self._notes = Notes()
        self._speaking = 0
        self._settled: set[int] = set()
        self._stream = Stream(
            url=url,
            connector=connector,
            clock=clock,
            chance=chance,
            make=lambda: StreamProtocol(self._topics, None, QUIET_MAX_S),
            queue_max=queue_max,
            rotate_after_s=rotate_after_s,
        )

    @property
    def state(self) -> StreamState:
        """Give where the oldest connection is; DOWN while there is none."""
        return next((protocol.state for protocol in self._stream.protocols), StreamState.DOWN)

    def follow(self, line: ProductLine, channel: str, symbols: Iterable[Symbol]) -> None:
        """Subscribe to `ticker`, `books`, `books1`, `books5`, `books15` or `candle1m` and its like."""
        topics = [Topic(line=line, channel=channel, symbol=symbol) for symbol in symbols]
        self._topics |= dict.fromkeys(topics)
        self._stream.subscribe(topics)

    def ticker(self, symbol: Symbol) -> Ticker | None:
        """Give the latest prices of a symbol; their age counts from `received_at`. None before the first push."""
        return self._tickers.get(symbol)

    def age(self, topic: Topic) -> float | None:
        """Give the seconds since the last push on a topic; None before the first."""
        heard_at = self._heard_at.get((topic.channel, topic.symbol))
        return None if heard_at is None else self._clock.monotonic() - heard_at

    def depth(self, line: ProductLine, symbol: Symbol, levels: int, channel: str = BOOK) -> Depth | None:
        """Give the best levels of a followed book; None while there is none to be trusted."""
        book = self._books.get((self._speaking, channel, symbol))
        if book is None or not book.ready:
            return None
        bids, asks = book.depth(levels)
        return Depth(symbol=symbol, bids=bids, asks=asks, at=book.at or self._clock.now())

    def candles(self, line: ProductLine, symbol: Symbol, granularity: str) -> tuple[Candle, ...]:
        """Give the followed bars, oldest first, the last one forming; empty while there are none."""
        bars = self._candles.get(Topic(line=line, channel=CANDLE + granularity, symbol=symbol), {})
        return tuple(bars[opened_at] for opened_at in sorted(bars))

    async def run(self) -> None:
        """Connect and keep everything up to date, for ever; cancel to stop."""
        async for number, event in self._stream.follow():
            self._take(number, event)

    def _take(self, number: int, event: StreamEvent) -> None:
        if isinstance(event, Pushed):
            self._pushed(number, event)
        elif isinstance(event, Settled):
            self._settled.add(number)
            if self.why_down is not None:
                self._speaking, self.why_down = number, None
            self._stream.caught_up()
        elif isinstance(event, Rotated):
            self._speaking = number
            self._settled.discard(event.old)
            self._forget(event.old)
        elif isinstance(event, Lost):
            self._forget(number)
            self._settled.discard(number)
            if self._settled:
                self._speaking = max(self._settled)
            else:
                self.why_down = event.why
                self._candles.clear()
        elif isinstance(event, Garbled):
            self.unreadable["frame"] += 1
            log.warning("%s", event.why)
        elif isinstance(event, Refused):
            log.warning("The venue refused %s: %s %s", event.topic or "a request", event.code, event.words)

    def _forget(self, number: int) -> None:
        for key in [key for key in self._books if key[0] == number]:
            del self._books[key]

    def _pushed(self, number: int, pushed: Pushed) -> None:
        topic, notes = pushed.topic, self._notes
        channel = topic.channel
        self._heard_at[channel, topic.symbol] = self._clock.monotonic()
        if channel == "ticker":
            self._ticker(pushed, notes)
        elif channel in BOOK_CHANNELS:
            self._book(number, pushed, notes)
        elif channel.startswith(CANDLE):
            self._candle(pushed, notes)
        if notes.odd or notes.doubt:
            self._notes = Notes()
            self._tell(channel, notes)

    def _tell(self, channel: str, notes: Notes) -> None:
        if notes.odd:
            log.warning("A push on %s has odd fields: %s", channel, "; ".join(notes.odd))
        if notes.doubt:
            self.unreadable[channel] += len(notes.doubt)
            log.warning("A push on %s could not be read whole: %s", channel, "; ".join(notes.doubt))

    def _ticker(self, pushed: Pushed, notes: Notes) -> None:
        rows, unreadable = wire_push.TICKERS.read(pushed.frame)
        notes.doubt += unreadable
        for row in rows:
            try:
                ticker = map_push_market.ticker(row, pushed, notes)
            except Unreadable as fault:
                notes.doubt.append(str(fault))
                continue
            self._tickers[ticker.symbol] = ticker

    def _book(self, number: int, pushed: Pushed, notes: Notes) -> None:
        topic = pushed.topic
        rows, unreadable = wire_push.BOOKS.read(pushed.frame)
        notes.doubt += unreadable
        key = (number, topic.channel, topic.symbol)
        book = self._books.get(key)
        if book is None:
            book = self._books[key] = Book(incremental=topic.channel == BOOK)
        # A book whose push cannot be read has missed something and starts anew, like a broken one.
        whys = unreadable
        for row in rows:
            outcome = book.apply(pushed.action, row)
            if type(outcome) is Broken:
                whys = (*whys, outcome.why)
        if whys:
            log.warning("The book of %s is fetched anew: %s", topic.symbol, "; ".join(whys))
            del self._books[key]
            self._stream.resync(number, topic)

    def _candle(self, pushed: Pushed, notes: Notes) -> None:
        rows, unreadable = wire_push.CANDLES.read(pushed.frame)
        notes.doubt += unreadable
        bars = self._candles.setdefault(pushed.topic, {})
        for row in rows:
            try:
                bar = map_push_market.candle(row, notes)
            except Unreadable as fault:
                notes.doubt.append(str(fault))
                continue
            bars[bar.opened_at] = bar
        map_push_market.close_all_but_latest(bars)
        while len(bars) > CANDLES_MAX:
            del bars[min(bars)]
