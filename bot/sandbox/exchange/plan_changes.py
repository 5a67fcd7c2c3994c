"""Change and cancel trigger and trailing orders, and cancel plans of every kind (rest.md 6.5, 6.6)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bot.sandbox.exchange import lifecycle, plans, rules
from bot.sandbox.exchange.codes import Refused
from bot.sandbox.exchange.rules import Params
from bot.sandbox.exchange.specs import find
from bot.sandbox.exchange.state import ZERO, Account, Plan, text

if TYPE_CHECKING:
    from bot.sandbox.exchange.engine import Engine

_LEGS = (("newStopSurplus", "take_profit"), ("newStopLoss", "stop_loss"))


def modify_plan(engine: Engine, account: Account, p: Params) -> Plan:
    """Change a live trigger or trailing order in place; empty keeps, 0 removes a leg.

    Raises Refused 43025, 43026, 40019 for a trailing order without ratio, and what placing raises.
    """
    plan = plans.named(account, p, missing="43025", closed="43026", tpsl=False)
    spec, trailing = plan.spec, plan.kind == "track_plan"
    if p["productType"] != spec.product or p.get("planType", plan.kind) != plan.kind:
        raise Refused("43025", "Plan order does not exist")
    changes: dict[str, Any] = {}
    if p.get("newSize"):
        changes["size"] = rules.size(spec, p["newSize"], market=plan.order_type == "market")
    if plans.number(p, "newPrice"):
        if plan.order_type != "limit":
            raise Refused("40020", "Parameter newPrice error, only limit trigger orders have a price")
        changes["price"] = rules.price(spec, p["newPrice"])
    if p.get("newTriggerType") and not p.get("newTriggerPrice"):
        raise Refused("40019", "Parameter newTriggerPrice cannot be empty")
    if p.get("newTriggerPrice"):
        kind = p.get("newTriggerType", plan.trigger_type)
        trigger = rules.price(spec, p["newTriggerPrice"], code="45052", name="trigger price")
        changes |= {"trigger": trigger, "trigger_type": kind, "active": False, "extreme": ZERO,
                    "rises": not plan.buys if trailing else trigger >= plans.reference(engine, spec, kind)}
    if trailing:
        ratio = Decimal(rules.required(p, "newCallbackRatio"))
        if not ZERO < ratio <= plans.MAX_CALLBACK:
            raise Refused("40020", "Parameter newCallbackRatio error")
        changes["callback"] = ratio
    changes |= _new_legs(plan, p, changes.get("price", plan.price) or changes.get("trigger", plan.trigger))
    for name, value in changes.items():
        setattr(plan, name, value)
    plan.updated = engine.now_ms()
    lifecycle.push_plan(engine, plan)
    return plan


def _new_legs(plan: Plan, p: Params, base: Decimal) -> dict[str, str]:
    long, trailing = plan.hold_side == "long", plan.kind == "track_plan"
    changes: dict[str, str] = {}
    for name, field in _LEGS:
        given, execute, kind = (p.get(f"{name}{part}", "") for part in ("TriggerPrice", "ExecutePrice", "TriggerType"))
        if trailing and (execute or kind):
            raise Refused("40020", f"Parameter {name}ExecutePrice error, it must be empty for trailing orders")
        if not given:
            continue
        trigger = Decimal(given)
        if not trigger:
            changes |= {field: "", f"{field}_price": "", f"{field}_type": ""}
            continue
        if not trailing:
            rules.price(plan.spec, given, code="45052", name="trigger price")
            above = (field == "take_profit") == long
            if (trigger <= base) if above else (trigger >= base):
                raise Refused(plans.side_code(field, long), f"The price should be {'higher' if above else 'lower'} "
                                                             f"than {text(base)}")
        changes |= {field: text(trigger), f"{field}_price": execute if execute and Decimal(execute) else "",
                    f"{field}_type": kind or getattr(plan, f"{field}_type") or "fill_price"}
    return changes


def cancel_plans(engine: Engine, account: Account, p: Params) -> tuple[list[Plan], list[dict[str, str]]]:
    """Cancel listed plans, or all that match product, symbol and kind; normal_plan when no kind is given.

    Return cancelled plans and failures. Raises Refused 40019 for a list without symbol, 40034, 22012.
    """
    kind = p.get("planType", "normal_plan")
    if p.get("symbol"):
        find(p["symbol"], p["productType"])
    if "orderIdList" not in p:
        gone = [q for q in account.live_plans.values() if q.status == "live" and q.spec.product == p["productType"]
                and p.get("symbol", q.spec.symbol) == q.spec.symbol
                and p.get("marginCoin", q.spec.coin) == q.spec.coin and _matches(q, kind)]
        for plan in gone:
            _drop(engine, plan)
        return gone, []
    rules.required(p, "symbol")
    done, failed = [], []
    for item in p["orderIdList"]:
        tpsl = kind not in ("normal_plan", "track_plan")
        try:
            plan = plans.named(account, item | {"symbol": p["symbol"]}, missing="43020" if tpsl else "43025",
                               closed="43021" if tpsl else "43026", tpsl=tpsl)
            if not _matches(plan, kind):
                raise Refused("43025", "Plan order does not exist")
        except Refused as refusal:
            failed.append({"orderId": item.get("orderId", ""), "clientOid": item.get("clientOid", ""),
                           "errorMsg": refusal.msg, "errorCode": refusal.code})
            continue
        _drop(engine, plan)
        done.append(plan)
    return done, failed


def _matches(plan: Plan, kind: str) -> bool:
    return lifecycle.is_tpsl(plan) if kind == "profit_loss" else plan.kind == kind


def _drop(engine: Engine, plan: Plan) -> None:
    lifecycle.end_plan(engine, plan, "cancelled")
    if lifecycle.is_tpsl(plan):
        engine.touch(plan.account, plan.spec.product, "positions")
