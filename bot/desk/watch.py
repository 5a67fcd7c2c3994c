"""Watch over time: chase doubts, carry legs on, expire what waited too long, check periodically (reliability 3)."""
from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.desk import breakers
from bot.desk.control import fold
from bot.desk.enter import reduce_only, write
from bot.desk.execute import carry_on
from bot.desk.protect import Watched, protect
from bot.desk.reconcile import reconcile
from bot.desk.resolve import Asking, resolve
from bot.desk.seat import Seat
from bot.desk.settle import expire
from bot.domain.events_control import KeyTrouble
from bot.domain.events_holdings import FundingPaid, ModeChangedOutside, Transferred
from bot.domain.ids import ClientOrderId
from bot.domain.instrument import ProductLine
from bot.domain.proposal import ProposalState
from bot.domain.record import milliseconds, moment_of
from bot.domain.reports import Bill
from bot.ports.ledger import Tx
from bot.ports.market import MarketSilent
from bot.ports.venue import VenueSilent


@dataclass(slots=True)
class Diary:
    """When each periodic duty was last done, and what the chasing of doubts remembers."""

    last: dict[str, datetime] = field(default_factory=dict)
    asked: dict[ClientOrderId, Asking] = field(default_factory=dict)


Duty = Callable[[Seat, Diary], Awaitable[None]]


async def watch(seat: Seat, diary: Diary) -> None:
    """Do every duty that is due, for ever; wakes early when something new happened."""
    while True:
        await once(seat, diary)
        try:
            async with asyncio.timeout(seat.rules.watch_period_s):
                await seat.wake.wait()
        except TimeoutError:
            pass
        seat.wake.clear()


async def once(seat: Seat, diary: Diary) -> None:
    """Do every duty that is due now, once."""
    await resolve(seat, diary.asked)
    await carry_on(seat)
    rules = seat.rules
    degraded = any(since is None for since in seat.streams.values())
    every: tuple[tuple[str, float, Duty], ...] = (
        ("time", rules.watch_period_s, _time),
        ("books", _books_period(seat, degraded), _books),
        ("bills", rules.bills_period_s, _bills),
        ("modes", rules.modes_period_s, _modes),
    )
    for name, period, duty in every:
        last = diary.last.get(name)
        if last is None or (seat.clock.now() - last).total_seconds() >= period:
            diary.last[name] = seat.clock.now()
            await duty(seat, diary)


def _books_period(seat: Seat, degraded: bool) -> float:
    """Give how long books may go uncompared: shortly after something did not fit, else as reliability 3 says."""
    rules = seat.rules
    if seat.suspect:
        return min(1.0, rules.orders_period_degraded_s)
    return rules.orders_period_degraded_s if degraded else rules.orders_period_s


def timely(tx: Tx, seat: Seat) -> None:
    """Expire proposals whose time is over and look at the breakers."""
    now = seat.clock.now()
    for proposal in tx.proposals.awaiting():
        if proposal.state in (ProposalState.AWAITING, ProposalState.CLAIMED) and proposal.expires_at <= now:
            expire(tx, proposal, now, "nobody answered in time")
    breakers.look(tx, seat)


async def _time(seat: Seat, diary: Diary) -> None:
    await fold(seat)
    await seat.ledger.transact(lambda tx: timely(tx, seat))


async def _books(seat: Seat, diary: Diary) -> None:
    # What becomes suspect while the reading is under way stays so for the next one.
    suspected = set(seat.suspect)
    seat.suspect.clear()
    try:
        await reconcile(seat, "periodic")
    except VenueSilent:
        seat.suspect.update(suspected)
        # Nothing was learnt and nothing is concluded; the next period asks again (FF-08).
        diary.last["books"] = seat.clock.now() - timedelta(seconds=seat.rules.orders_period_s / 2)


async def _bills(seat: Seat, diary: Diary) -> None:
    for line in seat.lines:
        await bills(seat, line)


async def bills(seat: Seat, line: ProductLine) -> None:
    """Read the venue's ledger lines since the last known one; each funding payment is told once (FF-69).

    While none is known they are read since the first look, however long ago that was and whether it was answered.
    """
    latest = await seat.ledger.read(lambda tx: tx.bills.latest_at(line))
    if latest is None:
        latest = await seat.ledger.transact(lambda tx: _first_look(tx, seat, line))
    since = latest - timedelta(seconds=seat.rules.fills_overlap_s)
    try:
        found = await seat.venue.bills(line, since)
    except VenueSilent:
        return

    def work(tx: Tx) -> None:
        for one in found:
            _bill(tx, seat, one)

    await seat.ledger.transact(work)


def _first_look(tx: Tx, seat: Seat, line: ProductLine) -> datetime:
    name, now = f"bills_since:{line.value}", seat.clock.now()
    kept = tx.desk.value(name)
    if kept is None:
        tx.desk.set_value(name, {"at": milliseconds(now)}, now)
        return now
    return moment_of(int(kept["at"]))


def _bill(tx: Tx, seat: Seat, bill: Bill) -> None:
    if not tx.bills.insert(bill):
        return
    now = seat.clock.now()
    if "settle_fee" in bill.kind and bill.symbol is not None:
        fact = FundingPaid(symbol=bill.symbol, amount=bill.amount, coin=bill.coin, bill_id=bill.bill_id, at=bill.at)
        write(tx, fact, now, "venue")
    elif "trans" in bill.kind:
        moved = Transferred(
            line=bill.line, coin=bill.coin, amount=bill.amount, words=bill.kind, bill_id=bill.bill_id, at=bill.at
        )
        write(tx, moved, now, "venue")


async def _modes(seat: Seat, diary: Diary) -> None:
    await modes(seat)


async def modes(seat: Seat) -> None:
    """Read modes, rights and instruments again; what changed outside is told and adapted to, never set back (FF-47)."""
    try:
        profile = await seat.venue.profile()
        for line in seat.lines:
            for instrument in await seat.market.instruments(line):
                seat.shelf.instruments[instrument.symbol] = instrument
    except (VenueSilent, MarketSilent):
        return
    before, seat.shelf.profile = seat.shelf.profile, profile
    seat.shelf.settings.clear()
    if before is None:
        return
    facts = [
        ModeChangedOutside(line=line, was=before.position_modes[line], now=mode)
        for line, mode in profile.position_modes.items()
        if line in before.position_modes and before.position_modes[line] is not mode
    ]
    now = seat.clock.now()
    await seat.ledger.transact(lambda tx: [write(tx, fact, now, "venue") for fact in facts])
    if before.rights != profile.rights or before.world is not profile.world:
        await seat.ledger.transact(lambda tx: _other_key(tx, now))


def _other_key(tx: Tx, now: datetime) -> None:
    """Open nothing once the key or the account is not what was judged at the start (security section 7)."""
    reduce_only(tx, "the rights of the exchange key changed", now, "system:key")
    what = "The rights of the exchange key changed while the desk runs. Nothing opens until an owner sends /resume."
    remedy = "Look at it with wiredesk check; if nobody of you changed it, make a new key."
    write(tx, KeyTrouble(what=what, remedy=remedy), now, "system:key")


async def guard(seat: Seat, watched: Watched) -> None:
    """Audit protection for ever, by read-back; sooner when our own books show something unguarded (reliability 3)."""
    pause = seat.rules.stop_verify_s / 3
    while True:
        await protect(seat, watched)
        since = seat.clock.now()
        await seat.clock.sleep(pause)
        while (seat.clock.now() - since).total_seconds() < seat.rules.protection_period_s:
            if await seat.ledger.read(_urgent):
                break
            await seat.clock.sleep(pause)


def _urgent(tx: Tx) -> bool:
    """Tell whether a position is not proven guarded."""
    safe = {(one.symbol, one.direction) for one in tx.protections.all() if one.state.value in ("VERIFIED", "WAIVED")}
    return any((one.symbol, one.direction) not in safe for one in tx.positions.held())
