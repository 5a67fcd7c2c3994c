"""Build text for a phone: HTML and plain text together, from parts, with one escape function. Pure.

A `str` is outside text and is escaped; a `Rich` was built here. No markup is ever joined from outside text (FF-88).
Measures are those of chat_ux.md section 1: 38 characters for a first line, 32 columns in a table.
"""
from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape as _escape

from bot.chat.card import Card, Rows
from bot.domain.trading import Environment

FIRST_LINE = 38
COLUMNS = 32
FIGURES_END = 22
OUTSIDE_MAX = 400
WIDEST = 0xFFFF
CARD_UNITS = 3900
ELLIPSIS = "…"
DROPPED = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))


@dataclass(frozen=True, slots=True)
class Rich:
    """Text in both forms: `html` for the chat, `plain` for chats and people without markup."""

    html: str
    plain: str


Part = str | Rich


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """Whose money it is, on every card; the account's name where there are several."""

    environment: Environment
    account: str = ""

    @property
    def rich(self) -> Rich:
        """Give the badge: a flask for everything that is not real money, LIVE in bold without one."""
        live = self.environment is Environment.LIVE
        words = "LIVE" if live else f"🧪 {self.environment.value.upper()}"
        named = rich(f" {clean(self.account, 12)}") if self.account else Rich("", "")
        return rich(bold(words) if live else words, named)


def escape(text: str) -> str:
    """Escape outside text: the one place that does."""
    return _escape(text, quote=False)


def clean(text: object, limit: int = OUTSIDE_MAX) -> str:
    """Make outside text harmless: one line, no control, direction or unpaired characters, at most `limit` long."""
    kept = "".join(" " if one in "\n\r\t" else one for one in str(text))
    kept = "".join(one for one in kept if unicodedata.category(one) not in DROPPED)
    return shorten(" ".join(kept.split()), limit)


def cell(text: object, limit: int = COLUMNS) -> str:
    """Make outside text fit a table: what takes two columns or none there becomes one question mark."""
    return "".join(one if ord(one) <= WIDEST else "?" for one in clean(text, limit))


def shorten(text: str, limit: int) -> str:
    """Cut a text to a length, showing that it was cut."""
    return text if len(text) <= limit else text[: max(0, limit - 1)].rstrip() + ELLIPSIS


def rich(*parts: Part) -> Rich:
    """Join parts."""
    return Rich(
        "".join(one.html if isinstance(one, Rich) else escape(_whole(one)) for one in parts),
        "".join(one.plain if isinstance(one, Rich) else _whole(one) for one in parts),
    )


def _whole(text: str) -> str:
    """Drop what no server would take: unpaired halves of characters and controls, newlines kept."""
    return "".join(one for one in text if one == "\n" or unicodedata.category(one) not in ("Cc", "Cs", "Zl", "Zp"))


def bold(*parts: Part) -> Rich:
    """Set in bold."""
    inner = rich(*parts)
    return Rich(f"<b>{inner.html}</b>", inner.plain) if inner.plain else inner


def italic(*parts: Part) -> Rich:
    """Set in italics: words that are not ours."""
    inner = rich(*parts)
    return Rich(f"<i>{inner.html}</i>", inner.plain) if inner.plain else inner


def code(text: str) -> Rich:
    """Set as code: ids and command lines; a tap copies them."""
    inner = rich(clean(text, 120))
    return Rich(f"<code>{inner.html}</code>", inner.plain) if inner.plain else inner


def quote(*parts: Part) -> Rich:
    """Fold away long words in an expandable quote."""
    inner = rich(*parts)
    return Rich(f"<blockquote expandable>{inner.html}</blockquote>", inner.plain) if inner.plain else inner


def lines(*parts: Part | None) -> Rich:
    """Put parts below each other, leaving out what is None or empty."""
    kept = [rich(one) for one in parts if one is not None]
    kept = [one for one in kept if one.plain]
    return Rich("\n".join(one.html for one in kept), "\n".join(one.plain for one in kept))


def moment(at: datetime) -> Rich:
    """Name a moment: the phone shows its own time, old clients UTC."""
    words = f"{at:%H:%M:%S} UTC"
    return Rich(f'<tg-time unix="{int(at.timestamp())}" format="T">{words}</tg-time>', words)


def day(at: datetime) -> str:
    """Name a day with its weekday: Fri 21 Nov."""
    return f"{at:%a} {at.day} {at:%b}"


def countdown(at: datetime, now: datetime) -> Rich:
    """Count down to a moment, or up from it; the phone does the counting, without edits."""
    seconds = int((at - now).total_seconds())
    words = f"in {span(seconds)}" if seconds >= 0 else f"{span(-seconds)} ago"
    return Rich(f'<tg-time unix="{int(at.timestamp())}" format="r">{words}</tg-time>', words)


def span(seconds: float) -> str:
    """Say a length of time in at most two units: 45 s, 12 min, 3h34m, 2d 5h."""
    whole = max(0, int(seconds))
    if whole < 120:
        return f"{whole} s"
    if whole < 7200:
        return f"{whole // 60} min"
    if whole < 172_800:
        return f"{whole // 3600}h{whole % 3600 // 60:02}m"
    return f"{whole // 86_400}d {whole % 86_400 // 3600}h"


Row = tuple[str, ...]


def table(rows: Iterable[Row | None]) -> Rich:
    """Draw labels left, figures ending at column 22, units or percentages after; no line is wider than 32 columns.

    A row is (label, figure) or (label, figure, unit); None leaves one out. In plain words: "Label: figure unit".
    """
    kept = [tuple(cell(one, 60) for one in (*row, "", "")[:3]) for row in rows if row is not None]
    if not kept:
        return Rich("", "")
    drawn = [line for label, figure, unit in kept for line in _drawn(label, figure, unit)]
    said = "\n".join(f"{label}: {figure} {unit}".rstrip().rstrip(":") for label, figure, unit in kept)
    return Rich(f"<pre>{escape(chr(10).join(drawn))}</pre>", said)


def _drawn(label: str, figure: str, unit: str) -> list[str]:
    if len(figure) > FIGURES_END or len(label) + 1 + len(figure) > FIGURES_END:
        room = COLUMNS - (len(unit) + 2 if unit else 0) - len(figure) - 1
        if len(label) <= room:
            start = f"{label} {figure:>{max(len(figure), FIGURES_END - len(label) - 1)}}"
            return [f"{start}  {unit}".rstrip()]
        return [shorten(label, COLUMNS), *_drawn("", figure, unit)] if label else _wrapped(f"{figure}  {unit}".strip())
    line = f"{label}{figure:>{FIGURES_END - len(label)}}" if figure else label
    if not unit:
        return [line]
    if len(line) + 2 + len(unit) <= COLUMNS:
        return [f"{line}  {unit}"]
    return [line, *(f"  {part}" for part in _wrapped(unit, COLUMNS - 2))]


def _wrapped(text: str, width: int = COLUMNS) -> list[str]:
    return [text[place : place + width] for place in range(0, len(text), width)]


def grid(heads: Sequence[str], rows: Sequence[Sequence[str]], *, gap: int = 2, left: int = 1) -> Rich:
    """Draw columns under heads, the first `left` ones to the left; columns give way until 32 hold them all.

    Last the first column is cut. In plain words: one line a row, "head value" by commas.
    """
    body = [[cell(one) for one in row] for row in rows]
    widths = [max(len(one) for one in column) for column in zip(heads, *body, strict=True)]
    while gap > 1 and sum(widths) + gap * (len(widths) - 1) > COLUMNS:
        gap -= 1
    over = sum(widths) + gap * (len(widths) - 1) - COLUMNS
    widths[0] -= max(0, min(over, widths[0] - 3))
    drawn = [_aligned(row, widths, gap, left) for row in [list(heads), *body]]
    drawn = [part for line in drawn for part in (_wrapped(line) if len(line) > COLUMNS else [line])]
    said = "\n".join(", ".join([row[0], *(f"{head} {one}" for head, one in zip(heads[1:], row[1:], strict=True))])
                     for row in body)
    return Rich(f"<pre>{escape(chr(10).join(drawn))}</pre>", said)


def _aligned(row: list[str], widths: list[int], gap: int, left: int) -> str:
    cells = [f"{shorten(one, width):<{width}}" if place < left else f"{one:>{width}}"
             for place, (one, width) in enumerate(zip(row, widths, strict=True))]
    return (" " * gap).join(cells).rstrip()


def preformatted(drawn: Sequence[str], said: str) -> Rich:
    """Draw ready lines, each cut at 32 columns, with the same in words."""
    cut = [_fitted(one) for one in drawn]
    return Rich(f"<pre>{escape(chr(10).join(cut))}</pre>", _whole(said))


def _fitted(line: str) -> str:
    return shorten("".join(one if ord(one) <= WIDEST else "?" for one in _whole(line)), COLUMNS)


def card(
    chip: Chip,
    head: str,
    *blocks: Part | None,
    emoji: str = "",
    context: Part | None = None,
    rows: Rows = (),
    key: str | None = None,
    critical: bool = False,
    silent: bool = False,
    pin: bool = False,
    protect: bool = False,
    photo: bytes | None = None,
) -> Card:
    """Build a card: the verdict in bold, the mode badge at its end or below it, context, blocks.

    The first line is at most 38 characters and stands alone; a longer head is cut, its rest is in the second line.
    """
    start = f"{emoji} " if emoji else ""
    whole = clean(head, 200)
    title = shorten(whole, FIRST_LINE - len(start))
    badge = chip.rich
    first = rich(start, bold(title))
    rest: list[Part] = [] if title == whole else [whole]
    if len(first.plain) + 3 + len(badge.plain) <= FIRST_LINE:
        first = rich(first, " · ", badge)
        second = lines(*rest, context)
    else:
        second = lines(rich(badge, " · ", context) if context is not None and rich(context).plain else badge, *rest)
    text = lines(first, second, *blocks)
    if units(text.plain) > CARD_UNITS:
        text = lines(first, within(second.plain, 400), within(lines(*blocks).plain, CARD_UNITS - 500))
    return Card(
        html=text.html, plain=text.plain, rows=pressable(rows), key=key, critical=critical, silent=silent, pin=pin,
        protect=protect, photo=photo, line=f"{start}{whole}",
    )


def fitting(*variants: str) -> str:
    """Give the first wording that fits the first line beside an emoji, the last one where none does."""
    return next((one for one in variants if len(one) <= FIRST_LINE - 2), variants[-1])


def pressable(rows: Rows) -> Rows:
    """Leave out buttons that carry nothing: an outside name did not fit one, and the text must arrive without it."""
    kept = (tuple(one for one in row if one.data or one.url or one.copy) for row in rows)
    return tuple(row for row in kept if row)


def within(text: str, most: int) -> str:
    """Cut a text to so many units of the service."""
    return text if units(text) <= most else shorten(text, most // 2)


def units(text: str) -> int:
    """Count as the chat service counts: in UTF-16 units."""
    return len(text.encode("utf-16-le", "replace")) // 2


def parts_of(text: Rich, limit: int = CARD_UNITS) -> tuple[Rich, ...]:
    """Split plain lines that are too long for one message on line borders; for lists of log lines and stories."""
    if units(text.plain) <= limit:
        return (text,)
    found: list[Rich] = []
    now: list[str] = []
    for line in text.plain.split("\n"):
        for piece in _wrapped(line, limit // 2) or [""]:
            if now and units("\n".join((*now, piece))) > limit:
                found.append(rich("\n".join(now)))
                now = []
            now.append(piece)
    return (*found, rich("\n".join(now)))
