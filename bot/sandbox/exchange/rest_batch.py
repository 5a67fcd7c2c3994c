"""Signed endpoints for many orders at once; success outside, failures inside (rest.md 5.3, 5.6, 5.7)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.sandbox.exchange import orders, placing, settings
from bot.sandbox.exchange.codes import Refused
from bot.sandbox.exchange.engine import Engine
from bot.sandbox.exchange.rest_order import ids
from bot.sandbox.exchange.rules import Params, required
from bot.sandbox.exchange.state import Account

WINDOW_MS = 60_000


def failure(item: Params, refusal: Refused) -> dict[str, str]:
    """Return a row of failureList."""
    return {"orderId": item.get("orderId", ""), "clientOid": item.get("clientOid", ""), "errorMsg": refusal.msg,
            "errorCode": refusal.code}


def batch_place_order(engine: Engine, account: Account, p: Params) -> dict[str, Any]:
    """Place up to 50 orders of one symbol; each stands alone. Raises Refused only for the shared fields."""
    settings.symbol_of(p)
    shared = {name: p[name] for name in ("symbol", "productType", "marginCoin", "marginMode")}
    done, failed = [], []
    for item in p["orderList"]:
        try:
            for name in ("size", "side", "orderType"):
                required(item, name)
            order, overflow = placing.place(engine, account, item | shared)
            done.append({"orderId": None, "clientOid": order.oid} if overflow else ids(order))
        except Refused as refusal:
            failed.append(failure(item, refusal))
    return {"successList": done, "failureList": failed}


def batch_cancel_orders(engine: Engine, account: Account, p: Params) -> dict[str, Any]:
    """Cancel listed orders, or all of a symbol or product type. Raises Refused 40019 for a list without symbol."""
    if p.get("symbol"):
        settings.symbol_of(p)
    if "orderIdList" not in p:
        gone = orders.cancel_all(engine, account, p)
        return {"successList": [ids(order) for order in gone], "failureList": []}
    symbol = required(p, "symbol")
    done, failed = [], []
    for item in p["orderIdList"]:
        try:
            named = item | {"symbol": symbol, "productType": p["productType"]}
            done.append(ids(orders.cancel(engine, account, named, missing="43001")))
        except Refused as refusal:
            failed.append(failure(item, refusal))
    return {"successList": done, "failureList": failed}


def cancel_all_orders(engine: Engine, account: Account, p: Params) -> dict[str, Any]:
    """Cancel every normal order of a product type. Raises Refused 40078, 40079, 22001 when there is none."""
    if "receiveWindow" in p:
        span = int(p["receiveWindow"])
        if span >= WINDOW_MS:
            raise Refused("40079", "receiveWindow must be less than 60s")
        if "requestTime" in p and engine.now_ms() > int(p["requestTime"]) + span:
            raise Refused("40078", "The request was received after the receiveWindow")
    named = {name: value for name, value in p.items() if name != "symbol"}
    gone = orders.cancel_all(engine, account, named)
    if not gone:
        raise Refused("22001", "No order to cancel")
    return {"successList": [ids(order) for order in gone], "failureList": []}


_ORDER = "/api/v2/mix/order/"
ROUTES: dict[tuple[str, str], Callable[[Engine, Account, Params], Any]] = {
    ("POST", _ORDER + "batch-place-order"): batch_place_order,
    ("POST", _ORDER + "batch-cancel-orders"): batch_cancel_orders,
    ("POST", _ORDER + "cancel-all-orders"): cancel_all_orders,
}
