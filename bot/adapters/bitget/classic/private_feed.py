"""Follow the account: own the private subscriptions of each product line and tell what they say as reports."""
from __future__ import annotations

import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass, field

from bot.adapters.bitget.classic import private_rows
from bot.adapters.bitget.classic.backlog import Backlog
from bot.adapters.bitget.classic.stream_events import Alive, Garbled, Lost, Pushed, Refused, Rotated, Settled
from bot.adapters.bitget.classic.stream_frames import Credentials
from bot.adapters.bitget.classic.stream_protocol import StreamProtocol, StreamState
from bot.adapters.bitget.classic.topic import Topic
from bot.adapters.bitget.classic.wire_value import Notes
from bot.adapters.bitget.socket import Connector
from bot.adapters.bitget.stream import PUSH_QUEUE_MAX, ROTATE_AFTER_S, Stream, StreamEvent
from bot.domain.instrument import ProductLine
from bot.ports.clock import Clock
from bot.ports.venue import StreamDown, StreamUp, VenueEvent

# Without one of these the account cannot be followed; the others only add to what these and reads tell.
NEEDED = ("account", "positions", "orders", "orders-algo", "fill")
WELCOME = ("adl-noti",)
# An own order must show on `orders` within this (FF-63).
OWN_ORDER_MAX_S = 5.0
# Between two declarations that reads are needed because something could not be read.
RESYNC_EVERY_S = 10.0

log = logging.getLogger(__name__)


@dataclass(slots=True)
class LineHealth:
    """What is known of one product line's stream; `why` is the last word told about its being down."""

    up: bool = False
    why: str | None = None
    doubted_at: float | None = None
    heard_at: dict[str, float] = field(default_factory=dict)


class PrivateFeed:
    """The private stream of one account, for any number of product lines over one socket.

    `events` never ends. What cannot be read is counted in `unreadable` (channel to rows) and declared: StreamDown,
    then StreamUp, between which the desk knows it has to read.
    """

    def __init__(
        self,
        *,
        url: str,
        connector: Connector,
        clock: Clock,
        chance: Callable[[], float],
        credentials: Credentials,
        lines: Iterable[ProductLine],
        offset_ms: Callable[[], int] = lambda: 0,
        queue_max: int = PUSH_QUEUE_MAX,
        rotate_after_s: float = ROTATE_AFTER_S,
    ) -> None:
        self.unreadable: Counter[str] = Counter()
        self._clock = clock
        self._lines = {line: LineHealth() for line in lines}
        topics = [Topic(line=line, channel=channel) for line in self._lines for channel in (*NEEDED, *WELCOME)]
        # Empty but while a push is read; one that left notes leaves it to a new one.
        self._notes = Notes()
        self._settled: set[int] = set()
        self._stream = Stream(
            url=url,
            connector=connector,
            clock=clock,
            chance=chance,
            make=lambda: StreamProtocol(topics, credentials),
            offset_ms=offset_ms,
            queue_max=queue_max,
            rotate_after_s=rotate_after_s,
        )

    @property
    def state(self) -> StreamState:
        """Give where the oldest connection is; DOWN while there is none."""
        return next((protocol.state for protocol in self._stream.protocols), StreamState.DOWN)

    def ages(self, line: ProductLine) -> dict[str, float]:
        """Give the seconds since the last push of each channel of a line; channels that never spoke are left out."""
        now = self._clock.monotonic()
        return {channel: now - heard_at for channel, heard_at in self._lines[line].heard_at.items()}

    def caught_up(self) -> None:
        """Note that reads made after StreamUp have completed the picture: CATCHING_UP becomes LIVE."""
        self._stream.caught_up()

    def expect_order(self, line: ProductLine) -> None:
        """Await an `orders` push within OWN_ORDER_MAX_S because an own order was accepted (FF-63)."""
        self._stream.expect(Topic(line=line, channel="orders"), OWN_ORDER_MAX_S)

    async def events(self) -> AsyncIterator[VenueEvent]:
        """Connect and tell everything, for ever; closing the iterator closes the socket. One reader at a time.

        Whoever asks for what follows a StreamUp has read everything meanwhile: only then is the stream live (FF-64).
        """
        backlog = Backlog()
        async for number, event in self._stream.follow():
            backlog.add(self._told(number, event))
            while backlog:
                while not backlog.full and (came := self._stream.next_now()) is not None:
                    backlog.add(self._told(*came))
                told = backlog.take()
                yield told
                if isinstance(told, StreamUp) and not backlog.has_up:
                    self.caught_up()

    def _told(self, number: int, event: StreamEvent) -> Iterable[VenueEvent]:
        return self._pushed(event) if isinstance(event, Pushed) else self._changed(number, event)

    def _changed(self, number: int, event: StreamEvent) -> Iterator[VenueEvent]:
        if isinstance(event, Alive):
            yield from self._trusted_again()
        elif isinstance(event, Settled):
            self._settled.add(number)
            for line in self._lines:
                yield from self._settled_line(line, event)
        elif isinstance(event, Rotated):
            self._settled.discard(event.old)
        elif isinstance(event, Lost):
            self._settled.discard(number)
            if not self._settled:
                for line in self._lines:
                    yield from self._down(line, event.why)
        elif isinstance(event, Garbled):
            self.unreadable["frame"] += 1
            log.warning("%s", event.why)
            for line in self._lines:
                yield from self._doubted(line, event.why)
        elif isinstance(event, Refused):
            log.warning("The venue refused %s: %s %s", event.topic or "a request", event.code, event.words)

    def _settled_line(self, line: ProductLine, event: Settled) -> Iterator[VenueEvent]:
        for topic, words in event.refused.items():
            if topic.line is line and topic.channel in NEEDED:
                yield from self._down(line, f"the venue refuses the channel {topic.channel}: {words}")
                return
        if not self._lines[line].up:
            yield self._up(line)

    def _up(self, line: ProductLine) -> StreamUp:
        health = self._lines[line]
        health.up, health.why, health.doubted_at = True, None, None
        return StreamUp(line=line, at=self._clock.now())

    def _down(self, line: ProductLine, why: str) -> Iterator[StreamDown]:
        health = self._lines[line]
        if health.up or health.why != why:
            health.up, health.why, health.doubted_at = False, why, None
            yield StreamDown(line=line, at=self._clock.now(), why=why)

    def _doubted(self, line: ProductLine, why: str) -> Iterator[VenueEvent]:
        """Declare that reads are needed: down at once, up again when the last declaration is old enough."""
        health, now = self._lines[line], self._clock.monotonic()
        if not health.up:
            return
        recent = health.doubted_at is not None and now - health.doubted_at < RESYNC_EVERY_S
        yield from self._down(line, f"something pushed could not be read: {why}")
        if not recent:
            yield self._up(line)
        health.doubted_at = now

    def _trusted_again(self) -> Iterator[StreamUp]:
        now = self._clock.monotonic()
        for line, health in self._lines.items():
            if health.doubted_at is not None and not health.up and now - health.doubted_at >= RESYNC_EVERY_S:
                yield self._up(line)

    def _pushed(self, pushed: Pushed) -> list[VenueEvent]:
        topic = pushed.topic
        health = self._lines[topic.line]
        health.heard_at[topic.channel] = self._clock.monotonic()
        notes = self._notes
        told = private_rows.read(pushed, notes)
        if notes.odd or notes.doubt:
            self._notes = Notes()
        if notes.odd:
            log.warning("A push on %s has odd fields: %s", topic.channel, "; ".join(notes.odd))
        if notes.doubt:
            self.unreadable[topic.channel] += len(notes.doubt)
            why = f"{topic.channel}: {'; '.join(notes.doubt)}"
            log.error("A push could not be read whole, a read is needed: %s", why)
            told += self._doubted(topic.line, why)
        if not health.up and health.doubted_at is not None:
            told += self._trusted_again()
        return told
