"""What can be done to orders after placing: cancel, modify, flash close, reverse (semantics.md 7 and 9)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from bot.sandbox.exchange import lifecycle, matching, placing, positions, rules
from bot.sandbox.exchange.codes import Refused
from bot.sandbox.exchange.rules import Params
from bot.sandbox.exchange.specs import find
from bot.sandbox.exchange.state import Account, Order, Position, text

if TYPE_CHECKING:
    from bot.sandbox.exchange.engine import Engine

MODIFY_MS = 60
REVERSE_MS = 30
LATE_FILL_MS = 40
AGAIN_MS = 1000


def named(engine: Engine, account: Account, p: Params, *, missing: str = "40768") -> Order:
    """Return the order a request names by orderId or clientOid. Raises Refused 40924, or ``missing`` when unknown."""
    order_id, oid = p.get("orderId", ""), p.get("clientOid", "")
    if not (order_id or oid):
        raise Refused("40924", "orderId or clientOid must be passed one")
    order = engine.order_of(account, order_id, oid)
    symbol = p.get("symbol")
    product = p.get("productType")
    if order is None or (symbol and order.spec.symbol != symbol) or (product and order.spec.product != product):
        raise Refused(missing, _MISSING[missing])
    return order


_MISSING = {
    "40768": "Order does not exist",
    "40109": "The data of the order cannot be found, please confirm the order number",
    "43001": "The order does not exist",
}


def cancel(engine: Engine, account: Account, p: Params, *, missing: str = "40768") -> Order:
    """Accept a cancellation. Raises Refused 40768 unknown, 22001 already final, 45129 twice within a second."""
    if p.get("symbol"):
        find(p["symbol"], p.get("productType", ""))
    order = named(engine, account, p, missing=missing)
    now = engine.now_ms()
    if order.cancel_asked and now - order.cancel_asked < AGAIN_MS:
        raise Refused("45129", "Cancel order is too frequent, the same orderId is only allowed to be canceled once "
                               "in a second")
    if not order.open:
        raise Refused("22001", "No order to cancel")
    order.cancel_asked = now
    if engine.fill_on_cancel:
        engine.fill_on_cancel -= 1
        engine.submit_later(LATE_FILL_MS, lambda: _fill_after_all(engine, order))
        return order
    lifecycle.cancel(engine, order)
    return order


def _fill_after_all(engine: Engine, order: Order) -> None:
    if not order.open:
        return
    if order.resting:
        matching.fill_resting(engine, order, positions.room(order))
    else:
        matching.take(engine, order, order.left)


def modify(engine: Engine, account: Account, p: Params) -> Order:
    """Change presets at once, or size and price by cancelling now and placing anew a little later.

    Raises Refused 40768, 40922, 22003, 40925, 40923, 40786 and what the new values themselves deserve.
    """
    spec = rules.symbol(engine, p)
    order = named(engine, account, p)
    if order.order_type != "limit" or not order.open:
        raise Refused("40922", "Only working orders can be modified")
    new_size, new_price = p.get("newSize"), p.get("newPrice")
    if not new_size and not new_price:
        _modify_presets(engine, order, p)
        return order
    if not p.get("newClientOid"):
        raise Refused("22003", "newClientOid is required to modify price or size")
    if not (new_size and new_price):
        raise Refused("40925", "The price and size must be passed in together")
    rules.size(spec, new_size, market=False)
    limit = rules.price(spec, new_price)
    rules.band(engine, spec, limit, buys=order.buys)
    if not (order.closing or order.reduce_only):
        rules.notional(spec, limit, Decimal(new_size))
    if Decimal(new_size) == order.size and limit == order.price:
        raise Refused("40923", "Order size and price have not changed")
    fresh = p["newClientOid"]
    rules.fresh_oid(account, fresh)
    account.promised_oids.add(fresh)
    again = _again(order, fresh, new_size, new_price)
    lifecycle.cancel(engine, order, "modify_limit_order")
    engine.submit_later(MODIFY_MS, lambda: _second_half(engine, account, again))
    return order


def _again(order: Order, oid: str, size: str, price: str) -> Params:
    given = {
        "symbol": order.spec.symbol, "productType": order.spec.product, "marginCoin": order.spec.coin,
        "marginMode": order.margin_mode, "side": order.side, "orderType": "limit", "force": order.force,
        "size": size, "price": price, "clientOid": oid, "stpMode": order.stp,
        "reduceOnly": "YES" if order.reduce_only else "NO", "presetStopSurplusPrice": order.take_profit,
        "presetStopSurplusExecutePrice": order.take_profit_price, "presetStopLossPrice": order.stop_loss,
        "presetStopLossExecutePrice": order.stop_loss_price,
    }
    if order.pos_side != "net":
        given["tradeSide"] = order.trade_side
    return {k: v for k, v in given.items() if v}


def _second_half(engine: Engine, account: Account, p: Params) -> None:
    """Place the replacement; when it is refused nothing is left (semantics.md 7)."""
    account.promised_oids.discard(p["clientOid"])
    try:
        if engine.modify_fails:
            engine.modify_fails -= 1
            raise Refused("40762")
        placing.place(engine, account, p, source="modify_order_limit", oid_is_promised=True)
    except Refused as refusal:
        engine.lost.append({"account": account.name, "clientOid": p["clientOid"], "what": "modify",
                            "code": refusal.code, "msg": refusal.msg})


def _modify_presets(engine: Engine, order: Order, p: Params) -> None:
    gain, loss = p.get("newPresetStopSurplusPrice"), p.get("newPresetStopLossPrice")
    if not gain and not loss:
        raise Refused("40923", "Order size and price have not changed")
    if order.closing or order.reduce_only or order.filled:
        raise Refused("40896", "The preset take-profit and stop-loss cannot be changed")
    wanted = placing.check_presets(
        order.spec, {"presetStopSurplusPrice": gain, "presetStopLossPrice": loss}, order.price, long=order.buys)
    order.take_profit = wanted.get("presetStopSurplusPrice", "")
    order.stop_loss = wanted.get("presetStopLossPrice", "")
    order.take_profit_price = order.stop_loss_price = ""
    order.updated = engine.now_ms()
    lifecycle.push_order(engine, order)


def cancel_all(engine: Engine, account: Account, p: Params) -> list[Order]:
    """Cancel the normal orders of a product line, coin or symbol and return them; plans stay (semantics.md 9)."""
    gone = [o for o in account.open_orders.values()
            if o.spec.product == p["productType"] and p.get("symbol", o.spec.symbol) == o.spec.symbol
            and p.get("marginCoin", o.spec.coin) == o.spec.coin]
    for order in gone:
        order.cancel_asked = engine.now_ms()
        lifecycle.cancel(engine, order)
    return gone


def close_position(engine: Engine, account: Account, position: Position, *, size: Decimal | None = None,
                   source: str = "", oid: str = "", point: str = "API") -> Order:
    """Close a position, or a part, at market; resting close orders give way. Raises what ``place`` raises."""
    spec = position.spec
    for other in account.orders_of(spec.symbol):
        if other.claimed and lifecycle.target(other) is position:
            lifecycle.cancel(engine, other)
    left = position.size if size is None else min(size, position.size)
    order, _ = placing.place(engine, account, closing(position, min(left, spec.max_market), oid), source=source,
                             point=point)
    return order


def closing(position: Position, size: Decimal, oid: str = "") -> Params:
    """Return the request that closes a size of a position at market."""
    spec = position.spec
    p = {"symbol": spec.symbol, "productType": spec.product, "marginCoin": spec.coin,
         "marginMode": position.margin_mode, "orderType": "market", "size": text(size)}
    if oid:
        p["clientOid"] = oid
    if position.pos_mode == "hedge_mode":
        return p | {"side": "buy" if position.long else "sell", "tradeSide": "close"}
    return p | {"side": "sell" if position.long else "buy", "reduceOnly": "YES"}


def reverse(engine: Engine, account: Account, p: Params) -> Order:
    """Close at market and, in a second step a moment later, open the other way (click-backhand, semantics.md 9)."""
    spec = rules.symbol(engine, p)
    hedged = account.hedged(spec)
    if hedged and not p.get("tradeSide"):
        raise Refused("40774", "The order type for bilateral position must also be the bilateral position type.")
    if hedged:
        position = account.positions.get((spec.symbol, "long" if p["side"] == "buy" else "short"))
    else:
        position = account.positions.get((spec.symbol, "long")) or account.positions.get((spec.symbol, "short"))
    if position is None:
        raise Refused("22002", "No position to close")
    size = min(Decimal(p["size"]), position.size) if p.get("size") else position.size
    rules.size(spec, text(size), market=True)
    was_long = position.long
    order = close_position(engine, account, position, size=size, source="reverse", oid=p.get("clientOid", ""))
    other = "sell" if was_long else "buy"
    opening = {"symbol": spec.symbol, "productType": spec.product, "marginCoin": spec.coin,
               "marginMode": position.margin_mode, "side": other, "orderType": "market", "size": text(size)}
    if hedged:
        opening["tradeSide"] = "open"
    engine.submit_later(REVERSE_MS, lambda: _open_other(engine, account, opening))
    return order


def _open_other(engine: Engine, account: Account, p: Params) -> None:
    try:
        placing.place(engine, account, p, source="reverse")
    except Refused as refusal:
        engine.lost.append({"account": account.name, "clientOid": "", "what": "reverse", "code": refusal.code,
                            "msg": refusal.msg})
