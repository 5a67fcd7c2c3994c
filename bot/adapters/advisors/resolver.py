"""Follow an idea to its barrier: the one code for training labels and for the outcomes of live ideas (advisor 6, 11).

Stop first where a bar touched both; a bar that opens beyond the stop is an exit at its open; a target is never paid
better than its price. A limit entry counts only where the price went through it, not where it merely touched; in the
bar of such an entry the target counts only if the bar closed beyond it, because nobody knows what came first.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from bot.adapters.advisors.bar import Bar


class Exit(Enum):
    """How an idea ended; UNFINISHED waits for more bars."""

    STOP = "STOP"
    TARGET = "TARGET"
    TIME = "TIME"
    NOT_FILLED = "NOT_FILLED"
    UNFINISHED = "UNFINISHED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What trading costs, as fractions of price: the fee of each side, and half the spread paid at each side."""

    fee: float = 0.0006
    half_spread: float = 0.0001

    def scaled(self, times: float) -> Costs:
        """Give these costs times a factor."""
        return Costs(fee=self.fee * times, half_spread=self.half_spread * times)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pursuit:
    """What is followed: `sign` 1 long or -1 short, prices, `entry` None for at the open, times in UTC milliseconds.

    The entry is open until `valid_until`; from the bar of the entry on the idea lives `horizon_ms`.
    """

    sign: int
    entry: float | None
    stop: float
    target: float
    valid_until: int
    horizon_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """How it ended: prices, times in UTC milliseconds, R before and after costs; R is 0 for what was not filled."""

    exit: Exit
    entered_at: int | None = None
    entry: float | None = None
    ended_at: int | None = None
    price: float | None = None
    gross_r: float = 0.0
    net_r: float = 0.0

    @property
    def filled(self) -> bool:
        """Tell whether the idea would have held a position."""
        return self.entry is not None


NOT_FILLED = Resolved(exit=Exit.NOT_FILLED)
UNFINISHED = Resolved(exit=Exit.UNFINISHED)


def walk(
    bars: Sequence[Bar], start: int, end: int, sign: int, stop: float, target: float
) -> tuple[Exit, int, float]:
    """Walk from `start` to before `end` and give how it ended, at which bar and price; TIME is the last close.

    The position is held from the open of `start` on.
    """
    if sign > 0:
        for at in range(start, end):
            _, opened, high, low, _, _ = bars[at]
            if low <= stop:
                return Exit.STOP, at, min(stop, opened)
            if high >= target:
                return Exit.TARGET, at, target
    else:
        for at in range(start, end):
            _, opened, high, low, _, _ = bars[at]
            if high >= stop:
                return Exit.STOP, at, max(stop, opened)
            if low <= target:
                return Exit.TARGET, at, target
    return Exit.TIME, end - 1, bars[end - 1].close


def net(gross: float, risk: float, entry: float, price: float, costs: Costs, funding: float) -> float:
    """Take costs off a gross R: both sides' fee and half spread, and funding paid (a fraction of the entry)."""
    return gross - ((costs.fee + costs.half_spread) * (entry + price) + funding * entry) / risk


def funding_paid(rates: Sequence[tuple[int, float]], sign: int, entered_at: int, ended_at: int) -> float:
    """Add up what was paid at the funding moments after the entry up to the end; negative is received."""
    return sign * sum(rate for at, rate in rates if entered_at < at <= ended_at)


def resolve(
    idea: Pursuit, bars: Sequence[Bar], bar_ms: int, costs: Costs, funding: Sequence[tuple[int, float]] = ()
) -> Resolved:
    """Follow an idea over closed bars from the one after the idea on; UNFINISHED while bars are missing.

    R counts in the distance from the wanted entry (the open, without one) to the stop.
    """
    entered = _enter(idea, bars, bar_ms)
    if isinstance(entered, Resolved):
        return entered
    first, price = entered
    planned = price if idea.entry is None else idea.entry
    risk = idea.sign * (planned - idea.stop)
    if risk <= 0.0:
        return NOT_FILLED
    last = bars[first].at + idea.horizon_ms
    end = first
    while end < len(bars) and bars[end].at < last:
        end += 1
    # Entered at the open, the whole first bar was held; entered inside it, nobody knows what came first.
    inside = price == idea.entry
    found = _entry_bar(idea, bars[first], first) if inside else None
    if found is None:
        begin = first + 1 if inside else first
        if begin >= end:
            found = (Exit.TIME, end - 1, bars[end - 1].close)
        else:
            found = walk(bars, begin, end, idea.sign, idea.stop, idea.target)
    kind, at, out = found
    if kind is Exit.TIME and bars[-1].at + bar_ms < last:
        return UNFINISHED
    gross = idea.sign * (out - price) / risk
    ended_at = bars[at].at + bar_ms
    paid = funding_paid(funding, idea.sign, bars[first].at, ended_at)
    return Resolved(
        exit=kind, entered_at=bars[first].at, entry=price, ended_at=ended_at, price=out, gross_r=gross,
        net_r=net(gross, risk, price, out, costs, paid),
    )


def _enter(idea: Pursuit, bars: Sequence[Bar], bar_ms: int) -> tuple[int, float] | Resolved:
    """Find bar and price of the entry; a stop touched before the entry, or validity gone, ends it unfilled."""
    if not bars:
        return UNFINISHED
    if idea.entry is None:
        return (0, bars[0].open) if idea.sign * (bars[0].open - idea.stop) > 0 else NOT_FILLED
    for index, bar in enumerate(bars):
        if bar.at >= idea.valid_until:
            return NOT_FILLED
        if idea.sign * (bar.open - idea.stop) <= 0:
            return NOT_FILLED
        if idea.sign * (bar.open - idea.entry) < 0:
            return index, bar.open
        if (bar.low < idea.entry) if idea.sign > 0 else (bar.high > idea.entry):
            return index, idea.entry
    return NOT_FILLED if bars[-1].at + bar_ms >= idea.valid_until else UNFINISHED


def _entry_bar(idea: Pursuit, bar: Bar, index: int) -> tuple[Exit, int, float] | None:
    if (bar.low <= idea.stop) if idea.sign > 0 else (bar.high >= idea.stop):
        return Exit.STOP, index, idea.stop
    if idea.sign * (bar.close - idea.target) >= 0:
        return Exit.TARGET, index, idea.target
    return None
