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
from bot.domain.order_table import apply, missing_fills
from bot.domain.ownership import Owners, owners_of
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
    owners = owners_of(orders, latest)
    for report in latest:
        if owners.of_report(report) is not None:
            continue
        if report.state in LIVING or belongs_to_us(report, local.tag) or parent_of(report, orders) is not None:
            order = adopt(report, local.account, local.tag, now, orders)
            orders.append(order)
            found.append(OrderFound(order=order))
            owners.add(order)
    reports: dict[ClientOrderId, list[OrderReport]] = {}
    for report in latest:
        owner = owners.of_report(report)
        if owner is not None:
            reports.setdefault(owner, []).append(report)
    missed, strange = _missed(local, venue, owners)
    for order in orders:
        name = order.client_order_id
        steps = tuple(_order_steps(order, reports.get(name, []), missed.get(name, ()), local, venue, now, rule))
        found += steps
        if steps or order.state.unresolved or missing_fills(order):
            open_symbols.add(order.intent.symbol)
    found += (FillMissed(client_order_id=None, fill=fill) for fill in strange)
    open_symbols |= {fill.symbol for fill in strange}
    found += _position_steps(local, venue, open_symbols)
    return tuple(found)


def inferred_fill(order: Order, price: Decimal, at: datetime, known: tuple[Fill, ...]) -> Fill:
    """Stand in for fills the venue claims but does not list; its id derives from order and claim, so it is one."""
    return Fill(
        trade_id=TradeId(f"inferred-{order.client_order_id}-{plain(order.reported)}"),
        venue_order_id=order.executed_as or order.venue_order_id or VenueOrderId(""),
        client_order_id=order.client_order_id,
        symbol=order.intent.symbol,
        direction=order.intent.direction,
        effect=order.intent.effect,
        size=order.reported - sum((fill.size for fill in known if not fill.inferred), ZERO),
        price=price,
        fee=ZERO,
        fee_coin="",
        realised=ZERO,
        liquidity=Liquidity.UNKNOWN,
        at=at,
        inferred=True,
        claimed=order.reported,
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


def _missed(
    local: Local, venue: Reading, owners: Owners
) -> tuple[dict[ClientOrderId, tuple[Fill, ...]], tuple[Fill, ...]]:
    """Sort the fills we lack: those of known orders by order, and strangers' ones."""
    known = {fill.trade_id for fills in local.fills.values() for fill in fills} | local.foreign_trades
    mine: dict[ClientOrderId, tuple[Fill, ...]] = {}
    strange: list[Fill] = []
    for fill in venue.fills:
        owner = owners.of_fill(fill)
        if fill.trade_id in known:
            continue
        known.add(fill.trade_id)
        if owner is None:
            strange.append(fill)
        else:
            mine[owner] = (*mine.get(owner, ()), fill)
    return mine, tuple(strange)


def _order_steps(
    order: Order,
    reports: list[OrderReport],
    missed: tuple[Fill, ...],
    local: Local,
    venue: Reading,
    now: datetime,
    rule: ClockRule,
) -> Iterator[Correction]:
    name = order.client_order_id
    for report in reports:
        happening = happening_of(report, now, executed_as=order.executed_as)
        after = apply(order, happening)
        if after is not order:
            yield Happened(client_order_id=name, happening=happening)
            order = after
    for fill in missed:
        yield FillMissed(client_order_id=name, fill=fill)
    known = (*local.fills.get(name, ()), *missed)
    if missed:
        order = apply(order, happenings.FillSeen(at=now, fills=known))
    if missing_fills(order):
        yield _claim(order, reports, known, venue, now, rule)
    if not reports:
        yield from _unlisted(order, local, venue, now, rule)


def _claim(
    order: Order, reports: list[OrderReport], known: tuple[Fill, ...], venue: Reading, now: datetime, rule: ClockRule
) -> Correction:
    """Fetch what the venue claims; where it was fetched and stays away beyond the lists' lag, infer it."""
    venue_id = order.executed_as or order.venue_order_id
    if venue_id is None:
        return AskFor(client_order_id=order.client_order_id)
    claiming = max(reports, key=lambda report: report.filled, default=None)
    claimed_at = order.venue_updated_at or order.created_at
    price = _missing_price(order, claiming, known)
    late = now - claimed_at > timedelta(seconds=rule.lag_s)
    if venue_id in venue.fetched and late and price > ZERO:
        fill = inferred_fill(order, price, claimed_at, known)
        return FillMissed(client_order_id=order.client_order_id, fill=fill)
    return FetchFills(client_order_id=order.client_order_id, venue_order_id=venue_id)


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


def _missing_price(order: Order, claiming: OrderReport | None, known: tuple[Fill, ...]) -> Decimal:
    """Give the price that makes the known fills average to what the venue states; zero where nothing tells it."""
    stated = None if claiming is None else claiming.average_price
    average = stated or order.average_price or order.intent.limit_price or ZERO
    real = [fill for fill in known if not fill.inferred]
    missing = order.reported - sum((fill.size for fill in real), ZERO)
    value = order.reported * average - sum((fill.size * fill.price for fill in real), ZERO)
    return value / missing if missing > ZERO and value > ZERO else average
