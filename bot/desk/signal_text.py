"""Read a signal out of a text as people paste and forward it, and keep every part that was not understood. Pure."""
from __future__ import annotations

import re
from decimal import Decimal
from itertools import pairwise

from bot.desk.signal import Signal
from bot.desk.signal_numbers import NUMBER, ORDINAL, Figure, Style, figure_at, join_groups, tidy_text
from bot.desk.signal_words import (
    ABOVE,
    BARE,
    BELOW,
    CLOSES,
    COIN,
    COINS,
    FILLER,
    LABEL,
    MARGIN,
    MARKET,
    NO_COIN,
    QUOTED_PAIR,
    SIDE,
    TAGGED,
    TIMES,
)
from bot.desk.wish import Level, TargetWish
from bot.domain.intent import Direction
from bot.domain.numbers import HUNDRED, ZERO
from bot.domain.refusal import Refusal, refuse

TEXT_MAX = 4096
FACTOR = 3
TARGETS_MAX = 12
# Farthest and nearest price of one signal; beyond it a mark was read as the wrong one.
SPREAD_MOST = Decimal(25)
UNREAD_MAX = 700
HINT = "It needs pair, side and a stop: BTC long, entry 60500, targets 62000 and 63500, stop 59800."
ORDINAL_AT = re.compile(
    rf"\s*(?:{ORDINAL}(?P<a>\d{{1,2}})|#?(?P<b>1[0-2]|[1-9])\s?(?:[).:]|st|nd|rd|th|-(?=\s))(?!\d))\s*"
)
STUCK = re.compile(r"\s*#?(?P<n>1[0-2]|[1-9])(?=\s*[:=)\-–—@>]|\s+[$€]?\d|\s*\n)(?!\s*[.,]\d)")
SHARE = re.compile(r"\s*[\-–—:(\[]{1,2}\s*(?P<n>\d{1,3})\s?%\s*[)\]]?")


def read_text(text: str, near: Decimal | None = None) -> Signal | Refusal:
    """Read pair, side, entry or zone, targets, stop, leverage; everything else comes back as unread parts.

    Gives a Refusal in one sentence when there is no pair, no side, several of them, or the text is too long. Each
    number style is tried, the first one whose prices make sense together is taken; where the market's price is given
    as `near`, the first one whose prices are near it too, for only that tells 60.500 from 60,500.
    """
    if len(text) > TEXT_MAX:
        return refuse("too_long", f"That is {len(text)} letters; {TEXT_MAX} are read.", "Paste the signal alone.")
    plain = tidy_text(text)
    tries: list[tuple[bool, int, bool, Signal | Refusal]] = []
    for words in dict.fromkeys((plain, join_groups(plain))):
        for style in Style:
            reading = _Reading(words, style)
            found = reading.read()
            wrong = not isinstance(found, Signal) or not _coherent(found)
            far = near is not None and isinstance(found, Signal) and not is_near(found, near)
            if not wrong and not reading.odd and not far:
                return _opening(found, plain)
            tries.append((wrong, reading.odd, far, found))
    return _opening(min(tries, key=lambda one: one[:3])[3], plain)


def _opening(found: Signal | Refusal, text: str) -> Signal | Refusal:
    """Refuse a call to end a trade: "close BTC long" names a pair and a side, and opens nothing."""
    if isinstance(found, Signal) and found.levels == 0 and CLOSES.search(text):
        return refuse("signal_close", "It speaks of ending a trade; signals only open.", "Close yours with /close.")
    return found


def is_near(signal: Signal, price: Decimal) -> bool:
    """Tell whether entry and stop lie where the market is, within a factor of three."""
    stop = signal.stop.price if signal.stop is not None else None
    prices = [*signal.entry, *([stop] if stop is not None else [])]
    return all(price / FACTOR <= one <= price * FACTOR for one in prices)


def reads_as_signal(text: str) -> bool:
    """Tell whether a plain message is meant as a signal: a pair, a side, and two of entry, stop and targets.

    Of several lines one of the three is enough: nobody chats like that.
    """
    found = read_text(text)
    return isinstance(found, Signal) and found.levels >= (1 if "\n" in text.strip() else 2)


def _coherent(signal: Signal) -> bool:
    """Tell whether the prices fit together: all near each other, stop, entry and targets in this order."""
    sign = signal.direction.sign
    stop = signal.stop.price if signal.stop is not None else None
    goals = [one.level.price for one in signal.targets if one.level.price is not None]
    prices = [*signal.entry, *goals, *([stop] if stop is not None else [])]
    if not prices:
        return True
    if min(prices) <= ZERO or max(prices) > SPREAD_MOST * min(prices):
        return False
    middle = (min(signal.entry) + max(signal.entry)) / 2 if signal.entry else None
    if middle is not None and stop is not None and (middle - stop) * sign <= ZERO:
        return False
    if goals and stop is not None and (goals[0] - stop) * sign <= ZERO:
        return False
    ordered = all((later - earlier) * sign > ZERO for earlier, later in pairwise(goals))
    return ordered and (middle is None or not goals or (goals[0] - middle) * sign > ZERO)


class _Reading:
    """One pass over a text in one number style.

    `taken` marks the letters that were understood, `odd` counts the numbers that cannot be written so in this style,
    `ends` is where pair and side are past.
    """

    def __init__(self, text: str, style: Style) -> None:
        self.text, self.style = text, style
        self.taken = bytearray(len(text))
        self.entry: list[Decimal] = []
        self.targets: list[tuple[Level, Decimal | None]] = []
        self.stop: Level | None = None
        self.leverage: Decimal | None = None
        self.margin: str | None = None
        self.market = self.breakout = False
        self.ends = self.odd = 0

    def read(self) -> Signal | Refusal:
        """Read all of it."""
        pair = self._pair()
        if isinstance(pair, Refusal):
            return pair
        labels = [found for found in LABEL.finditer(self.text) if not self.taken[found.start()]]
        side = self._side(labels)
        if isinstance(side, Refusal):
            return side
        self._times()
        for place, found in enumerate(labels):
            end = labels[place + 1].start() if place + 1 < len(labels) else len(self.text)
            self._segment(found, end, side)
        self._loose_entry(labels, side)
        if not self.entry and (found_market := MARKET.search(self.text)) is not None:
            self._take(found_market.start(), found_market.end())
        base, written = pair
        return Signal(
            pair=base,
            written=written,
            direction=side,
            entry=tuple(dict.fromkeys((min(self.entry), max(self.entry)))) if self.entry else (),
            breakout=self.breakout and bool(self.entry),
            targets=self._shared(),
            stop=self.stop,
            leverage=self.leverage,
            margin=self.margin,
            unread=self._unread(),
        )

    def _take(self, start: int, end: int) -> None:
        self.taken[start:end] = b"\x01" * (end - start)

    def _pair(self) -> tuple[str, str] | Refusal:
        found = [(one["base"].upper(), one["quote"].upper(), one) for one in QUOTED_PAIR.finditer(self.text)
                 if one["base"].lower() not in NO_COIN and not one["base"].isdigit()]
        if found:
            names = dict.fromkeys((base, "" if quote == "USD" else quote) for base, quote, _ in found)
            if len({base for base, _ in names}) > 1:
                return _several([base for base, _ in names])
            for *_, one in found:
                self._take(one.start(), one.end())
            self.ends = found[0][2].end()
            (base, quote), *_ = names
            return f"{base}{quote}", found[0][2][0].strip()
        for pattern in (TAGGED, COIN, BARE):
            matches = [one for one in pattern.finditer(self.text) if _coin(one) and not LABEL.fullmatch(one[0])]
            if pattern is BARE:
                matches = self._beside_side(matches)
            names_found = dict.fromkeys(_name(one) for one in matches)
            if len(names_found) > 1:
                return _several(list(names_found))
            if matches:
                for one in matches:
                    self._take(one.start(), one.end())
                self.ends = matches[0].end()
                return next(iter(names_found)), matches[0][0].strip("#$ ")
        return refuse("signal_pair", "It names no pair.", HINT)

    def _beside_side(self, matches: list[re.Match[str]]) -> list[re.Match[str]]:
        """Keep the first word that stands next to long or short, or alone at the start."""
        for side in SIDE.finditer(self.text):
            for one in matches:
                between = self.text[min(one.end(), side.end()) : max(one.start(), side.start())]
                if not re.search(r"\w|\n", between):
                    return [one]
        return []

    def _side(self, labels: list[re.Match[str]]) -> Direction | Refusal:
        inside = [(one.start(), one.end()) for one in labels]
        found = [one for one in SIDE.finditer(self.text) if not self.taken[one.start()]]
        free = [one for one in found if not any(start <= one.start() < end for start, end in inside)]
        for kinds, among in ((("long", "short"), free), (("buy", "sell"), free), (("long", "short"), found),
                             (("buy", "sell"), found)):
            said = {one.lastgroup for one in among if one.lastgroup in kinds}
            if len(said) > 1:
                return refuse("signal_side", "It says both sides, long and short.", "Paste one trade at a time.")
            if said:
                for one in free:
                    if one.lastgroup in kinds or (one.lastgroup in ("buy", "sell")):
                        self._take(one.start(), one.end())
                first = next(one for one in among if one.lastgroup in kinds)
                self.ends = max(self.ends, first.end())
                return Direction.LONG if said & {"long", "buy"} else Direction.SHORT
        return refuse("signal_side", "It does not say long or short.", HINT)

    def _times(self) -> None:
        for found in TIMES.finditer(self.text):
            if self.leverage is None:
                self.leverage = Decimal(found["a"] or found["b"])
                # Of "10-20x" the lower is taken, and the other is shown as not understood.
                self._take(found.start(), found.end() if found["most"] is None else found.start("most"))
        for found in MARGIN.finditer(self.text):
            if self.margin is None:
                self.margin = "isolated" if found["word"].lower().startswith(("iso", "изол")) else "cross"
                self._take(found.start(), found.end())

    def _segment(self, label: re.Match[str], end: int, side: Direction) -> None:
        kind, start = str(label.lastgroup), label.end()
        if kind == "stop" and self.stop is None:
            figures = self._figures(start, end, most=1)
            if figures:
                self._take(label.start(), start)
                self.stop = _level(figures[0][0])
        elif kind == "targets":
            figures = self._figures(start, end, most=TARGETS_MAX - len(self.targets), before=len(self.targets),
                                    shares=True)
            if figures:
                self._take(label.start(), start)
                self.targets += [(_level(figure), share) for figure, share in figures]
        elif kind == "entry":
            self._entry(label, end, side)
        elif kind == "leverage":
            self._take(label.start(), start)
            figures = self._figures(start, end, most=1) if self.leverage is None else []
            if figures:
                self.leverage = figures[0][0].value

    def _entry(self, label: re.Match[str], end: int, side: Direction) -> None:
        start = label.end()
        cue = (ABOVE if side is Direction.LONG else BELOW).match(self.text, self._past(start, end))
        market = MARKET.match(self.text, self._past(start, end))
        if market is not None or label[0].lower() == "cmp":
            self.market = True
            self._take(label.start(), market.end() if market is not None else start)
            return
        if cue is not None:
            self._take(cue.start(), cue.end())
            start = cue.end()
        figures = [one for one, _ in self._figures(start, end, most=5, before=len(self.entry)) if not one.percent]
        if figures:
            self._take(label.start(), label.end())
            self.breakout = self.breakout or cue is not None
            self.entry += [one.value for one in figures]

    def _loose_entry(self, labels: list[re.Match[str]], side: Direction) -> None:
        """Take numbers right behind pair and side as the entry where no label named one."""
        if self.entry or self.market:
            return
        limits = [one.start() for one in labels if one.start() >= self.ends]
        line_end = self.text.find("\n", self.ends)
        end = min([line_end if line_end >= 0 else len(self.text), *limits])
        place = self._past(self.ends, end)
        cue = (ABOVE if side is Direction.LONG else BELOW).match(self.text, place)
        start = cue.end() if cue is not None else self.ends
        figures = [one for one, _ in self._figures(start, end, most=2) if not one.percent]
        if figures:
            if cue is not None:
                self._take(cue.start(), cue.end())
            self.breakout = cue is not None
            self.entry = [one.value for one in figures]

    def _past(self, start: int, end: int) -> int:
        """Give where the next thing begins that is neither filler nor understood already."""
        place = start
        while place < end:
            if self.taken[place]:
                place += 1
            elif (found := FILLER.match(self.text, place, end)) is not None:
                place = found.end()
            else:
                break
        return place

    def _figures(
        self, start: int, end: int, *, most: int, before: int = 0, shares: bool = False
    ) -> list[tuple[Figure, Decimal | None]]:
        """Take the numbers that follow each other with nothing but filler and ordinals between them.

        `before` is how many of their kind there are already; `shares` reads `(50%)` behind a price as its share.
        """
        found: list[tuple[Figure, Decimal | None]] = []
        place = start
        stuck = STUCK.match(self.text, start, end)
        if stuck is not None and int(stuck["n"]) == before + 1:
            place = stuck.end()
            self._take(start, place)
        while len(found) < most:
            place = self._past(place, end)
            count = ORDINAL_AT.match(self.text, place, end)
            if count is not None and int(count["a"] or count["b"]) in (len(found) + 1, before + len(found) + 1):
                after = self._past(count.end(), end)
                if figure_at(self.text, after, self.style) is not None:
                    self._take(place, count.end())
                    place = after
            figure = figure_at(self.text, place, self.style) if place < end else None
            if figure is None or figure.value == ZERO:
                self.odd += place < end and NUMBER.match(self.text, place) is not None
                break
            self._take(figure.start, figure.end)
            place, share = figure.end, None
            part = SHARE.match(self.text, place, end) if shares and not figure.percent else None
            if part is not None and ZERO < Decimal(part["n"]) <= HUNDRED:
                share, place = Decimal(part["n"]), part.end()
                self._take(part.start(), part.end())
            found.append((figure, share))
        return found

    def _shared(self) -> tuple[TargetWish, ...]:
        """Give the targets with their shares: those written where they make 100 together, else equal ones."""
        count = len(self.targets)
        if count == 0:
            return ()
        written = [share for _, share in self.targets if share is not None]
        if len(written) == count and sum(written) == HUNDRED:
            shares = written
        else:
            even = HUNDRED // count
            shares = [even] * (count - 1) + [HUNDRED - even * (count - 1)]
        return tuple(TargetWish(level=level, share=share) for (level, _), share in
                     zip(self.targets, shares, strict=True))

    def _unread(self) -> tuple[str, ...]:
        """Collect what was not understood, line by line; signs and fillers alone say nothing."""
        parts, place = [], 0
        for line in self.text.split("\n"):
            rest = "".join(
                letter if not self.taken[place + at] else " \x00 " for at, letter in enumerate(line)
            )
            place += len(line) + 1
            for part in re.split(r"\x00", rest):
                bare = FILLER.sub(" ", part).strip()
                if re.search(r"\w", bare):
                    parts.append(" ".join(part.replace(ORDINAL, "").split()).strip(" :;,-–—|()[]@=>"))
        return _cut(parts)


def _cut(parts: list[str]) -> tuple[str, ...]:
    kept, length = [], 0
    for place, part in enumerate(parts):
        length += len(part)
        if length > UNREAD_MAX:
            kept.append(f"and {sum(len(one) for one in parts[place:])} more letters")
            break
        kept.append(part)
    return tuple(kept)


def _level(figure: Figure) -> Level:
    return Level(percent=figure.value) if figure.percent else Level(price=figure.value)


def _coin(found: re.Match[str]) -> bool:
    return found[0].strip("#$").lower() not in NO_COIN


def _name(found: re.Match[str]) -> str:
    return COINS.get(found[0].lower()) or found["base"].upper()


def _several(names: list[str]) -> Refusal:
    listed = ", ".join(names[:5])
    return refuse("signal_pair", f"It names several pairs: {listed}.", "Paste one signal at a time.", value=listed)
