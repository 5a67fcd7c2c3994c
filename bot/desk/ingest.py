"""Take what the venue pushes into the books: one transaction a fact, in any order, any number of times (9(b))."""
from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.desk.enter import enter_fill, reduce_only, write
from bot.desk.learn import learn
from bot.desk.reconcile import Reconciled, reconcile
from bot.desk.seat import Seat
from bot.domain import events_holdings
from bot.domain.events_control import StreamLost, StreamRestored
from bot.domain.events_holdings import DriftFound, LeverageChanged
from bot.domain.fill import Fill
from bot.domain.numbers import plain
from bot.domain.order_table import ImpossibleTransition
from bot.domain.reports import AccountReport, Deleveraged, OrderReport, PositionReport, PositionsReport
from bot.ports.ledger import Tx
from bot.ports.ledger_rows import EquityMark
from bot.ports.venue import StreamDown, StreamUp, VenueEvent, VenueSilent

MARK_EVERY = timedelta(minutes=1)
RETRY_S = 1.0


async def ingest(seat: Seat) -> None:
    """Follow the venue's events for ever; after every gap the books are reconciled before anything is called live."""
    async for event in seat.venue.events():
        try:
            await take(seat, event)
        except ImpossibleTransition as odd:
            await _odd(seat, event, str(odd))


async def _odd(seat: Seat, event: VenueEvent, words: str) -> None:
    """Keep what no arrow of ours fits: told, and everything of its product line read again (FF-70)."""
    symbol = event.symbol if isinstance(event, OrderReport | Fill) else None
    instrument = seat.shelf.instruments.get(symbol) if symbol is not None else None
    seat.suspect.update(seat.lines if instrument is None else (instrument.line,))
    said = event.raw_state if isinstance(event, OrderReport) else type(event).__name__
    fact = DriftFound(subject=str(symbol), symbol=symbol, local="impossible", venue=said, words=words)
    await seat.ledger.transact(lambda tx: write(tx, fact, seat.clock.now(), "venue"))
    seat.wake.set()


async def take(seat: Seat, event: VenueEvent) -> None:
    """Take one event: facts into the books, a gap into a reconciliation.

    The watch is woken for what may give it work; the state of a wallet, many times a second, does not.
    """
    if isinstance(event, OrderReport):
        await learn(seat, event)
    elif isinstance(event, Fill):
        await seat.ledger.transact(lambda tx: enter_fill(tx, seat.shelf, event, seat.clock.now()))
    elif isinstance(event, PositionsReport):
        await seat.ledger.transact(lambda tx: positions(tx, seat, event))
        if not seat.suspect:
            return
    elif isinstance(event, AccountReport):
        await seat.ledger.transact(lambda tx: account(tx, seat, event))
        return
    elif isinstance(event, Deleveraged):
        await seat.ledger.transact(lambda tx: deleveraged(tx, seat, event))
    elif isinstance(event, StreamDown):
        seat.streams[event.line] = None
        fact = StreamLost(line=event.line, why=event.why)
        await seat.ledger.transact(lambda tx: write(tx, fact, seat.clock.now(), "venue"))
    elif isinstance(event, StreamUp):
        await _caught_up(seat, event)
    seat.wake.set()


async def _caught_up(seat: Seat, event: StreamUp) -> None:
    """Read after the subscription's acknowledgement; only then is the stream live (FF-64). Pushes wait meanwhile."""
    while True:
        try:
            done = await reconcile(seat, f"stream {event.line.value}", (event.line,))
            break
        except VenueSilent:
            await seat.clock.sleep(RETRY_S)
    now = seat.clock.now()
    seat.streams[event.line] = now
    await seat.ledger.transact(lambda tx: restored(tx, seat, event, done))


def restored(tx: Tx, seat: Seat, event: StreamUp, done: Reconciled) -> None:
    """Write what a gap of the stream had hidden; the first connection is no restoration."""
    lost = [entry for entry in tx.journal.latest(200) if entry.kind in ("StreamLost", "StreamRestored", "DeskOpened")]
    mine = [entry for entry in lost if getattr(entry.fact, "line", None) is event.line]
    if not mine or mine[0].kind != "StreamLost":
        return
    now = seat.clock.now()
    fact = StreamRestored(
        line=event.line,
        seconds=int((now - mine[0].at).total_seconds()),
        fills_missed=done.fills,
        orders_changed=done.corrections - done.fills - done.drifts,
        positions_changed=done.drifts,
    )
    write(tx, fact, now, "venue")


def positions(tx: Tx, seat: Seat, report: PositionsReport) -> None:
    """Take details of positions (liquidation price, leverage, margin mode) from a push; sizes come from fills.

    A size that differs wakes the reconciliation: the push may be ahead of its fills, or somebody traded outside.
    """
    said = {(one.symbol, one.direction): one for one in report.positions}
    for held in tx.positions.held():
        instrument = seat.shelf.instruments.get(held.symbol)
        if instrument is None or instrument.line is not report.line:
            continue
        one = said.pop((held.symbol, held.direction), None)
        if one is None or one.size != held.size:
            seat.suspect.add(report.line)
            continue
        after = replace(
            held,
            entry=one.entry,
            margin_mode=one.margin_mode,
            leverage=one.leverage,
            liquidation=one.liquidation,
        )
        if after != held:
            tx.positions.save(after)
            _outside(tx, seat, one)
    if said:
        seat.suspect.add(report.line)


def _outside(tx: Tx, seat: Seat, report: PositionReport) -> None:
    """Notice a leverage that was not set from here, and forget what was kept of the symbol's settings."""
    kept = seat.shelf.settings.get(report.symbol)
    if kept is None or kept.leverage(report.direction) == report.leverage:
        return
    del seat.shelf.settings[report.symbol]
    fact = LeverageChanged(
        symbol=report.symbol,
        direction=report.direction,
        was=kept.leverage(report.direction),
        now=report.leverage,
        outside=True,
    )
    write(tx, fact, seat.clock.now(), "venue")


def account(tx: Tx, seat: Seat, report: AccountReport) -> None:
    """Keep the wallet and, once a minute, a mark of its equity."""
    one = report.account
    if not tx.accounts.save(one):
        return
    now = seat.clock.now()
    last = tx.equity_marks.last_before(one.line, one.margin_coin, now)
    if last is None or now - last.at >= MARK_EVERY:
        mark = EquityMark(line=one.line, margin_coin=one.margin_coin, equity=one.equity, at=now)
        tx.equity_marks.add(mark)


def deleveraged(tx: Tx, seat: Seat, event: Deleveraged) -> None:
    """Tell of a forced reduction and let nothing open until a person resumes (FF-33); its fills come by themselves."""
    now = seat.clock.now()
    fact = events_holdings.Deleveraged(
        symbol=event.symbol, direction=event.direction, size=event.size, price=event.price, at=event.at
    )
    write(tx, fact, now, "venue")
    reduce_only(tx, f"deleveraged {plain(event.size)} {event.symbol}", now, "system:forced")
