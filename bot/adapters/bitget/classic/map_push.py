"""Turn pushed orders, plans and executions into reports: one function per channel, nothing guessed."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter
from typing import Any

from bot.adapters.bitget.classic.push_side import Aim, cause_of, fill_aim, order_aim
from bot.adapters.bitget.classic.stream_events import Pushed
from bot.adapters.bitget.classic.topic import ALL
from bot.adapters.bitget.classic.wire_push import FillRow, OrderRow, PlanRow
from bot.adapters.bitget.classic.wire_value import (
    Notes,
    Unreadable,
    moment,
    need_number,
    need_text,
    number,
    shown,
    text,
)
from bot.adapters.bitget.classic.words import (
    LIQUIDITIES,
    ONE_WAY,
    ORDER_KINDS,
    ORDER_STATES,
    PLAN_KINDS,
    PLAN_STATES,
    WHOLE_POSITION,
    above_zero,
    attached,
    client_order_id,
    lower,
    margin_mode,
    time_in_force,
    told,
    trigger_by,
)
from bot.adapters.bitget.mint import mint
from bot.domain.fill import Cause, Fill, Liquidity
from bot.domain.ids import Symbol, TradeId, VenueOrderId
from bot.domain.intent import Effect, MarginMode, OrderKind, TimeInForce, Trigger
from bot.domain.numbers import ZERO
from bot.domain.reports import OrderReport, VenueState

OPEN_REPORT = mint(OrderReport)
OPEN_FILL = mint(Fill)
ORDER_WORDS = attrgetter(
    "side", "tradeSide", "posSide", "reduceOnly", "enterPointSource", "status", "orderType", "force", "marginMode",
    "tradeScope",
)  # fmt: skip
ORDER_WORDS_REMEMBERED = 1_024


def _symbol(raw: object, pushed: Pushed) -> Symbol:
    subscribed = pushed.topic.symbol
    return Symbol(need_text("symbol", raw if subscribed == ALL or text(raw) else subscribed))


@dataclass(frozen=True, slots=True)
class OrderWords:
    """What the words of an `orders` row mean together; `notes` holds what was odd about them."""

    aim: Aim
    cause: Cause
    state: VenueState | None
    kind: OrderKind | None
    time_in_force: TimeInForce
    margin_mode: MarginMode
    liquidity: Liquidity
    notes: Notes


def _words(
    side: object, trade_side: object, held_side: object, reduce_only: object, entered_by: object, status: object,
    kind: object, force: object, margin: object, scope: object,
) -> OrderWords:  # fmt: skip
    notes = Notes()
    found = told(ORDER_KINDS, kind)
    if found is None:
        notes.odd.append(f"orderType: expected limit or market, found {shown(kind)}")
    return OrderWords(
        order_aim(side, trade_side, held_side, reduce_only), cause_of(trade_side, entered_by),
        told(ORDER_STATES, status), found, time_in_force(force, notes), margin_mode(margin, notes),
        told(LIQUIDITIES, scope) or Liquidity.UNKNOWN, notes,
    )  # fmt: skip


# Ten words make a few dozen sentences, and every push is one of them.
_remembered_words = lru_cache(maxsize=ORDER_WORDS_REMEMBERED, typed=True)(_words)


def _words_of(row: OrderRow, notes: Notes) -> OrderWords:
    raws = ORDER_WORDS(row)
    try:
        words = _remembered_words(*raws)
    except TypeError:
        # A list or an object cannot be remembered, and is no word.
        words = _words(*raws)
    if words.notes.odd:
        notes.odd += words.notes.odd
    return words


def _filled(row: OrderRow, state: VenueState, size: Decimal | None) -> Decimal:
    filled = number(row.accBaseVolume)
    if filled is not None:
        return filled
    if row.accBaseVolume is None or row.accBaseVolume == "":
        if state is VenueState.LIVE:
            return ZERO
        if state is VenueState.FILLED and size is not None:
            return size
    raise Unreadable(f"accBaseVolume: expected a number, found {shown(row.accBaseVolume)}")


def _realised(raw: object, trade_id: str, notes: Notes) -> Decimal:
    value = number(raw)
    if value is None and raw is not None and raw != "":
        notes.doubt.append(f"profit of trade {trade_id}: expected a number, found {shown(raw)}")
    return value or ZERO


def order_fill(row: OrderRow, symbol: Symbol, words: OrderWords, updated_at: datetime, notes: Notes) -> Fill | None:
    """Read the execution that an `orders` row carries; None where it carries none. Raises Unreadable."""
    trade_id = text(row.tradeId)
    if trade_id is None:
        return None
    realised = _realised(row.pnl, trade_id, notes)
    direction, effect = words.aim
    if realised and effect is Effect.OPEN and direction is not None and lower(row.tradeSide) in ONE_WAY:
        # One-way netting: what realises profit reduced the other direction, whatever the order was called.
        direction, effect = direction.other, Effect.CLOSE
    fee = number(row.fillFee)
    if fee is None:
        notes.doubt.append(f"fillFee of trade {trade_id}: expected a number, found {shown(row.fillFee)}")
    fill: Any = OPEN_FILL()
    fill.trade_id = trade_id
    fill.venue_order_id = need_text("orderId", row.orderId)
    fill.client_order_id = text(row.clientOid)
    fill.symbol = symbol
    fill.direction = direction
    fill.effect = effect
    fill.size = need_number("baseVolume", row.baseVolume)
    fill.price = need_number("fillPrice", row.fillPrice)
    # Negative when paid on this wire (semantics section 11); ours counts what was paid.
    fill.fee = ZERO if not fee else -fee
    fill.fee_coin = text(row.fillFeeCoin) or text(row.marginCoin) or ""
    fill.realised = realised
    fill.liquidity = words.liquidity
    fill.at = updated_at if row.fillTime == row.uTime else notes.moment("fillTime", row.fillTime) or updated_at
    fill.cause = words.cause
    fill.inferred = False
    fill.claimed = None
    fill.__class__ = Fill
    finished: Fill = fill
    return finished


def lone_fill(row: OrderRow, pushed: Pushed, notes: Notes) -> Fill | None:
    """Read the execution off an `orders` row whose report cannot be read; None where that cannot be read either."""
    try:
        words = _words_of(row, notes)
        return order_fill(row, _symbol(row.instId, pushed), words, moment(row.uTime) or pushed.sent_at, notes)
    except Unreadable:
        return None


def order(row: OrderRow, pushed: Pushed, notes: Notes) -> OrderReport:
    """Read an `orders` row, with the execution it carries; raises Unreadable where id, symbol or filled size is off.

    An execution that cannot be read leaves the report standing and a doubt in `notes`; an unknown state stays as
    UNKNOWN with its word (FF-70).
    """
    report: Any = OPEN_REPORT()
    report.venue_order_id = venue_order_id = need_text("orderId", row.orderId)
    report.client_order_id = text(row.clientOid)
    report.symbol = symbol = _symbol(row.instId, pushed)
    words = _words_of(row, notes)
    report.direction, report.effect = words.aim
    limit_price = above_zero(notes.number("price", row.price))
    report.kind = kind = words.kind or (OrderKind.MARKET if limit_price is None else OrderKind.LIMIT)
    report.raw_state = text(row.status) or text(row.state) or ""
    state = words.state or told(ORDER_STATES, row.state)
    if state is None:
        state = VenueState.UNKNOWN
        notes.doubt.append(f"status of order {venue_order_id}: unknown word {shown(row.status)}")
    report.state = state
    report.size = size = above_zero(notes.number("size", row.size))
    report.filled = _filled(row, state, size)
    report.average_price = above_zero(notes.number("priceAvg", row.priceAvg))
    report.limit_price = limit_price if kind is OrderKind.LIMIT else None
    report.trigger = None
    report.time_in_force = words.time_in_force
    report.attached = attached(row.presetStopLossPrice, row.presetStopSurplusPrice, row.presetStopLossType, notes)
    report.margin_mode = words.margin_mode
    report.leverage = above_zero(notes.number("leverage", row.leverage))
    report.cancel_reason = text(row.cancelReason)
    report.cause = words.cause
    report.executed_as = None
    report.updated_at = updated_at = notes.moment("uTime", row.uTime) or pushed.sent_at
    created_at = updated_at if row.cTime == row.uTime else notes.recurring_moment("cTime", row.cTime)
    report.created_at = created_at or updated_at
    try:
        report.fill = order_fill(row, symbol, words, updated_at, notes)
    except Unreadable as fault:
        report.fill = None
        notes.doubt.append(f"fill of order {venue_order_id}: {fault}")
    report.__class__ = OrderReport
    finished: OrderReport = report
    return finished


def _plan_trigger(row: PlanRow, kind: OrderKind, notes: Notes) -> Trigger | None:
    price = above_zero(notes.number("triggerPrice", row.triggerPrice))
    by = row.triggerType
    if price is None and kind is OrderKind.TARGET:
        price, by = above_zero(notes.number("target", row.stopSurplusTriggerPrice)), row.stopSurplusTriggerType
    elif price is None and kind is OrderKind.STOP:
        price, by = above_zero(notes.number("stop", row.stopLossTriggerPrice)), row.stopLossTriggerType
    if price is None:
        notes.doubt.append(f"trigger price of plan {shown(row.orderId)}: found {shown(row.triggerPrice)}")
        return None
    callback = notes.number("callbackRatio", row.callbackRatio) or notes.number("rangeRate", row.rangeRate)
    return Trigger(price=price, by=trigger_by(by, notes), callback=above_zero(callback))


def _plan_limit(row: PlanRow, kind: OrderKind, notes: Notes) -> Decimal | None:
    if lower(row.orderType) == "market":
        return None
    raw = row.executePrice
    if kind is OrderKind.TARGET:
        raw = raw or row.stopSurplusPrice
    elif kind is OrderKind.STOP:
        raw = raw or row.stopLossPrice
    return above_zero(notes.number("executePrice", raw))


def plan(row: PlanRow, pushed: Pushed, notes: Notes) -> OrderReport:
    """Read an `orders-algo` row; raises Unreadable where id or symbol is off.

    A plan is never filled itself: `filled` is what its order executed, where the venue says it. A kind nobody knows
    is reported as TRIGGER with a doubt, because its id and state are still true.
    """
    venue_order_id = need_text("orderId", row.orderId)
    word = text(row.planType) or ""
    kind = told(PLAN_KINDS, word)
    if kind is None:
        notes.doubt.append(f"planType of plan {venue_order_id}: unknown word {shown(row.planType)}")
        kind = OrderKind.TRIGGER
    state_word = text(row.status) or text(row.state) or ""
    state = told(PLAN_STATES, state_word)
    if state is None:
        state = VenueState.UNKNOWN
        notes.doubt.append(f"status of plan {venue_order_id}: unknown word {shown(row.status)}")
    direction, effect = order_aim(row.side, row.tradeSide, row.posSide, row.reduceOnly, kind.is_guard)
    if kind.is_guard and direction is not None:
        effect = Effect.CLOSE
    executed_as = text(row.executeOrderId)
    updated_at = notes.moment("uTime", row.uTime) or pushed.sent_at
    stop, target = row.stopLossTriggerPrice, row.stopSurplusTriggerPrice
    return OrderReport(
        venue_order_id=VenueOrderId(venue_order_id),
        client_order_id=client_order_id(row.clientOid),
        symbol=_symbol(row.instId, pushed),
        direction=direction,
        effect=effect,
        kind=kind,
        state=state,
        raw_state=state_word,
        size=None if lower(word) in WHOLE_POSITION else above_zero(notes.number("size", row.size)),
        filled=notes.number("actualSize", row.actualSize) or ZERO,
        average_price=None,
        limit_price=_plan_limit(row, kind, notes),
        trigger=_plan_trigger(row, kind, notes),
        time_in_force=TimeInForce.GTC,
        attached=None if kind.is_guard else attached(stop, target, row.stopLossTriggerType, notes),
        margin_mode=margin_mode(row.marginMode, notes),
        leverage=above_zero(notes.number("leverage", row.leverage)),
        cancel_reason=None,
        cause=cause_of(row.tradeSide, row.enterPointSource),
        executed_as=VenueOrderId(executed_as) if executed_as and executed_as != "0" else None,
        created_at=notes.moment("cTime", row.cTime) or updated_at,
        updated_at=updated_at,
    )


def _fee(row: FillRow, trade_id: str, notes: Notes) -> tuple[Decimal, str]:
    paid, coin, readable = ZERO, "", False
    for line in row.feeDetail if type(row.feeDetail) is list else ():
        total = number(line.get("totalFee", line.get("fee"))) if type(line) is dict else None
        if total is None:
            readable = False
            break
        line_coin = text(line.get("feeCoin")) or ""
        if coin and line_coin != coin:
            notes.odd.append(f"feeDetail of trade {trade_id}: a second coin {line_coin} besides {coin}")
            continue
        paid, coin, readable = paid - total, line_coin, True
    if not readable:
        notes.doubt.append(f"feeDetail of trade {trade_id}: expected a list of fees, found {shown(row.feeDetail)}")
    return (paid if paid else ZERO), coin


def fill(row: FillRow, pushed: Pushed, notes: Notes) -> Fill:
    """Read a `fill` row; raises Unreadable where trade id, order id, symbol, size or price is off.

    Fees are negative on this wire when paid; ours are what was paid (FF-59). An unreadable fee counts as zero and
    leaves a doubt, for the execution itself may not be lost.
    """
    trade_id = need_text("tradeId", row.tradeId)
    realised = _realised(row.profit, trade_id, notes)
    direction, effect = fill_aim(row.side, row.tradeSide, bool(realised))
    paid, coin = _fee(row, trade_id, notes)
    return Fill(
        trade_id=TradeId(trade_id),
        venue_order_id=VenueOrderId(need_text("orderId", row.orderId)),
        client_order_id=client_order_id(row.clientOid),
        symbol=_symbol(row.symbol, pushed),
        direction=direction,
        effect=effect,
        size=need_number("baseVolume", row.baseVolume),
        price=need_number("price", row.price),
        fee=paid,
        fee_coin=coin,
        realised=realised,
        liquidity=told(LIQUIDITIES, row.tradeScope) or Liquidity.UNKNOWN,
        at=notes.moment("cTime", row.cTime) or notes.moment("uTime", row.uTime) or pushed.sent_at,
        cause=cause_of(row.tradeSide, row.enterPointSource),
    )
