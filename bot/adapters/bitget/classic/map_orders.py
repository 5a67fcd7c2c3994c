"""Translate book orders and executions: intents to request bodies, rows to reports. Pure."""
from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from bot.adapters.bitget.classic.push_side import UNTOLD, Aim, cause_of, order_aim
from bot.adapters.bitget.classic.rows import all_of
from bot.adapters.bitget.classic.wire_order import FeeRow, FillRow, OrderRow
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
    EFFECTS,
    FORCE_WORDS,
    HELD,
    LINE_WORDS,
    LIQUIDITIES,
    MARGIN_MODE_WORDS,
    ONE_WAY,
    ORDER_KINDS,
    ORDER_STATES,
    SIDES,
    above_zero,
    attached,
    client_order_id,
    line_of,
    lower,
    margin_coin_of,
    margin_mode,
    one_way,
    state_of,
    time_in_force,
    told,
)
from bot.domain.account import PositionMode
from bot.domain.fill import Cause, Fill, Liquidity
from bot.domain.ids import ClientOrderId, Symbol, TradeId, VenueOrderId
from bot.domain.intent import Attached, Direction, Effect, OrderIntent, OrderKind
from bot.domain.numbers import ZERO, plain
from bot.domain.reports import OrderReport, VenueState

FORCED_SOURCES = {
    "liquidation": Cause.LIQUIDATION,
    "market_risk": Cause.LIQUIDATION,
    "reduce_offset": Cause.LIQUIDATION,
    "delivery_close_long": Cause.DELIVERY,
    "delivery_close_short": Cause.DELIVERY,
}
YES = "YES"


class Unwritable(Exception):
    """The intent cannot be said on this wire; the text says what was expected and what was found. Nothing was sent."""


def side_words(intent: OrderIntent, mode: PositionMode) -> dict[str, str]:
    """Write direction and effect (semantics section 2.1).

    Hedge mode: `side` names the position (closing a long is `buy`), `tradeSide` the action, never `reduceOnly`.
    One-way mode: `side` is the trade, `reduceOnly` says that it closes, never `tradeSide`.
    """
    closes = intent.effect is Effect.CLOSE
    if mode is PositionMode.HEDGE:
        side = "buy" if intent.direction is Direction.LONG else "sell"
        return {"side": side, "tradeSide": "close" if closes else "open"}
    buys = (intent.direction is Direction.LONG) is not closes
    words = {"side": "buy" if buys else "sell"}
    return words | {"reduceOnly": YES} if closes else words


def size_word(size: Decimal | None) -> str:
    """Write a size above zero without exponent; raises Unwritable for none."""
    if size is None or size <= ZERO:
        raise Unwritable(f"Expected a size above zero, found {size}; nothing was sent.")
    return plain(size)


def price_word(name: str, price: Decimal | None) -> str:
    """Write a price above zero without exponent; raises Unwritable for none."""
    if price is None or price <= ZERO:
        raise Unwritable(f"Expected a {name} above zero, found {price}; nothing was sent.")
    return plain(price)


def book_item(intent: OrderIntent, client_id: ClientOrderId, mode: PositionMode) -> dict[str, str]:
    """Write what is said per order, alone or in a batch (rest.md 5.1, 5.3). Raises Unwritable.

    A market order carries neither price nor force.
    """
    if intent.kind.is_plan:
        raise Unwritable(f"Expected a market or limit order, found {intent.kind.value}; nothing was sent.")
    item = {"size": size_word(intent.size), "clientOid": str(client_id)} | side_words(intent, mode)
    if intent.kind is OrderKind.LIMIT:
        force = FORCE_WORDS[intent.time_in_force]
        item |= {"orderType": "limit", "price": price_word("limit price", intent.limit_price), "force": force}
    else:
        item["orderType"] = "market"
    return item | preset_words(intent.attached)


def preset_words(preset: Attached | None) -> dict[str, str]:
    """Write the stop and target that travel inside an entry; both execute at market (R11)."""
    words: dict[str, str] = {}
    if preset is not None and preset.target is not None:
        words["presetStopSurplusPrice"] = price_word("target", preset.target)
    if preset is not None and preset.stop is not None:
        words["presetStopLossPrice"] = price_word("stop", preset.stop)
    return words


def place_words(symbol: Symbol, margin_coin: str) -> dict[str, str]:
    """Write which contract and wallet is meant."""
    return {"symbol": str(symbol), "productType": LINE_WORDS[line_of(symbol)], "marginCoin": margin_coin}


def book_body(intent: OrderIntent, client_id: ClientOrderId, mode: PositionMode, margin_coin: str) -> dict[str, object]:
    """Write the body of place-order (rest.md 5.1). Raises Unwritable."""
    head = place_words(intent.symbol, margin_coin) | {"marginMode": MARGIN_MODE_WORDS[intent.margin_mode]}
    return {**head, **book_item(intent, client_id, mode)}


def _filled(raw: object, state: VenueState, size: Decimal | None, notes: Notes) -> Decimal:
    filled = number(raw)
    if filled is not None:
        return filled
    if raw is not None and raw != "":
        raise Unreadable(f"baseVolume: expected a number, found {shown(raw)}")
    if state is VenueState.FILLED:
        if size is None:
            raise Unreadable("baseVolume: a filled order says neither what was filled nor its size")
        return size
    if state is not VenueState.LIVE:
        notes.doubt.append("baseVolume: a changed order does not say what was filled")
    return ZERO


def cause(trade_side: object, entered_by: object, source: object = None) -> Cause:
    """Name why an order exists: the venue's own forced closings by trade side, origin or entry point."""
    named = cause_of(lower(trade_side), (text(entered_by) or "").upper())
    return FORCED_SOURCES.get(lower(source), named) if named is Cause.ORDER else named


def moments(row_times: tuple[object, ...], asked_at: datetime, notes: Notes, name: str) -> datetime:
    """Read the first moment that can be read; the moment of asking, noted, where none can."""
    for raw in row_times:
        at = moment(raw)
        if at is not None:
            return at
    notes.doubt.append(f"{name}: expected milliseconds, found {shown(row_times[0])}")
    return asked_at


def order_report(row: OrderRow, asked_at: datetime, notes: Notes) -> OrderReport:
    """Read one order of detail, pending or history; raises Unreadable where id, symbol or filled size is off."""
    raw_state = row.state if text(row.state) else row.status
    state = state_of(ORDER_STATES, raw_state, notes)
    size = notes.number("size", row.size)
    limit_price = above_zero(notes.number("price", row.price))
    kind = ORDER_KINDS.get(lower(row.orderType))
    if kind is None:
        notes.odd.append(f"orderType: expected limit or market, found {shown(row.orderType)}")
        kind = OrderKind.MARKET if limit_price is None else OrderKind.LIMIT
    held = "net" if one_way(row.posMode) else lower(row.posSide)
    direction, effect = order_aim(lower(row.side), lower(row.tradeSide), held, lower(row.reduceOnly))
    created_at = moments((row.cTime, row.ctime, row.uTime, row.utime), asked_at, notes, "cTime")
    preset_by = row.presetStopLossType or row.presetStopLossTriggerType or row.presetStopSurplusType
    return OrderReport(
        venue_order_id=VenueOrderId(need_text("orderId", row.orderId)),
        client_order_id=client_order_id(row.clientOid),
        symbol=Symbol(need_text("symbol", row.symbol).upper()),
        direction=direction,
        effect=effect,
        kind=kind,
        state=state,
        raw_state=text(raw_state) or "",
        size=size,
        filled=_filled(row.baseVolume, state, size, notes),
        average_price=above_zero(notes.number("priceAvg", row.priceAvg)),
        limit_price=limit_price if kind is OrderKind.LIMIT else None,
        trigger=None,
        time_in_force=time_in_force(row.force, notes),
        attached=attached(
            row.presetStopLossPrice,
            row.presetStopSurplusPrice,
            preset_by or row.presetStopSurplusTriggerType,
            notes,
        ),
        margin_mode=margin_mode(row.marginMode, notes),
        leverage=above_zero(notes.number("leverage", row.leverage)),
        cancel_reason=text(row.cancelReason),
        cause=cause(row.tradeSide, row.enterPointSource, row.orderSource),
        executed_as=None,
        created_at=created_at,
        updated_at=moment(row.uTime) or moment(row.utime) or created_at,
    )


def fill_aim(row: FillRow, realised: Decimal) -> Aim:
    """Read which position an execution concerns; both None where the wire does not tell.

    In hedge mode `side` names the position here (semantics section 2.2). In one-way mode it is the trade: an
    execution that realised profit reduced the other direction, any other is left to its order.
    """
    trade_side, side = lower(row.tradeSide), SIDES.get(lower(row.side))
    effect = EFFECTS.get(trade_side)
    if effect is not None:
        held = HELD.get(lower(row.posSide), side)
        return UNTOLD if held is None else (held, effect)
    if cause_of(trade_side) is not Cause.ORDER:
        return order_aim(lower(row.side), trade_side, lower(row.posSide), None)
    single = trade_side in ONE_WAY or one_way(row.posMode)
    return (side.other, Effect.CLOSE) if single and side is not None and realised else UNTOLD


def _fees(row: FillRow, notes: Notes) -> tuple[Decimal, str | None]:
    paid, coin = ZERO, None
    detail = [row.feeDetail] if type(row.feeDetail) is dict else row.feeDetail
    for fee in all_of(detail, FeeRow, "feeDetail"):
        total, fee_coin = notes.number("totalFee", fee.totalFee), text(fee.feeCoin)
        if coin is not None and fee_coin != coin:
            notes.odd.append(f"feeDetail: a second coin {shown(fee_coin)} of {shown(fee.totalFee)}")
            continue
        coin = fee_coin
        if total is None:
            notes.doubt.append(f"totalFee: expected a number, found {shown(fee.totalFee)}")
        # Negative on the wire when paid; ours is what was paid (FF-59).
        paid -= total or ZERO
    return paid, coin


def fill(row: FillRow, asked_at: datetime, notes: Notes) -> Fill:
    """Read one execution; raises Unreadable where ids, symbol, size, price or fees are off."""
    symbol = Symbol(need_text("symbol", row.symbol).upper())
    realised = notes.number("profit", row.profit) or ZERO
    direction, effect = fill_aim(row, realised)
    paid, coin = _fees(row, notes)
    return Fill(
        trade_id=TradeId(need_text("tradeId", row.tradeId)),
        venue_order_id=VenueOrderId(need_text("orderId", row.orderId)),
        client_order_id=client_order_id(row.clientOid),
        symbol=symbol,
        direction=direction,
        effect=effect,
        size=need_number("baseVolume", row.baseVolume),
        price=need_number("price", row.price),
        fee=paid if paid else ZERO,
        fee_coin=coin or text(row.marginCoin) or margin_coin_of(symbol),
        realised=realised,
        liquidity=told(LIQUIDITIES, row.tradeScope) or Liquidity.UNKNOWN,
        at=moments((row.cTime, row.ctime), asked_at, notes, "cTime"),
        cause=cause(row.tradeSide, row.enterPointSource),
    )
