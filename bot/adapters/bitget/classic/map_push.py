"""Turn pushed orders, plans and executions into reports: one function per channel, nothing guessed."""
from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from bot.adapters.bitget.classic.push_side import Aim, cause_of, fill_aim, order_aim
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
from bot.adapters.bitget.mint import mint
from bot.domain.fill import Fill, Liquidity
from bot.domain.ids import ClientOrderId, Symbol, TradeId, VenueOrderId
from bot.domain.intent import Attached, Effect, MarginMode, OrderKind, TimeInForce, Trigger, TriggerBy
from bot.domain.numbers import ZERO
from bot.domain.reports import OrderReport, VenueState

ORDER_REPORT = mint(OrderReport)
FILL = mint(Fill)
ORDER_STATES = {
    "live": VenueState.LIVE,
    "new": VenueState.LIVE,
    "init": VenueState.LIVE,
    "partially_filled": VenueState.PARTLY_FILLED,
    "filled": VenueState.FILLED,
    "canceled": VenueState.CANCELED,
    "cancelled": VenueState.CANCELED,
}
PLAN_STATES = {
    "live": VenueState.LIVE,
    "not_trigger": VenueState.LIVE,
    "executing": VenueState.TRIGGERED,
    "executed": VenueState.TRIGGERED,
    "fail_execute": VenueState.FAILED,
    "fail_trigger": VenueState.FAILED,
    "canceled": VenueState.CANCELED,
    "cancelled": VenueState.CANCELED,
}
ORDER_KINDS = {"market": OrderKind.MARKET, "limit": OrderKind.LIMIT}
# The socket's short codes (websocket.md 7.5) and the words REST uses for the same plans.
PLAN_KINDS = {
    "pl": OrderKind.TRIGGER, "normal_plan": OrderKind.TRIGGER,
    "track": OrderKind.TRAILING, "track_plan": OrderKind.TRAILING,
    "tp": OrderKind.TARGET, "profit_plan": OrderKind.TARGET,
    "ptp": OrderKind.TARGET, "pos_profit": OrderKind.TARGET,
    "sl": OrderKind.STOP, "loss_plan": OrderKind.STOP,
    "psl": OrderKind.STOP, "pos_loss": OrderKind.STOP,
    "mtpsl": OrderKind.MOVING_STOP, "moving_plan": OrderKind.MOVING_STOP,
}  # fmt: skip
ONE_WAY = frozenset({"buy_single", "sell_single"})
WHOLE_POSITION = frozenset({"ptp", "psl", "pos_profit", "pos_loss"})
FORCES = {
    "gtc": TimeInForce.GTC,
    "normal": TimeInForce.GTC,
    "post_only": TimeInForce.POST_ONLY,
    "ioc": TimeInForce.IOC,
    "fok": TimeInForce.FOK,
}
MARGIN_MODES = {
    "crossed": MarginMode.CROSSED,
    "cross": MarginMode.CROSSED,
    "isolated": MarginMode.ISOLATED,
    "fixed": MarginMode.ISOLATED,
}
TRIGGERS = {"mark_price": TriggerBy.MARK, "fill_price": TriggerBy.LAST}
LIQUIDITIES = {"T": Liquidity.TAKER, "M": Liquidity.MAKER, "taker": Liquidity.TAKER, "maker": Liquidity.MAKER}


def _above_zero(value: Decimal | None) -> Decimal | None:
    return value if value is not None and value > ZERO else None


def _symbol(raw: object, subscribed: str) -> Symbol:
    return Symbol(need_text("symbol", raw if text(raw) or subscribed == ALL else subscribed))


def _client_order_id(raw: object) -> ClientOrderId | None:
    word = text(raw)
    return ClientOrderId(word) if word else None


def margin_mode(raw: object, notes: Notes) -> MarginMode:
    """Read a margin mode; CROSSED and a note for a word nobody knows, CROSSED where the channel leaves it out."""
    mode = MARGIN_MODES.get(raw) if type(raw) is str else None
    if mode is None and raw is not None and raw != "":
        notes.odd.append(f"marginMode: expected crossed or isolated, found {shown(raw)}")
    return mode or MarginMode.CROSSED


def _trigger_by(raw: object, notes: Notes) -> TriggerBy:
    by = TRIGGERS.get(raw) if type(raw) is str else None
    if by is None and raw is not None and raw != "":
        notes.odd.append(f"trigger type: expected mark_price or fill_price, found {shown(raw)}")
    # The venue's own default is the traded price (semantics section 10).
    return by or TriggerBy.LAST


def _attached(stop: object, target: object, by: object, notes: Notes) -> Attached | None:
    if not stop and not target:
        return None
    stop_price = _above_zero(notes.number("preset stop", stop))
    target_price = _above_zero(notes.number("preset target", target))
    if stop_price is None and target_price is None:
        return None
    return Attached(stop=stop_price, target=target_price, by=_trigger_by(by, notes))


def _order_kind(row: OrderRow, limit_price: Decimal | None, notes: Notes) -> OrderKind:
    kind = ORDER_KINDS.get(row.orderType) if type(row.orderType) is str else None
    if kind is None:
        notes.odd.append(f"orderType: expected limit or market, found {shown(row.orderType)}")
        return OrderKind.MARKET if limit_price is None else OrderKind.LIMIT
    return kind


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


def order_fill(row: OrderRow, symbol: Symbol, aim: Aim, updated_at: datetime, notes: Notes) -> Fill | None:
    """Read the execution that an `orders` row carries; None where it carries none. Raises Unreadable."""
    trade_id = text(row.tradeId)
    if trade_id is None:
        return None
    realised = _realised(row.pnl, trade_id, notes)
    direction, effect = aim
    if realised and effect is Effect.OPEN and direction is not None and str(row.tradeSide) in ONE_WAY:
        # One-way netting: what realises profit reduced the other direction, whatever the order was called.
        direction, effect = direction.other, Effect.CLOSE
    fee = number(row.fillFee)
    if fee is None:
        notes.doubt.append(f"fillFee of trade {trade_id}: expected a number, found {shown(row.fillFee)}")
    return FILL(
        trade_id=TradeId(trade_id),
        venue_order_id=VenueOrderId(need_text("orderId", row.orderId)),
        client_order_id=_client_order_id(row.clientOid),
        symbol=symbol,
        direction=direction,
        effect=effect,
        size=need_number("baseVolume", row.baseVolume),
        price=need_number("fillPrice", row.fillPrice),
        # Negative when paid on this wire (semantics section 11); ours counts what was paid.
        fee=ZERO if not fee else -fee,
        fee_coin=text(row.fillFeeCoin) or text(row.marginCoin) or "",
        realised=realised,
        liquidity=LIQUIDITIES.get(str(row.tradeScope), Liquidity.UNKNOWN),
        at=updated_at if row.fillTime == row.uTime else notes.moment("fillTime", row.fillTime) or updated_at,
        cause=cause_of(row.tradeSide, row.enterPointSource),
    )


def lone_fill(row: OrderRow, subscribed: str, sent_at: datetime, notes: Notes) -> Fill | None:
    """Read the execution off an `orders` row whose report cannot be read; None where that cannot be read either."""
    try:
        aim = order_aim(row.side, row.tradeSide, row.posSide, row.reduceOnly)
        return order_fill(row, _symbol(row.instId, subscribed), aim, moment(row.uTime) or sent_at, notes)
    except Unreadable:
        return None


def order(row: OrderRow, subscribed: str, sent_at: datetime, notes: Notes) -> OrderReport:
    """Read an `orders` row, with the execution it carries; raises Unreadable where id, symbol or filled size is off.

    `subscribed` is the symbol of the subscription, `sent_at` the push's own time. An execution that cannot be read
    leaves the report standing and a doubt in `notes`; an unknown state stays as UNKNOWN with its word (FF-70).
    """
    venue_order_id = need_text("orderId", row.orderId)
    symbol = _symbol(row.instId, subscribed)
    word = text(row.status) or text(row.state) or ""
    state = ORDER_STATES.get(word, VenueState.UNKNOWN)
    if state is VenueState.UNKNOWN:
        notes.doubt.append(f"status of order {venue_order_id}: unknown word {shown(row.status)}")
    size = _above_zero(notes.number("size", row.size))
    limit_price = _above_zero(notes.number("price", row.price))
    kind = _order_kind(row, limit_price, notes)
    aim = order_aim(row.side, row.tradeSide, row.posSide, row.reduceOnly)
    updated_at = notes.moment("uTime", row.uTime) or sent_at
    try:
        fill = order_fill(row, symbol, aim, updated_at, notes)
    except Unreadable as fault:
        fill = None
        notes.doubt.append(f"fill of order {venue_order_id}: {fault}")
    return ORDER_REPORT(
        venue_order_id=VenueOrderId(venue_order_id),
        client_order_id=_client_order_id(row.clientOid),
        symbol=symbol,
        direction=aim[0],
        effect=aim[1],
        kind=kind,
        state=state,
        raw_state=word,
        size=size,
        filled=_filled(row, state, size),
        average_price=_above_zero(notes.number("priceAvg", row.priceAvg)),
        limit_price=limit_price if kind is OrderKind.LIMIT else None,
        trigger=None,
        time_in_force=FORCES.get(str(row.force), TimeInForce.GTC),
        attached=_attached(row.presetStopLossPrice, row.presetStopSurplusPrice, row.presetStopLossType, notes),
        margin_mode=margin_mode(row.marginMode, notes),
        leverage=_above_zero(notes.number("leverage", row.leverage)),
        cancel_reason=text(row.cancelReason),
        cause=cause_of(row.tradeSide, row.enterPointSource),
        executed_as=None,
        created_at=notes.moment("cTime", row.cTime) or updated_at,
        updated_at=updated_at,
        fill=fill,
    )


def _plan_trigger(row: PlanRow, kind: OrderKind, notes: Notes) -> Trigger | None:
    price = _above_zero(notes.number("triggerPrice", row.triggerPrice))
    by = row.triggerType
    if price is None and kind is OrderKind.TARGET:
        price, by = _above_zero(notes.number("target", row.stopSurplusTriggerPrice)), row.stopSurplusTriggerType
    elif price is None and kind is OrderKind.STOP:
        price, by = _above_zero(notes.number("stop", row.stopLossTriggerPrice)), row.stopLossTriggerType
    if price is None:
        notes.doubt.append(f"trigger price of plan {shown(row.orderId)}: found {shown(row.triggerPrice)}")
        return None
    callback = notes.number("callbackRatio", row.callbackRatio) or notes.number("rangeRate", row.rangeRate)
    return Trigger(price=price, by=_trigger_by(by, notes), callback=_above_zero(callback))


def _plan_limit(row: PlanRow, kind: OrderKind, notes: Notes) -> Decimal | None:
    if row.orderType == "market":
        return None
    raw = row.executePrice
    if kind is OrderKind.TARGET:
        raw = raw or row.stopSurplusPrice
    elif kind is OrderKind.STOP:
        raw = raw or row.stopLossPrice
    return _above_zero(notes.number("executePrice", raw))


def plan(row: PlanRow, subscribed: str, sent_at: datetime, notes: Notes) -> OrderReport:
    """Read an `orders-algo` row; raises Unreadable where id or symbol is off.

    A plan is never filled itself: `filled` is what its order executed, where the venue says it. A kind nobody knows
    is reported as TRIGGER with a doubt, because its id and state are still true.
    """
    venue_order_id = need_text("orderId", row.orderId)
    word = text(row.planType) or ""
    kind = PLAN_KINDS.get(word)
    if kind is None:
        notes.doubt.append(f"planType of plan {venue_order_id}: unknown word {shown(row.planType)}")
        kind = OrderKind.TRIGGER
    state_word = text(row.status) or text(row.state) or ""
    state = PLAN_STATES.get(state_word, VenueState.UNKNOWN)
    if state is VenueState.UNKNOWN:
        notes.doubt.append(f"status of plan {venue_order_id}: unknown word {shown(row.status)}")
    direction, effect = order_aim(row.side, row.tradeSide, row.posSide, row.reduceOnly, kind.is_guard)
    if kind.is_guard and direction is not None:
        effect = Effect.CLOSE
    executed_as = text(row.executeOrderId)
    updated_at = notes.moment("uTime", row.uTime) or sent_at
    stop, target = row.stopLossTriggerPrice, row.stopSurplusTriggerPrice
    return ORDER_REPORT(
        venue_order_id=VenueOrderId(venue_order_id),
        client_order_id=_client_order_id(row.clientOid),
        symbol=_symbol(row.instId, subscribed),
        direction=direction,
        effect=effect,
        kind=kind,
        state=state,
        raw_state=state_word,
        size=None if word in WHOLE_POSITION else _above_zero(notes.number("size", row.size)),
        filled=notes.number("actualSize", row.actualSize) or ZERO,
        average_price=None,
        limit_price=_plan_limit(row, kind, notes),
        trigger=_plan_trigger(row, kind, notes),
        time_in_force=TimeInForce.GTC,
        attached=None if kind.is_guard else _attached(stop, target, row.stopLossTriggerType, notes),
        margin_mode=margin_mode(row.marginMode, notes),
        leverage=_above_zero(notes.number("leverage", row.leverage)),
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


def fill(row: FillRow, subscribed: str, sent_at: datetime, notes: Notes) -> Fill:
    """Read a `fill` row; raises Unreadable where trade id, order id, symbol, size or price is off.

    Fees are negative on this wire when paid; ours are what was paid (FF-59). An unreadable fee counts as zero and
    leaves a doubt, for the execution itself may not be lost.
    """
    trade_id = need_text("tradeId", row.tradeId)
    realised = _realised(row.profit, trade_id, notes)
    direction, effect = fill_aim(row.side, row.tradeSide, bool(realised))
    paid, coin = _fee(row, trade_id, notes)
    return FILL(
        trade_id=TradeId(trade_id),
        venue_order_id=VenueOrderId(need_text("orderId", row.orderId)),
        client_order_id=_client_order_id(row.clientOid),
        symbol=_symbol(row.symbol, subscribed),
        direction=direction,
        effect=effect,
        size=need_number("baseVolume", row.baseVolume),
        price=need_number("price", row.price),
        fee=paid,
        fee_coin=coin,
        realised=realised,
        liquidity=LIQUIDITIES.get(str(row.tradeScope), Liquidity.UNKNOWN),
        at=notes.moment("cTime", row.cTime) or notes.moment("uTime", row.uTime) or sent_at,
        cause=cause_of(row.tradeSide, row.enterPointSource),
    )
