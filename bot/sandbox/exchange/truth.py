"""Ground truth of one account: everything it ever did, complete, rows in the exchange's own field names (C10)."""

from __future__ import annotations

from typing import Any

from bot.sandbox.exchange import rows
from bot.sandbox.exchange.engine import Engine
from bot.sandbox.exchange.specs import PRODUCTS
from bot.sandbox.exchange.state import Account


def of(engine: Engine, account: Account) -> dict[str, Any]:
    """Return orders, fills, plans, positions (open ones), bills and balances; lists are oldest first."""
    orders = [order for product in PRODUCTS for order in account.orders[product]]
    fills = [fill for product in PRODUCTS for fill in account.fills[product]]
    plans = [plan for product in PRODUCTS for plan in account.plans[product]]
    bills = [bill for product in PRODUCTS for bill in account.bills[product]]
    return {
        "orders": [{**rows.finished_row(o), "cancelReason": o.cancel_reason} for o in sorted(orders, key=_id)],
        "fills": [{**rows.fill_row(fill), "clientOid": fill.order.oid} for fill in sorted(fills, key=_id)],
        "plans": [rows.plan_history_row(plan) for plan in sorted(plans, key=_id)],
        "positions": [rows.position_row(engine, account, p) for p in account.positions.values()],
        "bills": [{**rows.bill_row(bill), "productType": bill.product} for bill in sorted(bills, key=_id)],
        "balances": [
            {**rows.wallet_row(engine, account, wallet), "productType": wallet.product, "balance": str(wallet.balance)}
            for wallet in account.wallets.values()
        ],
    }


def _id(item: Any) -> int:
    return int(item.id)
