"""Speak the v2 socket without touching one: frames and time in, frames and events out.

DOWN, CONNECTING, LOGGING_IN (private only), SUBSCRIBING, CATCHING_UP, LIVE; back to DOWN on anything that makes the
stream untrue. One protocol serves one connection and is thrown away with it (FF-64).
"""
from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

import msgspec

from bot.adapters.bitget.classic import stream_frames
from bot.adapters.bitget.classic.pace import HOUR_S, MESSAGES_PER_S, SECOND_S, SUBSCRIBES_PER_H, Pace
from bot.adapters.bitget.classic.row_reader import UNREADABLE
from bot.adapters.bitget.classic.stream_events import (
    Alive,
    Garbled,
    Lost,
    Odd,
    ProtocolEvent,
    Pushed,
    Refused,
    Settled,
    Trouble,
)
from bot.adapters.bitget.classic.stream_frames import Credentials
from bot.adapters.bitget.classic.topic import Key, Topic, key_of
from bot.adapters.bitget.classic.wire_push import ENVELOPE, Envelope
from bot.adapters.bitget.classic.wire_value import shown, text

CONNECT_MAX_S = 10.0
LOGIN_MAX_S = 10.0
ACK_MAX_S = 10.0
# The venue closes after 2 minutes without a ping and asks for one every 30 s (FF-65).
PING_EVERY_S = 25.0
PONG_MAX_S = 10.0
# Nothing at all, not even a pong: with a ping every 25 s this is a dead line (FF-63).
SILENCE_MAX_S = 40.0
PAUSE_S = 2.0
# Quick pairs of unsubscribe and subscribe are rejected at times (websocket.md 4).
RESUBSCRIBE_GAP_S = 0.5
RESYNC_MAX_GAP_S = 60.0
RESYNC_MEMORY_S = 600.0
TICK_MAX_S = 0.25
DATA = b'"data":'
OPENINGS_MAX = 4_096
KNOWN_EVENTS = ("unsubscribe", "trade")


class StreamState(Enum):
    """Where a connection is; LIVE means caught up by reads, not merely connected."""

    DOWN = "DOWN"
    CONNECTING = "CONNECTING"
    LOGGING_IN = "LOGGING_IN"
    SUBSCRIBING = "SUBSCRIBING"
    CATCHING_UP = "CATCHING_UP"
    LIVE = "LIVE"


@dataclass(slots=True)
class Subscription:
    """One topic on this connection: when a subscribe left unanswered, when to ask again, what was heard."""

    topic: Topic
    asked_at: float | None = None
    acknowledged: bool = False
    refused: str | None = None
    heard_at: float | None = None
    repairs: int = 0
    repaired_at: float | None = None
    again_at: float | None = None


class StreamProtocol:
    """One connection's conversation; every method takes the monotonic time `now`, none of them waits.

    `quiet_max_s` maps channels to the seconds after which their silence is repaired by a new subscription.
    """

    def __init__(
        self,
        topics: Iterable[Topic],
        credentials: Credentials | None = None,
        quiet_max_s: dict[str, float] | None = None,
    ) -> None:
        self.state = StreamState.DOWN
        self._subscriptions: dict[Key, Subscription] = {topic.key: Subscription(topic) for topic in topics}
        self._credentials = credentials
        self._quiet_max_s = quiet_max_s or {}
        self._outbox: deque[tuple[str, tuple[Topic, ...]]] = deque()
        self._messages = Pace(MESSAGES_PER_S, SECOND_S)
        self._subscribes = Pace(SUBSCRIBES_PER_H, HOUR_S)
        self._entered_at = 0.0
        self._bytes_at = 0.0
        self._pinged_at = 0.0
        self._pong_due: float | None = None
        self._paused_until = 0.0
        self._settled = False
        self._expected: dict[Topic, float] = {}
        self._openings: dict[bytes, tuple[Subscription, object]] = {}

    @property
    def topics(self) -> tuple[Topic, ...]:
        """List what this connection is asked to follow."""
        return tuple(entry.topic for entry in self._subscriptions.values())

    def connecting(self, now: float) -> None:
        """Note that the socket is being opened."""
        self._enter(StreamState.CONNECTING, now)

    def opened(self, now: float, at: datetime) -> None:
        """Note that the socket is open: logs in over the time `at`, or subscribes."""
        self._bytes_at = self._pinged_at = now
        if self._credentials is None:
            self._subscribe_all(now)
        else:
            self._enter(StreamState.LOGGING_IN, now)
            self._outbox.append((stream_frames.login(self._credentials, at), ()))

    def closed(self, now: float, why: str) -> list[ProtocolEvent]:
        """Note that the socket is gone; gives Lost unless that was known."""
        if self.state is StreamState.DOWN:
            return []
        return [self._lose(Trouble.NETWORK, why)]

    def caught_up(self, now: float) -> None:
        """Note that reads made after Settled have completed the picture."""
        if self.state is StreamState.CATCHING_UP:
            self._enter(StreamState.LIVE, now)

    def subscribe(self, topic: Topic) -> None:
        """Follow one more topic; a known one is left as it is."""
        if topic.key in self._subscriptions:
            return
        self._subscriptions[topic.key] = Subscription(topic)
        if self._is_open:
            self._settled = False
            self._ask("subscribe", (topic,))

    def unsubscribe(self, topic: Topic) -> None:
        """Stop following a topic."""
        self._openings.clear()
        if self._subscriptions.pop(topic.key, None) is not None and self._is_open:
            self._ask("unsubscribe", (topic,))

    def resync(self, topic: Topic, now: float) -> list[ProtocolEvent]:
        """Subscribe anew for a fresh snapshot, later and later when it is needed again and again.

        Gives Lost when the hour's subscriptions are used up: a new connection has new ones (websocket.md 2).
        """
        entry = self._subscriptions.get(topic.key)
        if entry is None or entry.again_at is not None or not self._is_open:
            return []
        if self._subscribes.wait_s(now) > 0:
            return [self._lose(Trouble.NETWORK, f"{SUBSCRIBES_PER_H} subscriptions within an hour are used up")]
        if entry.repaired_at is not None and now - entry.repaired_at > RESYNC_MEMORY_S:
            entry.repairs = 0
        gap = min(RESYNC_MAX_GAP_S, RESUBSCRIBE_GAP_S * 2.0**entry.repairs)
        entry.repairs += 1
        entry.repaired_at = now
        entry.again_at = now + gap
        entry.acknowledged = False
        self._ask("unsubscribe", (topic,))
        return []

    def expect(self, topic: Topic, by: float) -> None:
        """Await a push on a topic until the monotonic time `by`; none by then loses the connection (FF-63)."""
        self._expected.setdefault(topic, by)

    def received(self, frame: str | bytes, now: float, at: datetime) -> list[ProtocolEvent]:
        """Take one frame, received at the wall time `at`; anything at all may be in it, nothing is raised."""
        self._bytes_at = now
        if type(frame) is not bytes:
            frame = frame.encode(errors="replace")  # type: ignore[union-attr]
        known = self._openings.get(frame[: frame.find(DATA)])
        if known is not None and not self._expected:
            followed, action = known
            if followed.acknowledged:
                followed.heard_at = now
                return [Pushed(followed.topic, action, frame, at)]
        try:
            envelope = ENVELOPE.decode(frame)
        except UNREADABLE as fault:
            return self._heard(frame, f"A frame of {len(frame)} bytes is no message: {fault}.")
        if envelope.event is not None:
            return self._answered(envelope, now)
        if envelope.action is None and envelope.op is not None:
            # Documents print the unsubscribe acknowledgement as an echo of the request (websocket.md 4).
            return []
        entry = self._entry(envelope.arg)
        if entry is None:
            return [Garbled(f"A push names no topic of ours: {shown(stream_frames.argument(envelope.arg))}.")]
        self._learn_opening(frame, envelope, entry)
        return self._pushed(entry, envelope.action, frame, now, at)

    def _heard(self, frame: bytes, otherwise: str) -> list[ProtocolEvent]:
        if frame == stream_frames.PONG.encode():
            self._pong_due = None
            return [Alive()]
        if frame == stream_frames.PING.encode():
            self._outbox.appendleft((stream_frames.PONG, ()))
            return []
        return [Garbled(otherwise)]

    def tick(self, now: float) -> list[ProtocolEvent]:
        """Look at the clock: pings, deadlines, silence, repairs that are due."""
        if self.state is StreamState.DOWN:
            return []
        overdue = self._overdue(now)
        if overdue is not None:
            return [self._lose(Trouble.NETWORK, overdue)]
        if self.state is StreamState.CONNECTING:
            return []
        if now - self._pinged_at >= PING_EVERY_S:
            self._pinged_at = now
            self._pong_due = self._pong_due or now + PONG_MAX_S
            self._outbox.appendleft((stream_frames.PING, ()))
        events = self._settle(now) if self.state is StreamState.SUBSCRIBING else []
        for entry in tuple(self._subscriptions.values()):
            if entry.again_at is not None and now >= entry.again_at:
                entry.again_at = None
                self._ask("subscribe", (entry.topic,))
            limit = self._quiet_max_s.get(entry.topic.channel)
            if limit is not None and entry.acknowledged and now - (entry.heard_at or now) > limit:
                entry.heard_at = now
                events += self.resync(entry.topic, now)
        return events

    def next_frame(self, now: float) -> str | None:
        """Take the next frame that may leave now; None when there is none or the pace forbids it."""
        if not self._outbox or now < self._paused_until or self._messages.wait_s(now) > 0:
            return None
        frame, topics = self._outbox.popleft()
        self._messages.spend(now)
        if topics:
            self._subscribes.spend(now, len(topics))
            for topic in topics:
                entry = self._subscriptions.get(topic.key)
                if entry is not None:
                    entry.asked_at = now
        return frame

    def wake_in_s(self, now: float) -> float:
        """Say how many seconds the caller may sleep before the next `tick` and `next_frame`."""
        if self._outbox:
            return min(TICK_MAX_S, max(0.01, self._messages.wait_s(now), self._paused_until - now))
        return TICK_MAX_S

    @property
    def _is_open(self) -> bool:
        return self.state in (StreamState.SUBSCRIBING, StreamState.CATCHING_UP, StreamState.LIVE)

    def _enter(self, state: StreamState, now: float) -> None:
        self.state = state
        self._entered_at = now

    def _lose(self, trouble: Trouble, why: str) -> Lost:
        self.state = StreamState.DOWN
        self._outbox.clear()
        return Lost(trouble, why)

    def _ask(self, op: str, topics: Iterable[Topic]) -> None:
        for frame, named in stream_frames.requests(op, topics):
            self._outbox.append((frame, named if op == "subscribe" else ()))

    def _subscribe_all(self, now: float) -> None:
        self._enter(StreamState.SUBSCRIBING, now)
        self._ask("subscribe", self.topics)

    def _overdue(self, now: float) -> str | None:
        if self.state is StreamState.CONNECTING:
            return f"no connection within {CONNECT_MAX_S:.0f} s" if now - self._entered_at > CONNECT_MAX_S else None
        if self.state is StreamState.LOGGING_IN and now - self._entered_at > LOGIN_MAX_S:
            return f"the login was not answered within {LOGIN_MAX_S:.0f} s"
        if now - self._bytes_at > SILENCE_MAX_S:
            return f"nothing came for {SILENCE_MAX_S:.0f} s"
        if self._pong_due is not None and now > self._pong_due:
            return f"a ping was not answered within {PONG_MAX_S:.0f} s"
        for topic, by in self._expected.items():
            if now > by:
                return f"an awaited push on {topic.channel} did not come"
        for entry in self._subscriptions.values():
            if entry.asked_at is not None and now - entry.asked_at > ACK_MAX_S:
                return f"the subscription to {entry.topic.channel} was not acknowledged within {ACK_MAX_S:.0f} s"
        return None

    def _answered(self, envelope: Envelope, now: float) -> list[ProtocolEvent]:
        code = text(envelope.code) or ""
        words = text(envelope.msg) or ""
        if envelope.event == "error" or code not in stream_frames.OK_CODES:
            return self._failed(envelope, code, words, now)
        if envelope.event == "login":
            if self.state is StreamState.LOGGING_IN:
                self._subscribe_all(now)
            return []
        if envelope.event == "subscribe":
            answered = self._entry(envelope.arg)
            return [] if answered is None else self._acknowledge(answered, now)
        return [] if envelope.event in KNOWN_EVENTS else [Odd(f"event {shown(envelope.event)}: {words}")]

    def _failed(self, envelope: Envelope, code: str, words: str, now: float) -> list[ProtocolEvent]:
        if stream_frames.too_fast(code) and self.state is not StreamState.LOGGING_IN:
            self._paused_until = now + PAUSE_S
            unanswered = [each for each in self._subscriptions.values() if each.asked_at is not None]
            for each in unanswered:
                each.asked_at = None
            self._ask("subscribe", [each.topic for each in unanswered])
            return [Refused(None, code, words)]
        trouble = stream_frames.trouble_of(code, self.state is StreamState.LOGGING_IN)
        if trouble is not None:
            return [self._lose(trouble, f"the venue answered {code or 'an error'}: {words or 'no words'}")]
        key = key_of(stream_frames.argument(envelope.arg)) or stream_frames.named_in(words)
        entry = self._subscriptions.get(key) if key is not None else None
        if entry is None:
            return [Refused(None, code, words)]
        entry.asked_at, entry.refused = None, f"{code} {words}".strip()
        return [Refused(entry.topic, code, words), *self._settle(now)]

    def _entry(self, argument: msgspec.Raw) -> Subscription | None:
        key = key_of(stream_frames.argument(argument))
        return self._subscriptions.get(key) if key is not None else None

    def _learn_opening(self, frame: bytes, envelope: Envelope, entry: Subscription) -> None:
        """Remember how a topic's pushes begin: until the rows the venue spells every one of them alike.

        What stands before the rows must say all that was read, so it is read on its own before it is believed.
        """
        opening = frame[: frame.find(DATA)]
        try:
            alone = ENVELOPE.decode(opening + DATA + b"[]}")
        except UNREADABLE:
            return
        if alone == envelope and len(self._openings) < OPENINGS_MAX:
            self._openings[opening] = (entry, envelope.action)

    def _acknowledge(self, entry: Subscription, now: float) -> list[ProtocolEvent]:
        entry.asked_at, entry.refused, entry.acknowledged, entry.heard_at = None, None, True, now
        return self._settle(now)

    def _settle(self, now: float) -> list[ProtocolEvent]:
        entries = self._subscriptions.values()
        if self._settled or not all(entry.acknowledged or entry.refused is not None for entry in entries):
            return []
        self._settled = True
        if self.state is StreamState.SUBSCRIBING:
            self._enter(StreamState.CATCHING_UP, now)
        return [Settled({entry.topic: entry.refused for entry in entries if entry.refused is not None})]

    def _pushed(
        self, entry: Subscription, action: object, frame: bytes, now: float, at: datetime
    ) -> list[ProtocolEvent]:
        entry.heard_at = now
        topic = entry.topic
        if self._expected:
            self._expected.pop(topic, None)
        pushed = Pushed(topic, action, frame, at)
        if entry.acknowledged or entry.again_at is not None:
            return [pushed]
        # A push is as good as the acknowledgement that was lost before it.
        return [*self._acknowledge(entry, now), pushed]
