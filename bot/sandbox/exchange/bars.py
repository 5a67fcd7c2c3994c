"""Price bars: the unit in which a tape remembers."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from typing import NamedTuple

MINUTE = 60_000
HOUR = 3_600_000
DAY = 86_400_000


class Bar(NamedTuple):
    """One bar: open time in Unix ms, four prices and volume in base coin."""

    ms: int
    open: float
    high: float
    low: float
    close: float
    volume: float


def merge(ms: int, bars: Iterable[Bar]) -> Bar | None:
    """Return the bars as one that opens at ``ms``, or None when there are none."""
    first = last = None
    high, low, volume = 0.0, float("inf"), 0.0
    for bar in bars:
        first = first or bar
        last = bar
        high = bar.high if bar.high > high else high
        low = bar.low if bar.low < low else low
        volume += bar.volume
    if first is None or last is None:
        return None
    return Bar(ms, first.open, high, low, last.close, volume)


class Series:
    """Keep consecutive bars of one length in plain arrays (40 bytes a bar), oldest first."""

    __slots__ = ("columns", "first_ms", "step")

    def __init__(self, first_ms: int, step: int) -> None:
        self.first_ms = first_ms
        self.step = step
        self.columns = tuple(array("d") for _ in range(5))

    def __len__(self) -> int:
        return len(self.columns[0])

    @property
    def end_ms(self) -> int:
        """Return the open time of the bar that would come next."""
        return self.first_ms + len(self) * self.step

    def append(self, bar: Bar) -> None:
        """Add the next bar; its own time stamp is implied by its place."""
        for column, value in zip(self.columns, bar[1:], strict=True):
            column.append(value)

    def between(self, start_ms: int, end_ms: int) -> list[Bar]:
        """Return the bars opening in [start, end)."""
        low = max(0, -(-(start_ms - self.first_ms) // self.step))
        high = min(len(self), -(-(end_ms - self.first_ms) // self.step))
        opens, highs, lows, closes, volumes = self.columns
        first, step = self.first_ms, self.step
        return [
            Bar(first + i * step, opens[i], highs[i], lows[i], closes[i], volumes[i]) for i in range(low, high)
        ]

    def drop(self, count: int) -> None:
        """Forget the oldest bars."""
        for column in self.columns:
            del column[:count]
        self.first_ms += count * self.step
