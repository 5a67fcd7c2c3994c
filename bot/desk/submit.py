"""Send one order, once: plan it, let it leave, record what came back (R1-R4)."""
from __future__ import annotations

from decimal import Decimal

from bot.desk.enter import enter
from bot.desk.facts import Facts
from bot.desk.seat import Seat
from bot.desk.verdict import Planned, plan_order
from bot.domain import happenings
from bot.domain.happenings import Happening
from bot.domain.ids import ClientOrderId, ProposalId
from bot.domain.intent import Effect
from bot.domain.order import Order
from bot.domain.proposal import Leg
from bot.domain.refusal import Refusal
from bot.ports.ledger import Tx
from bot.ports.venue import Accepted, NeverLeft, Outcome, Rejected


async def submit(
    seat: Seat,
    proposal_id: ProposalId,
    leg: Leg,
    facts: Facts,
    *,
    size: Decimal | None = None,
    replaces: ClientOrderId | None = None,
) -> Order | Refusal:
    """Plan and send one leg; gives the order as known after the answer, or why nothing left.

    A leg that was sent before is not sent again: its order comes back as it is. Opening orders of one symbol leave
    one after the other (R13); reducing ones wait for nobody.
    """
    if leg.intent.effect is Effect.CLOSE:
        return await _submit(seat, proposal_id, leg, facts, size, replaces)
    async with seat.lanes.of(leg.intent.symbol):
        return await _submit(seat, proposal_id, leg, facts, size, replaces)


async def _submit(
    seat: Seat, proposal_id: ProposalId, leg: Leg, facts: Facts, size: Decimal | None, replaces: ClientOrderId | None
) -> Order | Refusal:
    def plan(tx: Tx) -> Planned | Refusal:
        planned = plan_order(tx, seat, proposal_id, leg, facts, size=size, replaces=replaces)
        if isinstance(planned, Planned) and planned.fresh:
            # Marked before the commit shows the row to anybody: the resolver never sees it unmarked.
            seat.sending.add(planned.order.client_order_id)
            seat.steady.begin(planned.order.client_order_id, seat.clock.monotonic())
        return planned

    planned = await seat.ledger.transact(plan)
    if isinstance(planned, Refusal):
        return planned
    return await send(seat, planned.order) if planned.fresh else planned.order


async def send(seat: Seat, order: Order) -> Order:
    """Let a planned order leave and enter the answer; give the order as stored.

    Called once per order, by whoever planned it. When the answer cannot be stored the row stays SUBMITTING and the
    resolver asks: nothing is concluded and nothing is sent again.
    """
    try:
        outcome = await seat.venue.submit(order)
        return await record(seat, order.client_order_id, outcome)
    finally:
        seat.sending.discard(order.client_order_id)
        seat.wake.set()


async def record(seat: Seat, identity: ClientOrderId, outcome: Outcome) -> Order:
    """Enter the venue's answer to a send into the books; a push may have been faster, both orders end alike."""

    def work(tx: Tx) -> Order:
        order = tx.orders.get(identity)
        assert order is not None, f"Order {identity} was planned, so its row exists."
        now = seat.clock.now()
        return enter(tx, order, happening_of_answer(outcome, seat), now)

    return await seat.ledger.transact(work)


def happening_of_answer(outcome: Outcome, seat: Seat) -> Happening:
    """Read an answer as what happened to the order; whatever is not definite is no clear answer (R4, R7)."""
    now = seat.clock.now()
    if isinstance(outcome, Accepted):
        return happenings.Accepted(at=now, venue_order_id=outcome.venue_order_id)
    if isinstance(outcome, Rejected):
        return happenings.Rejected(at=now, code=outcome.code, words=outcome.words)
    if isinstance(outcome, NeverLeft):
        return happenings.NeverLeft(at=now, why=outcome.why)
    return happenings.NoClearAnswer(at=now, why=outcome.why)
