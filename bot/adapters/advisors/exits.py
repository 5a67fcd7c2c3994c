"""Follow ideas about an open trade against doing nothing: what a cut or a nearer stop was worth (advisor section 11).

Both ways are walked from the open of the next minute on, by the code that resolves openings, and only what differs
counts: entry and exit are paid for either way, funding only by who stays. R is what the trade risked at its entry.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.adapters.advisors.bar import MINUTE_MS, Bar
from bot.adapters.advisors.resolver import Costs, Exit, Pursuit, Resolved, resolve
from bot.domain.record import milliseconds, moment_of
from bot.ports.assessor import Followed
from bot.ports.lab_rows import IdeaRow

PLACES = Decimal("0.0001")
FREE = Costs(fee=0.0, half_spread=0.0)
TIGHTEN = "TIGHTEN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way the trade could go on: how it ends, and what it still brings in R before and after funding."""

    found: Resolved
    gross: float
    net: float


def follow(idea: IdeaRow, bars: Sequence[Bar], funding: Sequence[tuple[int, float]]) -> Followed | None:
    """Give what following a CLOSE or TIGHTEN was worth, positive where it saved; None while minutes are missing.

    A trade whose stop was through before the next minute opened had nothing left to decide: not filled.
    """
    assert idea.stop is not None and idea.stood is not None, "An idea about an open trade knows its stop."
    stayed = _walk(idea, idea.stood, bars, funding)
    acted = _walk(idea, idea.stop, bars, funding) if idea.kind == TIGHTEN else None
    if stayed.found.exit is Exit.UNFINISHED or (acted is not None and acted.found.exit is Exit.UNFINISHED):
        return None
    if acted is not None:
        gross, net = acted.gross - stayed.gross, acted.net - stayed.net
    else:
        share = (100 if idea.percent is None else idea.percent) / 100.0
        gross, net = -stayed.gross * share, -stayed.net * share
    ended = (acted if acted is not None and acted.found.filled else stayed).found
    return Followed(
        filled=stayed.found.filled, exit=ended.exit.value, gross_r=_r(gross), net_r=_r(net),
        entered_at=None if stayed.found.entered_at is None else moment_of(stayed.found.entered_at),
        ended_at=None if ended.ended_at is None else moment_of(ended.ended_at),
    )


def _walk(idea: IdeaRow, stop: Decimal, bars: Sequence[Bar], funding: Sequence[tuple[int, float]]) -> Way:
    """Hold the trade from the next minute on; a stop that the open is beyond ends it there, with nothing more to it."""
    assert idea.target is not None and idea.unit is not None, "An open trade has a target and a risk."
    found = resolve(Pursuit(
        sign=1 if idea.direction == "LONG" else -1, entry=None, stop=float(stop), target=float(idea.target),
        valid_until=milliseconds(idea.at), horizon_ms=idea.horizon_s * 1000,
    ), bars, MINUTE_MS, FREE, funding)
    scale = 0.0 if found.entry is None else abs(found.entry - float(stop)) / float(idea.unit)
    return Way(found=found, gross=found.gross_r * scale, net=found.net_r * scale)


def _r(value: float) -> Decimal:
    return Decimal(repr(value)).quantize(PLACES)
