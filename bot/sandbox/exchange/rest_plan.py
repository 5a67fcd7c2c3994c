"""Signed endpoints of plan orders (rest.md 6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.sandbox.exchange import pages, plan_changes, plans, rows
from bot.sandbox.exchange.codes import Refused
from bot.sandbox.exchange.engine import Engine
from bot.sandbox.exchange.lifecycle import is_tpsl
from bot.sandbox.exchange.rules import Params
from bot.sandbox.exchange.state import Account, Plan, text


def ids(plan: Plan) -> dict[str, str]:
    """Return the acknowledgement of a plan order."""
    return {"orderId": str(plan.id), "clientOid": plan.oid}


def place_plan_order(engine: Engine, account: Account, p: Params) -> dict[str, str]:
    """Take a trigger or trailing order."""
    return ids(plans.place_plan(engine, account, p))


def place_tpsl_order(engine: Engine, account: Account, p: Params) -> dict[str, str]:
    """Take a take-profit, stop-loss or trailing one."""
    return ids(plans.place_tpsl(engine, account, p))


def place_pos_tpsl(engine: Engine, account: Account, p: Params) -> list[dict[str, str]]:
    """Take both legs at once; each row repeats both client ids."""
    made = plans.place_pos_tpsl(engine, account, p)
    gain = next((q.oid for q in made if q.kind in ("pos_profit", "profit_plan")), "")
    loss = next((q.oid for q in made if q.kind in ("pos_loss", "loss_plan")), "")
    return [{"orderId": str(q.id), "stopSurplusClientOid": gain, "stopLossClientOid": loss} for q in made]


def modify_tpsl_order(engine: Engine, account: Account, p: Params) -> dict[str, str]:
    """Change a take-profit or stop-loss."""
    return ids(plans.modify_tpsl(engine, account, p))


def modify_plan_order(engine: Engine, account: Account, p: Params) -> dict[str, str]:
    """Change a trigger or trailing order."""
    return ids(plan_changes.modify_plan(engine, account, p))


def cancel_plan_order(engine: Engine, account: Account, p: Params) -> dict[str, Any]:
    """Cancel listed plans or all of a kind."""
    gone, failed = plan_changes.cancel_plans(engine, account, p)
    return {"successList": [ids(q) for q in gone], "failureList": failed}


def _kind(p: Params, plan: Plan) -> bool:
    return is_tpsl(plan) if p["planType"] == "profit_loss" else plan.kind == p["planType"]


def _listed(p: Params, plan: Plan, span: pages.Window) -> bool:
    return _kind(p, plan) and pages.matches(p, symbol=plan.spec.symbol, orderId=str(plan.id), clientOid=plan.oid) \
        and span.holds(plan.created)


def orders_plan_pending(engine: Engine, account: Account, p: Params) -> dict[str, Any]:
    """Return live plans; the list is null when empty."""
    span = pages.window(p, engine.now_ms())
    live = [q for q in account.live_plans.values() if q.spec.product == p["productType"]]
    found, end = pages.page(live, p, key=lambda q: q.id, wanted=lambda q: _listed(p, q, span))
    return {"entrustedList": [rows.plan_row(q) for q in found] or None, "endId": end}


def orders_plan_history(engine: Engine, account: Account, p: Params) -> dict[str, Any]:
    """Return ended plans; the list is null when empty."""
    span = pages.window(p, engine.now_ms())
    ended = ("executed", "fail_execute", "cancelled")
    found, end = pages.page(
        account.plans[p["productType"]], p, key=lambda q: q.id,
        wanted=lambda q: q.status in ended and pages.matches(p, planStatus=q.status) and _listed(p, q, span),
    )
    return {"entrustedList": [rows.plan_history_row(q) for q in found] or None, "endId": end}


def plan_sub_order(engine: Engine, account: Account, p: Params) -> list[dict[str, str]]:
    """Return the order a plan sent. Raises Refused 43025 for an unknown plan."""
    plan = account.plan_by_id.get(p["planOrderId"])
    if plan is None or plan.kind != p["planType"] or plan.spec.product != p["productType"]:
        raise Refused("43025", "Plan order does not exist")
    if plan.order is None:
        if plan.status != "live":
            status = "fail" if plan.status == "fail_execute" else "cancelled"
        else:
            status = "in_progress_tracking" if plan.active else "in_progress"
        return [{"orderId": "", "price": text(plan.price), "type": plan.order_type, "status": status}]
    order = plan.order
    status = "cancelled" if order.status == "canceled" and not order.filled else "success"
    return [{"orderId": str(order.id), "price": text(order.price or order.average), "type": order.order_type,
             "status": status}]


_ORDER = "/api/v2/mix/order/"
ROUTES: dict[tuple[str, str], Callable[[Engine, Account, Params], Any]] = {
    ("POST", _ORDER + "place-plan-order"): place_plan_order,
    ("POST", _ORDER + "place-tpsl-order"): place_tpsl_order,
    ("POST", _ORDER + "place-pos-tpsl"): place_pos_tpsl,
    ("POST", _ORDER + "modify-tpsl-order"): modify_tpsl_order,
    ("POST", _ORDER + "modify-plan-order"): modify_plan_order,
    ("POST", _ORDER + "cancel-plan-order"): cancel_plan_order,
    ("GET", _ORDER + "orders-plan-pending"): orders_plan_pending,
    ("GET", _ORDER + "orders-plan-history"): orders_plan_history,
    ("GET", _ORDER + "plan-sub-order"): plan_sub_order,
}
