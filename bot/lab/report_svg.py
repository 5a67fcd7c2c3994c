"""Draw the report's three pictures as plain SVG: reliability, equity, distribution of R."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT, EDGE = 460, 280, 40
SHADES = {"0.5": "#8aa4c8", "1": "#1f4e8c", "2": "#b04a3a"}
INK, GRID = "#333", "#ddd"


def _frame(title: str, inner: str, note: str) -> str:
    return (f'<figure><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">'
            f'<rect x="{EDGE}" y="10" width="{WIDTH - EDGE - 10}" height="{HEIGHT - EDGE - 10}" fill="none" '
            f'stroke="{GRID}"/>{inner}</svg><figcaption><b>{escape(title)}</b> {escape(note)}</figcaption></figure>')


def _x(share: float) -> float:
    return round(EDGE + share * (WIDTH - EDGE - 10), 1)


def _y(share: float) -> float:
    return round(HEIGHT - EDGE - share * (HEIGHT - EDGE - 10), 1)


def _text(x: float, y: float, words: str, anchor: str = "middle") -> str:
    return f'<text x="{x}" y="{y}" font-size="11" fill="{INK}" text-anchor="{anchor}">{escape(words)}</text>'


def reliability_svg(rows: Sequence[Sequence[float]]) -> str:
    """Draw chance said against rate seen, with 90 % bars and counts."""
    parts = [f'<line x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}" stroke="{GRID}" stroke-dasharray="4"/>']
    for said, count, hits, low, high in rows:
        x = _x(said)
        parts.append(f'<line x1="{x}" y1="{_y(low)}" x2="{x}" y2="{_y(high)}" stroke="#1f4e8c"/>'
                     f'<circle cx="{x}" cy="{_y(hits / count)}" r="3.5" fill="#1f4e8c"/>')
        parts.append(_text(x, _y(high) - 4, f"{count:.0f}"))
    parts += [_text(_x(tick / 4), HEIGHT - EDGE + 16, f"{tick * 25}%") for tick in range(5)]
    parts += [_text(EDGE - 5, _y(tick / 4) + 4, f"{tick * 25}%", "end") for tick in range(5)]
    return _frame("Reliability", "".join(parts), "chance said (across) and how often it came (up), with counts")


def equity_svg(curves: Mapping[str, Sequence[Sequence[float]]]) -> str:
    """Draw running R at half, usual and double costs."""
    points = [point for curve in curves.values() for point in curve]
    if not points:
        return _frame("Equity", _text(WIDTH / 2, HEIGHT / 2, "no trade was taken"), "in R, out of fold")
    begin, end = min(at for at, _ in points), max(at for at, _ in points)
    low, high = min(0.0, *(value for _, value in points)), max(0.0, *(value for _, value in points))
    span, height = max(end - begin, 1), max(high - low, 1e-9)
    parts = [f'<line x1="{_x(0)}" y1="{_y(-low / height)}" x2="{_x(1)}" y2="{_y(-low / height)}" stroke="{GRID}"/>']
    for times, curve in curves.items():
        line = " ".join(f"{_x((at - begin) / span)},{_y((value - low) / height)}" for at, value in curve)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{SHADES.get(times, INK)}" stroke-width="1.5"/>')
        if curve:
            parts.append(_text(_x(1) - 4, _y((curve[-1][1] - low) / height) - 4, f"{times}x", "end"))
    parts += [_text(EDGE - 5, _y(0) + 4, f"{low:.0f}", "end"), _text(EDGE - 5, _y(1) + 4, f"{high:.0f}", "end")]
    return _frame("Equity in R, net", "".join(parts), "out of fold, at 0.5, 1 and 2 times the costs")


def histogram_svg(rows: Sequence[Sequence[float]]) -> str:
    """Draw how R was distributed over all examples."""
    if not rows:
        return ""
    low, high = rows[0][0], rows[-1][0] + 0.25
    top = max(count for _, count in rows)
    parts = []
    for begin, count in rows:
        left, right = _x((begin - low) / (high - low)), _x((begin + 0.25 - low) / (high - low))
        parts.append(f'<rect x="{left}" y="{_y(count / top)}" width="{max(0.5, right - left - 0.5):.1f}" '
                     f'height="{_y(0) - _y(count / top):.1f}" fill="#1f4e8c"/>')
    parts += [_text(_x((tick - low) / (high - low)), HEIGHT - EDGE + 16, f"{tick}R")
              for tick in range(-3, 5) if low <= tick <= high]
    return _frame("R of every example", "".join(parts), f"net of costs; the tallest bar is {top:,.0f}")


