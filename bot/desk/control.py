"""Control the desk: halting is cheap, resuming explicit, limits by scope; each change is one row and one line."""
from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from bot.desk.enter import write
from bot.desk.seat import Seat
from bot.domain.events_control import LimitsChanged, TradingStateChanged
from bot.domain.events_holdings import ForeignSettled
from bot.domain.ids import ClientOrderId, PersonId
from bot.domain.limits import Limits
from bot.domain.order import Order, Owner
from bot.domain.record import from_plain, to_plain
from bot.domain.refusal import Refusal, refuse
from bot.domain.trading import TradingState
from bot.ports.ledger import Tx

PAST_THE_BOOKS = "wiredesk halt, while the books could not be written"
ADOPT, IGNORE = "adopt", "ignore"
STRICTNESS = {TradingState.ACTIVE: 0, TradingState.REDUCE_ONLY: 1, TradingState.HALTED: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class StateSet:
    """The trading state as it is now, whether it changed, and the opening orders that still rest."""

    now: TradingState
    changed: bool
    resting: tuple[Order, ...]


async def halt(seat: Seat, *, by: PersonId | None, why: str, actor: str) -> StateSet:
    """Halt: one row, no network, no calculation (FF-81); cancels nothing and lists what still rests."""
    return await _set(seat, TradingState.HALTED, by=by, why=why, actor=actor)


async def pause(seat: Seat, *, by: PersonId | None, why: str, actor: str) -> StateSet:
    """Let nothing open; exits and cancels go on. A halted desk stays halted."""
    return await _set(seat, TradingState.REDUCE_ONLY, by=by, why=why, actor=actor, only_stricter=True)


async def resume(seat: Seat, *, by: PersonId | None, why: str, actor: str) -> StateSet:
    """Let everything go on; who may and with which second factor is asked before.

    A halt past the books is taken into them and its mark away first: a younger one stays, and so does one that cannot
    be taken away; then the desk stays HALTED.
    """
    await fold(seat)
    done = await _set(seat, TradingState.ACTIVE, by=by, why=why, actor=actor)
    return replace(done, now=TradingState.HALTED, changed=False) if seat.switch.thrown() else done


async def fold(seat: Seat) -> None:
    """Take halts that were made past the books into them, then their marks away (C6)."""
    if not seat.switch.marks():
        return

    def work(tx: Tx) -> tuple[str, ...]:
        # Looked at again inside: a resume may have come before this.
        marks, was, now = seat.switch.marks(), tx.desk.trading_state(), seat.clock.now()
        if marks and was is not TradingState.HALTED:
            tx.desk.set_trading_state(TradingState.HALTED, now)
            fact = TradingStateChanged(was=was, now=TradingState.HALTED, by=None, why=PAST_THE_BOOKS)
            write(tx, fact, now, "local")
        return marks

    seat.switch.clear(await seat.ledger.transact(work))


def trading_now(tx: Tx, seat: Seat) -> TradingState:
    """Give the trading state in force: the stored one, or HALTED while a halt past the books stands (R13, I14)."""
    return TradingState.HALTED if seat.switch.thrown() else tx.desk.trading_state()


async def _set(
    seat: Seat, state: TradingState, *, by: PersonId | None, why: str, actor: str, only_stricter: bool = False
) -> StateSet:
    def work(tx: Tx) -> StateSet:
        was, now = tx.desk.trading_state(), seat.clock.now()
        target = was if only_stricter and STRICTNESS[was] > STRICTNESS[state] else state
        if was is not target:
            tx.desk.set_trading_state(target, now)
            write(tx, TradingStateChanged(was=was, now=target, by=by, why=why), now, actor)
        resting = tuple(one for one in tx.orders.live() if one.intent.effect.value == "OPEN")
        return StateSet(now=target, changed=was is not target, resting=resting)

    done = await seat.ledger.transact(work)
    seat.wake.set()
    return done


async def set_limits(seat: Seat, scope: str, limits: Limits, *, by: PersonId | None, actor: str) -> None:
    """Store the limits of a scope ("account", "symbol:BTCUSDT", "person:17"); the settings' ceiling stays above."""

    now = seat.clock.now()
    await seat.ledger.transact(lambda tx: keep_limits(tx, scope, limits, by=by, actor=actor, now=now))


def keep_limits(
    tx: Tx, scope: str, limits: Limits, *, by: PersonId | None, actor: str, now: datetime
) -> None:
    """Store limits inside a transaction, with the line that tells of it."""
    was = next((from_plain(Limits, row.values) for row in tx.desk.limits() if row.scope == scope), None)
    tx.desk.set_limits(scope, to_plain(limits), by, now)
    write(tx, LimitsChanged(scope=scope, was=was, now=limits, by=by), now, actor)


async def settle_foreign(seat: Seat, name: ClientOrderId, choice: str, *, actor: str) -> Order | Refusal:
    """Answer what to do with a foreign order: "adopt" makes it ours, "ignore" leaves it counted and quiet."""

    def work(tx: Tx) -> Order | Refusal:
        order = tx.orders.get(name)
        if order is None or order.owner is not Owner.FOREIGN:
            return refuse("not_foreign", f"{name} is no foreign order.", "See /orders.")
        if choice not in (ADOPT, IGNORE):
            words = f"{choice} is no answer to a foreign order."
            return refuse("foreign_choice", words, f"Say {ADOPT} or {IGNORE}, or cancel it.", value=choice)
        now = seat.clock.now()
        if choice == ADOPT:
            order = tx.orders.save(order, replace(order, owner=Owner.OURS, version=order.version + 1))
        stored = tx.desk.value("foreign") or {}
        tx.desk.set_value("foreign", {**stored, name: choice}, now)
        write(tx, ForeignSettled(subject=name, symbol=order.intent.symbol, choice=choice), now, actor)
        return order

    return await seat.ledger.transact(work)
