"""Liquidation in visible steps, and auto margin before it (MODEL of semantics.md 12).

One step per ``STEP_MS``: cancel orders and freeze; net hedged legs; reduce large positions a tier at a time; take
over the rest. Every step looks at the margin again first, so a recovery stops it.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from bot.sandbox.exchange import lifecycle, margin, positions
from bot.sandbox.exchange.specs import ONE, Spec
from bot.sandbox.exchange.state import CROSSED, HEDGE, ISOLATED, ZERO, Account, Order, Position, Wallet

if TYPE_CHECKING:
    from bot.sandbox.exchange.engine import Engine

STEP_MS = 200
_TAX = "risk_captital_user_transfer"


def check(engine: Engine, spec: Spec) -> None:
    """Look at every account with a position in a symbol whose mark just moved."""
    for account in engine.accounts.values():
        crossed = False
        for side in ("long", "short"):
            p = account.positions.get((spec.symbol, side))
            if p is None:
                continue
            if p.margin_mode == CROSSED:
                crossed = True
            elif not p.liquidating and _isolated_in_danger(engine, account, p):
                _begin_isolated(engine, account, p)
        if crossed:
            wallet = account.wallet(spec)
            if wallet.frozen_until <= engine.now_ms() and _cross_in_danger(engine, account, wallet):
                _begin_crossed(engine, account, wallet)


def _cross_in_danger(engine: Engine, account: Account, wallet: Wallet) -> bool:
    return margin.figures(engine, account, wallet).risk >= ONE


def _isolated_in_danger(engine: Engine, account: Account, p: Position) -> bool:
    mark = engine.mark(p.spec)
    if margin.isolated_ratio(p, mark) < ONE:
        return False
    if p.auto_margin:
        extra = min(margin.initial(p), margin.free(engine, account, p.spec, ISOLATED))
        if extra > 0:
            positions.add_margin(engine, account, p, extra, "auto_append_margin")
            return margin.isolated_ratio(p, mark) >= ONE
    return True


def _begin_crossed(engine: Engine, account: Account, wallet: Wallet) -> None:
    """Step one: every order of the wallet goes, requests are refused until it is over."""
    wallet.frozen_until = engine.now_ms() + 10 * STEP_MS
    for order in list(account.open_orders.values()):
        if order.spec.product == wallet.product and order.spec.coin == wallet.coin:
            lifecycle.cancel(engine, order, "burst_cancel")
    engine.touch(account, wallet.product, "account", "positions")
    engine.submit_later(STEP_MS, lambda: _step_crossed(engine, account, wallet))


def _step_crossed(engine: Engine, account: Account, wallet: Wallet) -> None:
    held = [p for p in account.positions.values()
            if p.margin_mode == CROSSED and p.spec.product == wallet.product and p.spec.coin == wallet.coin]
    if not held or not _cross_in_danger(engine, account, wallet):
        wallet.frozen_until = 0
        return
    wallet.frozen_until = engine.now_ms() + 10 * STEP_MS
    if not _net(engine, account, held) and not _reduce_tier(engine, account, held):
        largest = max(held, key=lambda p: margin.keep(p, engine.mark(p.spec)) * _worth(engine, p))
        _take_over(engine, account, largest)
        if not any(p.margin_mode == CROSSED and p.spec.coin == wallet.coin and p.spec.product == wallet.product
                   for p in account.positions.values()):
            _insure(engine, account, wallet, largest.spec)
    engine.submit_later(STEP_MS, lambda: _step_crossed(engine, account, wallet))


def _worth(engine: Engine, p: Position) -> Decimal:
    return engine.mark(p.spec) if p.spec.inverse else ONE


def _begin_isolated(engine: Engine, account: Account, p: Position) -> None:
    p.liquidating = True
    for order in account.orders_of(p.spec.symbol):
        lifecycle.cancel(engine, order, "burst_cancel")
    engine.submit_later(STEP_MS, lambda: _step_isolated(engine, account, p))


def _step_isolated(engine: Engine, account: Account, p: Position) -> None:
    if not p.size:
        return
    if margin.isolated_ratio(p, engine.mark(p.spec)) < ONE:
        p.liquidating = False
        return
    if not _reduce_tier(engine, account, [p]):
        _take_over(engine, account, p)
    engine.submit_later(STEP_MS, lambda: _step_isolated(engine, account, p))


def _net(engine: Engine, account: Account, held: list[Position]) -> bool:
    """Close the smaller of two hedged legs against the other at mark. False when there is no such pair."""
    for long in held:
        short = account.positions.get((long.spec.symbol, "short"))
        if not long.long or short is None or short not in held:
            continue
        size, mark = min(long.size, short.size), on_tick(engine, long.spec)
        for p in (long, short):
            forced(engine, account, p, size, mark, "offset")
        return True
    return False


def _reduce_tier(engine: Engine, account: Account, held: list[Position]) -> bool:
    """Bring the largest position down into the tier below. False when all are in the first one."""
    p = max(held, key=lambda q: q.size * engine.mark(q.spec))
    mark, spec = engine.mark(p.spec), p.spec
    tier = spec.tier(p.size * mark)
    if tier.level == 1:
        return False
    keep = max(tier.start / mark - spec.step, ZERO) // spec.step * spec.step
    forced(engine, account, p, p.size - keep, on_tick(engine, spec), "reduce")
    return True


def _take_over(engine: Engine, account: Account, p: Position) -> None:
    """Close all of a position at its bankruptcy price: what stood behind it is lost."""
    spec = p.spec
    if p.margin_mode == ISOLATED:
        behind = p.margin
    else:
        f = margin.figures(engine, account, account.wallet(spec))
        behind = f.cross_equity - margin.profit_of(p, engine.mark(spec))
        others = [q for q in account.positions.values() if q is not p and q.margin_mode == CROSSED
                  and q.spec.product == spec.product and q.spec.coin == spec.coin]
        if others:
            forced(engine, account, p, p.size, on_tick(engine, spec), "burst")
            return
    _bankrupt(engine, p, -(behind + margin.profit_of(p, engine.mark(spec))))
    price = margin.bankruptcy_price(spec, p.long, p.size, p.entry, behind)
    price = max((price / spec.tick).to_integral_value() * spec.tick, spec.tick)
    wallet = account.wallet(spec)
    left = wallet.balance - (p.margin if p.margin_mode == ISOLATED else behind)
    forced(engine, account, p, p.size, price, "burst")
    if p.margin_mode == ISOLATED and wallet.balance < left:
        engine.bill(account, wallet, spec.symbol, _TAX, amount=left - wallet.balance)


def _bankrupt(engine: Engine, p: Position, deficit: Decimal) -> None:
    """Let whoever carries losses beyond a position's means know of one."""
    if deficit > 0:
        engine.bankrupt(p.spec, deficit, p.size, p.long)


def _insure(engine: Engine, account: Account, wallet: Wallet, spec: Spec) -> None:
    """Cover a negative balance from the insurance fund."""
    isolated = sum((p.margin for p in account.positions.values()
                    if p.margin_mode == ISOLATED and p.spec.product == wallet.product and p.spec.coin == wallet.coin),
                   ZERO)
    if wallet.balance < isolated:
        engine.bill(account, wallet, spec.symbol, _TAX, amount=isolated - wallet.balance)


def on_tick(engine: Engine, spec: Spec) -> Decimal:
    """Return the mark on the tick, where system orders trade."""
    return (engine.mark(spec) / spec.tick).to_integral_value() * spec.tick


def forced(engine: Engine, account: Account, p: Position, size: Decimal, price: Decimal, why: str,
            source: str = "liquidation") -> Order:
    """Execute a system order on a position and return it."""
    spec, hedged, now = p.spec, p.pos_mode == HEDGE, engine.now_ms()
    buys = not p.long
    order = Order(
        id=engine.new_id(), oid=str(engine.new_id()), account=account, spec=spec,
        side=("buy" if p.long else "sell") if hedged else ("buy" if buys else "sell"),
        trade_side=_trade_side(why, p.hold_side, buys=buys, hedged=hedged), pos_side=p.hold_side if hedged else "net",
        pos_mode=p.pos_mode, buys=buys, closing=hedged, reduce_only=not hedged, order_type="market", force="gtc",
        price=ZERO, size=size, margin_mode=p.margin_mode, leverage=p.leverage, point="SYS", created=now, updated=now,
        source="reduce_offset" if why == "offset" else source,
    )
    lifecycle.enter(engine, order)
    positions.fill(engine, order, price, size, taker=True, trade_id=engine.new_id())
    return order


def _trade_side(why: str, hold_side: str, *, buys: bool, hedged: bool) -> str:
    if hedged:
        return f"{why}_close_{hold_side}"
    way = "buy" if buys else "sell"
    if why == "dte_sys_adl":
        return f"dte_sys_adl_{way}_in_single_side_mode"
    # Offsets happen between hedged legs only.
    return f"{why}_{way}_single"
