"""How orders and plans come to rest and end: reservations, claims on a position, cancellation, their pushes."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from bot.sandbox.exchange import margin, pushes
from bot.sandbox.exchange.specs import GRAIN, Spec
from bot.sandbox.exchange.state import ZERO, Account, Fill, Order, Plan, Position

if TYPE_CHECKING:
    from bot.sandbox.exchange.engine import Engine


def target(order: Order) -> Position | None:
    """Return the position a closing order closes."""
    positions, symbol = order.account.positions, order.spec.symbol
    if order.pos_side != "net":
        return positions.get((symbol, order.pos_side))
    return positions.get((symbol, "short" if order.buys else "long"))


def push_order(engine: Engine, order: Order, fill: Fill | None = None) -> None:
    """Tell subscribers about an order."""
    if engine.listened(order.account, "orders"):
        engine.emit(order.account, "orders", order.spec, pushes.order_row(order, fill))


def push_plan(engine: Engine, plan: Plan) -> None:
    """Tell subscribers about a plan order."""
    if engine.listened(plan.account, "orders-algo"):
        engine.emit(plan.account, "orders-algo", plan.spec, pushes.plan_row(plan))


def enter(engine: Engine, order: Order) -> None:
    """Record an accepted order, reserve its margin or claim its size, and tell it as live."""
    account = order.account
    account.open_orders[order.id] = order
    account.orders[order.spec.product].append(order)
    account.by_id[str(order.id)] = order
    account.by_oid[order.oid] = order
    if order.reserved:
        account.wallet(order.spec).locked += order.reserved
    if order.closing or order.reduce_only:
        position = target(order)
        if position is not None:
            order.claimed = order.size
            position.locked += order.size
    engine.touch(account, order.spec.product, "positions", "account", "equity")
    push_order(engine, order)


def release(order: Order, size: Decimal, position: Position | None) -> None:
    """Give back reservation and claim for a size that filled or will not fill."""
    if order.reserved:
        part = order.reserved if size >= order.left else round(order.reserved * size / order.left, GRAIN)
        order.reserved -= part
        order.account.wallet(order.spec).locked -= part
    if order.claimed:
        part = min(order.claimed, size)
        order.claimed -= part
        if position is not None:
            position.locked = max(position.locked - part, ZERO)


def cancel(engine: Engine, order: Order, reason: str = "normal_cancel") -> None:
    """End an order without filling the rest."""
    if not order.open:
        return
    release(order, order.left, target(order))
    order.status = "canceled"
    order.cancel_reason = reason
    leave(engine, order)
    push_order(engine, order)


def leave(engine: Engine, order: Order) -> None:
    """Take an order that has ended off the book and the list of open ones."""
    order.updated = engine.now_ms()
    engine.books[order.spec.symbol].remove(order)
    order.account.open_orders.pop(order.id, None)
    engine.touch(order.account, order.spec.product, "positions", "account", "equity")


def reserve(engine: Engine, account: Account, spec: Spec, price: Decimal, size: Decimal, leverage: int,
            margin_mode: str) -> Decimal | None:
    """Return what opening this size reserves, or None when it is more than is free."""
    cost = margin.opening_cost(spec, price, size, leverage)
    return cost if cost <= margin.free(engine, account, spec, margin_mode) else None


def enter_plan(engine: Engine, plan: Plan) -> None:
    """Record a plan order and tell it as live."""
    account = plan.account
    account.live_plans[plan.id] = plan
    account.plans[plan.spec.product].append(plan)
    account.plan_by_id[str(plan.id)] = plan
    account.plan_by_oid[plan.oid] = plan
    engine.plans[plan.spec.symbol][plan.id] = plan
    push_plan(engine, plan)


def end_plan(engine: Engine, plan: Plan, status: str, why: str = "") -> None:
    """End a plan order: executed, fail_execute or cancelled."""
    plan.status = status
    plan.why = why
    plan.updated = engine.now_ms()
    plan.account.live_plans.pop(plan.id, None)
    engine.plans[plan.spec.symbol].pop(plan.id, None)
    push_plan(engine, plan)


def is_tpsl(plan: Plan) -> bool:
    """Return whether a plan belongs to a position."""
    return plan.kind not in ("normal_plan", "track_plan")


def abandon(engine: Engine, account: Account, position: Position) -> None:
    """A position is gone: end the take-profits, stop-losses and close orders that were for it."""
    spec = position.spec
    for plan in account.plans_of(spec.symbol):
        if is_tpsl(plan) and plan.hold_side == position.hold_side and plan.status == "live":
            end_plan(engine, plan, "cancelled")
    for order in account.orders_of(spec.symbol):
        if (order.closing or order.reduce_only) and order.claimed and order.buys != position.long and order.resting:
            cancel(engine, order)


def tpsl_of(order: Order) -> list[tuple[str, str, str]]:
    """Return the preset legs of an order: plan kind, trigger, limit price ("" for market)."""
    legs = []
    if order.take_profit:
        legs.append(("profit_plan", order.take_profit, order.take_profit_price))
    if order.stop_loss:
        legs.append(("loss_plan", order.stop_loss, order.stop_loss_price))
    return legs


def attach(engine: Engine, order: Order, size: Decimal, hold_side: str) -> None:
    """Turn presets into plans when the order opens a position; later fills of the order enlarge them."""
    legs = tpsl_of(order)
    if not legs:
        return
    live = [p for p in order.plans if p.status == "live"]
    if live:
        for plan in live:
            plan.size += size
            plan.updated = engine.now_ms()
            push_plan(engine, plan)
        return
    if order.plans:
        return
    for kind, trigger, price in legs:
        plan = preset_plan(engine, order, kind, trigger, price, size, hold_side)
        order.plans.append(plan)
        enter_plan(engine, plan)


def preset_plan(engine: Engine, order: Order, kind: str, trigger: str, price: str, size: Decimal,
                hold_side: str) -> Plan:
    """Return the plan a preset leg becomes; its trigger type is fill_price (semantics.md 10)."""
    now, long = engine.now_ms(), hold_side == "long"
    one_way = order.pos_side == "net"
    plan_id = engine.new_id()
    return Plan(
        id=plan_id, oid=str(engine.new_id()), account=order.account, spec=order.spec, kind=kind,
        side=("sell" if long else "buy") if one_way else order.side,
        trade_side=("sell_single" if long else "buy_single") if one_way else "close",
        pos_side=order.pos_side, pos_mode=order.pos_mode, buys=not long, hold_side=hold_side,
        margin_mode=order.margin_mode, order_type="limit" if price else "market", size=size, trigger=Decimal(trigger),
        trigger_type="fill_price", rises=(kind == "profit_plan") == long, price=Decimal(price) if price else ZERO,
        point=order.point, created=now, updated=now,
    )
