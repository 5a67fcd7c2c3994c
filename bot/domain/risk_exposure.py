"""Say what the desk already carries, as risk sees it."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.domain.ids import PersonId, Symbol
from bot.domain.intent import Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """What the desk already carries, read inside the submitting transaction.

    All amounts are in quote units (a coin-margined wallet valued at the mark), losses and risks zero or above. Orders
    NEW, SUBMITTING and IN_DOUBT count as filled, open orders by their unfilled rest, foreign ones too (R14).
    `open_risk` is what all stops together would lose; positions without a stop count in full. `position_size` is what
    is held in the intent's symbol and direction, `opposite_size` in the other direction; `closable` is what closes not
    yet in flight may take of it, counting in-doubt closes as not filled. `in_doubt` and `closing` count unresolved
    orders and unsettled closes of the symbol.
    """

    symbol: Symbol
    direction: Direction
    equity: Decimal
    available: Decimal
    symbol_notional: Decimal
    side_notional: Decimal
    account_notional: Decimal
    person_notional: Decimal
    open_risk: Decimal
    position_size: Decimal
    opposite_size: Decimal
    closable: Decimal
    positions: int
    orders: int
    symbol_orders: int
    orders_last_minute: int
    person_orders_last_minute: int
    in_doubt: int
    closing: int
    day_start_equity: Decimal
    day_loss: Decimal
    rolling_start_equity: Decimal
    rolling_loss: Decimal
    last_loss_at: datetime | None
    mark: Decimal
    mark_at: datetime
    next_funding_at: datetime | None
    leverage: Decimal | None
    person: PersonId | None = None
