"""Record an execution: what happened to one of our orders, keyed by the venue's trade id."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import Enum

from bot.domain.ids import ClientOrderId, Symbol, TradeId, VenueOrderId
from bot.domain.intent import Direction, Effect
from bot.domain.numbers import ZERO


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
    from filled sizes and that yields to the real ones: `claimed` is then the cumulative size the venue stated.
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
    claimed: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What a set of fills of one order adds up to; `average_price` is None for none."""

    size: Decimal = ZERO
    average_price: Decimal | None = None
    fees: Decimal = ZERO
    realised: Decimal = ZERO


def tally(fills: Iterable[Fill]) -> Tally:
    """Sum the fills of one order; order and repetition do not matter (R10).

    Fills are a set keyed by trade id. Inferred ones fill up only what the real ones do not yet cover of the largest
    claim, so the sum never shrinks when the real ones arrive.
    """
    known = {fill.trade_id: fill for fill in fills}
    real = [fill for fill in known.values() if not fill.inferred]
    guesses = [fill for fill in known.values() if fill.inferred]
    size = sum((fill.size for fill in real), ZERO)
    value = sum((fill.size * fill.price for fill in real), ZERO)
    fees = sum((fill.fee for fill in real), ZERO)
    realised = sum((fill.realised for fill in real), ZERO)
    guess = max(guesses, key=lambda fill: (_claim(fill), fill.trade_id), default=None)
    if guess is not None and _claim(guess) > size:
        missing = _claim(guess) - size
        size, value = size + missing, value + missing * guess.price
    return Tally(size=size, average_price=value / size if size else None, fees=fees, realised=realised)


def _claim(fill: Fill) -> Decimal:
    return fill.size if fill.claimed is None else fill.claimed


def fresh_part(known: Iterable[Fill], fill: Fill) -> Fill | None:
    """Give the part of a fill that the known fills of its order do not cover yet; None where nothing is new.

    It is what the position must still take: a real fill that replaces an inferred one changes no size.
    """
    before = tuple(known)
    if any(other.trade_id == fill.trade_id for other in before):
        return None
    size = tally((*before, fill)).size - tally(before).size
    if size <= ZERO:
        return None
    share = size / fill.size
    return replace(fill, size=size, fee=fill.fee * share, realised=fill.realised * share)
