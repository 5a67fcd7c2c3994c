"""Pace what leaves for the chat service: per chat, per group and in all, and frozen exactly as long as told. Pure.

Edits count like messages (bot_api.md section 9). Times are monotonic seconds.
"""
from __future__ import annotations

from dataclasses import dataclass, field

CHAT_PER_S, CHAT_BURST = 1.0, 3
GROUP_PER_S, GROUP_BURST = 20 / 60, 5
ALL_PER_S, ALL_BURST = 25.0, 25


@dataclass(slots=True)
class Bucket:
    """A token bucket: `level` tokens at moment `at`."""

    per_s: float
    burst: int
    level: float
    at: float

    def wait(self, now: float) -> float:
        """Give the seconds until one token is there."""
        self._fill(now)
        return 0.0 if self.level >= 1 else (1 - self.level) / self.per_s

    def spend(self, now: float) -> None:
        """Take a token; the level may go below zero, which later ones wait for."""
        self._fill(now)
        self.level -= 1

    def _fill(self, now: float) -> None:
        self.level = min(float(self.burst), self.level + max(0.0, now - self.at) * self.per_s)
        self.at = max(self.at, now)


@dataclass(slots=True)
class Pace:
    """The buckets of all chats and how long each is frozen; two frozen chats freeze all of them."""

    chats: dict[int, Bucket] = field(default_factory=dict)
    frozen: dict[int, float] = field(default_factory=dict)
    everything: Bucket = field(default_factory=lambda: Bucket(ALL_PER_S, ALL_BURST, float(ALL_BURST), 0.0))

    def wait(self, chat: int, now: float) -> float:
        """Give the seconds until something may leave for this chat; 0 for now."""
        self.frozen = {one: until for one, until in self.frozen.items() if until > now}
        bans = list(self.frozen.values()) if len(self.frozen) > 1 else [self.frozen.get(chat, now)]
        return max(max(bans) - now, self._bucket(chat, now).wait(now), self.everything.wait(now))

    def spend(self, chat: int, now: float) -> None:
        """Count one message or edit."""
        self._bucket(chat, now).spend(now)
        self.everything.spend(now)

    def freeze(self, chat: int, seconds: float, now: float) -> None:
        """Send nothing to this chat for so long, as the service asked (FF-86)."""
        self.frozen[chat] = max(self.frozen.get(chat, now), now + seconds)

    def _bucket(self, chat: int, now: float) -> Bucket:
        per_s, burst = (GROUP_PER_S, GROUP_BURST) if chat < 0 else (CHAT_PER_S, CHAT_BURST)
        return self.chats.setdefault(chat, Bucket(per_s, burst, float(burst), now))
