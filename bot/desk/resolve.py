"""Chase what is unknown by asking, until the clock rule allows a verdict (R5, R6, R8); never by sending."""
from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.desk.cancel import key_of
from bot.desk.enter import enter, enter_fill
from bot.desk.learn import learn
from bot.desk.seat import Seat
from bot.domain.absence import proven_absent, proven_gone
from bot.domain.happenings import AskedAbsent, EndedAtVenue, NoClearAnswer, ProvenAbsent
from bot.domain.ids import ClientOrderId
from bot.domain.order import Order, OrderState
from bot.domain.order_table import missing_fills
from bot.domain.reports import Absent, OrderReport
from bot.ports.ledger import Tx
from bot.ports.venue import VenueSilent


@dataclass(slots=True)
class Asking:
    """How often one order was asked about, and when the next question is due."""

    count: int = 0
    due: datetime | None = None


async def resolve(seat: Seat, asked: dict[ClientOrderId, Asking]) -> int:
    """Ask once about every order whose question is due; gives how many are still unclear.

    Unclear are orders in doubt, orders whose cancellation was wished and not yet proven, orders that claim more than
    their fills, and orders rejected moments ago (the one safety look-up of field_failures appendix 1).
    """
    now = seat.clock.now()
    orders = await seat.ledger.read(lambda tx: _unclear(tx, seat, now))
    names = {order.client_order_id for order in orders}
    seat.steady.keep(names | seat.sending)
    for name in [name for name in asked if name not in names]:
        del asked[name]
    for order in orders:
        state = asked.setdefault(order.client_order_id, Asking())
        if state.due is not None and seat.clock.now() < state.due:
            continue
        await ask(seat, order)
        steps = seat.rules.ask_steps_s
        state.due = seat.clock.now() + timedelta(seconds=steps[min(state.count, len(steps) - 1)])
        state.count += 1
    return len(orders)


def _unclear(tx: Tx, seat: Seat, now: datetime) -> list[Order]:
    found = []
    for order in tx.orders.in_question():
        waiting = order.client_order_id in seat.sending and not _overdue(seat, order, now)
        doubt = order.state.unresolved and not waiting
        if doubt or order.cancel_requested_at is not None or missing_fills(order) or order.ended_at is not None:
            found.append(order)
    lookup = timedelta(seconds=seat.rules.rejected_lookup_s)
    for order in tx.orders.unsure_since(now - 2 * lookup):
        settled = order.settled_at
        doubtful_no = order.state is OrderState.REJECTED and settled is not None and now - settled >= lookup
        if doubtful_no or missing_fills(order):
            found.append(order)
    return found


def _overdue(seat: Seat, order: Order, now: datetime) -> bool:
    """Tell whether a send takes longer than any answer could: its task must have been lost."""
    start = order.signed_at or order.created_at
    return now - start > timedelta(seconds=seat.rules.validity_s)


async def ask(seat: Seat, order: Order) -> None:
    """Ask the venue about one order and enter what it says; silence changes nothing (R6)."""
    try:
        answer = await seat.venue.order(key_of(order))
        if isinstance(answer, Absent):
            await absent(seat, order, timely(seat, order, answer))
            return
        await learn(seat, answer)
    except VenueSilent:
        await _doubt(seat, order)


def timely(seat: Seat, order: Order, answer: Absent) -> Absent:
    """Date an absence by the order's own age where the wall clock was set ahead meanwhile (R5, FF-61)."""
    return replace(answer, asked_at=seat.steady.present(order, answer.asked_at, seat.clock.monotonic()))


async def absent(seat: Seat, order: Order, answer: Absent) -> None:
    """Count an explicit "no such order"; after enough of them, late enough, look through all lists (R5, FF-07)."""

    def count(tx: Tx) -> Order | None:
        current = tx.orders.get(order.client_order_id)
        if current is None or current.state.settled:
            return None
        if current.state is OrderState.SUBMITTING:
            why = "no answer came back to the request"
            current = enter(tx, current, NoClearAnswer(at=answer.asked_at, why=why), answer.asked_at)
        return enter(tx, current, AskedAbsent(at=answer.asked_at), answer.asked_at)

    current = await seat.ledger.transact(count)
    rule, now = seat.rules.clock_rule, seat.clock.now()
    if current is None or not (proven_absent(current, now, rule) or proven_gone(current, now, rule)):
        return
    if await _listed(seat, current):
        return

    def bury(tx: Tx) -> None:
        again = tx.orders.get(order.client_order_id)
        moment = seat.clock.now()
        how = "asked often and late enough, and no list has it"
        if again is not None and proven_absent(again, moment, rule):
            enter(tx, again, ProvenAbsent(at=moment), moment, how=how)
        elif again is not None and proven_gone(again, moment, rule):
            end = EndedAtVenue(at=moment, venue_order_id=None, filled=again.filled, reason=how)
            enter(tx, again, end, moment, how=how)

    await seat.ledger.transact(bury)


async def _listed(seat: Seat, order: Order) -> bool:
    """Look through open, ended and executed lists; True when found (and learnt) or when a list could not be read."""
    instrument = seat.shelf.instruments.get(order.intent.symbol)
    if instrument is None:
        return True
    line, since = instrument.line, (order.signed_at or order.created_at) - timedelta(minutes=1)
    try:
        if order.intent.kind.is_plan:
            reports = (*await seat.venue.open_plans(line), *await seat.venue.ended_plans(line, since))
        else:
            reports = (*await seat.venue.open_orders(line), *await seat.venue.ended_orders(line, since))
        fills = await seat.venue.fills(line, since)
    except VenueSilent:
        return True
    mine = [report for report in reports if _is(report, order)]
    paid = [fill for fill in fills if fill.client_order_id == order.client_order_id]
    for report in mine:
        await learn(seat, report)
    if paid:
        now = seat.clock.now()
        await seat.ledger.transact(lambda tx: [enter_fill(tx, seat.shelf, fill, now) for fill in paid])
    return bool(mine or paid)


def _is(report: OrderReport, order: Order) -> bool:
    if report.client_order_id is not None:
        return report.client_order_id == order.client_order_id
    return order.venue_order_id is not None and report.venue_order_id == order.venue_order_id


async def _doubt(seat: Seat, order: Order) -> None:
    """Call an order in doubt whose send was lost with its task; asking goes on."""
    if order.state is not OrderState.SUBMITTING:
        return

    def work(tx: Tx) -> None:
        current = tx.orders.get(order.client_order_id)
        if current is not None and current.state is OrderState.SUBMITTING:
            now = seat.clock.now()
            enter(tx, current, NoClearAnswer(at=now, why="no answer came back to the request"), now)

    await seat.ledger.transact(work)
