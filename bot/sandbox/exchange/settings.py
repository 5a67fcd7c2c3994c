"""Account settings: leverage, margin, margin mode, position mode, asset mode (semantics.md 1 to 4)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from bot.sandbox.exchange import margin, placing, positions, rules
from bot.sandbox.exchange.codes import Refused
from bot.sandbox.exchange.rules import Params
from bot.sandbox.exchange.specs import PRODUCTS, SPECS, Spec, find
from bot.sandbox.exchange.state import CROSSED, ISOLATED, ZERO, Account, Position, Setting

if TYPE_CHECKING:
    from bot.sandbox.exchange.engine import Engine


def set_leverage(engine: Engine, account: Account, p: Params) -> Setting:
    """Set leverage by the matrix of semantics.md 4.

    Raises Refused 40808 without holdSide, 40814 unchanged, 45044, 40921, 40893, 40730, 40880.
    """
    spec = rules.symbol(engine, p)
    if account.wallet(spec).frozen_until > engine.now_ms():
        raise Refused("40880", "Risk handling is in progress, the leverage is frozen")
    setting = account.setting(spec.symbol)
    crossed = setting.margin_mode == CROSSED
    wanted = _wanted(p, setting, crossed=crossed, hedged=account.hedged(spec))
    for side, leverage in wanted.items():
        _in_range(engine, account, spec, leverage, "" if crossed else side)
    if all(setting.leverage(side) == leverage for side, leverage in wanted.items()):
        raise Refused("40814", "No change in leverage")
    if any(not (o.closing or o.reduce_only) for o in account.orders_of(spec.symbol)):
        raise Refused("40730", "There are open orders, the leverage cannot be adjusted")
    for side, leverage in wanted.items():
        p_held = account.positions.get((spec.symbol, side))
        if p_held is not None and not positions.change_leverage(engine, account, spec, p_held, leverage):
            raise Refused("40893", "The margin is not enough for the new leverage")
    if crossed:
        setting.cross_leverage = wanted["long"]
        return setting
    setting.long_leverage = wanted.get("long", setting.long_leverage)
    setting.short_leverage = wanted.get("short", setting.short_leverage)
    return setting


def _wanted(p: Params, setting: Setting, *, crossed: bool, hedged: bool) -> dict[str, int]:
    both, long, short = p.get("leverage"), p.get("longLeverage"), p.get("shortLeverage")
    if not (both or long or short):
        raise Refused("40019", "Parameter leverage cannot be empty")
    if crossed:
        value = _whole(long or short or both or "")
        return {"long": value, "short": value}
    if not hedged:
        value = _whole(both or long or short or "")
        return {"long": value, "short": value}
    if long or short:
        return {side: _whole(given) for side, given in (("long", long), ("short", short)) if given}
    side = p.get("holdSide")
    if side not in ("long", "short"):
        raise Refused("40808", "Parameter verification exception hold side is null")
    return {side: _whole(both or "")}


def _whole(given: str) -> int:
    number = Decimal(given)
    if number != number.to_integral_value():
        raise Refused("40020", "Parameter leverage error")
    return int(number)


def _in_range(engine: Engine, account: Account, spec: Spec, leverage: int, side: str) -> None:
    if not spec.min_leverage <= leverage <= spec.max_leverage:
        raise Refused("45044", f"The leverage should be between {spec.min_leverage} and {spec.max_leverage}")
    for (symbol, hold_side), p in account.positions.items():
        if symbol == spec.symbol and side in ("", hold_side):
            tier = spec.tier(p.size * engine.mark(spec))
            if leverage > tier.leverage:
                raise Refused("40921", f"The leverage of this position value cannot exceed {tier.leverage}")


def set_all_leverage(engine: Engine, account: Account, p: Params) -> str:
    """Set the leverage of every symbol with a position; return ``success``, or ``failed`` when one refused."""
    outcome = "success"
    for spec in PRODUCTS[p["productType"]]:
        if not any(key[0] == spec.symbol for key in account.positions):
            continue
        request = {"symbol": spec.symbol, "longLeverage": p["leverage"], "shortLeverage": p["leverage"]}
        try:
            set_leverage(engine, account, request)
        except Refused as refusal:
            if refusal.code != "40814":
                outcome = "failed"
    return outcome


def held(account: Account, spec: Spec, hold_side: str, code: str) -> Position:
    """Return the position of a side. Raises Refused with ``code`` when there is none."""
    position = account.positions.get((spec.symbol, hold_side))
    if position is None:
        raise Refused(code, "The position is zero")
    return position


def set_margin(engine: Engine, account: Account, p: Params) -> None:
    """Add or remove isolated margin. Raises Refused 40875, 40802, 40800, 40801, 40879, 40020."""
    spec = rules.symbol(engine, p)
    if account.wallet(spec).frozen_until > engine.now_ms():
        raise Refused("40879", "Risk handling is in progress, funds are frozen")
    if account.setting(spec.symbol).margin_mode == CROSSED:
        raise Refused("40875", "The margin cannot be adjusted in cross mode")
    position = held(account, spec, p["holdSide"], "40802")
    amount = Decimal(p["amount"])
    if not amount:
        raise Refused("40020", "Parameter amount error")
    if amount > margin.free(engine, account, spec, ISOLATED):
        raise Refused("40800", "The margin amount is insufficient")
    if amount < 0 and position.margin + amount < margin.initial(position) - min(
            ZERO, margin.profit_of(position, engine.mark(spec))):
        raise Refused("40801", "The margin to be removed exceeds the maximum")
    positions.add_margin(engine, account, position, amount, "append_margin" if amount > 0 else "reduce_margin")


def set_auto_margin(engine: Engine, account: Account, p: Params) -> None:
    """Switch automatic margin of an isolated position. Raises Refused 40874, 40709."""
    spec = rules.symbol(engine, p)
    if account.setting(spec.symbol).margin_mode == CROSSED:
        raise Refused("40874", "Automatic margin is not available in cross mode")
    position = held(account, spec, p["holdSide"], "40709")
    on = p["autoMargin"] == "on"
    position.auto_margin = on
    setting = account.setting(spec.symbol)
    if position.long:
        setting.auto_long = on
    else:
        setting.auto_short = on
    engine.touch(account, spec.product, "positions")


def set_margin_mode(engine: Engine, account: Account, p: Params) -> Setting:
    """Switch a symbol between crossed and isolated. Raises Refused 45117 while anything stands, 45099 in union."""
    spec = rules.symbol(engine, p)
    setting = account.setting(spec.symbol)
    if p["marginMode"] != setting.margin_mode:
        if placing.busy(account, spec.symbol):
            raise Refused("45117", "Currently holding positions or orders, the margin mode cannot be adjusted")
        if p["marginMode"] == ISOLATED and account.asset_mode == "union":
            raise Refused("45099", "Isolated margin is not available in multi-asset mode")
        setting.margin_mode = p["marginMode"]
    return setting


def occupied(account: Account, product: str) -> bool:
    """Return whether a product line has a position, an order or a plan."""
    return (any(q.spec.product == product for q in account.positions.values())
            or any(o.spec.product == product for o in account.open_orders.values())
            or any(q.spec.product == product for q in account.live_plans.values()))


def set_position_mode(account: Account, p: Params) -> str:
    """Switch a product line between one-way and hedge. Raises Refused 40920 while anything stands."""
    product, mode = str(p["productType"]), str(p["posMode"])
    if mode != account.pos_mode[product] and occupied(account, product):
        raise Refused("40920", "Position or order exists, the position mode cannot be switched")
    account.pos_mode[product] = mode
    return mode


def set_asset_mode(account: Account, p: Params) -> None:
    """Switch USDT-FUTURES between single and union. Raises Refused 40020, 40920, 45099."""
    if p["productType"] != "USDT-FUTURES":
        raise Refused("40020", "Parameter productType error")
    mode = p["assetMode"]
    if mode == account.asset_mode:
        return
    if occupied(account, "USDT-FUTURES"):
        raise Refused("40920", "Position or order exists, the asset mode cannot be switched")
    if mode == "union" and any(s.margin_mode == ISOLATED and SPECS[symbol].product == "USDT-FUTURES"
                               for symbol, s in account.settings.items()):
        raise Refused("45099", "Multi-asset mode needs cross margin on every symbol")
    account.asset_mode = mode


def symbol_of(p: Params) -> Spec:
    """Return the contract of a read, which needs no price. Raises Refused 40034, 22012, 40778."""
    spec = find(p["symbol"], p.get("productType", ""))
    rules.coin(spec, p)
    return spec


