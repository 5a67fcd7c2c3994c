"""Set sizes and colours of every picture: 1280 × 800, labels that survive a shrinking by four (chat_ux section 8)."""
from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

WIDTH, HEIGHT, DPI = 1280, 800, 100
GROUND, PANEL, TEXT, GRID = "#17212b", "#1f2c3a", "#e6edf3", "#2b3b4c"
UP, DOWN, ENTRY, STOP, TARGET, LIQUIDATION = "#2bb3a3", "#f0883e", "#e6edf3", "#f0883e", "#2bb3a3", "#d65c5c"
# Points at 100 dots an inch: 44 pixels for what must be read, 32 for the rest, 5 for lines.
LARGE, SMALL, LINE = 31.7, 23.0, 3.6
COLOURS = {"entry": ENTRY, "stop": STOP, "target": TARGET, "liquidation": LIQUIDATION}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A figure with one panel."""

    figure: Figure
    axes: Axes


def sheet(title: str, badge: str, *, right: float = 0.80) -> Sheet:
    """Lay out an empty picture: title and mode above, one panel, room for labels at the right edge."""
    figure = Figure(figsize=(WIDTH / DPI, HEIGHT / DPI), dpi=DPI, facecolor=GROUND)
    axes = figure.add_axes((0.03, 0.10, right - 0.03, 0.77), facecolor=PANEL)
    figure.text(0.03, 0.915, plain(title), color=TEXT, fontsize=LARGE, weight="bold")
    figure.text(0.985, 0.915, plain(badge), color=TEXT, fontsize=SMALL, ha="right")
    axes.tick_params(axis="both", colors=TEXT, labelsize=SMALL, length=0, pad=8)
    axes.grid(visible=True, color=GRID, linewidth=1.5)
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.yaxis.tick_right()
    return Sheet(figure, axes)


def plain(text: str) -> str:
    """Take away what the typesetter would read as formulas, and what its font lacks."""
    return "".join(one for one in text if one.isprintable() and ord(one) < 0x2190).replace("$", "USD ")[:48]


def png(figure: Figure) -> bytes:
    """Give the picture as a PNG."""
    out = io.BytesIO()
    figure.set_canvas(FigureCanvasAgg(figure))
    figure.savefig(out, format="png", dpi=DPI, facecolor=GROUND)
    return out.getvalue()


def ticks(moments: Sequence[datetime], count: int) -> tuple[list[int], list[str]]:
    """Choose places and labels along the time: hours within two days, days beyond."""
    if not moments:
        return [], []
    step = max(1, len(moments) // count)
    places = list(range(step // 2, len(moments), step))
    pattern = "%H:%M" if (moments[-1] - moments[0]).total_seconds() <= 2 * 86_400 else "%d %b"
    return places, [moments[place].strftime(pattern) for place in places]


def number(value: float, span: float) -> str:
    """Write a number with as many places as the height of the picture needs."""
    places = 0 if span >= 50 else 1 if span >= 5 else 2 if span >= 0.5 else 4 if span >= 0.005 else 8
    return f"{value:,.{places}f}"


def spread(wanted: Sequence[float], gap: float) -> list[float]:
    """Move labels apart so that none covers another, keeping their order; gives their new heights."""
    order = sorted(range(len(wanted)), key=lambda place: wanted[place])
    found = list(wanted)
    for before, place in pairwise(order):
        found[place] = max(found[place], found[before] + gap)
    return found
