"""Signed order endpoints, one order at a time, and their lists (rest.md 5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.sandbox.exchange import orders, pages, placing, rows, settings
from bot.sandbox.exchange.codes import Refused
from bot.sandbox.exchange.engine import Engine
from bot.sandbox.exchange.rules import Params
from bot.sandbox.exchange.state import Account, Fill, Order


def ids(order: Order) -> dict[str, str]:
    """Return the acknowledgement of an order."""
    return {"orderId": str(order.id), "clientOid": order.oid}


def place_order(engine: Engine, account: Account, p: Params) -> dict[str, str]:
    """Take an order; after reduce-only overflow the answer has no orderId (semantics.md 2.4)."""
    order, overflow = placing.place(engine, account, p)
    return {"clientOid": order.oid} if overflow else ids(order)


def click_backhand(engine: Engine, account: Account, p: Params) -> dict[str, str]:
    """Reverse a position; the ids are those of the closing half."""
    return ids(orders.reverse(engine, account, p))


def modify_order(engine: Engine, account: Account, p: Params) -> dict[str, str]:
    """Modify; the ids are those of the old order (rest.md 5.4)."""
    return ids(orders.modify(engine, account, p))


def cancel_order(engine: Engine, account: Account, p: Params) -> dict[str, str]:
    """Cancel one order."""
    return ids(orders.cancel(engine, account, p))


def close_positions(engine: Engine, account: Account, p: Params) -> dict[str, Any]:
    """Close positions at market. Raises Refused 22002 when there is none, 22044 during ADL."""
    if p.get("symbol"):
        settings.symbol_of({"symbol": p["symbol"], "productType": p["productType"]})
    hedged = account.pos_mode[p["productType"]] == "hedge_mode"
    held = [q for q in account.positions_in(p["productType"])
            if p.get("symbol", q.spec.symbol) == q.spec.symbol
            and (not hedged or p.get("holdSide", q.hold_side) == q.hold_side)]
    if not held:
        raise Refused("22002", "No position to close")
    done, failed = [], []
    for position in held:
        try:
            if engine.adl_until.get(position.spec.symbol, 0) > engine.now_ms():
                raise Refused("22044", "ADL is running, flash close is not available")
            order = orders.close_position(engine, account, position)
            done.append(ids(order) | {"symbol": position.spec.symbol})
        except Refused as refusal:
            failed.append({"orderId": "", "clientOid": "", "symbol": position.spec.symbol, "errorMsg": refusal.msg,
                           "errorCode": refusal.code})
    return {"successList": done, "failureList": failed, "result": False}


def detail(engine: Engine, account: Account, p: Params) -> dict[str, Any]:
    """Return one order, open or ended. Raises Refused 40109 when unknown."""
    settings.symbol_of({"symbol": p["symbol"], "productType": p["productType"]})
    return rows.detail_row(orders.named(engine, account, p, missing="40109"))


def _listed(p: Params, order: Order) -> bool:
    return pages.matches(p, symbol=order.spec.symbol, orderId=str(order.id), clientOid=order.oid)


def orders_pending(engine: Engine, account: Account, p: Params) -> dict[str, Any]:
    """Return open orders, live and partly filled ones; the list is null when empty."""
    span = pages.window(p, engine.now_ms())
    product = p["productType"]
    found, end = pages.page(
        [o for o in account.open_orders.values() if o.spec.product == product], p, key=lambda o: o.id,
        wanted=lambda o: _listed(p, o) and pages.matches(p, status=o.status) and span.holds(o.created),
    )
    return {"entrustedList": [rows.pending_row(o) for o in found] or None, "endId": end}


def orders_history(engine: Engine, account: Account, p: Params) -> dict[str, Any]:
    """Return ended orders; the list is null when empty."""
    span = pages.window(p, engine.now_ms())
    found, end = pages.page(
        account.orders[p["productType"]], p, key=lambda o: o.id,
        wanted=lambda o: not o.open and _listed(p, o) and pages.matches(p, orderSource=o.source)
        and span.holds(o.created),
    )
    return {"entrustedList": [rows.finished_row(o) for o in found] or None, "endId": end}


def _fills(account: Account, p: Params, span: pages.Window) -> tuple[list[Fill], str | None]:
    return pages.page(
        account.fills[p["productType"]], p, key=lambda f: f.id,
        wanted=lambda f: pages.matches(p, symbol=f.order.spec.symbol, orderId=str(f.order.id)) and span.holds(f.ms),
    )


def fills(engine: Engine, account: Account, p: Params) -> dict[str, Any]:
    """Return executions, newest first."""
    found, end = _fills(account, p, pages.window(p, engine.now_ms()))
    return {"fillList": [rows.fill_row(f) for f in found], "endId": end}


def fill_history(engine: Engine, account: Account, p: Params) -> dict[str, Any]:
    """Return older executions, seven days at a time. Raises Refused 40110 in demo trading, 00001."""
    if account.environment == "demo":
        raise Refused("40110", "This endpoint is not available in demo trading")
    found, end = _fills(account, p, pages.window(p, engine.now_ms(), days=7, code="00001"))
    return {"fillList": [rows.fill_row(f) | {"marginCoin": f.order.spec.coin} for f in found], "endId": end}


_ORDER = "/api/v2/mix/order/"
ROUTES: dict[tuple[str, str], Callable[[Engine, Account, Params], Any]] = {
    ("POST", _ORDER + "place-order"): place_order,
    ("POST", _ORDER + "click-backhand"): click_backhand,
    ("POST", _ORDER + "modify-order"): modify_order,
    ("POST", _ORDER + "cancel-order"): cancel_order,
    ("POST", _ORDER + "close-positions"): close_positions,
    ("GET", _ORDER + "detail"): detail,
    ("GET", _ORDER + "fills"): fills,
    ("GET", _ORDER + "fill-history"): fill_history,
    ("GET", _ORDER + "orders-pending"): orders_pending,
    ("GET", _ORDER + "orders-history"): orders_history,
}
