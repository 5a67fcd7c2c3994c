"""Draw candles with entry, stop, targets, liquidation and fills."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from bot.charts.style import COLOURS, DOWN, GROUND, LINE, SMALL, TEXT, UP, number, plain, png, sheet, spread, ticks

CANDLES_MAX = 120
Bar = tuple[datetime, Decimal, Decimal, Decimal, Decimal]
Level = tuple[str, Decimal, str]
Mark = tuple[datetime, Decimal, bool]


def draw(
    title: str, badge: str, bars: Sequence[Bar], levels: Sequence[Level] = (), fills: Sequence[Mark] = ()
) -> bytes:
    """Draw bars (opened at, open, high, low, close), levels (label, price, kind) and fills (at, price, bought) as PNG.

    Kinds are entry, stop, target, liquidation. Levels far outside the bars are named at the edge, not scaled to.
    """
    bars = bars[-CANDLES_MAX:]
    paper = sheet(title, badge)
    axes = paper.axes
    if not bars:
        axes.text(0.5, 0.5, "no candles", color=TEXT, fontsize=SMALL, ha="center", transform=axes.transAxes)
        return png(paper.figure)
    for place, bar in enumerate(bars):
        _candle(axes, place, bar)
    low, high = _range(bars, levels)
    axes.set_ylim(low, high)
    axes.set_xlim(-1, len(bars) + 0.5)
    _labels(axes, levels, float(bars[-1][4]), low, high)
    _fills(axes, bars, fills)
    places, words = ticks([bar[0] for bar in bars], 5)
    axes.set_xticks(places, words)
    axes.set_yticks([])
    return png(paper.figure)


def _candle(axes: Axes, place: int, bar: Bar) -> None:
    _, opened, high, low, close = (bar[0], *(float(one) for one in bar[1:]))
    up = close >= opened
    colour = UP if up else DOWN
    axes.plot([place, place], [low, high], color=colour, linewidth=LINE * 0.7, solid_capstyle="butt", zorder=2)
    # Shape repeats what colour says: rising ones are hollow, falling ones full.
    body = Rectangle((place - 0.33, min(opened, close)), 0.66, max(abs(close - opened), 1e-12), zorder=3,
                     facecolor=GROUND if up else colour, edgecolor=colour, linewidth=LINE * 0.6)
    axes.add_patch(body)


def _range(bars: Sequence[Bar], levels: Sequence[Level]) -> tuple[float, float]:
    low, high = min(float(bar[3]) for bar in bars), max(float(bar[2]) for bar in bars)
    height = max(high - low, abs(high) * 1e-6, 1e-9)
    near = [float(price) for _, price, _ in levels if low - height * 1.5 <= float(price) <= high + height * 1.5]
    low, high = min([low, *near]), max([high, *near])
    margin = max(high - low, height) * 0.06
    return low - margin, high + margin


def _labels(axes: Axes, levels: Sequence[Level], last: float, low: float, high: float) -> None:
    """Name levels at the right edge, the last price in a box; labels give way to each other."""
    height = high - low
    shown = [(plain(label), float(price), COLOURS.get(kind, TEXT)) for label, price, kind in levels]
    inside = [one for one in shown if low <= one[1] <= high]
    for _, price, colour in inside:
        axes.axhline(price, color=colour, linewidth=LINE, linestyle=(0, (4, 2)), zorder=1)
    named = [*inside, ("", last, TEXT)]
    named += [(f"{label} {'↓' if price < low else '↑'}", low if price < low else high, colour)
              for label, price, colour in shown if not low <= price <= high]
    heights = spread([price for _, price, _ in named], height * 0.105)
    over = max(0.0, max(heights) - high)
    prices = [price for _, price, _ in inside] + [last] + [price for _, price, _ in shown if not low <= price <= high]
    for (label, _, colour), at, price in zip(named, heights, prices, strict=True):
        box = {"facecolor": TEXT, "edgecolor": TEXT, "pad": 5} if not label else None
        said = f"{label}\n{number(price, height)}" if label else number(price, height)
        axes.annotate(said, (1.015, at - over), xycoords=("axes fraction", "data"), va="center", fontsize=SMALL * 0.86,
                      color=GROUND if box else colour, bbox=box, annotation_clip=False, linespacing=0.95, weight="bold")


def _fills(axes: Axes, bars: Sequence[Bar], fills: Sequence[Mark]) -> None:
    """Mark our executions: triangles up for bought, down for sold, at their bar."""
    for at, price, bought in fills:
        if at < bars[0][0]:
            continue
        place = sum(1 for bar in bars if bar[0] <= at) - 1
        axes.plot([place], [float(price)], marker="^" if bought else "v", markersize=22, color=UP if bought else DOWN,
                  markeredgecolor=TEXT, markeredgewidth=2.5, zorder=5)
