"""Count what the desk carries, inside the transaction that decides: what is unknown counts as filled (R14)."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from bot.desk.enter import LAST_LOSS
from bot.desk.facts import Facts
from bot.domain.ids import PersonId, Symbol
from bot.domain.instrument import ProductLine
from bot.domain.intent import Direction, Effect
from bot.domain.limits import Limits
from bot.domain.numbers import ZERO
from bot.domain.order import Order, OrderState, unfilled
from bot.domain.order_table import missing_fills
from bot.domain.position import Position
from bot.domain.protection import Protection, ProtectionState
from bot.domain.record import moment_of
from bot.domain.risk import Exposure
from bot.ports.ledger import Tx
from bot.ports.ledger_rows import EquityMark

DAY = timedelta(hours=24)
OWED_FOR = timedelta(minutes=1)


def price_of(order: Order, marks: Mapping[Symbol, Decimal]) -> Decimal:
    """Value an order: at its limit or trigger price, else at the mark."""
    intent = order.intent
    if intent.limit_price is not None:
        return intent.limit_price
    if intent.trigger is not None:
        return intent.trigger.price
    return marks.get(intent.symbol) or order.average_price or ZERO


def equity_in_quote(tx: Tx, line: ProductLine, coin: str, mark: Decimal) -> tuple[Decimal, Decimal]:
    """Give equity and available of a wallet in quote units: a coin wallet is valued at the mark."""
    account = tx.accounts.get(line, coin)
    if account is None:
        return ZERO, ZERO
    worth = mark if line is ProductLine.COIN else Decimal(1)
    return account.equity * worth, account.available * worth


def read_exposure(
    tx: Tx,
    facts: Facts,
    direction: Direction,
    limits: Limits,
    now: datetime,
    last_marks: Mapping[Symbol, Decimal],
    person: PersonId | None,
) -> Exposure:
    """Read the numbers of risk for one symbol and direction, in quote units.

    `last_marks` values what was planned after `facts` were read: nothing in flight counts as nothing (R14).
    """
    instrument, marks = facts.instrument, {**last_marks, **facts.marks}
    symbol = instrument.symbol
    live = tx.orders.live()
    held = tx.positions.held()
    # What ended with fills that did not reach us yet is held already, though no position shows it.
    owed = [order for order in tx.orders.owed_since(now - OWED_FOR) if missing_fills(order)]
    opening = [order for order in (*live, *owed) if order.intent.effect is Effect.OPEN]
    closing = [order for order in live if order.intent.effect is Effect.CLOSE and not order.intent.kind.is_guard]
    values = [(p.symbol, p.direction, p.size * marks.get(p.symbol, p.entry)) for p in held]
    values += [(o.intent.symbol, o.intent.direction, unfilled(o) * price_of(o, marks)) for o in opening]
    mine = [position for position in held if position.symbol == symbol]
    same = sum((position.size for position in mine if position.direction is direction), ZERO)
    equity, available = equity_in_quote(tx, instrument.line, instrument.margin_coin, facts.mark)
    worth = facts.mark if instrument.inverse else Decimal(1)
    day, rolling = loss_starts(tx, instrument.line, instrument.margin_coin, limits, now, equity / worth)
    day_start, rolling_start = day * worth, rolling * worth
    minute = now - timedelta(minutes=1)
    return Exposure(
        symbol=symbol,
        direction=direction,
        equity=equity,
        available=available,
        symbol_notional=sum((value for name, _, value in values if name == symbol), ZERO),
        side_notional=sum((value for _, side, value in values if side is direction), ZERO),
        account_notional=sum((value for _, _, value in values), ZERO),
        person_notional=_of_person(tx, opening, person, marks),
        open_risk=open_risk(tx.protections.all(), held, opening, marks),
        position_size=same,
        opposite_size=sum((position.size for position in mine if position.direction is not direction), ZERO),
        closable=max(ZERO, same - _in_flight(closing, symbol, direction)),
        positions=len({(name, side) for name, side, _ in values}),
        orders=sum(1 for order in live if not order.intent.kind.is_guard),
        symbol_orders=sum(1 for order in live if order.intent.symbol == symbol and not order.intent.kind.is_guard),
        orders_last_minute=tx.orders.sent_since(minute),
        person_orders_last_minute=_sent_by(tx, person, minute),
        in_doubt=sum(1 for order in live if order.state.unresolved and order.intent.symbol == symbol),
        closing=sum(1 for order in closing if order.intent.symbol == symbol and order.intent.direction is direction),
        day_start_equity=day_start,
        day_loss=max(ZERO, day_start - equity),
        rolling_start_equity=rolling_start,
        rolling_loss=max(ZERO, rolling_start - equity),
        last_loss_at=_last_loss(tx, instrument.line),
        mark=facts.mark,
        mark_at=facts.ticker.received_at,
        next_funding_at=facts.ticker.next_funding_at,
        leverage=facts.settings.leverage(direction),
        person=person,
    )


def open_risk(
    protections: tuple[Protection, ...],
    held: tuple[Position, ...],
    opening: list[Order],
    marks: Mapping[Symbol, Decimal],
) -> Decimal:
    """Add up what all stops together would lose; what has no stop counts in full."""
    guarded = {
        (one.symbol, one.direction): one.stop
        for one in protections
        if one.stop is not None and one.state in (ProtectionState.VERIFIED, ProtectionState.PLACING)
    }
    total = ZERO
    for position in held:
        mark = marks.get(position.symbol, position.entry)
        stop = guarded.get((position.symbol, position.direction))
        total += position.size * (mark if stop is None else max(ZERO, (mark - stop) * position.direction.sign))
    for order in opening:
        price = price_of(order, marks)
        attached = order.intent.attached
        stop = attached.stop if attached is not None else None
        total += unfilled(order) * (price if stop is None else max(ZERO, (price - stop) * order.intent.direction.sign))
    return total


def _in_flight(closing: list[Order], symbol: Symbol, direction: Direction) -> Decimal:
    mine = [o for o in closing if o.intent.symbol == symbol and o.intent.direction is direction]
    # A close in doubt counts as not filled: the pessimistic side of R14 for closing decisions.
    sure = [o for o in mine if o.state is not OrderState.IN_DOUBT]
    return sum((unfilled(order) for order in sure), ZERO)


def _of_person(
    tx: Tx, opening: list[Order], person: PersonId | None, marks: Mapping[Symbol, Decimal]
) -> Decimal:
    if person is None:
        return ZERO
    mine = _raised_by(tx, opening, person)
    return sum((unfilled(order) * price_of(order, marks) for order in mine), ZERO)


def _sent_by(tx: Tx, person: PersonId | None, moment: datetime) -> int:
    return 0 if person is None else len(_raised_by(tx, tx.orders.since(moment), person))


def _raised_by(tx: Tx, orders: Iterable[Order], person: PersonId) -> list[Order]:
    known = [order for order in orders if order.proposal_id is not None]
    origins = tx.proposals.origins({order.proposal_id for order in known if order.proposal_id is not None})
    return [order for order in known if order.proposal_id is not None and origins[order.proposal_id].person == person]


def loss_starts(
    tx: Tx, line: ProductLine, coin: str, limits: Limits, now: datetime, equity: Decimal
) -> tuple[Decimal, Decimal]:
    """Give the equity the day and the rolling window began with, what was moved in since added (FF-78, FF-79).

    In units of the margin coin; the present equity where no mark is stored yet.
    """
    window = timedelta(hours=limits.rolling_hours) if limits.rolling_hours is not None else DAY
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    rows = [_mark(tx, line, coin, moment) for moment in (midnight, now - window)]
    begun = [row.at for row in rows if row is not None]
    moved = tx.bills.transfers_since(line, coin, min(begun)) if begun else ()
    day, rolling = (
        equity if row is None else row.equity + sum((bill.amount for bill in moved if bill.at >= row.at), ZERO)
        for row in rows
    )
    return day, rolling


def _mark(tx: Tx, line: ProductLine, coin: str, moment: datetime) -> EquityMark | None:
    return tx.equity_marks.last_before(line, coin, moment) or tx.equity_marks.first_since(line, coin, moment)


def _last_loss(tx: Tx, line: ProductLine) -> datetime | None:
    stored = tx.desk.value(f"{LAST_LOSS}:{line.value}")
    return moment_of(stored["at"]) if stored is not None else None
