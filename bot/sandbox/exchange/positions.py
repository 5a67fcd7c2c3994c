"""What a fill does to order, position, wallet and ledger (semantics.md 2, 11)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from bot.sandbox.exchange import lifecycle, margin, pushes
from bot.sandbox.exchange.specs import GRAIN, Spec
from bot.sandbox.exchange.state import ISOLATED, ZERO, Account, Fill, Order, Position, text

if TYPE_CHECKING:
    from bot.sandbox.exchange.engine import Engine

# Bills of forced trades by what the order's tradeSide starts with (rest.md 3.9).
_FORCED_BILLS = {
    "reduce_close_long": "force_close_long", "reduce_close_short": "force_close_short",
    "reduce_buy_single": "force_buy", "reduce_sell_single": "force_sell",
    "offset_close_long": "force_close_long", "offset_close_short": "force_close_short",
    "burst_close_long": "burst_long_loss_query", "burst_close_short": "burst_short_loss_query",
    "burst_buy_single": "burst_buy", "burst_sell_single": "burst_sell",
    "dte_sys_adl_close_long": "adl_close_long", "dte_sys_adl_close_short": "adl_close_short",
    "dte_sys_adl_buy_in_single_side_mode": "adl_buy_in_single_side_mode",
    "dte_sys_adl_sell_in_single_side_mode": "adl_sell_in_single_side_mode",
}


def room(order: Order) -> Decimal:
    """Return how much of an order may still fill: a close or reduce-only order never exceeds its position."""
    if not (order.closing or order.reduce_only):
        return order.left
    position = lifecycle.target(order)
    return min(order.left, position.size) if position else ZERO


def fill(engine: Engine, order: Order, price: Decimal, size: Decimal, *, taker: bool, trade_id: int) -> Fill:
    """Book one execution and push it."""
    account, spec = order.account, order.spec
    now = engine.now_ms()
    value = spec.value(size, price)
    fee = value * (spec.taker if taker else spec.maker)
    target = lifecycle.target(order)
    lifecycle.release(order, size, target)
    closes = order.closing or (order.pos_side == "net" and target is not None)
    closed = min(size, target.size) if closes and target is not None else ZERO
    opened = size - closed
    profit = ZERO
    order.filled += size
    order.quote += price * size
    order.fee -= fee
    order.status = "filled" if order.filled >= order.size else "partially_filled"
    order.updated = now
    if closed and target is not None:
        profit = _reduce(target, price, closed, fee * closed / size, now)
        order.pos_avg = text(target.entry)
        order.profit += profit
    wallet = account.wallet(spec)
    engine.bill(account, wallet, spec.symbol, _bill_kind(order), amount=profit, fee=-fee)
    if opened:
        hold_side = ("long" if order.buys else "short") if order.pos_side == "net" else order.pos_side
        _increase(engine, order, hold_side, price, opened, fee * opened / size)
    done = Fill(id=trade_id, order=order, price=price, size=size, fee=-fee, profit=profit, taker=taker,
                trade_side=order.trade_side, ms=now)
    account.fills[spec.product].append(done)
    if order.status == "filled":
        lifecycle.leave(engine, order)
    lifecycle.push_order(engine, order, done)
    if engine.listened(account, "fill"):
        engine.emit(account, "fill", spec, pushes.fill_row(done))
    if closed and target is not None and not target.size:
        close_out(engine, account, target)
    if opened:
        lifecycle.attach(engine, order, opened, hold_side)
    engine.touch(account, spec.product, "positions", "account", "equity")
    return done


def _reduce(p: Position, price: Decimal, size: Decimal, fee: Decimal, now: int) -> Decimal:
    profit = p.spec.profit(p.long, p.entry, price, size)
    if p.margin:
        p.margin -= round(p.margin * size / p.size, GRAIN)
    p.size -= size
    p.closed += size
    p.close_quote += price * size
    p.close_fee += fee
    p.realised += profit
    p.updated = now
    return profit


def _increase(engine: Engine, order: Order, hold_side: str, price: Decimal, size: Decimal, fee: Decimal) -> None:
    account, spec = order.account, order.spec
    p = account.positions.get((spec.symbol, hold_side))
    if p is None:
        setting = account.setting(spec.symbol)
        p = account.positions[spec.symbol, hold_side] = Position(
            id=engine.new_id(), spec=spec, hold_side=hold_side, pos_mode=order.pos_mode,
            margin_mode=order.margin_mode, leverage=order.leverage, created=order.updated,
            auto_margin=setting.auto_long if hold_side == "long" else setting.auto_short,
        )
    total = p.size + size
    p.entry = price if not p.size else round((p.entry * p.size + price * size) / total, GRAIN)
    p.size = total
    p.opened += size
    p.open_quote += price * size
    p.open_fee += fee
    p.updated = order.updated
    if p.margin_mode == ISOLATED:
        p.margin += round(spec.value(size, price) / p.leverage, GRAIN)


def close_out(engine: Engine, account: Account, p: Position) -> None:
    """A position reached zero: move it to history and end what hung on it."""
    spec = p.spec
    account.positions.pop((spec.symbol, p.hold_side), None)
    p.record = engine.new_id()
    p.margin = ZERO
    p.updated = engine.now_ms()
    account.closed[spec.product].append(p)
    if engine.listened(account, "positions-history"):
        engine.emit(account, "positions-history", spec, pushes.closed_row(p))
    lifecycle.abandon(engine, account, p)


def _bill_kind(order: Order) -> str:
    forced = _FORCED_BILLS.get(order.trade_side)
    if forced:
        return forced
    if order.pos_side == "net":
        return "buy" if order.buys else "sell"
    return f"{order.trade_side}_{order.pos_side}"


def add_margin(engine: Engine, account: Account, p: Position, amount: Decimal, kind: str) -> None:
    """Move margin between wallet and an isolated position; the wallet's total stays (rest.md 3.9)."""
    p.margin += amount
    p.updated = engine.now_ms()
    engine.bill(account, account.wallet(p.spec), p.spec.symbol, kind, amount=-amount, moves_cash=False)
    engine.touch(account, p.spec.product, "positions")


def change_leverage(engine: Engine, account: Account, spec: Spec, p: Position, leverage: int) -> bool:
    """Apply a new leverage to an open position. False when the wallet cannot carry what it needs (40893)."""
    needed = round(spec.value(p.size, p.entry) / leverage, GRAIN)
    held = margin.margin_of(p)
    missing = needed - held
    if missing > 0 and missing > margin.free(engine, account, spec, p.margin_mode):
        return False
    p.leverage = leverage
    if p.margin_mode == ISOLATED and missing > 0:
        add_margin(engine, account, p, missing, "adjust_down_lever_append_margin")
    engine.touch(account, spec.product, "positions", "account")
    return True
