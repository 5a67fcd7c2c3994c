"""Enter into the books what happened to an order or a position: rows and journal lines of one transaction.

Synchronous functions of one `Tx`; whoever learns a fact (an answer, a push, a list) calls them, in any order and any
number of times, and the same books come out (R10).
"""
from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.desk.seat import Shelf
from bot.domain.account import PositionMode
from bot.domain.events import Fact, subject_of
from bot.domain.events_control import TradingStateChanged
from bot.domain.events_holdings import Deleveraged, DriftFound, Liquidated, PositionChanged
from bot.domain.events_orders import (
    FillRecorded,
    FillReplaced,
    OrderAccepted,
    OrderEnded,
    OrderInDoubt,
    OrderNotSent,
    OrderRejected,
    OrderResolved,
    PlanTriggered,
)
from bot.domain.events_proposals import ProposalCompleted
from bot.domain.fill import Cause, Fill, fresh_part
from bot.domain.happenings import (
    Accepted,
    EndedAtVenue,
    FillSeen,
    Happening,
    NeverLeft,
    NoClearAnswer,
    ProvenAbsent,
    Rejected,
    Triggered,
)
from bot.domain.ids import Symbol, VenueOrderId
from bot.domain.instrument import Instrument
from bot.domain.intent import Direction, Effect
from bot.domain.numbers import ZERO, plain
from bot.domain.order import Order, OrderState, Owner
from bot.domain.order_table import adopted, apply
from bot.domain.position import Applied, Position, apply_one_way, empty
from bot.domain.position import apply as apply_fill
from bot.domain.record import milliseconds
from bot.domain.trading import TradingState
from bot.ports.ledger import Tx

VENUE = "venue"
LAST_LOSS = "last_loss"


def write(tx: Tx, fact: Fact, at: datetime, actor: str, cause: int | None = None) -> int:
    """Append one fact under its own subject; give its journal number."""
    return tx.journal.append(fact, at=at, actor=actor, subject=subject_of(fact), cause=cause)


def enter(tx: Tx, order: Order, happening: Happening, at: datetime, *, actor: str = VENUE, how: str = "") -> Order:
    """Let something happen to an order: store its new state and say what it means; give the order as stored.

    Nothing is written when nothing changed. `how` says in words by what a doubt was resolved.
    Raises ImpossibleTransition and the ledger's StaleVersion.
    """
    after = apply(order, happening)
    if after is order:
        return order
    after = tx.orders.save(order, after)
    needless = order.intent.kind.is_guard and _let_go(tx, order)
    for fact in _facts(order, after, happening, at, how, needless):
        write(tx, fact, at, actor)
    if after.state.settled and not order.state.settled:
        _complete(tx, after, at)
    if after.executed_as is not None and order.executed_as is None:
        # What the woken plan sent may have filled before anybody knew that it was the plan's.
        return claim_fills(tx, after, at, actor=actor)
    return after


def fills_of(tx: Tx, order: Order) -> tuple[Fill, ...]:
    """List the fills that count of an order.

    Those of the order that a woken plan sent are the plan's, and so are those that came before the order was known
    and could be booked under the venue's id alone.
    """
    found = {fill.trade_id: fill for fill in tx.fills.of_order(order.client_order_id)}
    for venue_id in (order.venue_order_id, order.executed_as):
        if venue_id is not None:
            found |= {fill.trade_id: fill for fill in tx.fills.of_venue_order(venue_id)}
    return tuple(found.values())


def claim_fills(tx: Tx, order: Order, at: datetime, *, actor: str = VENUE) -> Order:
    """Let an order take the fills that were booked before it was known; the positions have taken them already."""
    found = fills_of(tx, order)
    return enter(tx, order, FillSeen(at=at, fills=found), at, actor=actor) if found else order


def _let_go(tx: Tx, guard: Order) -> bool:
    """Tell whether what a guard guards is closed, or being closed by us: the exchange then ends the guard itself."""
    intent = guard.intent
    position = tx.positions.get(intent.symbol, intent.direction)
    return position is None or position.size == ZERO or any(
        other.intent.effect is Effect.CLOSE and not other.intent.kind.is_guard
        for other in tx.orders.live(intent.symbol)
        if other.owner is Owner.OURS and other.intent.direction is intent.direction
    )


def _facts(
    before: Order, after: Order, happening: Happening, at: datetime, how: str, needless: bool
) -> list[Fact]:
    facts: list[Fact] = []
    moved = after.state is not before.state
    if adopted(before, after):
        words = "An order that was given up as not placed exists at the exchange."
        facts.append(
            DriftFound(
                subject=after.client_order_id,
                symbol=after.intent.symbol,
                local=before.state.value,
                venue=after.state.value,
                words=words,
            )
        )
    if before.state is OrderState.IN_DOUBT and moved:
        since = before.signed_at or before.created_at
        seconds = int((at - since).total_seconds())
        facts.append(
            OrderResolved(order=after, was=before.state, how=how or type(happening).__name__, after_s=seconds)
        )
    if isinstance(happening, Accepted) and before.state.unresolved:
        facts.append(OrderAccepted(order=after))
    elif isinstance(happening, Rejected) and moved:
        facts.append(OrderRejected(order=after, code=happening.code, words=happening.words))
    elif isinstance(happening, NeverLeft) and moved:
        facts.append(OrderNotSent(order=after, why=happening.why))
    elif isinstance(happening, ProvenAbsent) and moved:
        facts.append(OrderNotSent(order=after, why="The exchange never had it."))
    elif isinstance(happening, NoClearAnswer) and moved:
        facts.append(OrderInDoubt(order=after, why=happening.why))
    elif isinstance(happening, Triggered) and (after.executed_as is not None or before.executed_as is None):
        facts.append(PlanTriggered(order=after, executed_as=after.executed_as))
    if after.state in (OrderState.FILLED, OrderState.CANCELED) and moved:
        reason = happening.reason if isinstance(happening, EndedAtVenue) else after.reason
        outside = after.state is OrderState.CANCELED and before.cancel_requested_at is None and not needless
        facts.append(OrderEnded(order=after, reason=reason, outside=outside and after.owner is Owner.OURS))
    return facts


def _complete(tx: Tx, order: Order, at: datetime) -> None:
    """Say that a proposal is through, once: when the last of its legs settles."""
    proposal = tx.proposals.get(order.proposal_id) if order.proposal_id is not None else None
    if proposal is None or not proposal.terms.legs:
        return
    orders = tx.orders.of_proposal(proposal.id)
    if len(orders) < len(proposal.terms.legs) or any(not other.state.settled for other in orders):
        return
    filled = sum((other.filled for other in orders), ZERO)
    paid = sum(((other.average_price or ZERO) * other.filled for other in orders), ZERO)
    intended = sum((leg.intent.size or ZERO for leg in proposal.terms.legs), ZERO)
    average = paid / filled if filled else None
    fact = ProposalCompleted(proposal=proposal, intended=intended, filled=filled, average_price=average)
    write(tx, fact, at, VENUE)


def order_of(tx: Tx, fill: Fill) -> Order | None:
    """Find the order of a fill: by client order id, else by the venue's, that of a woken plan's order included."""
    if fill.client_order_id is not None:
        found = tx.orders.get(fill.client_order_id)
        if found is not None:
            return found
    return tx.orders.by_venue_id(fill.venue_order_id)


def enter_fill(tx: Tx, shelf: Shelf, fill: Fill, at: datetime, *, actor: str = VENUE) -> bool:
    """Take an execution into the books: fill row, order, position, journal; False when it was known (R10).

    A fill whose order we do not know is kept all the same and moves the position. A real fill takes the place of
    inferred ones of its order (FF-23).
    """
    order = order_of(tx, fill)
    if order is not None:
        fill = _named(fill, order)
    elif fill.client_order_id is not None:
        # An id that is not in our books is none of our rows: the fill is foreign, its venue id says whose.
        fill = replace(fill, client_order_id=None)
    known = _known(tx, order, fill.venue_order_id)
    if not tx.fills.insert(fill):
        if order is not None:
            claim_fills(tx, order, at, actor=actor)
        return False
    part = fresh_part(known, fill)
    position = _move(tx, shelf, part, at, actor, outside=order is None) if part is not None else None
    if order is not None:
        order = enter(tx, order, FillSeen(at=at, fills=(*known, fill)), at, actor=actor, how="its fill came")
        _yield_inferred(tx, order, (*known, fill), at, actor)
    write(tx, FillRecorded(fill=fill, order=order, position=position), at, actor)
    _forced(tx, fill, at)
    return True


def _known(tx: Tx, order: Order | None, venue_order_id: VenueOrderId) -> tuple[Fill, ...]:
    if order is not None:
        return fills_of(tx, order)
    return tx.fills.of_venue_order(venue_order_id)


def _named(fill: Fill, order: Order) -> Fill:
    """Complete a fill by its order: id, and direction and effect where the wire did not tell them."""
    intent = order.intent
    direction, effect = fill.direction, fill.effect
    if direction is None or effect is None:
        direction, effect = intent.direction, intent.effect
    return replace(fill, client_order_id=order.client_order_id, direction=direction, effect=effect)


def _yield_inferred(tx: Tx, order: Order, fills: tuple[Fill, ...], at: datetime, actor: str) -> None:
    real = tuple(one.trade_id for one in fills if not one.inferred)
    covered = sum((one.size for one in fills if not one.inferred), ZERO)
    for guess in (one for one in fills if one.inferred):
        if covered >= (guess.claimed if guess.claimed is not None else guess.size):
            tx.fills.supersede(guess.trade_id, real)
            fact = FillReplaced(
                client_order_id=order.client_order_id, symbol=order.intent.symbol, inferred=guess.trade_id, real=real
            )
            write(tx, fact, at, actor)


def _move(tx: Tx, shelf: Shelf, fill: Fill, at: datetime, actor: str, *, outside: bool) -> Position | None:
    """Let a fill move its position; None where nothing says which, or where the venue's word is already newer."""
    instrument = shelf.instruments.get(fill.symbol)
    if instrument is None or fill.direction is None or fill.effect is None:
        # The next read of positions will tell, and the venue wins (FF-34).
        return None
    truth = tx.desk.value(truth_name(fill.symbol, fill.direction))
    if truth is not None and milliseconds(fill.at) <= truth["at"]:
        return None
    applied = _applied(tx, shelf, fill, instrument)
    last: Position | None = None
    for after in applied.positions:
        before = tx.positions.get(after.symbol, after.direction)
        tx.positions.save(after)
        fact = PositionChanged(was=before, now=after, realised=applied.realised, cause=fill.cause, outside=outside)
        write(tx, fact, at, actor)
        last = after
    if fill.effect is Effect.CLOSE and applied.realised - fill.fee < ZERO:
        tx.desk.set_value(f"{LAST_LOSS}:{instrument.line.value}", {"at": milliseconds(fill.at)}, at)
    return last


def truth_name(symbol: Symbol, direction: Direction) -> str:
    """Name the stored moment from which on only newer fills move a position the venue has corrected."""
    return f"truth:{symbol}:{direction.value}"


def _applied(tx: Tx, shelf: Shelf, fill: Fill, instrument: Instrument) -> Applied:
    def held(direction: Direction) -> Position:
        found = tx.positions.get(fill.symbol, direction)
        coin = instrument.margin_coin
        return found or empty(fill.symbol, direction, margin_coin=coin, as_of=fill.at)

    if shelf.position_mode(instrument.line) is PositionMode.ONE_WAY:
        long, short = held(Direction.LONG), held(Direction.SHORT)
        return apply_one_way(long, short, fill, inverse=instrument.inverse)
    assert fill.direction is not None
    return apply_fill(held(fill.direction), fill, inverse=instrument.inverse)


def _forced(tx: Tx, fill: Fill, at: datetime) -> None:
    """Answer a forced closing: name it and let nothing open until a person resumes (FF-33)."""
    if fill.cause is Cause.LIQUIDATION:
        write(
            tx,
            Liquidated(
                symbol=fill.symbol,
                direction=fill.direction,
                size=fill.size,
                price=fill.price,
                realised=fill.realised,
                at=fill.at,
            ),
            at,
            VENUE,
        )
    elif fill.cause is Cause.DELEVERAGED:
        write(
            tx,
            Deleveraged(symbol=fill.symbol, direction=fill.direction, size=fill.size, price=fill.price, at=fill.at),
            at,
            VENUE,
        )
    if fill.cause in (Cause.LIQUIDATION, Cause.DELEVERAGED):
        reduce_only(tx, f"{fill.cause.value.lower()} of {plain(fill.size)} {fill.symbol}", at, "system:forced")


def reduce_only(tx: Tx, why: str, at: datetime, actor: str) -> None:
    """Fall from ACTIVE to REDUCE_ONLY; a stricter state stays."""
    was = tx.desk.trading_state()
    if was is TradingState.ACTIVE:
        tx.desk.set_trading_state(TradingState.REDUCE_ONLY, at)
        write(tx, TradingStateChanged(was=was, now=TradingState.REDUCE_ONLY, by=None, why=why), at, actor)
