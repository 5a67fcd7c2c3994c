"""Years of past before the tape begins, made on demand from the seed: nothing is stored but a few cached pages.

Days are a random walk, hours a bridge inside the day, minutes a bridge inside the hour that touches the hour's
high and low exactly, so that candles of every granularity agree with one another.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from itertools import pairwise
from random import Random

from bot.sandbox.exchange.bars import DAY, HOUR, MINUTE, Bar

FIRST_DAY = 18_262  # 2020-01-01
_HOURS_KEPT = 500
_MINUTES_KEPT = 96


class Past:
    """Produce bars of one coin for the time before ``end_ms`` (a full hour), ending at ``end_price``."""

    def __init__(self, *, seed: int, coin: str, beta: float, sigma: float, volume: float,
                 end_ms: int, end_price: float) -> None:
        self.coin, self.seed, self.end_ms, self.volume = coin, seed, end_ms, volume
        self._sigma = sigma
        self.begin_ms = FIRST_DAY * DAY
        self._levels = _walk(seed, coin, beta, sigma, end_ms // DAY + 1)
        self._hours: OrderedDict[int, list[Bar]] = OrderedDict()
        self._minutes: OrderedDict[int, list[Bar]] = OrderedDict()
        anchor = self._path(end_ms // DAY)[end_ms % DAY // HOUR]
        self._scale = end_price / math.exp(anchor)

    def hours(self, start_ms: int, end_ms: int) -> list[Bar]:
        """Return hour bars opening in [start, end), none at or after the past's end."""
        start, end = max(start_ms, self.begin_ms), min(end_ms, self.end_ms)
        rows: list[Bar] = []
        for day in range(start // DAY, -(-end // DAY)):
            rows.extend(bar for bar in self._day(day) if start <= bar.ms < end)
        return rows

    def minutes(self, start_ms: int, end_ms: int) -> list[Bar]:
        """Return minute bars opening in [start, end), none at or after the past's end."""
        start, end = max(start_ms, self.begin_ms), min(end_ms, self.end_ms)
        rows: list[Bar] = []
        for hour in range(start // HOUR, -(-end // HOUR)):
            rows.extend(bar for bar in self._hour(hour) if start <= bar.ms < end)
        return rows

    def _path(self, day: int) -> list[float]:
        low, high = self._levels[day - FIRST_DAY], self._levels[day - FIRST_DAY + 1]
        rng = Random(f"{self.seed}:{self.coin}:path:{day}")
        sigma = self._sigma / math.sqrt(24)
        steps = [rng.gauss(0, sigma) for _ in range(24)]
        pull = (high - low - sum(steps)) / 24
        path = [low]
        for step in steps:
            path.append(path[-1] + step + pull)
        return path

    def _day(self, day: int) -> list[Bar]:
        return _cached(self._hours, day, _HOURS_KEPT, self._make_day)

    def _make_day(self, day: int) -> list[Bar]:
        path = self._path(day)
        rng = Random(f"{self.seed}:{self.coin}:hours:{day}")
        sigma = self._sigma / math.sqrt(24) / 2
        bars = []
        for i in range(24):
            open_, close = path[i], path[i + 1]
            high = max(open_, close) + abs(rng.gauss(0, sigma))
            low = min(open_, close) - abs(rng.gauss(0, sigma))
            busy = 0.5 + rng.random() + 20 * abs(close - open_)
            first, top, bottom, final = (self._scale * math.exp(x) for x in (open_, high, low, close))
            bars.append(Bar(day * DAY + i * HOUR, first, top, bottom, final, self.volume * 60 * busy))
        return bars

    def _hour(self, hour: int) -> list[Bar]:
        return _cached(self._minutes, hour, _MINUTES_KEPT, self._make_hour)

    def _make_hour(self, hour: int) -> list[Bar]:
        whole = self._day(hour * HOUR // DAY)[hour % 24]
        rng = Random(f"{self.seed}:{self.coin}:minutes:{hour}")
        return split_hour(whole, rng)


def split_hour(whole: Bar, rng: Random) -> list[Bar]:
    """Return sixty minute bars whose merge is exactly the hour bar (volume up to rounding)."""
    first, second = sorted(rng.sample(range(1, 59), 2))
    up = rng.random() < (0.75 if whole.close >= whole.open else 0.25)
    extremes = (whole.low, whole.high) if up else (whole.high, whole.low)
    anchors = [(0, whole.open), (first, extremes[0]), (second, extremes[1]), (60, whole.close)]
    noise = (whole.high - whole.low) / 12
    points = [whole.open]
    for (i, a), (j, b) in pairwise(anchors):
        for k in range(i + 1, j):
            level = a + (b - a) * (k - i) / (j - i) + rng.gauss(0, noise)
            points.append(min(max(level, whole.low), whole.high))
        points.append(b)
    weights = [0.3 + rng.random() for _ in range(60)]
    unit = whole.volume / sum(weights)
    bars = []
    for k in range(60):
        a, b = points[k], points[k + 1]
        high = min(max(a, b) + abs(rng.gauss(0, noise)) / 3, whole.high)
        low = max(min(a, b) - abs(rng.gauss(0, noise)) / 3, whole.low)
        bars.append(Bar(whole.ms + k * MINUTE, a, high, low, b, weights[k] * unit))
    return bars


def _walk(seed: int, coin: str, beta: float, sigma: float, last_day: int) -> list[float]:
    common, own = Random(f"{seed}:market"), Random(f"{seed}:{coin}:days")
    levels = [0.0]
    for _ in range(FIRST_DAY, last_day + 1):
        levels.append(levels[-1] * 0.998 + beta * common.gauss(0.0004, 0.02) + own.gauss(0, sigma * 0.6))
    return levels


def _cached(pages: OrderedDict[int, list[Bar]], key: int, kept: int,
            make: Callable[[int], list[Bar]]) -> list[Bar]:
    page = pages.get(key)
    if page is None:
        page = pages[key] = make(key)
        if len(pages) > kept:
            pages.popitem(last=False)
    else:
        pages.move_to_end(key)
    return page
