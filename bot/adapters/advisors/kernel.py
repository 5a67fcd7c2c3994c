"""Turn closed bars into features, one by one: the only code that does, for training and live (advisor section 6).

A kernel version is never edited, only added; a model names the one it was trained with. Features are scale-free, so one
model can serve several symbols. Equal bars give equal features, bit for bit, wherever the stream began, once warm to
within 1e-6 standard deviations.
"""
from __future__ import annotations

import hashlib
import struct
from collections import deque
from collections.abc import Sequence
from math import cos, isfinite, log, log1p, sin, sqrt, tau

from bot.adapters.advisors.bar import MINUTE_MS, Bar, minutes_of
from bot.adapters.advisors.features_frame import NAMES as FRAME_NAMES
from bot.adapters.advisors.features_frame import Frame
from bot.adapters.advisors.features_rings import Extreme, Ranks, Sums
from bot.adapters.advisors.features_smooth import Strength, ema, true_range, wilder

WARMUP = 1500
# A hole of this many bars is bridged; a longer one starts the warm-up anew.
HOLE_MAX = 3
TINY = 1e-12
BOUND = 20.0
DAY_MS = 86_400_000
MOVES = (1, 3, 6, 12, 24, 48, 96)
FRAMES = (4, 16)
K1 = (
    *(f"move_{bars}" for bars in MOVES),
    "trend_12", "trend_48", "trend_128", "trend_12_48", "slope_48",
    "strength_14", "strength_42", "place_24", "place_96", "place_288", "width_24", "range_14_96", "volatility_24_288",
    "range_rank_288", "volume_z_48", "volume_rank_288", "body", "wick_up", "wick_down", "bar_range", "flow_12",
    "flow_48", "lag_48", "efficiency_24", "skew_96", "up_share_24", "high_age_288", "low_age_288", "hour_sin",
    "hour_cos",
    *(f"{name}_x{times}" for times in FRAMES for name in FRAME_NAMES),
)
KERNELS = {"k1": K1}


class NotABar(ValueError):
    """The bar cannot follow: not newer, not finite, or its prices contradict each other; the text says which."""


def features_hash(names: Sequence[str]) -> str:
    """Name a list of features by its SHA-256."""
    return hashlib.sha256("\n".join(names).encode()).hexdigest()


def row_hash(row: Sequence[float]) -> str:
    """Name a row of features by the SHA-256 of its exact doubles; what live and replay compare (`lab skew`)."""
    return hashlib.sha256(struct.pack(f"<{len(row)}d", *row)).hexdigest()


class Kernel:
    """The stream of features of one symbol and timeframe."""

    def __init__(self, version: str, timeframe: str) -> None:
        """Start cold; raises ValueError for an unknown kernel or timeframe."""
        if version not in KERNELS:
            raise ValueError(f"Kernel {version!r} is not known here; this program has {', '.join(KERNELS)}.")
        self.version = version
        self.timeframe = timeframe
        self.names = KERNELS[version]
        self.bar_ms = minutes_of(timeframe) * MINUTE_MS
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        self.seen = 0
        self.began_at: int | None = None
        self.last_at: int | None = None
        self.atr = 0.0
        self._close = 0.0
        self._logs: deque[float] = deque(maxlen=max(MOVES) + 1)
        self._trends = (ema(12), ema(48), ema(128))
        self._slow_before = 0.0
        self._strengths = (Strength(1 / 14), Strength(1 / 42))
        self._atr = wilder(14)
        self._ranges = Sums(96)
        self._moves_24, self._moves_288 = Sums(24), Sums(288)
        self._sizes_24 = Sums(24)
        self._ups = Sums(24)
        self._lag = Sums(48)
        self._moves_48 = Sums(48)
        self._cubes, self._moves_96 = Sums(96), Sums(96)
        self._highs = tuple(Extreme(size) for size in (24, 96, 288))
        self._lows = tuple(Extreme(size) for size in (24, 96, 288))
        self._range_rank, self._volume_rank = Ranks(288), Ranks(288)
        self._volumes = Sums(48)
        self._flows = ((ema(12), ema(12)), (ema(48), ema(48)))
        self._move_before = 0.0
        self._frames = tuple(Frame(self.bar_ms, times) for times in FRAMES)

    @property
    def warm(self) -> bool:
        """Tell whether enough bars were seen to predict."""
        return self.seen >= WARMUP

    def push(self, bar: Bar) -> list[float]:
        """Take the next closed bar and give all features, finite, in the order of `names`; raises NotABar."""
        _check(bar, self.last_at, self.bar_ms)
        if self.last_at is not None and bar.at - self.last_at > (HOLE_MAX + 1) * self.bar_ms:
            self.reset()
        if self.began_at is None:
            self.began_at = bar.at
        before = self._close if self.seen else bar.open
        self.last_at, self.seen, self._close = bar.at, self.seen + 1, bar.close
        size = true_range(bar.high, bar.low, before)
        self.atr = max(self._atr.push(size), bar.close * TINY)
        unit = self.atr / bar.close
        level, move = log(bar.close), log(bar.close / before)
        row = self._past(level, unit)
        row += self._trend(level, unit, move)
        row += self._place(bar, unit)
        row += self._spread(bar, size, move, unit)
        row += self._shape(bar, size)
        row += self._flow(bar, move)
        self._move_before = move
        angle = tau * (bar.at % DAY_MS) / DAY_MS
        row += [*self._ages, sin(angle), cos(angle)]
        for frame in self._frames:
            frame.push(bar)
            row += frame.features
        return [-BOUND if value < -BOUND else min(value, BOUND) for value in row]

    def _past(self, level: float, unit: float) -> list[float]:
        logs = self._logs
        logs.append(level)
        last = len(logs) - 1
        return [(level - logs[max(0, last - bars)]) / (unit * sqrt(bars)) for bars in MOVES]

    def _trend(self, level: float, unit: float, move: float) -> list[float]:
        fast, slow, slowest = (trend.push(level) for trend in self._trends)
        slope = slow - self._slow_before if self.seen > 1 else 0.0
        self._slow_before = slow
        return [(level - fast) / unit, (level - slow) / unit, (level - slowest) / unit, (fast - slow) / unit,
                24.0 * slope / unit, *(strength.push(move) for strength in self._strengths)]

    def _place(self, bar: Bar, unit: float) -> list[float]:
        tops = [highs.push(bar.high) for highs in self._highs]
        bottoms = [-lows.push(-bar.low) for lows in self._lows]
        self._ages = (self._highs[2].age, self._lows[2].age)
        places = [(bar.close - bottom) / (top - bottom) - 0.5 if top > bottom else 0.0
                  for top, bottom in zip(tops, bottoms, strict=True)]
        return [*places, (tops[0] - bottoms[0]) / (unit * bar.close * sqrt(24.0))]

    def _spread(self, bar: Bar, size: float, move: float, unit: float) -> list[float]:
        relative = size / bar.close
        self._ranges.push(relative)
        self._moves_24.push(move)
        self._moves_288.push(move)
        calm = log((self._moves_24.deviation + TINY) / (self._moves_288.deviation + TINY))
        usual = log(unit / max(self._ranges.mean, TINY))
        quantity = log1p(max(bar.volume, 0.0))
        self._volumes.push(quantity)
        deviation = self._volumes.deviation
        odd = (quantity - self._volumes.mean) / deviation if deviation > 1e-9 else 0.0
        return [usual, calm, self._range_rank.push(relative) - 0.5, odd, self._volume_rank.push(quantity) - 0.5]

    def _shape(self, bar: Bar, size: float) -> list[float]:
        span = bar.high - bar.low
        if span <= 0.0:
            return [0.0, 0.0, 0.0, size / self.atr]
        top, bottom = max(bar.open, bar.close), min(bar.open, bar.close)
        return [(bar.close - bar.open) / span, (bar.high - top) / span, (bottom - bar.low) / span, size / self.atr]

    def _flow(self, bar: Bar, move: float) -> list[float]:
        signed = bar.volume if move > 0 else -bar.volume if move < 0 else 0.0
        flows = []
        for flow, volume in self._flows:
            moved, all_of_it = flow.push(signed), volume.push(bar.volume)
            flows.append(moved / all_of_it if all_of_it > 0.0 else 0.0)
        self._moves_48.push(move)
        self._lag.push(move * self._move_before)
        self._sizes_24.push(abs(move))
        self._ups.push(1.0 if move > 0 else 0.0)
        self._moves_96.push(move)
        self._cubes.push(move * move * move)
        squares = self._moves_48.squares
        lag = self._lag.total / squares if squares > 1e-18 else 0.0
        sizes = self._sizes_24.total
        efficiency = self._moves_24.total / sizes if sizes > 1e-9 else 0.0
        return [*flows, lag, efficiency, self._skew(), self._ups.mean - 0.5]

    def _skew(self) -> float:
        count = len(self._cubes.values)
        square = self._moves_96.squares / count
        return self._cubes.total / count / (square * sqrt(square)) if square > 1e-14 else 0.0


def _check(bar: Bar, last_at: int | None, bar_ms: int) -> None:
    if last_at is not None and bar.at <= last_at:
        raise NotABar(f"The bar of {bar.at} is not newer than that of {last_at}; only closed bars enter, once each.")
    if bar.at % bar_ms:
        raise NotABar(f"The bar of {bar.at} does not begin on a multiple of {bar_ms} ms; is it of this timeframe?")
    if not all(map(isfinite, bar)):
        raise NotABar(f"The bar of {bar.at} has a number that is not finite.")
    if not 0.0 < bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high or bar.volume < 0.0:
        raise NotABar(f"The bar of {bar.at} contradicts itself: low {bar.low}, open {bar.open}, close {bar.close}, "
                      f"high {bar.high}, volume {bar.volume}.")


