"""Draw the report as one picture for the chat, 1080 pixels wide."""
from __future__ import annotations

import io
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from bot.lab.gates import Gate
from bot.lab.report_svg import SHADES

INCHES, DPI = (10.8, 12.0), 100


def picture(name: str, metrics: Mapping[str, Any], found: Sequence[Gate], said: str) -> bytes:
    """Give a PNG of verdict, gates, equity, reliability and folds."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=INCHES, dpi=DPI, facecolor="white")
    canvas = FigureCanvasAgg(figure)
    title = f"{name} · {metrics['kind']} · {', '.join(metrics['symbols'])} {metrics['timeframe']} · {metrics['label']}"
    figure.text(0.05, 0.965, title, fontsize=20, fontweight="bold", va="top")
    figure.text(0.05, 0.925, "\n".join(textwrap.wrap(said, 82)), fontsize=15, va="top", color="#8a5a00")
    _draw_gates(figure, found)
    _draw_equity(figure.add_axes((0.08, 0.30, 0.4, 0.24)), metrics)
    _draw_reliability(figure.add_axes((0.56, 0.30, 0.4, 0.24)), metrics)
    _draw_folds(figure.add_axes((0.08, 0.06, 0.88, 0.16)), metrics)
    stream = io.BytesIO()
    canvas.print_png(stream)  # type: ignore[no-untyped-call]
    return stream.getvalue()


def _draw_gates(figure: Any, found: Sequence[Gate]) -> None:
    for number, gate in enumerate(found):
        y = 0.84 - 0.031 * number
        figure.text(0.05, y, "✓" if gate.passed else "✗", fontsize=15, color="#2a7a3a" if gate.passed else "#a33")
        figure.text(0.085, y, gate.name, fontsize=13)
        figure.text(0.36, y, gate.found if len(gate.found) < 46 else gate.found[:45] + "…", fontsize=13)
        figure.text(0.95, y, gate.opens, fontsize=12, color="#777", ha="right")


def _draw_equity(axes: Any, metrics: Mapping[str, Any]) -> None:
    for times, curve in metrics["equity"].items():
        axes.plot([value for _, value in curve], color=SHADES.get(times, "#333"), label=f"{times}x costs")
    axes.axhline(0.0, color="#ccc", linewidth=1)
    trades = metrics["trades"]
    axes.set_title(f"R out of fold: {trades['count']} trades, {trades['mean_r']:+.3f}R each", fontsize=12)
    axes.legend(fontsize=10, frameon=False)


def _draw_reliability(axes: Any, metrics: Mapping[str, Any]) -> None:
    axes.plot([0, 1], [0, 1], color="#ccc", linestyle="--")
    for said, count, hits, low, high in metrics["reliability"]:
        axes.plot([said, said], [low, high], color="#1f4e8c")
        axes.plot([said], [hits / count], "o", color="#1f4e8c")
        axes.annotate(f"{count}", (said, high), ha="center", va="bottom", fontsize=9)
    axes.set_title("Chance said and how often it came", fontsize=12)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)


def _draw_folds(axes: Any, metrics: Mapping[str, Any]) -> None:
    folds = metrics["folds"]
    places = range(len(folds))
    axes.bar(places, [fold["mean_r"] for fold in folds], color="#1f4e8c")
    axes.set_xticks(list(places), [f"{fold['side'][0]}{fold['number']}\nAUC {fold['auc']:.2f}" for fold in folds],
                    fontsize=10)
    axes.axhline(0.0, color="#ccc", linewidth=1)
    axes.set_title("Mean R net of costs, by side and fold", fontsize=12)
