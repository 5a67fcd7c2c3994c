"""Amend an order: a later order takes over what the old one is proven not to have filled (R9)."""
from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.desk.cancel import cancel, key_of
from bot.desk.enter import write
from bot.desk.facts import gather, gather_exit
from bot.desk.learn import learn
from bot.desk.resolve import ask
from bot.desk.seat import Seat
from bot.desk.submit import submit
from bot.desk.verdict import actor_of
from bot.domain.events_orders import OrderAmended
from bot.domain.ids import ClientOrderId
from bot.domain.intent import Effect
from bot.domain.numbers import ZERO
from bot.domain.order import Order, OrderState, replacement_size
from bot.domain.proposal import Leg, Proposal
from bot.domain.refusal import Refusal, refuse
from bot.domain.reports import OrderReport
from bot.ports.venue import Rejected, VenueSilent

# After so long nobody means the amendment any more: the old order is gone, the new one is not sent.
PATIENCE = timedelta(minutes=2)
PAUSES_S = (0.1, 0.2, 0.3, 0.5, 0.8)


async def replace_order(seat: Seat, proposal: Proposal) -> Order | Refusal | None:
    """Carry out a decided AMEND; gives the order as amended, a Refusal, or None while the old one's end is unproven.

    Called again by the watch until the old order is proven over. Plans that only close are changed in place instead;
    what opens faces the verdict again, whatever its kind (P2, I14).
    """
    leg, name = proposal.terms.legs[0], proposal.terms.targets[0]
    old = await _order(seat, name)
    if old is None:
        return refuse("order_unknown", f"There is no order {name}.", "See /orders for the open ones.")
    if old.intent.kind.is_plan and old.intent.effect is Effect.CLOSE:
        return await _in_place(seat, old, leg)
    actor = actor_of(proposal.origin)
    if not old.state.settled:
        await cancel(seat, name, actor=actor, why="to be replaced")
        old = await _proven(seat, old)
    if not old.state.settled:
        return _late(seat, proposal, name, f"Order {name} is still not proven over.")
    left = replacement_size(replace(old, intent=leg.intent))
    if left is None:
        # The venue claims fills of it that are not in our books yet: sending the whole would be too much.
        return _late(seat, proposal, name, f"Not all fills of {name} are known.")
    if left <= ZERO or old.state is OrderState.FILLED:
        return refuse("order_filled", f"Order {name} had filled before it could be amended.", "See /positions.")
    read = gather if leg.intent.effect is Effect.OPEN else gather_exit
    facts = await read(seat, seat.shelf.instruments[leg.intent.symbol])
    if isinstance(facts, Refusal):
        return facts
    result = await submit(seat, proposal.id, leg, facts, size=left, replaces=name)
    if isinstance(result, Order):
        fact = OrderAmended(old=old, new=result)
        await seat.ledger.transact(lambda tx: write(tx, fact, seat.clock.now(), actor))
    return result


def _late(seat: Seat, proposal: Proposal, name: ClientOrderId, words: str) -> Refusal | None:
    late = seat.clock.now() - proposal.raised_at > PATIENCE
    return refuse("amend_late", words, "Amend it again.", value=name) if late else None


async def _order(seat: Seat, name: ClientOrderId) -> Order | None:
    return await seat.ledger.read(lambda tx: tx.orders.get(name))


async def _proven(seat: Seat, order: Order) -> Order:
    for pause in PAUSES_S:
        await seat.clock.sleep(pause)
        await ask(seat, order)
        order = await _order(seat, order.client_order_id) or order
        if order.state.settled:
            break
    return order


async def _in_place(seat: Seat, old: Order, leg: Leg) -> Order | Refusal:
    if old.state.settled:
        return refuse("order_over", f"Order {old.client_order_id} is over.", "Place a new one.")
    # Signed now: the moment the plan was sent with is long over (R2).
    wanted = replace(old, intent=leg.intent, signed_at=seat.clock.now())
    outcome = await seat.venue.amend_plan(key_of(old), wanted)
    if isinstance(outcome, Rejected):
        return refuse("amend_rejected", f"The exchange refused: {outcome.words}.", "The order stays as it was.")
    try:
        answer = await seat.venue.order(key_of(old))
    except VenueSilent:
        return old
    if isinstance(answer, OrderReport):
        return await learn(seat, answer) or old
    return old
