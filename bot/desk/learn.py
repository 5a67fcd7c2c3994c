"""Learn from a report: what the venue says about one order goes into the books, with its fills (R8, R10)."""
from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.desk.enter import claim_fills, enter, enter_fill, write
from bot.desk.seat import Seat
from bot.desk.twin import notice
from bot.domain.adoption import adopt
from bot.domain.events_holdings import ForeignOrderSeen
from bot.domain.events_orders import OrderAccepted, OrderAmended, StopMoved
from bot.domain.fill import Cause
from bot.domain.happenings import happening_of
from bot.domain.order import Order, Owner
from bot.domain.order_table import missing_fills
from bot.domain.reports import OrderReport
from bot.ports.ledger import Tx
from bot.ports.venue import VenueSilent

# How many of the latest orders are searched for the entry an unknown guard travelled with.
ADOPTION_DEPTH = 200


async def learn(seat: Seat, report: OrderReport) -> Order | None:
    """Enter a report and fetch the fills it implies; gives the order as stored, None for a foreign one that is over.

    Fills that cannot be read now are asked for again by the resolver: the order keeps claiming them.
    """
    order = await seat.ledger.transact(lambda tx: enter_report(tx, seat, report))
    if order is None or not missing_fills(order):
        return order
    instrument = seat.shelf.instruments.get(report.symbol)
    if instrument is None:
        return order
    try:
        since = report.created_at - timedelta(minutes=1)
        fills = await seat.venue.fills(instrument.line, since, order.executed_as or report.venue_order_id)
    except VenueSilent:
        return order

    def take(tx: Tx) -> Order | None:
        for fill in fills:
            enter_fill(tx, seat.shelf, fill, seat.clock.now())
        assert order is not None
        return tx.orders.get(order.client_order_id)

    return await seat.ledger.transact(take)


def find(tx: Tx, report: OrderReport) -> Order | None:
    """Find the order a report is about: by client order id, else by the venue's."""
    if report.client_order_id is not None:
        found = tx.orders.get(report.client_order_id)
        if found is not None:
            return found
    return tx.orders.by_venue_id(report.venue_order_id)


def enter_report(tx: Tx, seat: Seat, report: OrderReport) -> Order | None:
    """Enter one report; an order we do not know is ours again by its id, or recorded as foreign while it is open."""
    now = seat.clock.now()
    order = find(tx, report)
    if order is None:
        order = take_in(tx, seat, report)
        if order is None:
            return None
    order = _replanned(tx, order, report, now)
    order = enter(tx, order, happening_of(report, now, executed_as=order.executed_as), now, how="asked and found")
    if report.fill is not None:
        enter_fill(tx, seat.shelf, replace(report.fill, client_order_id=order.client_order_id), now)
        order = tx.orders.get(order.client_order_id) or order
    return order


def _replanned(tx: Tx, order: Order, report: OrderReport, now: datetime) -> Order:
    """Take over where a waiting plan stands now: trigger and size can be changed in place, here or in another app."""
    intent, trigger = order.intent, report.trigger
    own = report.venue_order_id == order.venue_order_id
    if not own or not intent.kind.is_plan or trigger is None or order.state.settled:
        return order
    if intent.trigger is not None and (intent.trigger.price, intent.size) == (trigger.price, report.size):
        return order
    if order.venue_updated_at is not None and report.updated_at < order.venue_updated_at:
        return order
    changed = replace(order, intent=replace(intent, trigger=trigger, size=report.size), version=order.version + 1)
    after = tx.orders.save(order, changed)
    if intent.kind.is_guard and intent.trigger is not None:
        fact = StopMoved(
            symbol=intent.symbol,
            direction=intent.direction,
            was=intent.trigger.price,
            now=trigger.price,
            size=report.size,
            why="seen at the exchange",
        )
        write(tx, fact, now, "venue")
    else:
        write(tx, OrderAmended(old=order, new=after), now, "venue")
    return after


def take_in(tx: Tx, seat: Seat, report: OrderReport) -> Order | None:
    """Record an order that is at the venue and not in our books; None for one that needs no row.

    With our id the row was lost: it is ours; so is a guard that travelled inside one of our entries (R11). Otherwise
    it is foreign: counted in exposure, shown, never touched unasked (FF-32). Foreign orders that are over, and forced
    closings, leave only their fills.
    """
    now = seat.clock.now()
    notice(tx, seat, report.client_order_id, report.created_at)
    order = adopt(report, seat.account, seat.tag, now, tx.orders.recent(ADOPTION_DEPTH))
    if order.owner is Owner.FOREIGN and (report.state.final or report.cause is not Cause.ORDER):
        return None
    if order.owner is Owner.FOREIGN and _may_be_sent_by_plan(tx, order):
        # Only the list of ended plans says whose it is: the next reconciliation reads it and decides.
        instrument = seat.shelf.instruments.get(report.symbol)
        if instrument is not None:
            seat.suspect.add(instrument.line)
        return None
    tx.orders.insert(order)
    if order.owner is Owner.FOREIGN:
        write(tx, ForeignOrderSeen(order=order), now, "venue")
    else:
        write(tx, OrderAccepted(order=order), now, "venue")
    return claim_fills(tx, order, now)


def _may_be_sent_by_plan(tx: Tx, order: Order) -> bool:
    """Tell whether a waiting plan of this leg could have sent the order: its push does not name the plan."""
    leg = (order.intent.direction, order.intent.effect)
    plans = (one for one in tx.orders.live(order.intent.symbol) if one.intent.kind.is_plan)
    return not order.intent.kind.is_plan and any((one.intent.direction, one.intent.effect) == leg for one in plans)
