"""Shrink a guard of ours that is larger than its position: a size that is not there must not be sold (FF-40)."""
from __future__ import annotations

from dataclasses import replace

from bot.desk.cancel import key_of
from bot.desk.learn import learn
from bot.desk.seat import Seat
from bot.domain.order import Order, Owner
from bot.domain.protection import Finding
from bot.domain.reports import OrderReport
from bot.ports.ledger import Tx
from bot.ports.venue import VenueSilent


async def shrink(seat: Seat, finding: Finding) -> bool:
    """Bring an oversized guard down to the size held, in place, and read it back; False where it was left alone.

    Left alone are a stranger's guard, and one whose entry or close is still under way: the size held is about to
    change, and the guard may be for all of it. What the exchange answers decides nothing (R8); the next look does.
    """
    guard, position = finding.guard, finding.position
    if guard is None or position is None or guard.client_order_id is None:
        return False
    order = await seat.ledger.read(lambda tx: _quiet(tx, finding))
    if order is None:
        return False
    size = position.size
    wanted = replace(order, intent=replace(order.intent, size=size), signed_at=seat.clock.now())
    await seat.venue.amend_plan(key_of(order), wanted)
    try:
        answer = await seat.venue.order(key_of(order))
    except VenueSilent:
        return True
    if isinstance(answer, OrderReport):
        await learn(seat, answer)
    return True


def _quiet(tx: Tx, finding: Finding) -> Order | None:
    """Give the guard's order where nothing else of its leg is under way and the position still is what was seen."""
    guard, position = finding.guard, finding.position
    assert guard is not None and position is not None and guard.client_order_id is not None
    order = tx.orders.get(guard.client_order_id)
    if order is None or order.state.settled or order.owner is not Owner.OURS:
        return None
    held = tx.positions.get(finding.symbol, finding.direction)
    if held is None or held.size != position.size:
        return None
    others = (one for one in tx.orders.live(finding.symbol) if one.intent.direction is finding.direction)
    return None if any(not one.intent.kind.is_guard for one in others) else order
