"""Guard a position: its stop, its targets, or a dated waiver; and whether the venue was seen to hold them."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum

from bot.domain.ids import AccountId, ClientOrderId, PersonId, Symbol, VenueOrderId
from bot.domain.instrument import Instrument
from bot.domain.intent import Direction, OrderKind
from bot.domain.numbers import HUNDRED, ZERO, plain
from bot.domain.position import Position


class ProtectionState(Enum):
    """How sure we are that the position is guarded."""

    NAKED = "NAKED"
    PLACING = "PLACING"
    VERIFIED = "VERIFIED"
    WAIVED = "WAIVED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """A person's dated decision to hold a position without a stop until `until`."""

    by: PersonId | None
    reason: str
    at: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """What guards one position.

    `stop` is the wanted stop price; `stop_order` the guard at the venue once known, ours or adopted; `verified_at`
    the moment a read-back last showed it; `naked_since` when the position was first seen without one (I8).
    `break_even_at` moves the stop to the entry when the mark reaches it; `trail` follows at that distance in percent.
    """

    account: AccountId
    symbol: Symbol
    direction: Direction
    state: ProtectionState
    stop: Decimal | None = None
    stop_size: Decimal | None = None
    stop_order: ClientOrderId | None = None
    targets: tuple[ClientOrderId, ...] = ()
    verified_at: datetime | None = None
    naked_since: datetime | None = None
    waiver: Waiver | None = None
    break_even_at: Decimal | None = None
    trail: Decimal | None = None
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """A stop, target or moving stop that waits at the venue; `size` None guards the whole position."""

    client_order_id: ClientOrderId | None
    venue_order_id: VenueOrderId | None
    symbol: Symbol
    direction: Direction
    kind: OrderKind
    price: Decimal
    size: Decimal | None
    ours: bool

    @property
    def stops(self) -> bool:
        """Tell whether the guard limits a loss."""
        return self.kind in (OrderKind.STOP, OrderKind.MOVING_STOP)


class Flaw(Enum):
    """What is wrong with the guarding of a position, worst first."""

    NAKED = "NAKED"
    USELESS = "USELESS"
    UNDERSIZED = "UNDERSIZED"
    WRONG_LEG = "WRONG_LEG"
    ORPHAN = "ORPHAN"
    OVERSIZED = "OVERSIZED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One flaw: of a position (`guard` None), of a guard without position (`position` None), or of both together.

    `size` is what is missing (NAKED, UNDERSIZED) or what is too much (OVERSIZED), in base units.
    """

    flaw: Flaw
    symbol: Symbol
    direction: Direction
    size: Decimal
    words: str
    position: Position | None = None
    guard: Guard | None = None


def audit(
    positions: tuple[Position, ...],
    guards: tuple[Guard, ...],
    waived: frozenset[tuple[Symbol, Direction]] = frozenset(),
) -> tuple[Finding, ...]:
    """Hold guards at the venue against positions: what is naked, useless, too small or large, misplaced, orphaned.

    `waived` names positions that may be without a stop; their guards are still looked at. Findings come worst first
    and do not depend on the order given (I8, I9).
    """
    held = {(position.symbol, position.direction): position for position in positions if position.size > ZERO}
    found: list[Finding] = []
    for key, position in held.items():
        mine = [guard for guard in guards if (guard.symbol, guard.direction) == key]
        found += _audit_position(position, mine, key in waived)
    for guard in guards:
        if (guard.symbol, guard.direction) not in held:
            other = held.get((guard.symbol, guard.direction.other))
            found.append(_stray(guard, other))
    worst = list(Flaw)
    return tuple(sorted(found, key=lambda one: (worst.index(one.flaw), one.symbol, one.direction.value, one.words)))


def verified_stop(position: Position, guards: tuple[Guard, ...]) -> Guard | None:
    """Give the stop that covers the whole position, the tightest of several; None where none does alone."""
    whole = [
        guard
        for guard in guards
        if (guard.symbol, guard.direction) == (position.symbol, position.direction)
        and guard.stops
        and not _useless(position, guard)
        and (guard.size is None or guard.size >= position.size)
    ]
    return max(whole, key=lambda guard: guard.price * position.direction.sign, default=None)


def guarded(protection: Protection, now: datetime) -> bool:
    """Tell whether a position has a verified stop or a waiver that is not over (I8)."""
    if protection.state is ProtectionState.WAIVED:
        return protection.waiver is not None and now < protection.waiver.until
    return protection.state is ProtectionState.VERIFIED


def naked_for(protection: Protection, now: datetime) -> timedelta:
    """Give how long the position has been without a verified stop or waiver; zero for a guarded one."""
    if guarded(protection, now) or protection.naked_since is None:
        return timedelta(0)
    return max(timedelta(0), now - protection.naked_since)


def stop_at_distance(
    instrument: Instrument, direction: Direction, entry: Decimal, percent: Decimal
) -> Decimal:
    """Give the stop price so many percent away from the entry, rounded towards it: never a larger loss than said."""
    price = entry * (HUNDRED - percent * direction.sign) / HUNDRED
    return instrument.round_price(price, buying=direction is Direction.SHORT)


def target_at_distance(
    instrument: Instrument, direction: Direction, entry: Decimal, percent: Decimal
) -> Decimal:
    """Give the target price so many percent beyond the entry, rounded towards it: never later than said."""
    price = entry * (HUNDRED + percent * direction.sign) / HUNDRED
    return instrument.round_price(price, buying=direction is Direction.LONG)


def next_stop(
    protection: Protection, position: Position, mark: Decimal, instrument: Instrument, break_even: Decimal
) -> Decimal | None:
    """Give the stop that break-even and trailing rules ask for at this mark; None where it stays.

    `break_even` is the price that pays entry and fees. A stop only ever tightens, and never to the wrong side of the
    mark (it would fire at once).
    """
    sign, selling = protection.direction.sign, protection.direction is Direction.LONG
    wished: list[Decimal] = []
    if protection.break_even_at is not None and (mark - protection.break_even_at) * sign >= ZERO:
        wished.append(instrument.round_price(break_even, buying=not selling))
    if protection.trail is not None:
        behind = mark * (HUNDRED - protection.trail * sign) / HUNDRED
        wished.append(instrument.round_price(behind, buying=selling))
    usable = [price for price in wished if (mark - price) * sign > ZERO and price > ZERO]
    if position.size == ZERO or not usable:
        return None
    best = max(usable, key=lambda price: price * sign)
    return best if protection.stop is None or (best - protection.stop) * sign > ZERO else None


def _audit_position(position: Position, guards: list[Guard], waived: bool) -> list[Finding]:
    found = [
        _finding(Flaw.USELESS, position, guard, position.size, f"the stop {plain(guard.price)} lies beyond liquidation")
        for guard in guards
        if guard.stops and _useless(position, guard)
    ]
    stops = [guard for guard in guards if guard.stops and not _useless(position, guard)]
    # A moving stop may be waiting for its activation price: it guards nothing until then.
    fixed = [guard for guard in stops if guard.kind is OrderKind.STOP]
    covered = sum((position.size if guard.size is None else guard.size for guard in fixed), ZERO)
    if not waived and covered == ZERO:
        found.append(_finding(Flaw.NAKED, position, None, position.size, "no stop at the venue"))
    elif not waived and covered < position.size:
        words = f"stops cover {plain(covered)} of {plain(position.size)}"
        found.append(_finding(Flaw.UNDERSIZED, position, fixed[0], position.size - covered, words))
    for guard in guards:
        if guard.size is not None and guard.size > position.size:
            words = f"the guard is for {plain(guard.size)}, the position is {plain(position.size)}"
            found.append(_finding(Flaw.OVERSIZED, position, guard, guard.size - position.size, words))
    return found


def _useless(position: Position, guard: Guard) -> bool:
    if position.liquidation is None:
        return False
    return (guard.price - position.liquidation) * position.direction.sign <= ZERO


def _stray(guard: Guard, other: Position | None) -> Finding:
    flaw = Flaw.ORPHAN if other is None else Flaw.WRONG_LEG
    leg = guard.direction.value.lower()
    words = f"guards a {leg} position that is not there"
    if other is not None:
        words += f"; {other.direction.value.lower()} is held"
    return Finding(
        flaw=flaw, symbol=guard.symbol, direction=guard.direction, size=guard.size or ZERO, words=words,
        position=other, guard=guard,
    )


def _finding(flaw: Flaw, position: Position, guard: Guard | None, size: Decimal, words: str) -> Finding:
    return Finding(
        flaw=flaw, symbol=position.symbol, direction=position.direction, size=size, words=words, position=position,
        guard=guard,
    )
