"""Keep to the venue's budgets: how long must this call wait, and who goes first."""
from __future__ import annotations

import itertools
from bisect import insort
from collections import deque
from dataclasses import dataclass, field
from enum import Enum, IntEnum

from bot.ports.clock import Clock


class Lane(IntEnum):
    """Who goes first where budget is short: what reduces, what cancels, what asks, what opens."""

    REDUCE = 0
    CANCEL = 1
    ASK = 2
    OPEN = 3


class Scope(Enum):
    """By what the venue counts calls."""

    UID = "uid"
    IP = "ip"


# What a lane may use of an endpoint's budget: the rest stays free for reducing (I24).
ENDPOINT_SHARE = {Lane.REDUCE: 100, Lane.CANCEL: 100, Lane.ASK: 100, Lane.OPEN: 70}
ADDRESS_SHARE = {Lane.REDUCE: 100, Lane.CANCEL: 95, Lane.ASK: 90, Lane.OPEN: 85}
ADDRESS_LIMIT = 6000
ADDRESS_PERIOD_S = 60.0
# The venue counts arrivals, we count departures: the margin covers how much the way may squeeze them together.
MARGIN_S = 0.05
STEP_S = 0.005
PAUSE_S = 1.0
PAUSE_MAX_S = 60.0
PENALTY_S = 10.0
PENALTY_MAX_S = 300.0
PENALTY_WINDOW_S = 5.0
PENALTY_ENDPOINTS = 3


@dataclass(slots=True, kw_only=True)
class Bucket:
    """Tokens that come back one period after they were spent.

    Idle time is credited in full, and no window of one period ever holds more than `limit` calls, however the venue
    aligns its own.
    """

    limit: int
    period_s: float
    spent: deque[float] = field(default_factory=deque)

    def delay(self, now: float, percent: int) -> float:
        """Say in how many seconds a token is free for a lane that may use `percent` of the budget; 0.0 for now."""
        while self.spent and self.spent[0] + self.period_s <= now:
            self.spent.popleft()
        usable = max(1, self.limit * percent // 100)
        over = len(self.spent) - usable
        return 0.0 if over < 0 else self.spent[over] + self.period_s - now

    def spend(self, now: float) -> None:
        """Take one token."""
        self.spent.append(now)


@dataclass(slots=True)
class Pause:
    """How long an endpoint, or everything, stays silent after a 429; doubles while they keep coming."""

    until: float = 0.0
    length: float = 0.0

    def extend(self, now: float, first: float, longest: float) -> None:
        """Start or lengthen the pause."""
        self.length = first if now > self.until + longest else min(max(self.length * 2, first), longest)
        self.until = max(self.until, now + self.length)


@dataclass(slots=True)
class Address:
    """What all accounts behind one IP share: the budget per minute and the budgets of public endpoints."""

    total: Bucket = field(default_factory=lambda: Bucket(limit=ADDRESS_LIMIT, period_s=ADDRESS_PERIOD_S))
    buckets: dict[str, Bucket] = field(default_factory=dict)
    penalty: Pause = field(default_factory=Pause)
    refusals: deque[tuple[float, str]] = field(default_factory=deque)


class Throttle:
    """Admit calls of one account: per endpoint, per UID or IP, 6000 a minute over all (rest.md 0.4)."""

    def __init__(self, clock: Clock, address: Address | None = None) -> None:
        self._clock = clock
        self._address = address or Address()
        self._buckets: dict[str, Bucket] = {}
        self._limits: dict[str, int] = {}
        self._pauses: dict[str, Pause] = {}
        self._queues: dict[str, list[tuple[Lane, int]]] = {}
        self._numbers = itertools.count()

    def limit(self, path: str, per_second: int) -> None:
        """Lower or raise the budget of one endpoint, as for lead traders (1 per second)."""
        self._limits[path] = per_second
        self._buckets.pop(path, None)

    def waiting(self, path: str) -> int:
        """Count the calls that wait for one endpoint."""
        return len(self._queues.get(path, ()))

    async def admit(self, path: str, per_second: float, scope: Scope, lane: Lane, within: float | None) -> bool:
        """Wait until the call may leave; False when that would take longer than `within` seconds.

        Lanes are served in order, calls of one lane first come first served. A token is spent only on True.
        """
        bucket = self._bucket(path, per_second, scope)
        deadline = None if within is None else self._clock.monotonic() + within
        ticket = (lane, next(self._numbers))
        queue = self._queues.setdefault(path, [])
        insort(queue, ticket)
        try:
            while True:
                now = self._clock.monotonic()
                delay = self._delay(path, bucket, lane, now)
                if delay <= 0.0 and queue[0] == ticket:
                    bucket.spend(now)
                    self._address.total.spend(now)
                    return True
                pace = max(delay, STEP_S)
                if deadline is not None and now + pace > deadline:
                    return False
                await self._clock.sleep(pace)
        finally:
            queue.remove(ticket)

    def refused(self, path: str) -> None:
        """Note a 429: this endpoint pauses; several endpoints at once mean the address, and everything pauses."""
        now = self._clock.monotonic()
        self._pauses.setdefault(path, Pause()).extend(now, PAUSE_S, PAUSE_MAX_S)
        seen = self._address.refusals
        seen.append((now, path))
        while seen[0][0] < now - PENALTY_WINDOW_S:
            seen.popleft()
        if len({where for _, where in seen}) >= PENALTY_ENDPOINTS:
            seen.clear()
            self._address.penalty.extend(now, PENALTY_S, PENALTY_MAX_S)

    def _bucket(self, path: str, per_second: float, scope: Scope) -> Bucket:
        buckets = self._buckets if scope is Scope.UID else self._address.buckets
        bucket = buckets.get(path)
        if bucket is None:
            rate = self._limits.get(path, per_second)
            # A rate below one call per second is one call per longer period.
            limit, period = (int(rate), 1.0) if rate >= 1 else (1, 1.0 / rate)
            bucket = buckets[path] = Bucket(limit=limit, period_s=period + MARGIN_S)
        return bucket

    def _delay(self, path: str, bucket: Bucket, lane: Lane, now: float) -> float:
        pause = self._pauses.get(path)
        return max(
            bucket.delay(now, ENDPOINT_SHARE[lane]),
            self._address.total.delay(now, ADDRESS_SHARE[lane]),
            self._address.penalty.until - now,
            pause.until - now if pause is not None else 0.0,
        )
