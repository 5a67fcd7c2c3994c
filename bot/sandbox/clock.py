"""Two clocks: the wall for stamps and signatures, the market for tape, candles and funding (C10, "Time")."""

from __future__ import annotations

import time
from collections.abc import Callable


def wall_ms() -> int:
    """Return the machine's Unix time in milliseconds."""
    return time.time_ns() // 1_000_000


class Clock:
    """Hold wall time and market time, which can run faster, stand still or jump ahead.

    Nothing here ticks by itself: market time moves when ``step`` is called.
    """

    __slots__ = ("_wall", "market_us", "skew_ms", "speed", "started_ms")

    def __init__(self, wall: Callable[[], int] = wall_ms, speed: float = 1.0) -> None:
        self._wall = wall
        self.speed = speed
        self.skew_ms = 0
        self.started_ms = wall()
        self.market_us = self.started_ms * 1000

    def wall(self) -> int:
        """Return the server's wall clock in ms, including an injected skew."""
        return self._wall() + self.skew_ms

    def true_wall(self) -> int:
        """Return the wall clock in ms without skew, for durations inside the sandbox."""
        return self._wall()

    def market(self) -> int:
        """Return market time in Unix ms."""
        return self.market_us // 1000

    def step(self, seconds: float) -> int:
        """Let wall seconds pass on the market clock at the current speed and return market ms."""
        self.market_us += round(seconds * self.speed * 1_000_000)
        return self.market_us // 1000

    def advance(self, seconds: float) -> int:
        """Jump ahead by market seconds and return market ms."""
        self.market_us += round(seconds * 1_000_000)
        return self.market_us // 1000
