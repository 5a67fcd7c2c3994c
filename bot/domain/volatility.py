"""Measure how much a price moved of late, and scale risk by it (advisor section 9). Pure."""
from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from bot.domain.numbers import HUNDRED, ONE, ZERO

# One day of five-minute candles.
CANDLES = 288
# Fewer say too little.
CANDLES_LEAST = 48
UNKNOWN_SHARE = Decimal(50)


def realised(closes: Sequence[Decimal]) -> Decimal | None:
    """Give by how many percent a day of such closes moved (root of the summed squared returns, scaled to a day).

    None where there are too few, or a price that is none.
    """
    if len(closes) <= CANDLES_LEAST or min(closes) <= ZERO:
        return None
    squares = sum((((after - before) / before) ** 2 for before, after in pairwise(closes)), ZERO)
    return (squares * CANDLES / (len(closes) - 1)).sqrt() * HUNDRED


def share_for(target: Decimal, moved: Decimal | None) -> Decimal:
    """Give the share of the risk that fits, in percent: all of it up to `target` a day, half where nobody knows."""
    if moved is None:
        return UNKNOWN_SHARE
    return HUNDRED * (ONE if moved <= target else target / moved)
