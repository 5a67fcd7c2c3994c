"""Make examples out of bars: features by the kernel, labels by the recipe, weights by uniqueness (advisor 6)."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.adapters.advisors.bar import Bar
from bot.adapters.advisors.kernel import HOLE_MAX, WARMUP, Kernel
from bot.adapters.advisors.labels import SIDES, Recipe, label, uniqueness
from bot.adapters.advisors.resolver import Costs

# Short histories warm up for less, and their report says so; live predictions always wait for the whole warm-up.
WARMUP_LEAST = 300
HOUR_MS = 3_600_000
Rates = Sequence[tuple[int, float]]


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled moment: decided at the close of the bar opened at `at`, over when the bar of `ends` closed.

    R in the distance to the stop: `gross` before, `net` after `cost`.
    """

    at: int
    ends: int
    symbol: str
    row: Sequence[float]
    hit: int
    gross: float
    net: float
    cost: float
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """Examples of one side in the order of time; `bar_ms` and `horizon_ms` for purging, `warmup` in bars."""

    side: str
    recipe: Recipe
    bar_ms: int
    horizon_ms: int
    warmup: int
    examples: list[Example] = field(default_factory=list)


def warmup_for(bars: int) -> int:
    """Choose the warm-up: 1,500 bars where there are enough, else a quarter of them, at least 300."""
    return min(WARMUP, max(WARMUP_LEAST, bars // 4))


def features_of(bars: Sequence[Bar], kernel: Kernel) -> tuple[list[list[float]], list[float], list[int]]:
    """Run the kernel over bars; give rows, average true ranges, and how many bars it had seen at each."""
    rows, atrs, seen = [], [], []
    for bar in bars:
        rows.append(kernel.push(bar))
        atrs.append(kernel.atr)
        seen.append(kernel.seen)
    return rows, atrs, seen


def build(
    bars: Mapping[str, Sequence[Bar]], *, kernel: str, timeframe: str, recipe: Recipe, costs: Costs,
    sides: Sequence[str], funding: Mapping[str, Rates] | None = None, warmup: int | None = None,
) -> dict[str, Dataset]:
    """Build the examples of each side over all symbols; labels that cross a hole are left out."""
    shortest = min(map(len, bars.values()))
    warm = warmup_for(shortest) if warmup is None else warmup
    made: dict[str, Dataset] = {}
    streams = {symbol: Kernel(kernel, timeframe) for symbol in bars}
    bar_ms = next(iter(streams.values())).bar_ms
    for side in sides:
        made[side] = Dataset(side=side, recipe=recipe, bar_ms=bar_ms, horizon_ms=recipe.horizon * bar_ms, warmup=warm)
    for symbol, series in bars.items():
        rows, atrs, seen = features_of(series, streams[symbol])
        ready = [index for index, count in enumerate(seen) if count >= warm]
        rates = (funding or {}).get(symbol, ())
        for side in sides:
            labels = [each for each in label(series, atrs, ready, SIDES[side], recipe, costs, rates)
                      if series[each.last].at - series[each.begun].at <= (each.last - each.begun + HOLE_MAX) * bar_ms]
            weights = uniqueness(labels, len(series))
            made[side].examples.extend(
                Example(series[each.begun].at, series[each.last].at + bar_ms, symbol, rows[each.begun], each.hit,
                        each.gross_r, each.net_r, each.cost_r, weight)
                for each, weight in zip(labels, weights, strict=True))
    for found in made.values():
        found.examples.sort(key=lambda one: (one.at, one.symbol))
    return made
