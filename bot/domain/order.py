"""Follow an order: a request that has, or may have, reached the venue."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum

from bot.domain.ids import AccountId, ClientOrderId, ProposalId, VenueOrderId
from bot.domain.intent import OrderIntent
from bot.domain.numbers import ZERO


class OrderState(Enum):
    """The states of architecture section 5; cancelling and amending are fields, not states."""

    NEW = "NEW"
    SUBMITTING = "SUBMITTING"
    IN_DOUBT = "IN_DOUBT"
    OPEN = "OPEN"
    PARTLY_FILLED = "PARTLY_FILLED"
    FILLED = "FILLED"
    CANCELED = "CANCELED"
    REJECTED = "REJECTED"
    NOT_PLACED = "NOT_PLACED"

    @property
    def settled(self) -> bool:
        """Tell whether the order is over as far as we know."""
        return self in SETTLED

    @property
    def unresolved(self) -> bool:
        """Tell whether the venue may or may not have the order."""
        return self in (OrderState.SUBMITTING, OrderState.IN_DOUBT)


SETTLED = frozenset({OrderState.FILLED, OrderState.CANCELED, OrderState.REJECTED, OrderState.NOT_PLACED})


class Owner(Enum):
    """Whose order it is."""

    OURS = "OURS"
    FOREIGN = "FOREIGN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One request to the venue and all we know of it.

    `signed_at` is the timestamp stored before sending and signed with (R1, R2). `filled` is the sum over the set of
    fills, `reported` the largest cumulative size the venue ever claimed: above `filled` means fills are to be fetched.
    `asked_absent` counts explicit "no such order" answers since the last sign of life, `last_absent_at` is when the
    last one came (R5). `executed_as` is the venue order that a woken plan sent. `venue_updated_at` is the newest stamp
    of a report. `ended_at` is when the venue said the order is over, also while its fills are still missing.
    """

    account: AccountId
    client_order_id: ClientOrderId
    intent: OrderIntent
    state: OrderState
    created_at: datetime
    proposal_id: ProposalId | None = None
    venue_order_id: VenueOrderId | None = None
    executed_as: VenueOrderId | None = None
    filled: Decimal = ZERO
    reported: Decimal = ZERO
    average_price: Decimal | None = None
    fees: Decimal = ZERO
    signed_at: datetime | None = None
    cancel_requested_at: datetime | None = None
    ended_at: datetime | None = None
    settled_at: datetime | None = None
    venue_updated_at: datetime | None = None
    replaces: ClientOrderId | None = None
    parent: ClientOrderId | None = None
    owner: Owner = Owner.OURS
    reason: str | None = None
    asked_absent: int = 0
    last_absent_at: datetime | None = None
    version: int = 0


def unfilled(order: Order) -> Decimal:
    """Give the size that may still be filled: what exposure counts beside the fills (R14).

    Orders NEW, SUBMITTING and IN_DOUBT count in full; settled ones only for fills the venue claims and we lack. Zero
    for a guard of the whole position.
    """
    if order.state.settled:
        return max(ZERO, order.reported - order.filled)
    return max(ZERO, (order.intent.size or ZERO) - order.filled)


def replacement_size(order: Order) -> Decimal | None:
    """Give what an order that replaces this one may carry: intended less proven filled (R9).

    None until the old one is settled with all its fills known; zero where nothing is left.
    """
    if not order.state.settled or order.reported > order.filled or order.intent.size is None:
        return None
    return max(ZERO, order.intent.size - order.filled)
