"""Let a position be without a stop because a named person said so, for a time (I8)."""
from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.desk.enter import write
from bot.desk.seat import Seat
from bot.desk.verdict import actor_of
from bot.domain.events_orders import WaiverEnded, WaiverGranted
from bot.domain.ids import Symbol
from bot.domain.intent import Direction, Effect
from bot.domain.numbers import ZERO
from bot.domain.order import Order, Owner
from bot.domain.position import Position
from bot.domain.proposal import Proposal
from bot.domain.protection import Protection, ProtectionState, Waiver
from bot.ports.ledger import Tx

ACTOR = "system:protect"


def waive(tx: Tx, seat: Seat, proposal: Proposal, symbol: Symbol, direction: Direction) -> None:
    """Waive the stop of a position by a decided proposal, for `waiver_life_s` from now."""
    now = seat.clock.now()
    until = now + timedelta(seconds=seat.rules.waiver_life_s)
    waiver = Waiver(
        by=proposal.origin.person, reason=proposal.terms.waiver or "no reason given", at=now, until=until
    )
    before = tx.protections.get(symbol, direction)
    base = before or Protection(
        account=seat.account, symbol=symbol, direction=direction, state=ProtectionState.NAKED
    )
    after = replace(base, state=ProtectionState.WAIVED, waiver=waiver, stop=None, stop_order=None, naked_since=None)
    tx.protections.save(before, after)
    fact = WaiverGranted(symbol=symbol, direction=direction, waiver=waiver, name=proposal.origin.name)
    write(tx, fact, now, actor_of(proposal.origin))


def waive_by_entry(tx: Tx, seat: Seat, position: Position, now: datetime) -> None:
    """Grant the waiver that the opening of a fresh position carried, once: a guarded one keeps its stop."""
    before = tx.protections.get(position.symbol, position.direction)
    if before is not None and (before.state is not ProtectionState.NAKED or before.naked_since is not None):
        return
    entry = _entry_of(tx, position)
    if entry is None or entry.proposal_id is None:
        return
    proposal = tx.proposals.get(entry.proposal_id)
    if proposal is None or proposal.terms.waiver is None:
        return
    used = f"waiver:{proposal.id}"
    late = now - entry.created_at > timedelta(seconds=seat.rules.waiver_life_s)
    if late or tx.desk.value(used) is not None:
        return
    tx.desk.set_value(used, {}, now)
    waive(tx, seat, proposal, position.symbol, position.direction)


def _entry_of(tx: Tx, position: Position) -> Order | None:
    """Find the latest order of ours that opened a position."""
    for order in tx.orders.recent(100):
        intent = order.intent
        same = (intent.symbol, intent.direction) == (position.symbol, position.direction)
        if same and intent.effect is Effect.OPEN and order.owner is Owner.OURS and order.filled > ZERO:
            return order
    return None


def holds(tx: Tx, protection: Protection, now: datetime) -> bool:
    """Tell whether a waiver lets this position be without a stop now; one whose time is over ends here, told."""
    if protection.state is not ProtectionState.WAIVED or protection.waiver is None:
        return False
    if now < protection.waiver.until:
        return True
    after = replace(protection, state=ProtectionState.NAKED, waiver=None, naked_since=now)
    tx.protections.save(protection, after)
    fact = WaiverEnded(symbol=protection.symbol, direction=protection.direction, why="its time is over")
    write(tx, fact, now, ACTOR)
    return False
