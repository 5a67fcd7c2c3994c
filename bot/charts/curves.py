"""Draw the equity curve and profit by day."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from bot.charts.style import DOWN, GROUND, LINE, SMALL, TEXT, UP, number, png, sheet, ticks

DAYS_MAX = 31


def equity(title: str, badge: str, points: Sequence[tuple[datetime, Decimal]]) -> bytes:
    """Draw equity over time with its highest and last value, drawdowns shaded; PNG."""
    paper = sheet(title, badge)
    axes = paper.axes
    if len(points) < 2:
        axes.text(0.5, 0.5, "not enough marks yet", color=TEXT, fontsize=SMALL, ha="center", transform=axes.transAxes)
        axes.set_xticks([])
        axes.set_yticks([])
        return png(paper.figure)
    values = [float(value) for _, value in points]
    places = list(range(len(values)))
    peaks = [max(values[: place + 1]) for place in places] if len(values) < 2000 else values
    rising = values[-1] >= values[0]
    axes.fill_between(places, values, peaks, color=DOWN, alpha=0.25, linewidth=0)
    axes.plot(places, values, color=UP if rising else DOWN, linewidth=LINE * 1.4, solid_joinstyle="round")
    axes.axhline(values[0], color=TEXT, linewidth=LINE * 0.5, linestyle=(0, (4, 3)))
    height = max(max(values) - min(values), 1e-9)
    axes.set_ylim(min(values) - height * 0.08, max(values) + height * 0.12)
    axes.margins(x=0.01)
    axes.annotate(number(values[-1], height), (1.015, values[-1]), xycoords=("axes fraction", "data"), va="center",
                  fontsize=SMALL, color=GROUND, bbox={"facecolor": TEXT, "edgecolor": TEXT, "pad": 5},
                  annotation_clip=False, weight="bold")
    where, words = ticks([at for at, _ in points], 5)
    axes.set_xticks(where, words)
    axes.set_yticks([])
    return png(paper.figure)


def days(title: str, badge: str, bars: Sequence[tuple[str, Decimal]]) -> bytes:
    """Draw profit by day as bars above and below zero, the best and worst with their number; PNG."""
    bars = bars[-DAYS_MAX:]
    paper = sheet(title, badge, right=0.97)
    axes = paper.axes
    values = [float(value) for _, value in bars]
    if not values:
        axes.text(0.5, 0.5, "no days yet", color=TEXT, fontsize=SMALL, ha="center", transform=axes.transAxes)
        return png(paper.figure)
    for place, value in enumerate(values):
        up = value >= 0
        axes.bar(place, value, width=0.72, facecolor=GROUND if up else DOWN, edgecolor=UP if up else DOWN,
                 linewidth=LINE, zorder=3)
    axes.axhline(0, color=TEXT, linewidth=LINE * 0.7, zorder=4)
    height = max(max(values), 0.0) - min(min(values), 0.0) or 1.0
    for place in sorted({values.index(max(values)), values.index(min(values)), len(values) - 1}):
        above = values[place] >= 0
        axes.annotate(f"{values[place]:+,.0f}" if height >= 50 else f"{values[place]:+,.2f}", (place, values[place]),
                      ha="center", va="bottom" if above else "top", fontsize=SMALL, color=TEXT, weight="bold",
                      xytext=(0, 6 if above else -6), textcoords="offset points", zorder=5)
    axes.set_ylim(min(*values, 0.0) - height * 0.16, max(*values, 0.0) + height * 0.16)
    axes.set_xlim(-0.7, len(values) - 0.3)
    step = max(1, -(-len(bars) // 7))
    axes.set_xticks(range(0, len(bars), step), [bars[place][0] for place in range(0, len(bars), step)])
    axes.set_yticks([])
    return png(paper.figure)
