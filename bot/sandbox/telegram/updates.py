"""The bot's queue of updates: a numbered FIFO, confirmed by offset, filtered when an update is made (bot_api.md 4)."""
from __future__ import annotations

import asyncio
import itertools
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.sandbox.telegram.state import Json, Rules

KINDS = frozenset({
    "message", "edited_message", "channel_post", "edited_channel_post", "callback_query", "my_chat_member",
    "chat_member", "message_reaction", "message_reaction_count", "inline_query", "chosen_inline_result",
    "shipping_query", "pre_checkout_query", "poll", "poll_answer", "chat_join_request", "business_connection",
})
_NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """One queued update; `lane` is the chat whose order must be kept, `until` when it grows too old."""

    id: int
    kind: str
    payload: Json
    lane: int
    until: float

    def wire(self) -> Json:
        """Return the update as getUpdates and webhooks carry it."""
        return {"update_id": self.id, self.kind: self.payload}


class UpdateQueue:
    """Pending updates and the one parked poll."""

    def __init__(self, now: Callable[[], float], rules: Rules) -> None:
        self._now = now
        self._rules = rules
        self._numbers = itertools.count(700_001)
        self.pending: deque[Update] = deque()
        self.allowed: frozenset[str] | None = None
        self.parked: asyncio.Future[BaseException | None] | None = None
        self.alive: Callable[[], bool] = lambda: True
        self.listeners: list[Callable[[], None]] = []

    def allow(self, names: list[Any] | None) -> None:
        """Remember `allowed_updates`: None keeps the setting, empty or unknown names mean the default."""
        if names is not None:
            self.allowed = frozenset(str(n) for n in names) & KINDS or None

    def wants(self, kind: str) -> bool:
        """Tell whether an update of this kind is made at all."""
        return kind in self.allowed if self.allowed is not None else kind not in _NOT_BY_DEFAULT

    def put(self, kind: str, payload: Json, lane: int, date: float | None = None) -> int | None:
        """Queue an update and wake whoever waits; returns its id, or None where it is filtered out."""
        if not self.wants(kind):
            return None
        age = self._rules.press_age if kind == "callback_query" else self._rules.update_age
        now = self._now()
        born = now if kind == "callback_query" or date is None else max(date, now - age + 60)
        update = Update(id=next(self._numbers), kind=kind, payload=payload, lane=lane, until=born + age)
        self.pending.append(update)
        self.wake()
        return update.id

    def wake(self) -> None:
        """Wake the parked poll and the webhook's delivery."""
        if self.parked is not None and not self.parked.done():
            self.parked.set_result(None)
        for listener in self.listeners:
            listener()

    def end_parked(self, why: BaseException) -> None:
        """End the parked poll with a refusal; one whose socket is gone is forgotten."""
        if self.parked is not None and not self.parked.done():
            if self.alive():
                self.parked.set_result(why)
            else:
                self.parked.cancel()
        self.parked = None

    def expire(self) -> None:
        """Drop what has grown too old: presses after 150 s, the rest after 24 h."""
        now = self._now()
        if any(u.until <= now for u in self.pending):
            self.pending = deque(u for u in self.pending if u.until > now)

    def take(self, offset: int, limit: int) -> list[Update]:
        """Apply the offset and return what is there, without confirming it."""
        self.expire()
        if offset > 0:
            while self.pending and self.pending[0].id < offset:
                self.pending.popleft()
        elif offset < 0:
            while len(self.pending) > -offset:
                self.pending.popleft()
        return [u for u in itertools.islice(self.pending, limit) if u.id >= offset]

    def remove(self, update: Update) -> None:
        """Confirm one update, as a webhook's 2xx does."""
        try:
            self.pending.remove(update)
        except ValueError:
            return

    def clear(self) -> None:
        """Drop all pending updates."""
        self.pending.clear()
