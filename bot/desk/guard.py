"""Carry out what was decided about guards: move a stop in place, place new ones, waive; never a gap (FF-36)."""
from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from bot.desk.cancel import cancel, key_of
from bot.desk.enter import write
from bot.desk.facts import gather_exit
from bot.desk.learn import learn
from bot.desk.seat import Seat
from bot.desk.submit import submit
from bot.desk.verdict import actor_of
from bot.desk.waive import waive
from bot.domain.events_orders import StopFailed, StopPlaced
from bot.domain.ids import ClientOrderId
from bot.domain.intent import OrderKind
from bot.domain.order import Order, OrderState
from bot.domain.proposal import Leg, Proposal
from bot.domain.protection import Protection, ProtectionState
from bot.domain.refusal import Refusal, refuse
from bot.domain.reports import OrderReport
from bot.ports.ledger import Tx
from bot.ports.venue import Accepted, Rejected, VenueSilent

PLACED = (OrderState.OPEN, OrderState.PARTLY_FILLED, OrderState.FILLED)


async def carry_out(seat: Seat, proposal: Proposal) -> tuple[tuple[Order, ...], tuple[Refusal, ...]]:
    """Carry out a decided PROTECT proposal; gives the guard orders it came to, and refusals.

    A single old stop is changed in place, so that the position is guarded at every moment. Otherwise the new guard is
    placed and read back first, and only then are the old ones cancelled.
    """
    terms = proposal.terms
    if terms.waiver is not None:
        symbol, direction = terms.symbol, terms.direction
        assert symbol is not None and direction is not None, "A waiver names its position."
        await seat.ledger.transact(lambda tx: waive(tx, seat, proposal, symbol, direction))
        await _drop(seat, proposal, terms.targets)
        return (), ()
    old = await seat.ledger.read(lambda tx: _orders(tx, terms.targets))
    done: list[Order] = []
    refusals: list[Refusal] = []
    spared: set[ClientOrderId] = set()
    for leg in terms.legs:
        same = [one for one in old if one.intent.kind is leg.intent.kind and one.client_order_id not in spared]
        movable = same[0] if len(same) == 1 and leg.intent.kind is OrderKind.STOP else None
        result = await _move(seat, movable, leg) if movable is not None else await _place(seat, proposal, leg)
        if isinstance(result, Refusal):
            refusals.append(result)
            spared |= {one.client_order_id for one in same}
            await _failed(seat, leg, result)
            continue
        done.append(result)
        spared.add(result.client_order_id)
        await _remember(seat, leg, result, actor_of(proposal.origin))
    await _drop(seat, proposal, tuple(one.client_order_id for one in old if one.client_order_id not in spared))
    return tuple(done), tuple(refusals)


def _orders(tx: Tx, names: tuple[ClientOrderId, ...]) -> tuple[Order, ...]:
    found = (tx.orders.get(name) for name in names)
    return tuple(one for one in found if one is not None and not one.state.settled)


async def _move(seat: Seat, old: Order, leg: Leg) -> Order | Refusal:
    # A guard that came with an entry is for that entry's size and keeps it; the venue wants the size said (FF-37).
    # The change is signed now: the moment its order was sent with is long over for one that we placed (R2).
    wanted = replace(old, intent=replace(leg.intent, size=old.intent.size), signed_at=seat.clock.now())
    outcome = await seat.venue.amend_plan(key_of(old), wanted)
    if isinstance(outcome, Rejected):
        words = f"The exchange refused to move the stop: {outcome.words}."
        return refuse("guard_rejected", words, "The old one stays.")
    found = await _read_back(seat, old)
    trigger = found.intent.trigger if found is not None else None
    price = leg.intent.trigger.price if leg.intent.trigger is not None else None
    if found is None or trigger is None or trigger.price != price:
        why = "it could not be read back" if isinstance(outcome, Accepted) else outcome.why
        return refuse("guard_unproven", f"Whether the stop moved is not known: {why}.", "It is being checked.")
    return found


async def _place(seat: Seat, proposal: Proposal, leg: Leg) -> Order | Refusal:
    facts = await gather_exit(seat, seat.shelf.instruments[leg.intent.symbol])
    order = await submit(seat, proposal.id, leg, facts)
    if isinstance(order, Refusal):
        return order
    if order.state is OrderState.REJECTED:
        return refuse("guard_rejected", f"The exchange refused the guard: {order.reason}.", "Name another price.")
    found = await _read_back(seat, order)
    if found is None or found.state not in PLACED:
        words = "The guard was sent and is not seen at the exchange yet."
        return refuse("guard_unproven", words, "It is being checked.")
    return found


async def _read_back(seat: Seat, order: Order) -> Order | None:
    """Ask for a guard until it is seen or `stop_verify_s` is over (FF-35)."""
    deadline = seat.clock.now() + timedelta(seconds=seat.rules.stop_verify_s)
    for pause in seat.rules.ask_steps_s:
        try:
            answer = await seat.venue.order(key_of(order))
            if isinstance(answer, OrderReport):
                return await learn(seat, answer)
        except VenueSilent:
            pass
        if seat.clock.now() + timedelta(seconds=pause) > deadline:
            return None
        await seat.clock.sleep(pause)
    return None


async def _drop(seat: Seat, proposal: Proposal, names: tuple[ClientOrderId, ...]) -> None:
    for name in names:
        await cancel(seat, name, actor=actor_of(proposal.origin), why="replaced by another guard")


async def _remember(seat: Seat, leg: Leg, order: Order, actor: str) -> None:
    intent = leg.intent
    if intent.kind is OrderKind.TARGET or intent.trigger is None:
        return
    price: Decimal = intent.trigger.price

    def work(tx: Tx) -> None:
        before = tx.protections.get(intent.symbol, intent.direction)
        base = before or Protection(
            account=seat.account, symbol=intent.symbol, direction=intent.direction, state=ProtectionState.PLACING
        )
        state = ProtectionState.PLACING if base.state is not ProtectionState.VERIFIED else base.state
        after = replace(base, state=state, stop=price, stop_order=order.client_order_id, waiver=None)
        tx.protections.save(before, after)
        fact = StopPlaced(
            symbol=intent.symbol,
            direction=intent.direction,
            price=price,
            size=intent.size,
            client_order_id=order.client_order_id,
        )
        write(tx, fact, seat.clock.now(), actor)

    await seat.ledger.transact(work)


async def _failed(seat: Seat, leg: Leg, refused: Refusal) -> None:
    price = leg.intent.trigger.price if leg.intent.trigger is not None else None
    fact = StopFailed(
        symbol=leg.intent.symbol, direction=leg.intent.direction, price=price, why=refused.reasons[0].sentence
    )
    await seat.ledger.transact(lambda tx: write(tx, fact, seat.clock.now(), "system:protect"))
