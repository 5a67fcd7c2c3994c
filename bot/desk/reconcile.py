"""Bring our books and the venue's together: the one recovery path of start, reconnect and the periodic check (P5)."""
from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from bot.desk.cancel import key_of
from bot.desk.enter import claim_fills, enter, enter_fill, fills_of, truth_name, write
from bot.desk.resolve import timely
from bot.desk.seat import Seat
from bot.desk.twin import notice
from bot.domain.events_holdings import (
    DriftFound,
    ForeignOrderSeen,
    ForeignPositionSeen,
    PositionChanged,
    ReconciliationDone,
)
from bot.domain.events_orders import OrderAccepted
from bot.domain.fill import Fill
from bot.domain.ids import ClientOrderId, Symbol, VenueOrderId
from bot.domain.instrument import ProductLine
from bot.domain.numbers import ZERO
from bot.domain.order import Order, Owner
from bot.domain.reconcile import (
    AskFor,
    Correction,
    FetchFills,
    FillMissed,
    Happened,
    Local,
    OrderFound,
    PositionCorrected,
    Reading,
    compare,
)
from bot.domain.record import milliseconds, moment_of
from bot.domain.reports import Absent, OrderReport
from bot.ports.ledger import Tx
from bot.ports.venue import VenueSilent

ROUNDS = 4
DRIFT_PAUSE_S = 0.4
LOOK_FOR_FILLS = timedelta(days=7)
# A piece takes about a millisecond: an order that comes between waits no longer than a slow commit takes.
TOGETHER = 32

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """What one reconciliation did: corrections applied, fills found, drifts, and questions still open."""

    corrections: int
    fills: int
    drifts: int
    open_questions: int


@dataclass(slots=True)
class Asked:
    """Answers collected over the rounds of one reconciliation."""

    answers: dict[ClientOrderId, OrderReport | Absent] = field(default_factory=dict)
    fetched: set[VenueOrderId] = field(default_factory=set)


async def reconcile(seat: Seat, why: str, lines: tuple[ProductLine, ...] | None = None) -> Reconciled:
    """Fetch, compare and correct until nothing changes; gives what was done.

    Raises VenueSilent when a part could not be read: a partial reading corrects nothing (I22, FF-55). A position that
    differs is read a second time before the venue's word replaces ours, because a fill may be on its way.
    """
    started = seat.clock.now()
    total = Reconciled(corrections=0, fills=0, drifts=0, open_questions=0)
    for line in lines or seat.lines:
        total = _sum(total, await _line(seat, line))
    took = int((seat.clock.now() - started).total_seconds() * 1000)
    fact = ReconciliationDone(
        why=why, corrections=total.corrections, fills=total.fills, drifts=total.drifts, took_ms=took
    )
    if total.corrections or why != "periodic":
        await seat.ledger.transact(lambda tx: write(tx, fact, seat.clock.now(), "system:reconcile"))
    return total


def _sum(one: Reconciled, two: Reconciled) -> Reconciled:
    return Reconciled(
        corrections=one.corrections + two.corrections,
        fills=one.fills + two.fills,
        drifts=one.drifts + two.drifts,
        open_questions=one.open_questions + two.open_questions,
    )


async def _line(seat: Seat, line: ProductLine) -> Reconciled:
    asked, started = Asked(), seat.clock.now()
    done = Reconciled(corrections=0, fills=0, drifts=0, open_questions=0)
    suspected: set[tuple[Symbol, str]] = set()
    for _ in range(ROUNDS):
        reading = await _read(seat, line, asked)
        found = await _compared(seat, line, reading)
        fresh = await _questions(seat, line, found, asked)
        usable, doubtful = _split(found, suspected)
        for applied in await _together(seat, [partial(_apply, seat, one, reading.positions_at) for one in usable]):
            done = _sum(done, applied)
        if not fresh and not doubtful:
            break
        suspected |= doubtful
        if doubtful:
            await seat.clock.sleep(DRIFT_PAUSE_S)
    await _read_through(seat, line, started)
    return replace(done, open_questions=len([one for one in found if isinstance(one, AskFor | FetchFills)]))


async def _compared(seat: Seat, line: ProductLine, reading: Reading) -> tuple[Correction, ...]:
    """Compare where the books are read: tens of milliseconds with thousands of fills, not spent on the event loop."""
    now = seat.clock.now()
    return await seat.ledger.read(lambda tx: compare(_local(tx, seat, line), reading, now, seat.rules.clock_rule))


def _split(
    found: tuple[Correction, ...], suspected: set[tuple[Symbol, str]]
) -> tuple[list[Correction], set[tuple[Symbol, str]]]:
    """Hold back a position whose size differs until a second reading says the same."""
    usable: list[Correction] = []
    doubtful: set[tuple[Symbol, str]] = set()
    for one in found:
        if isinstance(one, PositionCorrected) and one.drift and (one.now.symbol, one.words) not in suspected:
            doubtful.add((one.now.symbol, one.words))
        elif not isinstance(one, AskFor | FetchFills):
            usable.append(one)
    return usable, doubtful


async def _read(seat: Seat, line: ProductLine, asked: Asked) -> Reading:
    since = await seat.ledger.read(lambda tx: _since(tx, seat, line))
    venue = seat.venue
    # Positions first: the fills read after them include every fill that made them.
    positions, accounts = await asyncio.gather(venue.positions(line), venue.accounts(line))
    positions_at = seat.clock.now()
    orders, plans, ended, ended_plans, fills = await asyncio.gather(
        venue.open_orders(line),
        venue.open_plans(line),
        venue.ended_orders(line, since),
        venue.ended_plans(line, since),
        venue.fills(line, since),
    )
    await seat.ledger.transact(lambda tx: [tx.accounts.save(account) for account in accounts])
    return Reading(
        reports=(*orders, *plans, *ended, *ended_plans),
        fills=fills,
        positions=positions,
        positions_at=positions_at,
        asked=dict(asked.answers),
        fetched=frozenset(asked.fetched),
    )


async def _read_through(seat: Seat, line: ProductLine, started: datetime) -> None:
    """Note that a line was read and applied whole up to here; not each time, for the overlap is long enough."""
    name, seldom = _mark(line), timedelta(seconds=seat.rules.fills_overlap_s / 3)
    kept = await seat.ledger.read(lambda tx: tx.desk.value(name))
    if kept is None or started - moment_of(int(kept["at"])) >= seldom:
        stamp = {"at": milliseconds(started)}
        await seat.ledger.transact(lambda tx: tx.desk.set_value(name, stamp, seat.clock.now()))


def _mark(line: ProductLine) -> str:
    return f"read:{line.value}"


def _since(tx: Tx, seat: Seat, line: ProductLine) -> datetime:
    """Give the moment to look back to: the last whole reading less an overlap, never later than the oldest live order.

    The last known fill is no such moment: another line, a push, or half a reading may have brought it (FF-55, FF-64).
    """
    now = seat.clock.now()
    kept = tx.desk.value(_mark(line))
    overlap = timedelta(seconds=seat.rules.fills_overlap_s)
    first = now - timedelta(seconds=seat.rules.first_lookback_s)
    start = moment_of(int(kept["at"])) - overlap if kept is not None else first
    live = tx.orders.live()
    oldest = min((order.created_at for order in live if order.state.unresolved), default=now)
    return min(start, oldest - timedelta(minutes=1), now - overlap)


def _local(tx: Tx, seat: Seat, line: ProductLine) -> Local:
    def here(symbol: Symbol) -> bool:
        instrument = seat.shelf.instruments.get(symbol)
        return instrument is not None and instrument.line is line

    since = _since(tx, seat, line)
    orders = {order.client_order_id: order for order in tx.orders.settled_since(since)}
    orders |= {order.client_order_id: order for order in tx.orders.live()}
    mine = tuple(order for order in orders.values() if here(order.intent.symbol))
    known = tx.fills.since(since - timedelta(minutes=1))
    return Local(
        account=seat.account,
        tag=seat.tag,
        orders=mine,
        fills={order.client_order_id: fills_of(tx, order) for order in mine},
        foreign_trades=frozenset(fill.trade_id for fill in known),
        positions=tuple(position for position in tx.positions.held() if here(position.symbol)),
        in_flight=frozenset(seat.sending),
    )


async def _questions(seat: Seat, line: ProductLine, found: tuple[Correction, ...], asked: Asked) -> bool:
    """Ask what comparing wants to know and was not asked yet; True when there was something new to ask."""
    fresh = False
    for one in found:
        if isinstance(one, AskFor) and one.client_order_id not in asked.answers:
            order = await _order(seat, one.client_order_id)
            if order is not None:
                answer = await seat.venue.order(key_of(order))
                if isinstance(answer, Absent):
                    answer = timely(seat, order, answer)
                asked.answers[one.client_order_id] = answer
                fresh = True
        elif isinstance(one, FetchFills) and one.venue_order_id not in asked.fetched:
            fills = await seat.venue.fills(line, seat.clock.now() - LOOK_FOR_FILLS, one.venue_order_id)
            await take_fills(seat, fills)
            asked.fetched.add(one.venue_order_id)
            fresh = True
    return fresh


async def _order(seat: Seat, identity: ClientOrderId) -> Order | None:
    return await seat.ledger.read(lambda tx: tx.orders.get(identity))


async def take_fills(seat: Seat, fills: tuple[Fill, ...]) -> int:
    """Take fills into the books, each whole or not at all; gives how many were news."""
    return sum(await _together(seat, [partial(_take_fill, seat, fill) for fill in fills]))


def _take_fill(seat: Seat, fill: Fill, tx: Tx) -> bool:
    return enter_fill(tx, seat.shelf, fill, seat.clock.now())


async def _together(seat: Seat, works: Sequence[Callable[[Tx], Result]]) -> list[Result]:
    """Do pieces of work in their order, each a unit of its own, and let the books commit many of them at a time.

    One commit for each would take a minute for the ten thousand fills of a first start; all in one would keep an order
    waiting for all of them.
    """
    results: list[Result] = []
    for first in range(0, len(works), TOGETHER):
        results += await asyncio.gather(*map(seat.ledger.transact, works[first : first + TOGETHER]))
    return results


def _apply(seat: Seat, correction: Correction, read_at: datetime, tx: Tx) -> Reconciled:
    none, now = Reconciled(corrections=0, fills=0, drifts=0, open_questions=0), seat.clock.now()
    if isinstance(correction, Happened):
        order = tx.orders.get(correction.client_order_id)
        if order is None:
            return none
        after = enter(tx, order, correction.happening, now, how="reconciliation found it")
        return replace(none, corrections=int(after is not order))
    if isinstance(correction, FillMissed):
        taken = int(enter_fill(tx, seat.shelf, correction.fill, now, actor="system:reconcile"))
        return replace(none, corrections=taken, fills=taken)
    if isinstance(correction, OrderFound):
        return replace(none, corrections=int(_found(tx, seat, correction.order, now)))
    if isinstance(correction, PositionCorrected):
        return _position(tx, correction, now, read_at)
    return none


def _found(tx: Tx, seat: Seat, order: Order, now: datetime) -> bool:
    if tx.orders.get(order.client_order_id) is not None:
        return False
    notice(tx, seat, order.client_order_id, order.created_at)
    tx.orders.insert(order)
    if order.owner is Owner.FOREIGN:
        write(tx, ForeignOrderSeen(order=order), now, "system:reconcile")
    else:
        write(tx, OrderAccepted(order=order), now, "system:reconcile")
    claim_fills(tx, order, now, actor="system:reconcile")
    return True


def _position(tx: Tx, correction: PositionCorrected, now: datetime, read_at: datetime) -> Reconciled:
    was, position = tx.positions.get(correction.now.symbol, correction.now.direction), correction.now
    if was is not None and was.as_of > read_at:
        # A fill moved it after the reading; the next reading will tell.
        return Reconciled(corrections=0, fills=0, drifts=0, open_questions=0)
    tx.positions.save(position)
    if not correction.drift:
        return Reconciled(corrections=0, fills=0, drifts=0, open_questions=0)
    tx.desk.set_value(truth_name(position.symbol, position.direction), {"at": milliseconds(read_at)}, now)
    write(tx, PositionChanged(was=was, now=position, realised=ZERO, outside=True), now, "system:reconcile")
    if was is None or was.size == ZERO:
        write(tx, ForeignPositionSeen(position=position), now, "system:reconcile")
    name = f"{position.symbol} {position.direction.value}"
    before = str(was.size) if was is not None else "0"
    drift = DriftFound(
        subject=name, symbol=position.symbol, local=before, venue=str(position.size), words=correction.words
    )
    write(tx, drift, now, "system:reconcile")
    return Reconciled(corrections=1, fills=0, drifts=1, open_questions=0)


async def reconcile_or_none(seat: Seat, why: str) -> Reconciled | None:
    """Reconcile and give None where the venue could not be read: nothing changed, the next period tries again."""
    try:
        return await reconcile(seat, why)
    except VenueSilent:
        return None
