"""Record an execution: what happened to one of our orders, keyed by the venue's trade id."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum

from bot.domain.ids import ClientOrderId, Symbol, TradeId, VenueOrderId
from bot.domain.intent import Direction, Effect


class Liquidity(Enum):
    """Whether we waited in the book or took from it."""

    MAKER = "MAKER"
    TAKER = "TAKER"
    UNKNOWN = "UNKNOWN"


class Cause(Enum):
    """Why an execution happened when it was not simply our order: the venue's forced closings are named."""

    ORDER = "ORDER"
    LIQUIDATION = "LIQUIDATION"
    DELEVERAGED = "DELEVERAGED"
    DELIVERY = "DELIVERY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """One execution.

    `direction` and `effect` are None together where the wire does not tell (a push that names neither position side
    nor mode): the ledger then takes them from the order. `fee` is what we paid in `fee_coin`, negative for a rebate.
    `realised` is price profit without fees, in the margin coin. `inferred` marks a fill that reconciliation derived
    from filled sizes and that yields to the real ones.
    """

    trade_id: TradeId
    venue_order_id: VenueOrderId
    client_order_id: ClientOrderId | None
    symbol: Symbol
    direction: Direction | None
    effect: Effect | None
    size: Decimal
    price: Decimal
    fee: Decimal
    fee_coin: str
    realised: Decimal
    liquidity: Liquidity
    at: datetime
    cause: Cause = Cause.ORDER
    inferred: bool = False
