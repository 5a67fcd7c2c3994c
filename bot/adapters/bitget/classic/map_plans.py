"""Translate plans: triggers, trailing, stops and targets, to request bodies and from rows. Pure."""
from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from bot.adapters.bitget.classic.map_orders import (
    Unwritable,
    cause,
    moments,
    place_words,
    price_word,
    side_words,
    size_word,
)
from bot.adapters.bitget.classic.push_side import order_aim
from bot.adapters.bitget.classic.wire_plan import PlanRow
from bot.adapters.bitget.classic.wire_value import Notes, moment, need_text, shown, text
from bot.adapters.bitget.classic.words import (
    HELD,
    HOLD_WORDS,
    MARGIN_MODE_WORDS,
    PLAN_KINDS,
    PLAN_STATES,
    TRIGGER_WORDS,
    WHOLE_POSITION,
    above_zero,
    attached,
    client_order_id,
    lower,
    margin_mode,
    one_way,
    state_of,
    trigger_by,
)
from bot.domain.account import PositionMode
from bot.domain.ids import ClientOrderId, Symbol, VenueOrderId
from bot.domain.intent import Attached, Direction, Effect, OrderIntent, OrderKind, TimeInForce, Trigger
from bot.domain.numbers import ZERO, plain
from bot.domain.reports import OrderReport

# Which list of the venue holds a kind of plan (rest.md 6.7): reading the wrong one finds nothing (FF-37).
NAMESPACES = {
    OrderKind.TRIGGER: "normal_plan",
    OrderKind.TRAILING: "track_plan",
    OrderKind.STOP: "profit_loss",
    OrderKind.TARGET: "profit_loss",
    OrderKind.MOVING_STOP: "profit_loss",
}
ALL_NAMESPACES = ("normal_plan", "track_plan", "profit_loss")
REMOVED = "0"


def _trigger_of(intent: OrderIntent) -> Trigger:
    if intent.trigger is None:
        raise Unwritable(f"Expected a trigger on a {intent.kind.value}, found none; nothing was sent.")
    return intent.trigger


def _callback(intent: OrderIntent) -> str:
    return price_word("trailing distance in percent", _trigger_of(intent).callback)


def plan_word(intent: OrderIntent) -> str:
    """Name the planType an intent is placed as: a stop or target without a size covers the whole position."""
    if intent.kind is OrderKind.STOP:
        return "pos_loss" if intent.size is None else "loss_plan"
    if intent.kind is OrderKind.TARGET:
        return "pos_profit" if intent.size is None else "profit_plan"
    if intent.kind is OrderKind.MOVING_STOP:
        return "moving_plan"
    return NAMESPACES[intent.kind]


def hold_word(direction: Direction, mode: PositionMode) -> str:
    """Name the position a guard belongs to: long or short, in one-way mode buy or sell (rest.md 6.2)."""
    if mode is PositionMode.HEDGE:
        return HOLD_WORDS[direction]
    return "buy" if direction is Direction.LONG else "sell"


def _plan_presets(preset: Attached | None, prefix: str = "stop") -> dict[str, str]:
    words: dict[str, str] = {}
    if preset is None:
        return words
    by = TRIGGER_WORDS[preset.by]
    if preset.target is not None:
        words |= {f"{prefix}SurplusTriggerPrice": plain(preset.target), f"{prefix}SurplusTriggerType": by}
    if preset.stop is not None:
        words |= {f"{prefix}LossTriggerPrice": plain(preset.stop), f"{prefix}LossTriggerType": by}
    return words


def plan_body(intent: OrderIntent, client_id: ClientOrderId, mode: PositionMode, margin_coin: str) -> dict[str, object]:
    """Write the body of place-plan-order (rest.md 6.1). Raises Unwritable.

    A trailing plan is a market order and takes its attached stop and target only as percentages, which ours are not.
    """
    trigger, trailing = _trigger_of(intent), intent.kind is OrderKind.TRAILING
    if trailing and intent.attached is not None:
        raise Unwritable("A trailing plan cannot carry a stop or target at a price; place them after it has opened.")
    body = place_words(intent.symbol, margin_coin) | {
        "planType": plan_word(intent),
        "marginMode": MARGIN_MODE_WORDS[intent.margin_mode],
        "size": size_word(intent.size),
        "triggerPrice": price_word("trigger price", trigger.price),
        "triggerType": TRIGGER_WORDS[trigger.by],
        "orderType": "limit" if intent.limit_price is not None and not trailing else "market",
        "clientOid": str(client_id),
    }
    if trailing:
        body["callbackRatio"] = _callback(intent)
    elif intent.limit_price is not None:
        body["price"] = price_word("limit price", intent.limit_price)
    return {**body, **side_words(intent, mode), **_plan_presets(intent.attached)}


def guard_body(
    intent: OrderIntent, client_id: ClientOrderId, mode: PositionMode, margin_coin: str
) -> dict[str, object]:
    """Write the body of place-tpsl-order (rest.md 6.2): a size makes it partial, none covers all. Raises Unwritable."""
    trigger, moving = _trigger_of(intent), intent.kind is OrderKind.MOVING_STOP
    body = place_words(intent.symbol, margin_coin) | {
        "planType": plan_word(intent),
        "triggerPrice": price_word("trigger price", trigger.price),
        "triggerType": TRIGGER_WORDS[trigger.by],
        "holdSide": hold_word(intent.direction, mode),
        "clientOid": str(client_id),
    }
    if intent.size is not None or moving:
        body["size"] = size_word(intent.size)
    if moving:
        body["rangeRate"] = _callback(intent)
    elif intent.limit_price is not None:
        body["executePrice"] = price_word("limit price", intent.limit_price)
    return {**body}


def guards_body(
    stop: tuple[OrderIntent, ClientOrderId],
    target: tuple[OrderIntent, ClientOrderId],
    mode: PositionMode,
    margin_coin: str,
) -> dict[str, object]:
    """Write the body of place-pos-tpsl: a stop and a target of one position in one call (rest.md 6.3)."""
    body: dict[str, object] = {
        **place_words(stop[0].symbol, margin_coin),
        "holdSide": hold_word(stop[0].direction, mode),
    }
    for leg, (intent, client_id) in (("stopSurplus", target), ("stopLoss", stop)):
        trigger = _trigger_of(intent)
        body |= {
            f"{leg}TriggerPrice": price_word("trigger price", trigger.price),
            f"{leg}TriggerType": TRIGGER_WORDS[trigger.by],
            f"{leg}ClientOid": str(client_id),
        }
        if intent.size is not None:
            body[f"{leg}Size"] = size_word(intent.size)
        if intent.limit_price is not None:
            body[f"{leg}ExecutePrice"] = price_word("limit price", intent.limit_price)
    return body


def plan_change(intent: OrderIntent, margin_coin: str) -> dict[str, object]:
    """Write what modify-plan-order or modify-tpsl-order shall make of a plan, without its id. Raises Unwritable.

    A guard of the whole position says its size as `""` (rest.md 6.4); an attached leg that is not wanted any more is
    `0` (rest.md 6.5).
    """
    trigger, place = _trigger_of(intent), place_words(intent.symbol, margin_coin)
    price, by = price_word("trigger price", trigger.price), TRIGGER_WORDS[trigger.by]
    if intent.kind.is_guard:
        moving = intent.kind is OrderKind.MOVING_STOP
        body = place | {"triggerPrice": price, "triggerType": by, "size": ""}
        if intent.size is not None or moving:
            body["size"] = size_word(intent.size)
        if moving:
            return {**body, "rangeRate": _callback(intent)}
        limit = intent.limit_price
        return {**body, "executePrice": REMOVED if limit is None else price_word("limit price", limit)}
    change: dict[str, object] = {
        "symbol": place["symbol"],
        "productType": place["productType"],
        "planType": plan_word(intent),
        "newSize": size_word(intent.size),
        "newTriggerPrice": price,
        "newTriggerType": by,
    }
    if intent.kind is OrderKind.TRAILING:
        return change | {"newCallbackRatio": _callback(intent)}
    if intent.limit_price is not None:
        change["newPrice"] = price_word("limit price", intent.limit_price)
    presets = _plan_presets(intent.attached, "newStop")
    for leg in ("newStopSurplusTriggerPrice", "newStopLossTriggerPrice"):
        presets.setdefault(leg, REMOVED)
    return {**change, **presets}


def _kind(row: PlanRow, notes: Notes) -> OrderKind:
    kind = PLAN_KINDS.get(lower(row.planType))
    if kind is None:
        notes.doubt.append(f"planType: unknown word {shown(row.planType)}")
    return kind or OrderKind.TRIGGER


def _trigger(row: PlanRow, kind: OrderKind, notes: Notes) -> Trigger | None:
    price, by = above_zero(notes.number("triggerPrice", row.triggerPrice)), row.triggerType
    if price is None and kind is OrderKind.TARGET:
        price = above_zero(notes.number("stopSurplusTriggerPrice", row.stopSurplusTriggerPrice))
        by = row.stopSurplusTriggerType
    elif price is None and kind is OrderKind.STOP:
        price = above_zero(notes.number("stopLossTriggerPrice", row.stopLossTriggerPrice))
        by = row.stopLossTriggerType
    if price is None:
        notes.doubt.append(f"triggerPrice: expected a price, found {shown(row.triggerPrice)}")
        return None
    callback = notes.number("callbackRatio", row.callbackRatio) or notes.number("rangeRate", row.rangeRate)
    return Trigger(price=price, by=trigger_by(by, notes), callback=above_zero(callback))


def _limit(row: PlanRow, kind: OrderKind, notes: Notes) -> Decimal | None:
    if lower(row.orderType) == "market" or kind in (OrderKind.TRAILING, OrderKind.MOVING_STOP):
        return None
    # `price` of a guard repeats its trigger price (rest.md 6.7), so only `executePrice` tells.
    raw = row.executePrice if kind.is_guard else row.price or row.executePrice
    return above_zero(notes.number("price", raw))


def plan_report(row: PlanRow, asked_at: datetime, notes: Notes) -> OrderReport:
    """Read one plan, waiting or ended; raises Unreadable where id or symbol is off.

    A plan is never filled itself: `filled` is what its order executed, where the venue says it.
    """
    kind = _kind(row, notes)
    held = lower(row.posSide) or lower(row.holdSide)
    if held not in HELD and one_way(row.posMode):
        held = "net"
    direction, effect = order_aim(
        lower(row.side), lower(row.tradeSide), held, lower(row.reduceOnly), kind.is_guard
    )
    created_at = moments((row.cTime, row.ctime, row.uTime, row.utime), asked_at, notes, "cTime")
    executed_as = text(row.executeOrderId)
    carried = None
    if not kind.is_guard:
        by = row.stopLossTriggerType or row.stopSurplusTriggerType
        carried = attached(row.stopLossTriggerPrice, row.stopSurplusTriggerPrice, by, notes)
    whole = lower(row.planType) in WHOLE_POSITION
    return OrderReport(
        venue_order_id=VenueOrderId(need_text("orderId", row.orderId)),
        client_order_id=client_order_id(row.clientOid),
        symbol=Symbol(need_text("symbol", row.symbol).upper()),
        direction=direction,
        effect=Effect.CLOSE if kind.is_guard and direction is not None else effect,
        kind=kind,
        state=state_of(PLAN_STATES, row.planStatus, notes),
        raw_state=text(row.planStatus) or "",
        size=None if whole else above_zero(notes.number("size", row.size)),
        filled=notes.number("baseVolume", row.baseVolume) or ZERO,
        average_price=above_zero(notes.number("priceAvg", row.priceAvg)),
        limit_price=_limit(row, kind, notes),
        trigger=_trigger(row, kind, notes),
        time_in_force=TimeInForce.GTC,
        attached=carried,
        margin_mode=margin_mode(row.marginMode, notes),
        leverage=above_zero(notes.number("leverage", row.leverage)),
        cancel_reason=None,
        cause=cause(row.tradeSide, row.enterPointSource),
        executed_as=VenueOrderId(executed_as) if executed_as and executed_as != REMOVED else None,
        created_at=created_at,
        updated_at=moment(row.uTime) or moment(row.utime) or created_at,
    )
