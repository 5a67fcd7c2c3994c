"""Place, modify and cancel plan orders: triggers, trailing orders, take-profit and stop-loss (rest.md 6)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bot.sandbox.exchange import lifecycle, placing, rules
from bot.sandbox.exchange.codes import Refused
from bot.sandbox.exchange.rules import Params
from bot.sandbox.exchange.specs import Spec
from bot.sandbox.exchange.state import HEDGE, ONE_WAY, ZERO, Account, Plan, Position, text

if TYPE_CHECKING:
    from bot.sandbox.exchange.engine import Engine

MAX_CALLBACK = Decimal(10)
_PERCENT = (Decimal("0.01"), Decimal("999.99"))
TPSL_KINDS = ("profit_plan", "loss_plan", "moving_plan", "pos_profit", "pos_loss")


def number(p: Params, name: str) -> Decimal:
    """Return a numeric parameter, zero when absent."""
    return Decimal(p[name]) if p.get(name) else ZERO


def reference(engine: Engine, spec: Spec, trigger_type: str) -> Decimal:
    """Return the price a trigger type watches."""
    return engine.mark(spec) if trigger_type == "mark_price" else engine.last(spec)


def place_plan(engine: Engine, account: Account, p: Params) -> Plan:
    """Accept a trigger or trailing order. Margin is not reserved (semantics.md 10).

    Raises Refused as ``placing.draft`` does for the order it describes, and 45052, 43034, 43035, 43071, 40786, 40020.
    """
    spec = rules.symbol(engine, p)
    rules.trading(engine, account, spec)
    trailing = p["planType"] == "track_plan"
    if trailing and (p["orderType"] != "market" or number(p, "price")):
        raise Refused("40020", "Parameter orderType error, trailing orders are market orders without a price")
    if not trailing and p["orderType"] == "market" and number(p, "price"):
        raise Refused("40020", "Parameter price error, it must be empty for a market order")
    trigger = rules.price(spec, p["triggerPrice"], code="45052", name="trigger price")
    template = _described(account, spec, p, trigger)
    if p.get("clientOid"):
        rules.fresh_plan_oid(account, p["clientOid"])
    rules.plan_count(account, spec, tpsl=False)
    now_at = reference(engine, spec, p["triggerType"])
    callback = _callback(p) if trailing else ZERO
    if trailing:
        _trailing_side(trigger, now_at, buys=template["buys"])
    legs = _legs(p, spec, trigger, trailing=trailing, long=template["long"])
    now, plan_id = engine.now_ms(), engine.new_id()
    plan = Plan(
        id=plan_id, oid=p.get("clientOid") or str(engine.new_id()), account=account, spec=spec, kind=p["planType"],
        side=p["side"], trade_side=template["trade_side"], pos_side=template["pos_side"],
        pos_mode=HEDGE if account.hedged(spec) else ONE_WAY, buys=template["buys"],
        hold_side="long" if template["long"] else "short", margin_mode=template["mode"], order_type=p["orderType"],
        size=Decimal(p["size"]), trigger=trigger, trigger_type=p["triggerType"],
        rises=not template["buys"] if trailing else trigger >= now_at,
        price=number(p, "price"), callback=callback, reduce_only=template["reduce_only"], stp=p.get("stpMode", "none"),
        created=now, updated=now, **legs,
    )
    lifecycle.enter_plan(engine, plan)
    return plan


def _described(account: Account, spec: Spec, p: Params, trigger: Decimal) -> Params:
    """Check the order a plan will send and return its derived parts; price bands wait for the trigger."""
    hedged = account.hedged(spec)
    trade_side = p.get("tradeSide", "")
    if hedged and not trade_side:
        raise Refused("40774", "The order type for bilateral position must also be the bilateral position type.")
    market = p["orderType"] == "market"
    amount = rules.size(spec, p["size"], market=market)
    limit = ZERO if market else rules.price(spec, rules.required(p, "price"))
    closes = hedged and trade_side == "close"
    reduce_only = not hedged and p.get("reduceOnly") == "YES"
    if not (closes or reduce_only):
        rules.notional(spec, limit or trigger, amount)
    mode = account.setting(spec.symbol).margin_mode
    if p.get("marginMode", mode) != mode:
        if placing.busy(account, spec.symbol):
            raise Refused("45117", "Currently holding positions or orders, the margin mode cannot be adjusted")
        account.setting(spec.symbol).margin_mode = mode = p["marginMode"]
    long = p["side"] == "buy"
    return {
        "buys": long != closes, "long": long, "reduce_only": reduce_only, "mode": mode,
        "trade_side": trade_side if hedged else f"{p['side']}_single",
        "pos_side": ("long" if long else "short") if hedged else "net",
    }


def _callback(p: Params, name: str = "callbackRatio") -> Decimal:
    ratio = Decimal(rules.required(p, name))
    if not ZERO < ratio <= MAX_CALLBACK:
        raise Refused("40020", f"Parameter {name} error")
    return ratio


def _trailing_side(trigger: Decimal, now_at: Decimal, *, buys: bool) -> None:
    if buys and trigger > now_at:
        raise Refused("43034", "The trigger price should be <= the current market price")
    if not buys and trigger < now_at:
        raise Refused("43035", "The trigger price should be >= the current market price")


def _legs(p: Params, spec: Spec, at: Decimal, *, trailing: bool, long: bool) -> dict[str, Any]:
    """Return the attached legs as Plan fields. Raises Refused 40019, 40020, 45064 to 45067."""
    legs: dict[str, Any] = {}
    for name, field, above in (("stopSurplus", "take_profit", long), ("stopLoss", "stop_loss", not long)):
        trigger, price = number(p, f"{name}TriggerPrice"), number(p, f"{name}ExecutePrice")
        if not trigger:
            continue
        kind = rules.required(p, f"{name}TriggerType")
        if trailing:
            if price or kind != "fill_price" or not _PERCENT[0] <= trigger <= _PERCENT[1]:
                raise Refused("40020", f"Parameter {name}TriggerPrice error")
        else:
            rules.price(spec, p[f"{name}TriggerPrice"], code="45052", name="trigger price")
            base = number(p, "price") or at
            if (trigger <= base) if above else (trigger >= base):
                raise Refused(side_code(field, long), f"The price should be {'higher' if above else 'lower'} than "
                                                       f"{text(base)}")
        legs[field] = text(trigger)
        legs[f"{field}_price"] = text(price) if price else ""
        legs[f"{field}_type"] = kind
    return legs


def side_code(field: str, long: bool) -> str:
    """Return the code for a leg on the wrong side of the order price."""
    if field == "take_profit":
        return "45064" if long else "45065"
    return "45066" if long else "45067"


def held(account: Account, spec: Spec, hold_side: str) -> Position:
    """Return the position a TPSL request means; one-way names it buy or sell. Raises Refused 40837, 40020."""
    hedged = account.hedged(spec)
    if not hedged and hold_side in ("buy", "sell"):
        hold_side = "long" if hold_side == "buy" else "short"
    elif not hedged or hold_side not in ("long", "short"):
        raise Refused("40020", "Parameter holdSide error")
    position = account.positions.get((spec.symbol, hold_side))
    if position is None:
        raise Refused("40837", "No position available for take-profit or stop-loss")
    return position


def place_tpsl(engine: Engine, account: Account, p: Params) -> Plan:
    """Accept a take-profit, stop-loss or trailing one on a position.

    Raises Refused 40837, 43023, 4083x or 409xx for the wrong side of the price, 43030, 43031, 43032, 40890, 40786.
    """
    spec = rules.symbol(engine, p)
    kind = p["planType"]
    position = held(account, spec, p["holdSide"])
    trigger = rules.price(spec, p["triggerPrice"], code="45052", name="trigger price")
    trigger_type = p.get("triggerType", "fill_price")
    whole = kind.startswith("pos_")
    amount = ZERO
    if not whole:
        amount = rules.size(spec, rules.required(p, "size"), market=False)
        if amount > position.size:
            raise Refused("43023", "Insufficient position, can not set profit or stop loss")
    tpsl_side(engine, spec, kind, trigger, trigger_type, long=position.long)
    callback = _range_rate(spec, p) if kind == "moving_plan" else ZERO
    price = number(p, "executePrice")
    if price:
        if kind == "moving_plan":
            raise Refused("40020", "Parameter executePrice error")
        rules.price(spec, p["executePrice"], code="45051", name="execute price")
    if whole and any(q.kind == kind and q.hold_side == position.hold_side for q in account.plans_of(spec.symbol)):
        raise Refused("43030" if kind == "pos_profit" else "43031", "The plan already exists on this position")
    rules.plan_count(account, spec, tpsl=True)
    if p.get("clientOid"):
        rules.fresh_plan_oid(account, p["clientOid"])
    plan = _tpsl(engine, account, position, kind, trigger, trigger_type, amount, price, callback,
                 p.get("clientOid", ""), p.get("stpMode", "none"))
    lifecycle.enter_plan(engine, plan)
    engine.touch(account, spec.product, "positions")
    return plan


def _tpsl(engine: Engine, account: Account, position: Position, kind: str, trigger: Decimal, trigger_type: str,
          amount: Decimal, price: Decimal, callback: Decimal, oid: str, stp: str) -> Plan:
    hedged, long, now = position.pos_mode == HEDGE, position.long, engine.now_ms()
    plan_id = engine.new_id()
    return Plan(
        id=plan_id, oid=oid or str(engine.new_id()), account=account, spec=position.spec, kind=kind,
        side=("buy" if long else "sell") if hedged else ("sell" if long else "buy"),
        trade_side="close" if hedged else ("sell_single" if long else "buy_single"),
        pos_side=position.hold_side if hedged else "net", pos_mode=position.pos_mode, buys=not long,
        hold_side=position.hold_side, margin_mode=position.margin_mode, order_type="limit" if price else "market",
        size=amount, trigger=trigger, trigger_type=trigger_type,
        rises=(kind not in ("loss_plan", "pos_loss")) == long, price=price, callback=callback, stp=stp,
        created=now, updated=now,
    )


def _range_rate(spec: Spec, p: Params) -> Decimal:
    rate = Decimal(rules.required(p, "rangeRate"))
    if rate < spec.range_floor:
        raise Refused("43032", f"The rangeRate should be >= {text(spec.range_floor)}")
    if rate > MAX_CALLBACK:
        raise Refused("40020", "Parameter rangeRate error")
    return rate


def tpsl_side(engine: Engine, spec: Spec, kind: str, trigger: Decimal, trigger_type: str, *, long: bool) -> None:
    """Refuse a trigger on the wrong side of the current price (semantics.md 10)."""
    now_at = reference(engine, spec, trigger_type)
    marked = trigger_type == "mark_price"
    name = "mark price" if marked else "current price"
    if kind in ("loss_plan", "pos_loss"):
        if long and trigger >= now_at:
            raise Refused("40917" if marked else "40834", f"Stop price for long positions please < {name} "
                                                          f"{text(now_at)}")
        if not long and trigger <= now_at:
            raise Refused("45122" if marked else "40836", f"Short position stop loss price please > {name} "
                                                          f"{text(now_at)}")
    elif long and trigger <= now_at:
        raise Refused("40915" if marked else "40830", f"Long position take profit price please > {name} "
                                                      f"{text(now_at)}")
    elif not long and trigger >= now_at:
        raise Refused("40832", f"Short position take profit price please < {name} {text(now_at)}")


def place_pos_tpsl(engine: Engine, account: Account, p: Params) -> list[Plan]:
    """Accept both legs in one call, or neither. Raises Refused 40913 without a leg, and what ``place_tpsl`` raises."""
    made: list[Plan] = []
    for name, whole, partial, oid in (("stopSurplus", "pos_profit", "profit_plan", "stopSurplusClientOid"),
                                      ("stopLoss", "pos_loss", "loss_plan", "stopLossClientOid")):
        if not number(p, f"{name}TriggerPrice"):
            continue
        leg = {
            "symbol": p["symbol"], "productType": p["productType"], "marginCoin": p["marginCoin"],
            "holdSide": p["holdSide"], "triggerPrice": p[f"{name}TriggerPrice"],
            "planType": partial if number(p, f"{name}Size") else whole, "stpMode": p.get("stpMode", "none"),
            "triggerType": p.get(f"{name}TriggerType", "fill_price"), "clientOid": p.get(oid, ""),
            "executePrice": p.get(f"{name}ExecutePrice", ""), "size": p.get(f"{name}Size", ""),
        }
        try:
            made.append(place_tpsl(engine, account, leg))
        except Refused:
            for plan in made:
                lifecycle.end_plan(engine, plan, "cancelled")
            raise
    if not made:
        raise Refused("40913", "stopSurplusTriggerPrice or stopLossTriggerPrice must be passed one")
    return made


def named(account: Account, p: Params, *, missing: str, closed: str, tpsl: bool) -> Plan:
    """Return the live plan a request names. Raises Refused 40924, ``missing`` or, when it has ended, ``closed``."""
    if not (p.get("orderId") or p.get("clientOid")):
        raise Refused("40924", "orderId or clientOid must be passed one")
    plan = account.plan_by_id.get(p["orderId"]) if p.get("orderId") else account.plan_by_oid.get(p["clientOid"])
    if plan is None or lifecycle.is_tpsl(plan) != tpsl or plan.spec.symbol != p.get("symbol", plan.spec.symbol):
        raise Refused(missing, "Plan order does not exist" if missing == "43025" else
                      "The take-profit or stop-loss order does not exist")
    if plan.status != "live":
        raise Refused(closed, "The plan order has been closed")
    return plan


def modify_tpsl(engine: Engine, account: Account, p: Params) -> Plan:
    """Change a live take-profit or stop-loss in place. Raises Refused 43020, 43021 and what placing raises."""
    spec = rules.symbol(engine, p)
    plan = named(account, p, missing="43020", closed="43021", tpsl=True)
    trigger = rules.price(spec, p["triggerPrice"], code="45052", name="trigger price")
    trigger_type = p.get("triggerType", plan.trigger_type)
    amount = ZERO
    if not plan.kind.startswith("pos_"):
        amount = rules.size(spec, rules.required(p, "size"), market=False)
        position = account.positions.get((spec.symbol, plan.hold_side))
        if position is None or amount > position.size:
            raise Refused("43023", "Insufficient position, can not set profit or stop loss")
    tpsl_side(engine, spec, plan.kind, trigger, trigger_type, long=plan.hold_side == "long")
    price = number(p, "executePrice")
    if price:
        rules.price(spec, p["executePrice"], code="45051", name="execute price")
    if plan.kind == "moving_plan":
        plan.callback = _range_rate(spec, p)
        plan.active, plan.extreme = False, ZERO
    plan.trigger, plan.trigger_type, plan.size, plan.price = trigger, trigger_type, amount, price
    plan.order_type = "limit" if price else "market"
    plan.updated = engine.now_ms()
    lifecycle.push_plan(engine, plan)
    engine.touch(account, spec.product, "positions")
    return plan
