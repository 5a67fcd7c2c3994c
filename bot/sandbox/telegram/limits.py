"""Flood limits: a token bucket per chat, per group and overall; ignored waits grow (bot_api.md section 9)."""
from __future__ import annotations

import math
from dataclasses import dataclass

from bot.sandbox.telegram.errors import flood


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """How much may be sent; None switches a bucket off. Rates are per second."""

    chat_rate: float | None = None
    chat_burst: int = 3
    group_per_minute: int | None = None
    overall_rate: float | None = None
    shortest_wait: int = 3
    longest_wait: int = 300


OFF = Allowance()
TELEGRAM = Allowance(chat_rate=1.0, chat_burst=3, group_per_minute=20, overall_rate=30.0)


@dataclass(slots=True, kw_only=True)
class _Bucket:
    level: float
    at: float


@dataclass(slots=True, kw_only=True)
class _Ban:
    until: float
    wait: int


class Limits:
    """Count sends and edits; a refused send bans its chat until the named moment."""

    def __init__(self, allowance: Allowance = OFF) -> None:
        self.allowance = allowance
        self._buckets: dict[str, _Bucket] = {}
        self._bans: dict[int, _Ban] = {}

    def ban(self, chat_id: int, now: float, seconds: int) -> None:
        """Refuse every send to the chat for that long."""
        self._bans[chat_id] = _Ban(until=now + seconds, wait=seconds)

    def spend(self, chat_id: int, now: float) -> None:
        """Count one send or edit; raises 429 with the seconds to wait."""
        ban = self._bans.get(chat_id)
        if ban is not None:
            if now < ban.until:
                ban.until += 1
                raise flood(math.ceil(ban.until - 1 - now))
            if now > ban.until + 60:
                del self._bans[chat_id]
        a = self.allowance
        wanted: list[tuple[str, float, float]] = []
        if a.chat_rate is not None and chat_id > 0:
            wanted.append((f"chat {chat_id}", a.chat_rate, a.chat_burst))
        if a.group_per_minute is not None and chat_id < 0:
            wanted.append((f"group {chat_id}", a.group_per_minute / 60, a.group_per_minute))
        if a.overall_rate is not None:
            wanted.append(("overall", a.overall_rate, a.overall_rate))
        short = [rate for name, rate, burst in wanted if self._level(name, rate, burst, now) < 1]
        if short:
            previous = self._bans.get(chat_id)
            needed = math.ceil(1 / min(short))
            wait = max(a.shortest_wait, needed, previous.wait * 2 if previous else 0)
            self.ban(chat_id, now, min(wait, a.longest_wait))
            raise flood(min(wait, a.longest_wait))
        for name, _, _ in wanted:
            self._buckets[name].level -= 1

    def _level(self, name: str, rate: float, burst: float, now: float) -> float:
        bucket = self._buckets.setdefault(name, _Bucket(level=burst, at=now))
        bucket.level = min(burst, bucket.level + max(0.0, now - bucket.at) * rate)
        bucket.at = now
        return bucket.level
