"""Count the wallet: one margin coin of one product line, and the modes that rule it."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum

from bot.domain.instrument import ProductLine


class PositionMode(Enum):
    """Whether long and short of one symbol are netted into one position or held side by side."""

    ONE_WAY = "ONE_WAY"
    HEDGE = "HEDGE"


class World(Enum):
    """Which generation of account the key belongs to."""

    CLASSIC = "CLASSIC"
    UNIFIED = "UNIFIED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A wallet as the venue states it, in units of `margin_coin`; `margin_ratio` is maintenance over equity."""

    line: ProductLine
    margin_coin: str
    equity: Decimal
    available: Decimal
    in_use: Decimal
    unrealised: Decimal
    margin_ratio: Decimal | None
    as_of: datetime
