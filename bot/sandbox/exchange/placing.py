"""Take an order: from request fields to an accepted order, or a documented refusal (rest.md 5.1, semantics.md 2)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from bot.sandbox.exchange import lifecycle, margin, matching, rules
from bot.sandbox.exchange.codes import Refused
from bot.sandbox.exchange.rules import Params
from bot.sandbox.exchange.specs import ONE, Spec
from bot.sandbox.exchange.state import HEDGE, ISOLATED, ONE_WAY, ZERO, Account, Order, Position, text

if TYPE_CHECKING:
    from bot.sandbox.exchange.engine import Engine

PRESETS = ("presetStopSurplusPrice", "presetStopSurplusExecutePrice", "presetStopLossPrice",
           "presetStopLossExecutePrice")


def place(engine: Engine, account: Account, p: Params, *, source: str = "", point: str = "API",
          oid_is_promised: bool = False) -> tuple[Order, bool]:
    """Accept an order and match it; return it, and whether reduce-only overflow made room for it first.

    Raises Refused: 40034, 22012, 40778, 40774, 45117, 40808, 41103, 4511x, 22038, 40815, 40816, 40786, 45118, 43128,
    22002, 40757, 40762, 40921, 45009, 22067.
    """
    spec = rules.symbol(engine, p)
    rules.trading(engine, account, spec)
    order = draft(engine, account, spec, p, oid_is_promised=oid_is_promised)
    order.source = source or ("market" if order.order_type == "market" else "normal")
    order.point = point
    overflow = False
    if order.closing:
        _prepare_close(engine, order)
    elif order.reduce_only:
        overflow = _prepare_reduce(engine, order)
    else:
        _prepare_open(engine, order)
    rules.order_count(account, spec)
    lifecycle.enter(engine, order)
    matching.submit(engine, order)
    return order, overflow


def draft(engine: Engine, account: Account, spec: Spec, p: Params, *, oid_is_promised: bool = False) -> Order:
    """Return the order a request describes, checked by itself but not against balance or position yet."""
    hedged = account.hedged(spec)
    side, market = rules.required(p, "side"), rules.required(p, "orderType") == "market"
    trade_side = p.get("tradeSide", "")
    if hedged and not trade_side:
        raise Refused("40774", "The order type for bilateral position must also be the bilateral position type.")
    closing = hedged and trade_side == "close"
    reduce_only = not hedged and p.get("reduceOnly") == "YES"
    buys = (side == "buy") != closing
    hold_side = ("long" if side == "buy" else "short") if hedged else ("long" if buys else "short")
    mode = _margin_mode(account, spec, p.get("marginMode", ""))
    amount = rules.size(spec, rules.required(p, "size"), market=market)
    limit = ZERO
    if not market:
        limit = rules.price(spec, rules.required(p, "price"))
        rules.band(engine, spec, limit, buys=buys)
    if not (closing or reduce_only):
        rules.notional(spec, limit or engine.mark(spec), amount)
    oid = p.get("clientOid", "")
    if oid and not oid_is_promised:
        rules.fresh_oid(account, oid)
    presets = {} if closing or reduce_only else _presets(engine, spec, p, limit, long=buys)
    now, order_id = engine.now_ms(), engine.new_id()
    return Order(
        id=order_id, oid=oid or str(engine.new_id()), account=account, spec=spec, side=side,
        trade_side=trade_side if hedged else f"{side}_single", pos_side=hold_side if hedged else "net",
        pos_mode=HEDGE if hedged else ONE_WAY, buys=buys, closing=closing,
        order_type="market" if market else "limit", force="gtc" if market else p.get("force", "gtc"), price=limit,
        size=amount, margin_mode=mode, leverage=account.setting(spec.symbol).leverage(hold_side),
        reduce_only=reduce_only, stp=p.get("stpMode", "none"), created=now, updated=now,
        take_profit=presets.get("presetStopSurplusPrice", ""),
        take_profit_price=presets.get("presetStopSurplusExecutePrice", ""),
        stop_loss=presets.get("presetStopLossPrice", ""),
        stop_loss_price=presets.get("presetStopLossExecutePrice", ""),
    )


def _margin_mode(account: Account, spec: Spec, stated: str) -> str:
    """Return the order's margin mode: the stated one is taken over while nothing stands against it (semantics.md 1)."""
    setting = account.setting(spec.symbol)
    if not stated or stated == setting.margin_mode:
        return setting.margin_mode
    if busy(account, spec.symbol):
        raise Refused("45117", "Currently holding positions or orders, the margin mode cannot be adjusted")
    if stated == ISOLATED and account.asset_mode == "union":
        raise Refused("45099", "Isolated margin is not available in multi-asset mode")
    setting.margin_mode = stated
    return stated


def busy(account: Account, symbol: str) -> bool:
    """Return whether a symbol has a position, an order or a plan."""
    if any(key[0] == symbol for key in account.positions):
        return True
    return any(o.spec.symbol == symbol for o in account.open_orders.values()) or bool(account.plans_of(symbol))


# Codes of a leg on the wrong side: of the order's own price, of the current one.
_ABOVE_CODES = {"presetStopSurplusPrice": ("45064", "45060"), "presetStopLossPrice": ("45067", "40836")}
_BELOW_CODES = {"presetStopSurplusPrice": ("45065", "45061"), "presetStopLossPrice": ("45066", "45062")}


def check_presets(spec: Spec, p: Params, reference: Decimal, *, long: bool, market: bool = False) -> dict[str, str]:
    """Return the preset legs that are set, each on the right side of the price.

    Raises Refused 45064 to 45067 against a limit price, 45060 to 45062 and 40836 against the current one, 45052.
    """
    given = {name: p[name] for name in PRESETS if p.get(name) and Decimal(p[name])}
    for value in given.values():
        rules.price(spec, value, code="45052", name="trigger price")
    above, below = ("presetStopSurplusPrice", "presetStopLossPrice") if long else (
        "presetStopLossPrice", "presetStopSurplusPrice")
    if above in given and Decimal(given[above]) <= reference:
        raise Refused(_ABOVE_CODES[above][market], f"The price should be higher than {text(reference)}")
    if below in given and Decimal(given[below]) >= reference:
        raise Refused(_BELOW_CODES[below][market], f"The price should be lower than {text(reference)}")
    return given


def _presets(engine: Engine, spec: Spec, p: Params, limit: Decimal, *, long: bool) -> dict[str, str]:
    return check_presets(spec, p, limit or engine.last(spec), long=long, market=not limit)


def _prepare_open(engine: Engine, order: Order) -> None:
    """Reserve margin for what the order would open; netting a one-way position needs none."""
    account, spec = order.account, order.spec
    opposite = lifecycle.target(order) if order.pos_side == "net" else None
    opens = max(ZERO, order.size - opposite.size) if opposite else order.size
    if not opens:
        return
    price = reference(engine, order)
    reserved = lifecycle.reserve(engine, account, spec, price, opens, order.leverage, order.margin_mode)
    if reserved is None:
        raise Refused("40762")
    _tier_check(engine, order, opens)
    order.reserved = reserved


def reference(engine: Engine, order: Order) -> Decimal:
    """Return the price an order is costed at: its own, or the best one marked up (semantics.md 3)."""
    if order.order_type == "limit":
        return order.price
    best = engine.books[order.spec.symbol].best(order.buys)
    if best is None:
        raise Refused("40825", "There is no counter depth")
    return best * (ONE + order.spec.cost_up)


def _tier_check(engine: Engine, order: Order, opens: Decimal) -> None:
    spec, account = order.spec, order.account
    hold_side = "long" if order.buys else "short"
    held = account.positions.get((spec.symbol, hold_side))
    waiting = sum((o.left for o in account.open_orders.values()
                   if o.spec is spec and o.buys == order.buys and not o.closing and not o.reduce_only), ZERO)
    total = (held.size if held else ZERO) + waiting + opens
    cap = max((t.end for t in spec.tiers if t.leverage >= order.leverage), default=ZERO)
    if total * engine.mark(spec) > cap:
        raise Refused("40921", f"Exceeds the maximum position value {text(cap)} {spec.quote} at {order.leverage}x")


def _prepare_close(engine: Engine, order: Order) -> None:
    """Fit a hedge close to the position (semantics.md 2.5). Raises Refused 22002, 40757."""
    position = lifecycle.target(order)
    if position is None:
        raise Refused("22002", "No position to close")
    if order.size > position.size:
        raise Refused("40757", "Not enough position is available")
    if position.available <= 0:
        drop_closers(engine, position, order)
    if order.size > position.available:
        if order.order_type == "limit":
            raise Refused("40757", "Not enough position is available")
        order.size = position.available


def drop_closers(engine: Engine, position: Position, order: Order) -> None:
    """Cancel the resting close orders that occupy a position."""
    for other in order.account.orders_of(order.spec.symbol):
        if other.claimed and lifecycle.target(other) is position:
            lifecycle.cancel(engine, other)


def _prepare_reduce(engine: Engine, order: Order) -> bool:
    """Make room for a one-way reduce-only order by cancelling older ones, oldest first (semantics.md 2.4)."""
    position = lifecycle.target(order)
    if position is None:
        raise Refused("22002", "No position to close")
    overflow = False
    for other in order.account.orders_of(order.spec.symbol):
        if position.locked + order.size <= position.size:
            break
        if other.reduce_only and other.claimed and lifecycle.target(other) is position:
            lifecycle.cancel(engine, other)
            overflow = True
    return overflow


def liquidation_preview(engine: Engine, account: Account, spec: Spec, hold_side: str, price: Decimal,
                        amount: Decimal) -> Decimal:
    """Return the liquidation price after opening with ``amount`` of margin at a price (rest.md 3.7)."""
    setting = account.setting(spec.symbol)
    leverage = setting.leverage(hold_side)
    size = amount * leverage if spec.inverse else amount * leverage / price
    if not size:
        return ZERO
    held = account.positions.get((spec.symbol, hold_side))
    entry = price
    if held is not None:
        entry = (held.entry * held.size + price * size) / (held.size + size)
        size += held.size
    rate = spec.tier(size * price).rate + spec.taker
    if setting.margin_mode == ISOLATED:
        behind = amount + (held.margin if held else ZERO)
    else:
        f = margin.figures(engine, account, account.wallet(spec))
        behind = f.cross_equity
        if held is not None:
            mark = engine.mark(spec)
            behind -= margin.profit_of(held, mark)
    return margin.solve_liquidation(spec, hold_side == "long", size, entry, behind, rate)
