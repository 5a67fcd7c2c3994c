"""Watch prices for plan orders and send the orders they stand for (semantics.md 10)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from bot.sandbox.exchange import lifecycle, placing, plans
from bot.sandbox.exchange.codes import Refused
from bot.sandbox.exchange.rules import Params
from bot.sandbox.exchange.specs import ONE, Spec
from bot.sandbox.exchange.state import ZERO, Plan, text

if TYPE_CHECKING:
    from bot.sandbox.exchange.engine import Engine

_HUNDRED = Decimal(100)
_SOURCES = {
    "normal_plan": "plan", "track_plan": "tracking", "profit_plan": "profit", "loss_plan": "loss",
    "pos_profit": "pos_profit", "pos_loss": "pos_loss", "moving_plan": "move",
}


def check(engine: Engine, spec: Spec) -> None:
    """Fire every plan of a symbol whose price has come, oldest first."""
    watched = engine.plans[spec.symbol]
    if not watched:
        return
    for plan in list(watched.values()):
        if plan.status == "live" and _fires(plan, plans.reference(engine, spec, plan.trigger_type)):
            execute(engine, plan)


def _fires(plan: Plan, price: Decimal) -> bool:
    if not plan.callback:
        return _reached(plan, price)
    if not plan.active:
        if not _reached(plan, price):
            return False
        plan.active, plan.extreme = True, price
        return False
    if plan.buys:
        plan.extreme = min(plan.extreme, price)
        return price >= plan.extreme * (ONE + plan.callback / _HUNDRED)
    plan.extreme = max(plan.extreme, price)
    return price <= plan.extreme * (ONE - plan.callback / _HUNDRED)


def _reached(plan: Plan, price: Decimal) -> bool:
    return price >= plan.trigger if plan.rises else price <= plan.trigger


def execute(engine: Engine, plan: Plan) -> None:
    """Send the plan's order; a refusal of it becomes fail_execute."""
    plan.status = "executing"
    plan.triggered = plan.updated = engine.now_ms()
    lifecycle.push_plan(engine, plan)
    source = f"{_SOURCES[plan.kind]}_{plan.order_type}"
    try:
        p = _closing(engine, plan) if lifecycle.is_tpsl(plan) else _normal(plan)
        order, _ = placing.place(engine, plan.account, p, source=source)
    except Refused as refusal:
        # The position may have closed meanwhile, which ends its plans.
        if plan.status == "executing":
            lifecycle.end_plan(engine, plan, "fail_execute", f"{refusal.code} {refusal.msg}")
        return
    plan.order = order
    lifecycle.end_plan(engine, plan, "executed")
    engine.touch(plan.account, plan.spec.product, "positions")


def _base(plan: Plan) -> Params:
    spec = plan.spec
    p: Params = {"symbol": spec.symbol, "productType": spec.product, "marginCoin": spec.coin, "side": plan.side,
                 "marginMode": plan.margin_mode, "orderType": plan.order_type, "stpMode": plan.stp}
    if plan.pos_side != "net":
        p["tradeSide"] = plan.trade_side
    if plan.order_type == "limit":
        p["price"] = text(plan.price)
    return p


def _normal(plan: Plan) -> Params:
    p = _base(plan) | {"size": text(plan.size)}
    if plan.reduce_only:
        p["reduceOnly"] = "YES"
    for field, name in (("take_profit", "presetStopSurplus"), ("stop_loss", "presetStopLoss")):
        trigger = getattr(plan, field)
        if not trigger:
            continue
        if plan.kind == "track_plan":
            trigger = _from_percent(plan, Decimal(trigger), gain=field == "take_profit")
        p[f"{name}Price"] = trigger
        p[f"{name}ExecutePrice"] = getattr(plan, f"{field}_price")
    return p


def _from_percent(plan: Plan, percent: Decimal, *, gain: bool) -> str:
    """Return the price a trailing order's percentage leg means, counted from where it fires."""
    up = (plan.hold_side == "long") == gain
    factor = ONE + percent / _HUNDRED if up else ONE - percent / _HUNDRED
    turned = plan.extreme * (ONE + plan.callback / _HUNDRED * (1 if plan.buys else -1))
    return text(max(turned * factor // plan.spec.tick, ONE) * plan.spec.tick)


def _closing(engine: Engine, plan: Plan) -> Params:
    """Return the close order of a TPSL, its size capped to what can be closed (MODEL, semantics.md 10)."""
    position = plan.account.positions.get((plan.spec.symbol, plan.hold_side))
    if position is None:
        raise Refused("22002", "No position to close")
    size = position.size if plan.kind.startswith("pos_") else min(plan.size, position.size)
    if position.available > ZERO and plan.pos_side != "net":
        size = min(size, position.available)
    if plan.order_type == "market":
        size = min(size, plan.spec.max_market)
    p = _base(plan) | {"size": text(size)}
    if plan.pos_side == "net":
        p["reduceOnly"] = "YES"
    return p
