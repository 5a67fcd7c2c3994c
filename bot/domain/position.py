"""Hold a position: what fills add up to, what it is worth at a price, how far its end is."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.domain.ids import Symbol
from bot.domain.intent import Direction, MarginMode


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """What we hold in one symbol and direction; `size` is zero or above, in base units."""

    symbol: Symbol
    direction: Direction
    size: Decimal
    entry: Decimal
    margin_mode: MarginMode
    leverage: Decimal
    margin_coin: str
    liquidation: Decimal | None
    realised: Decimal
    as_of: datetime
