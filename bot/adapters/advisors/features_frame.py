"""Build a higher timeframe out of base bars and publish its features when it closes, never before."""
from __future__ import annotations

from math import log

from bot.adapters.advisors.bar import Bar
from bot.adapters.advisors.features_smooth import Smooth, Strength, ema, true_range

TINY = 1e-12
NAMES = ("move", "trend", "strength", "place")
# Short memories: 93 higher bars of warm-up must suffice to forget where the stream began (advisor section 6).
RANGE_SPAN, TREND_SPAN, STRENGTH_SHARE, PLACE_BARS = 8, 8, 2.0 / 9.0, 24


class Frame:
    """One higher timeframe of `times` base bars; `features` are those of its last closed bar."""

    __slots__ = (
        "_base_ms", "_close", "_high", "_highs", "_low", "_lows", "_ms", "_range", "_start", "_strength", "_trend",
        "_was", "features",
    )

    def __init__(self, base_ms: int, times: int) -> None:
        """Start with nothing seen: all features 0."""
        self._base_ms = base_ms
        self._ms = base_ms * times
        self._start: int | None = None
        self._high = self._low = self._close = 0.0
        self._was: float | None = None
        self._range: Smooth = ema(RANGE_SPAN)
        self._trend: Smooth = ema(TREND_SPAN)
        self._strength = Strength(STRENGTH_SHARE)
        self._highs: list[float] = []
        self._lows: list[float] = []
        self.features = (0.0,) * len(NAMES)

    def push(self, bar: Bar) -> None:
        """Take the next base bar; one that opens a new bucket ends an unfinished one."""
        start = bar.at - bar.at % self._ms
        if self._start is not None and start != self._start:
            self._end()
        if self._start is None:
            self._start, self._high, self._low = start, bar.high, bar.low
        else:
            self._high = max(self._high, bar.high)
            self._low = min(self._low, bar.low)
        self._close = bar.close
        if bar.at + self._base_ms == start + self._ms:
            self._end()

    def _end(self) -> None:
        self._start = None
        close = self._close
        was = close if self._was is None else self._was
        size = self._range.push(true_range(self._high, self._low, was) / close)
        trend = self._trend.push(log(close))
        move = log(close / was)
        strength = self._strength.push(move)
        self._highs.append(self._high)
        self._lows.append(self._low)
        del self._highs[:-PLACE_BARS], self._lows[:-PLACE_BARS]
        top, bottom = max(self._highs), min(self._lows)
        place = (close - bottom) / (top - bottom) - 0.5 if top > bottom else 0.0
        unit = max(size, TINY)
        self._was = close
        self.features = (_bound(move / unit), _bound((log(close) - trend) / unit), strength, place)


def _bound(value: float) -> float:
    return min(20.0, max(-20.0, value))
