"""Move an order: the table of architecture section 5 and the pure `apply` that walks it."""
from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from enum import Enum
from typing import Any

from bot.domain.fill import tally
from bot.domain.happenings import (
    Accepted,
    AskedAbsent,
    CancelWished,
    EndedAtVenue,
    FillSeen,
    Happening,
    NeverLeft,
    NoClearAnswer,
    ProvenAbsent,
    Rejected,
    SeenAtVenue,
    Sending,
    Triggered,
)
from bot.domain.numbers import ZERO
from bot.domain.order import Order, OrderState


class ImpossibleTransition(Exception):
    """A happening that cannot follow this state: a bug of ours, not weather."""


class Follow(Enum):
    """Targets of the table that the sizes decide."""

    SIZE = "SIZE"
    END = "END"


S = OrderState
Target = OrderState | Follow
_EXISTS = (S.OPEN, S.PARTLY_FILLED, S.CANCELED, S.FILLED)
_WRONG = (S.REJECTED, S.NOT_PLACED)


def _stay(states: tuple[OrderState, ...], *kinds: type) -> dict[tuple[OrderState, type], Target]:
    return {(state, kind): state for state in states for kind in kinds}


# Absent pairs are impossible. FILLED and CANCELED absorb; REJECTED and NOT_PLACED yield to evidence of existence.
TABLE: dict[tuple[OrderState, type], Target] = {
    (S.NEW, Sending): S.SUBMITTING,
    (S.NEW, NeverLeft): S.NOT_PLACED,
    (S.SUBMITTING, NeverLeft): S.NOT_PLACED,
    (S.SUBMITTING, Accepted): S.OPEN,
    (S.SUBMITTING, Rejected): S.REJECTED,
    (S.SUBMITTING, NoClearAnswer): S.IN_DOUBT,
    (S.SUBMITTING, FillSeen): Follow.SIZE,
    (S.SUBMITTING, SeenAtVenue): Follow.SIZE,
    (S.SUBMITTING, EndedAtVenue): Follow.END,
    (S.SUBMITTING, Triggered): Follow.SIZE,
    # The one send of an order says that it never happened: surer than any asking (a stall, R2).
    (S.IN_DOUBT, NeverLeft): S.NOT_PLACED,
    (S.IN_DOUBT, Accepted): S.OPEN,
    (S.IN_DOUBT, Rejected): S.REJECTED,
    (S.IN_DOUBT, FillSeen): Follow.SIZE,
    (S.IN_DOUBT, SeenAtVenue): Follow.SIZE,
    (S.IN_DOUBT, EndedAtVenue): Follow.END,
    (S.IN_DOUBT, Triggered): Follow.SIZE,
    (S.IN_DOUBT, ProvenAbsent): S.NOT_PLACED,
    (S.OPEN, FillSeen): Follow.SIZE,
    (S.OPEN, SeenAtVenue): Follow.SIZE,
    (S.OPEN, EndedAtVenue): Follow.END,
    (S.OPEN, Triggered): Follow.SIZE,
    (S.PARTLY_FILLED, FillSeen): Follow.SIZE,
    (S.PARTLY_FILLED, SeenAtVenue): Follow.SIZE,
    (S.PARTLY_FILLED, EndedAtVenue): Follow.END,
    (S.PARTLY_FILLED, Triggered): Follow.SIZE,
    (S.CANCELED, FillSeen): Follow.END,
    (S.CANCELED, EndedAtVenue): Follow.END,
    (S.REJECTED, FillSeen): Follow.SIZE,
    (S.REJECTED, SeenAtVenue): Follow.SIZE,
    (S.REJECTED, EndedAtVenue): Follow.END,
    (S.REJECTED, Triggered): Follow.SIZE,
    (S.NOT_PLACED, Accepted): S.OPEN,
    (S.NOT_PLACED, FillSeen): Follow.SIZE,
    (S.NOT_PLACED, SeenAtVenue): Follow.SIZE,
    (S.NOT_PLACED, EndedAtVenue): Follow.END,
    (S.NOT_PLACED, Triggered): Follow.SIZE,
    # The reply that comes after the push, the wish that comes too late, the asking that finds nothing (yet).
    **_stay(_EXISTS, Accepted, Rejected, NoClearAnswer, AskedAbsent, CancelWished),
    **_stay((S.SUBMITTING, S.IN_DOUBT), AskedAbsent, CancelWished),
    **_stay(_WRONG, AskedAbsent, CancelWished),
    **_stay((S.IN_DOUBT,), NoClearAnswer),
    **_stay((S.CANCELED,), SeenAtVenue, Triggered),
    **_stay((S.FILLED,), FillSeen, SeenAtVenue, EndedAtVenue, Triggered, NeverLeft, ProvenAbsent),
    **_stay((S.REJECTED,), Rejected, NoClearAnswer),
    **_stay((S.NOT_PLACED,), NeverLeft, ProvenAbsent, NoClearAnswer),
    **_stay((S.NEW,), CancelWished),
}

# Signs of life: the order exists, so earlier "no such order" answers were lag.
_EVIDENCE = (Accepted, FillSeen, SeenAtVenue, EndedAtVenue, Triggered)


def apply(order: Order, happening: Happening) -> Order:
    """Let a happening take its effect; the same order comes back when nothing changed.

    Filled size, average price and fees follow the set of fills and never shrink below an earlier sum. Older reports
    change nothing that newer ones said. The version grows by one with every change. Raises ImpossibleTransition.
    """
    target = TABLE.get((order.state, type(happening)))
    if target is None:
        raise ImpossibleTransition(
            f"Order {order.client_order_id} is {order.state.value}; {type(happening).__name__} cannot happen to it."
        )
    changes = _learned(order, happening)
    after = replace(order, **changes) if changes else order
    state = target if isinstance(target, OrderState) else _by_size(after, target)
    if state is not order.state:
        after = replace(after, state=state, settled_at=_settled_at(order, state, happening))
    return order if after == order else replace(after, version=order.version + 1)


def adopted(before: Order, after: Order) -> bool:
    """Tell whether an order we had written off turned out to exist: DriftFound, told loudly."""
    return before.state in _WRONG and after.state not in _WRONG


def missing_fills(order: Order) -> bool:
    """Tell whether the venue claims more than our fills add up to: fetch them."""
    return order.reported > order.filled


def _by_size(order: Order, target: Follow) -> OrderState:
    size = order.intent.size
    over = target is Follow.END or order.ended_at is not None
    if size is not None and order.filled >= size:
        return S.FILLED
    if size is None and over and order.filled > ZERO and order.filled >= order.reported:
        return S.FILLED
    whole_claimed = order.reported > ZERO if size is None else order.reported >= size
    if over and not (whole_claimed and order.reported > order.filled):
        return S.CANCELED
    if order.state is S.CANCELED:
        return S.CANCELED
    return S.PARTLY_FILLED if order.filled > ZERO else S.OPEN


def _settled_at(order: Order, state: OrderState, happening: Happening) -> datetime | None:
    if not state.settled:
        return None
    if order.settled_at is not None and order.state is S.CANCELED:
        return order.settled_at
    return happening.signed_at if isinstance(happening, Sending) else happening.at


def _learned(order: Order, happening: Happening) -> dict[str, Any]:
    """Collect the fields that the happening tells, apart from the state."""
    if isinstance(happening, Sending):
        return {"signed_at": happening.signed_at}
    if isinstance(happening, CancelWished):
        settled = order.state.settled or order.cancel_requested_at is not None
        return {} if settled else {"cancel_requested_at": happening.at}
    if isinstance(happening, AskedAbsent):
        if order.state.settled:
            return {}
        return {"asked_absent": order.asked_absent + 1, "last_absent_at": happening.at}
    if isinstance(happening, (NeverLeft, NoClearAnswer)):
        return {} if order.state in _EXISTS or order.state in _WRONG else {"reason": happening.why}
    if isinstance(happening, Rejected):
        unsure = order.state in (S.SUBMITTING, S.IN_DOUBT)
        return {"reason": f"{happening.code} {happening.words}".strip()} if unsure else {}
    if isinstance(happening, ProvenAbsent):
        return {} if order.state is S.FILLED else {"reason": "proven never to have existed at the venue"}
    return _evidence(order, happening)


def _evidence(
    order: Order, happening: Accepted | FillSeen | SeenAtVenue | EndedAtVenue | Triggered
) -> dict[str, Any]:
    learned: dict[str, Any] = {}
    if order.asked_absent:
        learned |= {"asked_absent": 0, "last_absent_at": None}
    if order.state in _WRONG or order.state.unresolved:
        learned["reason"] = None
    if isinstance(happening, FillSeen):
        return learned | _filled(order, happening)
    if order.venue_order_id is None and happening.venue_order_id is not None:
        learned["venue_order_id"] = happening.venue_order_id
    if isinstance(happening, Accepted):
        return learned
    stamp = happening.updated_at
    if stamp is not None and (order.venue_updated_at is None or stamp > order.venue_updated_at):
        learned["venue_updated_at"] = stamp
    if isinstance(happening, Triggered):
        if order.executed_as is None and happening.executed_as is not None:
            learned["executed_as"] = happening.executed_as
        return learned
    if happening.filled > order.reported:
        learned["reported"] = happening.filled
    if isinstance(happening, EndedAtVenue) and order.ended_at is None:
        learned |= {"ended_at": happening.updated_at or happening.at, "reason": happening.reason}
    return learned


def _filled(order: Order, happening: FillSeen) -> dict[str, Any]:
    """Take the sum of the fills; a set smaller than one seen before is a reader's lag and changes nothing (P4)."""
    total = tally(happening.fills)
    if total.size < order.filled:
        return {}
    learned: dict[str, Any] = {"filled": total.size, "average_price": total.average_price, "fees": total.fees}
    if order.venue_order_id is None and not order.intent.kind.is_plan:
        ids = {fill.venue_order_id for fill in happening.fills}
        if len(ids) == 1:
            learned["venue_order_id"] = ids.pop()
    return learned
