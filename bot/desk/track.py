"""Read what became of ideas like this one: the record that a card shows instead of the model's claim (advisor 10).

Alike are ideas of the same advisor and direction whose claims lie in the same tenth; without a claim, all without one.
"""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from math import floor

from bot.domain.chance import wilson
from bot.domain.intent import Direction
from bot.domain.numbers import HUNDRED, ZERO
from bot.ports.ledger import Tx

SHOWN_FROM, SPREAD_FROM = 30, 50
BUCKET_BP = 1000
LOOK_BACK = timedelta(days=180)
TARGET = "TARGET"
# Of ten, one ends below and one above what is shown.
TAIL = Decimal("0.1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """How ideas like one ended: how many reached their target, and their net R, in ascending order."""

    hits: int
    ended: tuple[Decimal, ...]

    @property
    def mean_r(self) -> Decimal:
        """Give the mean net R; zero without any."""
        return sum(self.ended, ZERO) / len(self.ended) if self.ended else ZERO


def track_of(tx: Tx, advisor: str, direction: Direction, claim_bp: int | None, now: datetime) -> Track:
    """Read the record of ideas like one with this claim (basis points, None for none)."""
    alike = [
        outcome for idea, outcome in tx.lab_record.outcomes(advisor, now - LOOK_BACK)
        if outcome.filled and idea.direction == direction.value and _bucket(idea.claim_bp) == _bucket(claim_bp)
    ]
    return Track(hits=sum(one.exit == TARGET for one in alike), ended=tuple(sorted(one.net_r for one in alike)))


def _bucket(claim_bp: int | None) -> int | None:
    return None if claim_bp is None else claim_bp // BUCKET_BP


def spoken(track: Track, reward_risk: Decimal | None) -> tuple[str, ...]:
    """Say a record in lines for a card: a range of chances from 30 outcomes on, where most ended from 50 on.

    `reward_risk` is that of the trade after costs: it says from which chance on the trade pays.
    """
    count = len(track.ended)
    pays = () if reward_risk is None else (f"it pays from {HUNDRED / (1 + reward_risk):.0f}% on",)
    if count < SHOWN_FROM:
        return (f"no record yet ({count} of {SHOWN_FROM})", *pays)
    low, high = wilson(track.hits, count)
    lines = [f"{low * HUNDRED:.0f}–{high * HUNDRED:.0f}% reach the target "
             f"({count} like this: {track.hits} did, {track.mean_r:+.1f}R on average)"]
    if count >= SPREAD_FROM:
        below, above = spread(track.ended)
        lines.append(f"8 of 10 ended between {below:+.1f}R and {above:+.1f}R")
    return (*lines, *pays)


def spread(ended: tuple[Decimal, ...]) -> tuple[Decimal, Decimal]:
    """Give between which R the next one ends 8 times of 10, by the split-conformal rule (advisor section 6)."""
    count = len(ended)
    low = max(1, floor(TAIL * (count + 1)))
    return ended[low - 1], ended[count - low]
