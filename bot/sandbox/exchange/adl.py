"""Auto-deleveraging: when insurance cannot carry a bankruptcy, the best placed counterparty pays (semantics.md 12)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from bot.sandbox.exchange import lifecycle, margin
from bot.sandbox.exchange.liquidation import forced, on_tick
from bot.sandbox.exchange.specs import Spec
from bot.sandbox.exchange.state import ZERO, Account, Order, Position, text

if TYPE_CHECKING:
    from bot.sandbox.exchange.engine import Engine

ADL_MS = 1000


def deleverage(engine: Engine, account: Account, p: Position, size: Decimal | None = None) -> Order:
    """Close a position, or a part, by ADL at mark; the symbol is locked for a second and the owner is told."""
    spec = p.spec
    amount = p.size if size is None else min(size, p.size)
    price = on_tick(engine, spec)
    now = engine.now_ms()
    engine.adl_until[spec.symbol] = now + ADL_MS
    for order in account.orders_of(spec.symbol):
        lifecycle.cancel(engine, order, "adl_cancel")
    order = forced(engine, account, p, amount, price, "dte_sys_adl", "market_risk")
    engine.emit(account, "adl-noti", spec, {
        "symbol": spec.symbol, "side": "buy" if order.buys else "sell", "status": "triggered", "price": text(price),
        "amount": text(amount), "ts": str(now),
    })
    engine.flush()
    return order


def adl_rank(engine: Engine, p: Position) -> Decimal:
    """Return 0 to 1 by profit and effective leverage, closer to 1 is deleveraged sooner (rest.md 4.4)."""
    mark = engine.mark(p.spec)
    held = margin.margin_of(p)
    score = float(margin.profit_of(p, mark) / held) if held else 0.0
    return round(Decimal(0.5 + max(-0.5, min(0.5, score / 4))), 4)


def carry(engine: Engine, spec: Spec, deficit: Decimal, size: Decimal, *, long: bool) -> None:
    """Charge the insurance fund in quote currency; what it lacks is carried by deleveraging the other side."""
    fund = engine.insurance.get(spec.coin, engine.insurance_start)
    price = engine.mark(spec) if spec.inverse else Decimal(1)
    engine.insurance[spec.coin] = max(ZERO, fund - deficit * price)
    if deficit * price <= fund:
        return
    others = [(account, p) for account in engine.accounts.values()
              if (p := account.positions.get((spec.symbol, "short" if long else "long"))) is not None]
    for account, p in sorted(others, key=lambda pair: -adl_rank(engine, pair[1])):
        part = min(size, p.size)
        deleverage(engine, account, p, part)
        size -= part
        if not size:
            return
