"""Keep every position guarded: a stop read back from the venue or a dated waiver; else place, alarm, close (I8, I9)."""
from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from bot.desk.cancel import cancel
from bot.desk.enter import truth_name, write
from bot.desk.learn import enter_report, find
from bot.desk.propose import propose
from bot.desk.rules import NakedPolicy
from bot.desk.seat import Seat
from bot.desk.shrink import shrink
from bot.desk.waive import holds, waive_by_entry
from bot.desk.wish import CloseWish, Level, ProtectWish, Which
from bot.domain.decision import Manner
from bot.domain.events import subject_of
from bot.domain.events_orders import GuardWrong, OrphanStopFound, PositionNaked, ProtectionVerified
from bot.domain.ids import RequestKey, Symbol
from bot.domain.instrument import Instrument
from bot.domain.intent import Direction, OrderKind
from bot.domain.liquidation import Stake, break_even_price
from bot.domain.numbers import ZERO
from bot.domain.order import Order, Owner
from bot.domain.position import Position
from bot.domain.proposal import Origin, OriginKind
from bot.domain.protection import (
    Finding,
    Flaw,
    Guard,
    Protection,
    ProtectionState,
    audit,
    guarded,
    next_stop,
    stop_at_distance,
)
from bot.domain.record import milliseconds
from bot.domain.reports import OrderReport
from bot.ports.ledger import Tx
from bot.ports.market import MarketSilent
from bot.ports.venue import VenueSilent

SYSTEM = Origin(kind=OriginKind.SYSTEM, name="protect")
ACTOR = "system:protect"
Key = tuple[Symbol, Direction]


@dataclass(slots=True)
class Watched:
    """What must be remembered between two looks: attempts made for a position, strays seen once before."""

    attempts: dict[Key, int] = field(default_factory=dict)
    strays: set[str] = field(default_factory=set)
    told: set[str] = field(default_factory=set)
    large: set[str] = field(default_factory=set)


async def protect(seat: Seat, watched: Watched) -> bool:
    """Look once at all positions and all guards and mend what is wrong; False when the venue could not be read.

    Nothing is concluded from silence, but the clock of a naked position goes on: at `naked_max_s` it is closed, or
    alarmed about, as the policy says.
    """
    held = await seat.ledger.read(lambda tx: tx.positions.held())
    reports = await _read(seat)
    if reports is None:
        await _deadlines(seat, held, watched)
        return False
    findings = await seat.ledger.transact(lambda tx: _look(tx, seat, reports))
    for finding in findings:
        await _mend(seat, finding, watched)
    seen = {_name(finding) for finding in findings if finding.flaw in (Flaw.ORPHAN, Flaw.WRONG_LEG)}
    watched.strays = seen
    await _deadlines(seat, held, watched)
    await _follow(seat, watched)
    return True


async def _read(seat: Seat) -> tuple[OrderReport, ...] | None:
    try:
        lists = await asyncio.gather(*(seat.venue.open_plans(line) for line in seat.lines))
    except VenueSilent:
        return None
    return tuple(report for reports in lists for report in reports)


def _look(tx: Tx, seat: Seat, reports: tuple[OrderReport, ...]) -> tuple[Finding, ...]:
    """Take the read-back into the books: every guard row, every position's protection; give what is wrong."""
    now = seat.clock.now()
    guards = tuple(guard for report in reports if (guard := _guard(tx, seat, report)) is not None)
    held = tx.positions.held()
    for position in held:
        waive_by_entry(tx, seat, position, now)
    waived = frozenset((one.symbol, one.direction) for one in tx.protections.all() if holds(tx, one, now))
    findings = audit(held, guards, waived)
    for position in held:
        key = (position.symbol, position.direction)
        bad = [one for one in findings if (one.symbol, one.direction) == key and one.flaw in UNSAFE]
        _note(tx, seat, position, guards, bad, key in waived, now)
    for protection in tx.protections.all():
        if (protection.symbol, protection.direction) not in {(p.symbol, p.direction) for p in held}:
            _over(tx, protection)
    return findings


UNSAFE = (Flaw.NAKED, Flaw.UNDERSIZED, Flaw.USELESS)


def _guard(tx: Tx, seat: Seat, report: OrderReport) -> Guard | None:
    if not report.kind.is_guard or report.trigger is None or report.direction is None:
        return None
    order = enter_report(tx, seat, report) or find(tx, report)
    return Guard(
        client_order_id=order.client_order_id if order is not None else report.client_order_id,
        venue_order_id=report.venue_order_id,
        symbol=report.symbol,
        direction=report.direction,
        kind=report.kind,
        price=report.trigger.price,
        size=report.size,
        ours=order is not None and order.owner is Owner.OURS,
    )


def _note(
    tx: Tx,
    seat: Seat,
    position: Position,
    guards: tuple[Guard, ...],
    bad: list[Finding],
    waived: bool,
    now: datetime,
) -> None:
    before = tx.protections.get(position.symbol, position.direction)
    base = before or Protection(
        account=seat.account, symbol=position.symbol, direction=position.direction, state=ProtectionState.NAKED
    )
    mine = [one for one in guards if (one.symbol, one.direction) == (position.symbol, position.direction)]
    stops = [one for one in mine if one.kind is OrderKind.STOP]
    targets = tuple(one.client_order_id for one in mine if one.kind is OrderKind.TARGET and one.client_order_id)
    if bad or (not stops and not waived):
        after = replace(base, state=ProtectionState.NAKED, naked_since=base.naked_since or now, targets=targets)
        if base.naked_since is None:
            _naked(tx, seat, position, now, now)
    elif stops:
        # Several stops share the position: the farthest one says what may be lost.
        loosest = min(stops, key=lambda one: one.price * position.direction.sign)
        fresh = base.state is not ProtectionState.VERIFIED or base.stop != loosest.price
        after = replace(
            base,
            state=ProtectionState.VERIFIED,
            stop=loosest.price,
            stop_size=loosest.size,
            stop_order=loosest.client_order_id,
            targets=targets,
            verified_at=now,
            naked_since=None,
            waiver=None,
        )
        if fresh:
            fact = ProtectionVerified(
                symbol=position.symbol,
                direction=position.direction,
                price=loosest.price,
                size=loosest.size,
                client_order_id=loosest.client_order_id,
                at=now,
            )
            write(tx, fact, now, ACTOR)
    else:
        after = replace(base, targets=targets)
    if after != base or before is None:
        tx.protections.save(before, after)


def _naked(tx: Tx, seat: Seat, position: Position, since: datetime, now: datetime) -> None:
    closing = seat.rules.naked_policy is NakedPolicy.CLOSE
    step = "a stop is being placed" + ("; without one the position will be closed" if closing else "")
    fact = PositionNaked(
        symbol=position.symbol,
        direction=position.direction,
        size=position.size,
        entry=position.entry,
        since=since,
        seconds=int((now - since).total_seconds()),
        next_step=step,
    )
    write(tx, fact, now, ACTOR)


def _over(tx: Tx, protection: Protection) -> None:
    """Forget what guarded a position that is flat: the next one starts naked."""
    fresh = Protection(
        account=protection.account,
        symbol=protection.symbol,
        direction=protection.direction,
        state=ProtectionState.NAKED,
        version=protection.version,
    )
    if replace(protection, version=0) != replace(fresh, version=0):
        tx.protections.save(protection, fresh)


async def _mend(seat: Seat, finding: Finding, watched: Watched) -> None:
    if finding.flaw in UNSAFE and finding.position is not None:
        await _place(seat, finding.position, watched)
    elif finding.flaw in (Flaw.ORPHAN, Flaw.WRONG_LEG):
        await _stray(seat, finding, watched)
    else:
        await _oversized(seat, finding, watched)


async def _oversized(seat: Seat, finding: Finding, watched: Watched) -> None:
    """Tell of a guard that is too large, and shrink it when a second look finds the same sizes again."""
    if _name(finding) not in watched.told:
        watched.told.add(_name(finding))
        await _tell_wrong(seat, finding)
    seen = f"{_name(finding)}:{finding.size}"
    if seen in watched.large:
        watched.large.discard(seen)
        await shrink(seat, finding)
    else:
        watched.large.add(seen)


async def _place(seat: Seat, position: Position, watched: Watched) -> None:
    """Place a stop where the plan wanted it: the wanted price, else the entry's attached one, else the default.

    The default counts from the entry; for a position of elsewhere that has lost more than that already, from the mark:
    nobody wanted it closed.
    """
    key = (position.symbol, position.direction)
    instrument = seat.shelf.instruments.get(position.symbol)
    if instrument is None:
        return
    price = await seat.ledger.read(lambda tx: _wanted(tx, position))
    if price is None:
        price = await _default(seat, position, instrument)
    attempt = watched.attempts.get(key, 0)
    watched.attempts[key] = attempt + 1
    wish = ProtectWish(symbol=position.symbol, direction=position.direction, stop=Level(price=price))
    name = RequestKey(f"protect:{position.symbol}:{position.direction.value}:{seat.clock.now().isoformat()}:{attempt}")
    await propose(seat, SYSTEM, name, wish, yes=Manner.SYSTEM)


def _wanted(tx: Tx, position: Position) -> Decimal | None:
    """Find the stop this position was to have; one of an earlier position of the symbol says nothing about it."""
    protection = tx.protections.get(position.symbol, position.direction)
    if protection is not None and protection.stop is not None:
        return protection.stop
    truth = tx.desk.value(truth_name(position.symbol, position.direction))
    for order in tx.orders.recent(100):
        intent = order.intent
        if (intent.symbol, intent.direction) != (position.symbol, position.direction) or intent.stop is None:
            continue
        before = truth is not None and milliseconds(order.created_at) <= truth["at"]
        losing = (position.entry - intent.stop) * position.direction.sign > ZERO
        if order.owner is Owner.OURS and order.filled > ZERO and losing and not before:
            return intent.stop
    return None


async def _default(seat: Seat, position: Position, instrument: Instrument) -> Decimal:
    percent, direction = seat.rules.default_stop_percent, position.direction
    price = stop_at_distance(instrument, direction, position.entry, percent)
    try:
        mark = (await seat.market.ticker(position.symbol)).mark
    except MarketSilent:
        return price
    if (mark - price) * direction.sign > ZERO:
        return price
    return stop_at_distance(instrument, direction, mark, percent)


def _name(finding: Finding) -> str:
    guard = finding.guard
    return f"{finding.flaw.value}:{finding.symbol}:{guard.venue_order_id if guard is not None else ''}"


async def _stray(seat: Seat, finding: Finding, watched: Watched) -> None:
    """Cancel a stray guard of ours seen in two looks; offer a stranger's (FF-39). An entry on its way excuses it."""
    guard = finding.guard
    if guard is None or _name(finding) not in watched.strays:
        return
    live = await seat.ledger.read(lambda tx: tx.orders.live(finding.symbol))
    if any(_entry(order, guard.direction) for order in live):
        return
    if _name(finding) not in watched.told:
        watched.told.add(_name(finding))
        fact = OrphanStopFound(
            symbol=guard.symbol,
            direction=guard.direction,
            client_order_id=guard.client_order_id,
            venue_order_id=guard.venue_order_id,
            price=guard.price,
            ours=guard.ours,
            next_step="it is being cancelled" if guard.ours else "cancel it here or keep it",
        )
        await seat.ledger.transact(lambda tx: _once(tx, fact, seat.clock.now()))
    if guard.ours and guard.client_order_id is not None:
        await cancel(seat, guard.client_order_id, actor=ACTOR, why="it guards nothing")


def _entry(order: Order, direction: Direction) -> bool:
    return order.intent.direction is direction and order.intent.effect.value == "OPEN"


async def _tell_wrong(seat: Seat, finding: Finding) -> None:
    guard = finding.guard
    ours = guard is not None and guard.ours
    fact = GuardWrong(
        symbol=finding.symbol,
        direction=finding.direction,
        client_order_id=guard.client_order_id if guard is not None else None,
        venue_order_id=guard.venue_order_id if guard is not None else None,
        what=finding.words,
        next_step="it is brought down to the position" if ours
        else "the exchange caps it at the position when it fires",
        mending=ours,
    )
    await seat.ledger.transact(lambda tx: _once(tx, fact, seat.clock.now()))


def _once(tx: Tx, fact: GuardWrong | OrphanStopFound, now: datetime) -> None:
    """Tell a flaw unless the same was told of the same guard before, in an earlier life too (I21)."""
    told = tx.journal.about(subject_of(fact), 50)
    if all(line.fact != fact for line in told):
        write(tx, fact, now, ACTOR)


async def _deadlines(seat: Seat, held: tuple[Position, ...], watched: Watched) -> None:
    """Close, or alarm about, what has been naked too long (FF-35)."""
    now = seat.clock.now()
    protections = await seat.ledger.read(lambda tx: {(p.symbol, p.direction): p for p in tx.protections.all()})
    for position in held:
        key = (position.symbol, position.direction)
        protection = protections.get(key)
        if protection is None or guarded(protection, now) or protection.naked_since is None:
            watched.attempts.pop(key, None)
            continue
        if now - protection.naked_since < timedelta(seconds=seat.rules.naked_max_s):
            continue
        since = protection.naked_since
        await seat.ledger.transact(lambda tx, one=position, at=since: _naked(tx, seat, one, at, now))  # type: ignore[misc]
        if seat.rules.naked_policy is NakedPolicy.CLOSE:
            wish = CloseWish(which=Which.ONE, symbol=position.symbol, direction=position.direction)
            name = f"naked:{position.symbol}:{position.direction.value}:{now.isoformat()}"
            await propose(seat, SYSTEM, RequestKey(name), wish, yes=Manner.SYSTEM)


async def _follow(seat: Seat, watched: Watched) -> None:
    """Move stops by their rules: break-even and trailing; only ever tighter."""
    protections = await seat.ledger.read(lambda tx: tx.protections.all())
    for one in protections:
        if one.break_even_at is None and one.trail is None:
            continue
        position = await _position(seat, one)
        instrument = seat.shelf.instruments.get(one.symbol)
        if position is None or instrument is None:
            continue
        try:
            mark = (await seat.market.ticker(one.symbol)).mark
        except MarketSilent:
            continue
        stake = Stake(direction=one.direction, size=position.size, entry=position.entry)
        price = next_stop(one, position, mark, instrument, break_even_price(instrument, stake))
        if price is not None:
            wish = ProtectWish(symbol=one.symbol, direction=one.direction, stop=Level(price=price))
            name = RequestKey(f"follow:{one.symbol}:{one.direction.value}:{price}:{one.version}")
            await propose(seat, SYSTEM, name, wish, yes=Manner.SYSTEM)


async def _position(seat: Seat, one: Protection) -> Position | None:
    found = await seat.ledger.read(lambda tx: tx.positions.get(one.symbol, one.direction))
    return found if found is not None and found.size > 0 else None
