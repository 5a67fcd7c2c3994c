"""Compare our books with the venue's and say what to correct: architecture 9(d), step 8. No I/O, no clock.

Applying all corrections and comparing again against the same reading gives only questions that are still open
(`AskFor`, `FetchFills`): the fixed point that start-up, reconnect and the periodic check share (I21).
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from bot.domain import happenings
from bot.domain.absence import ClockRule, proven_absent, proven_gone
from bot.domain.adoption import adopt, belongs_to_us, parent_of
from bot.domain.fill import Fill, Liquidity
from bot.domain.happenings import Happening, happening_of
from bot.domain.ids import AccountId, ClientOrderId, Symbol, TradeId, VenueOrderId
from bot.domain.intent import Direction
from bot.domain.numbers import ZERO, plain
from bot.domain.order import Order, OrderState
from bot.domain.order_table import apply
from bot.domain.position import Position
from bot.domain.reports import Absent, OrderReport, PositionReport, VenueState

LIVING = frozenset({VenueState.LIVE, VenueState.PARTLY_FILLED, VenueState.UNKNOWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Local:
    """Our books: orders not settled (and those settled within the look-back), trade ids known, positions held.

    `in_flight` are orders whose answer is being awaited right now: not judged unless the venue shows them. `tag` is
    the instance tag by which a lost row of ours is recognised.
    """

    account: AccountId
    tag: str
    orders: tuple[Order, ...]
    fills: Mapping[ClientOrderId, tuple[Fill, ...]]
    foreign_trades: frozenset[TradeId]
    positions: tuple[Position, ...]
    in_flight: frozenset[ClientOrderId] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The venue's books, read whole or not at all (I22).

    `reports` are open and recently ended orders and plans; `asked` answers to questions by id; `fetched` the venue
    orders whose fills were asked for by id and are all in `fills`. `positions_at` is when positions were read.
    """

    reports: tuple[OrderReport, ...]
    fills: tuple[Fill, ...]
    positions: tuple[PositionReport, ...]
    positions_at: datetime
    asked: Mapping[ClientOrderId, OrderReport | Absent] = field(default_factory=dict)
    fetched: frozenset[VenueOrderId] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """Something happened to an order of ours that we missed."""

    client_order_id: ClientOrderId
    happening: Happening


@dataclass(frozen=True, slots=True, kw_only=True)
class FillMissed:
    """An execution that we do not have; `client_order_id` None where no known order explains it."""

    client_order_id: ClientOrderId | None
    fill: Fill


@dataclass(frozen=True, slots=True, kw_only=True)
class AskFor:
    """Ask the venue for this order by its id: absence from a list is no proof."""

    client_order_id: ClientOrderId


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchFills:
    """Fetch the fills of this order by its id: the venue claims more than we have."""

    client_order_id: ClientOrderId
    venue_order_id: VenueOrderId


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFound:
    """An order at the venue without a row here: ours (the row was lost) or foreign, as `order.owner` says."""

    order: Order


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionCorrected:
    """The venue's position wins; `drift` where the size differed though all fills are known, else details moved."""

    was: Position | None
    now: Position
    drift: bool
    words: str


Correction = Happened | FillMissed | AskFor | FetchFills | OrderFound | PositionCorrected


def compare(local: Local, venue: Reading, now: datetime, rule: ClockRule) -> tuple[Correction, ...]:
    """Say what to correct, in the order to apply it: orders, their fills, what to ask, positions.

    Every id is deterministic, so doing it twice is doing it once. A position is judged only when nothing about its
    symbol is still open.
    """
    found: list[Correction] = []
    open_symbols: set[Symbol] = set()
    orders = list(local.orders)
    latest = _latest(venue)
    owners = _owners(latest, orders)
    for report in latest:
        if report.venue_order_id in owners:
            continue
        if report.state in LIVING or belongs_to_us(report, local.tag) or parent_of(report, orders) is not None:
            order = adopt(report, local.account, local.tag, now, orders)
            orders.append(order)
            found.append(OrderFound(order=order))
            owners |= _owners((report,), [order])
    for order in orders:
        steps = tuple(_order_steps(order, owners, local, venue, latest, now, rule))
        found += steps
        if any(not isinstance(step, Happened) for step in steps) or _unsettled(order, steps):
            open_symbols.add(order.intent.symbol)
    known = {fill.trade_id for fills in local.fills.values() for fill in fills} | local.foreign_trades
    for fill in venue.fills:
        if fill.trade_id not in known and fill.venue_order_id not in owners and owner_of(fill, orders) is None:
            found.append(FillMissed(client_order_id=None, fill=fill))
            open_symbols.add(fill.symbol)
    found += _position_steps(local, venue, open_symbols)
    return tuple(found)


def match(report: OrderReport, orders: list[Order] | tuple[Order, ...]) -> Order | None:
    """Find the order a report is about: by client id, else venue id, else as what a plan sent."""
    for order in orders:
        if report.client_order_id is not None and report.client_order_id == order.client_order_id:
            return order
    for order in orders:
        if report.venue_order_id in (order.venue_order_id, order.executed_as):
            return order
    return None


def owner_of(fill: Fill, orders: list[Order] | tuple[Order, ...]) -> Order | None:
    """Find the order a fill belongs to: by client id, else venue id, else as what a plan sent."""
    for order in orders:
        if fill.client_order_id is not None and fill.client_order_id == order.client_order_id:
            return order
    return next((o for o in orders if fill.venue_order_id in (o.venue_order_id, o.executed_as)), None)


def inferred_fill(order: Order, report: OrderReport, known: tuple[Fill, ...]) -> Fill:
    """Stand in for fills the venue claims but does not list; its id derives from order and claim, so it is one."""
    return Fill(
        trade_id=TradeId(f"inferred-{order.client_order_id}-{plain(report.filled)}"),
        venue_order_id=report.venue_order_id,
        client_order_id=order.client_order_id,
        symbol=order.intent.symbol,
        direction=order.intent.direction,
        effect=order.intent.effect,
        size=report.filled - sum((fill.size for fill in known if not fill.inferred), ZERO),
        price=_missing_price(report, known, order),
        fee=ZERO,
        fee_coin="",
        realised=ZERO,
        liquidity=Liquidity.UNKNOWN,
        at=report.updated_at,
        cause=report.cause,
        inferred=True,
        claimed=report.filled,
    )


def _latest(venue: Reading) -> tuple[OrderReport, ...]:
    """Keep one report of each venue order: an ended one over a living one, then the newest."""
    best: dict[VenueOrderId, OrderReport] = {}
    asked = (answer for answer in venue.asked.values() if isinstance(answer, OrderReport))
    for report in (*venue.reports, *asked):
        other = best.get(report.venue_order_id)
        if other is None or _rank(report) > _rank(other):
            best[report.venue_order_id] = report
    return tuple(sorted(best.values(), key=lambda report: (report.created_at, report.venue_order_id)))


def _rank(report: OrderReport) -> tuple[bool, datetime, Decimal]:
    return report.state.final, report.updated_at, report.filled


def _owners(latest: tuple[OrderReport, ...], orders: list[Order]) -> dict[VenueOrderId, ClientOrderId]:
    """Say whose each venue order is; what a plan of ours sent is the plan's, also when both are news."""
    owners: dict[VenueOrderId, ClientOrderId] = {}
    for report in latest:
        order = match(report, orders)
        if order is not None:
            owners[report.venue_order_id] = order.client_order_id
            if report.executed_as is not None:
                owners[report.executed_as] = order.client_order_id
    return owners


def _order_steps(
    order: Order,
    owners: Mapping[VenueOrderId, ClientOrderId],
    local: Local,
    venue: Reading,
    latest: tuple[OrderReport, ...],
    now: datetime,
    rule: ClockRule,
) -> Iterator[Correction]:
    name = order.client_order_id
    reports = [report for report in latest if owners.get(report.venue_order_id) == name]
    for report in reports:
        happening = happening_of(report, now, executed_as=order.executed_as)
        after = apply(order, happening)
        if after is not order:
            yield Happened(client_order_id=name, happening=happening)
            order = after
    known = local.fills.get(name, ())
    have = {fill.trade_id for fill in known}
    unknown = (fill for fill in venue.fills if fill.trade_id not in have)
    missed = tuple(f for f in unknown if owners.get(f.venue_order_id) == name or owner_of(f, (order,)) is not None)
    for fill in missed:
        yield FillMissed(client_order_id=name, fill=fill)
    if missed:
        known = (*known, *missed)
        order = apply(order, happenings.FillSeen(at=now, fills=known))
    yield from _claims(order, reports, known, venue, now, rule)
    if not reports:
        yield from _unlisted(order, local, venue, now, rule)


def _claims(
    order: Order, reports: list[OrderReport], known: tuple[Fill, ...], venue: Reading, now: datetime, rule: ClockRule
) -> Iterator[Correction]:
    if order.reported <= order.filled:
        return
    claiming = max(reports, key=lambda report: report.filled, default=None)
    venue_id = order.executed_as or order.venue_order_id
    if claiming is not None:
        venue_id = claiming.venue_order_id
    if venue_id is None:
        yield AskFor(client_order_id=order.client_order_id)
        return
    settled_list = claiming is not None and now - claiming.updated_at > timedelta(seconds=rule.lag_s)
    if claiming is not None and venue_id in venue.fetched and settled_list and claiming.filled > order.filled:
        yield FillMissed(client_order_id=order.client_order_id, fill=inferred_fill(order, claiming, known))
    else:
        yield FetchFills(client_order_id=order.client_order_id, venue_order_id=venue_id)


def _unlisted(order: Order, local: Local, venue: Reading, now: datetime, rule: ClockRule) -> Iterator[Correction]:
    name = order.client_order_id
    if name in local.in_flight or order.state.settled or order.state is OrderState.NEW:
        return
    if order.state is OrderState.SUBMITTING:
        doubt = happenings.NoClearAnswer(at=now, why="its answer was never stored")
        yield Happened(client_order_id=name, happening=doubt)
        order = apply(order, doubt)
    answer = venue.asked.get(name)
    if isinstance(answer, Absent) and (order.last_absent_at is None or answer.asked_at > order.last_absent_at):
        asked = happenings.AskedAbsent(at=answer.asked_at)
        yield Happened(client_order_id=name, happening=asked)
        order = apply(order, asked)
    if proven_absent(order, now, rule):
        yield Happened(client_order_id=name, happening=happenings.ProvenAbsent(at=now))
    elif proven_gone(order, now, rule):
        gone = happenings.EndedAtVenue(
            at=now, venue_order_id=None, filled=order.filled, reason="the venue knows it no more"
        )
        yield Happened(client_order_id=name, happening=gone)
    else:
        yield AskFor(client_order_id=name)


def _unsettled(order: Order, steps: tuple[Correction, ...]) -> bool:
    """Tell whether the order may still change the position by something we do not know."""
    return bool(steps) or order.state.unresolved or order.reported > order.filled


def _position_steps(local: Local, venue: Reading, open_symbols: set[Symbol]) -> Iterator[Correction]:
    held = {(position.symbol, position.direction): position for position in local.positions}
    said = {(report.symbol, report.direction): report for report in venue.positions}
    for key in sorted(held.keys() | said.keys(), key=lambda pair: (pair[0], pair[1].value)):
        was, report = held.get(key), said.get(key)
        if key[0] in open_symbols or (was is not None and was.as_of > venue.positions_at):
            continue
        yield from _position_step(key[0], key[1], was, report, venue.positions_at)


def _position_step(
    symbol: Symbol, direction: Direction, was: Position | None, report: PositionReport | None, at: datetime
) -> Iterator[Correction]:
    size = ZERO if was is None else was.size
    truth = ZERO if report is None else report.size
    if report is None:
        if was is None or was.size == ZERO:
            return
        now = Position(
            symbol=symbol, direction=direction, size=ZERO, entry=was.entry, margin_mode=was.margin_mode,
            leverage=was.leverage, margin_coin=was.margin_coin, liquidation=None, realised=was.realised, as_of=at,
        )
    else:
        now = Position(
            symbol=symbol, direction=direction, size=report.size, entry=report.entry, margin_mode=report.margin_mode,
            leverage=report.leverage, margin_coin=report.margin_coin, liquidation=report.liquidation,
            realised=ZERO if was is None else was.realised, as_of=at,
        )
    if was is not None and _same(was, now):
        return
    words = f"{symbol} {direction.value.lower()}: ours {plain(size)}, the venue's {plain(truth)}"
    yield PositionCorrected(was=was, now=now, drift=size != truth, words=words)


def _same(was: Position, now: Position) -> bool:
    facts = ("size", "entry", "margin_mode", "leverage", "liquidation")
    return all(getattr(was, name) == getattr(now, name) for name in facts)


def _missing_price(report: OrderReport, known: tuple[Fill, ...], order: Order) -> Decimal:
    """Give the price that makes the known fills average to what the venue states."""
    real = [fill for fill in known if not fill.inferred]
    size = sum((fill.size for fill in real), ZERO)
    average = report.average_price or order.average_price or report.limit_price or order.intent.limit_price or ZERO
    missing = report.filled - size
    value = report.filled * average - sum((fill.size * fill.price for fill in real), ZERO)
    return value / missing if missing > ZERO and value > ZERO else average
