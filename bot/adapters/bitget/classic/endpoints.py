"""List the calls of the v2 futures API that we make, with their budgets (rest.md, one section per endpoint)."""
from __future__ import annotations

from bot.adapters.bitget.http import Endpoint
from bot.adapters.bitget.throttle import Scope

MIX = "/api/v2/mix"


def _public(path: str, per_second: float = 20) -> Endpoint:
    return Endpoint(method="GET", path=f"{MIX}/market/{path}", per_second=per_second, scope=Scope.IP, signed=False)


def _read(path: str, per_second: float = 10) -> Endpoint:
    return Endpoint(method="GET", path=path, per_second=per_second, scope=Scope.UID)


def _write(path: str, per_second: float = 10) -> Endpoint:
    return Endpoint(method="POST", path=f"{MIX}/{path}", per_second=per_second, scope=Scope.UID, changes=True)


CONTRACTS = _public("contracts")
TIERS = _public("query-position-lever", 10)
TICKER = _public("ticker")
TICKERS = _public("tickers")
CANDLES = _public("candles")
HISTORY_CANDLES = _public("history-candles")
HISTORY_MARK_CANDLES = _public("history-mark-candles")
HISTORY_INDEX_CANDLES = _public("history-index-candles")
TRADES_HISTORY = _public("fills-history", 10)
FUNDING_HISTORY = _public("history-fund-rate")
FUNDING_RATE = _public("current-fund-rate")
DEPTH = _public("merge-depth")

KEY = _read("/api/v2/spot/account/info", 1)
ACCOUNT = _read(f"{MIX}/account/account")
ACCOUNTS = _read(f"{MIX}/account/accounts")
BILLS = _read(f"{MIX}/account/bill")
POSITIONS = _read(f"{MIX}/position/all-position", 5)
ORDER_DETAIL = _read(f"{MIX}/order/detail")
ORDERS_PENDING = _read(f"{MIX}/order/orders-pending")
ORDERS_HISTORY = _read(f"{MIX}/order/orders-history")
FILLS = _read(f"{MIX}/order/fills")
PLANS_PENDING = _read(f"{MIX}/order/orders-plan-pending")
PLANS_HISTORY = _read(f"{MIX}/order/orders-plan-history")

PLACE_ORDER = _write("order/place-order")
PLACE_BATCH = _write("order/batch-place-order", 5)
MODIFY_ORDER = _write("order/modify-order")
CANCEL_ORDER = _write("order/cancel-order")
CANCEL_BATCH = _write("order/batch-cancel-orders")
CANCEL_ALL = _write("order/cancel-all-orders")
CLOSE_POSITIONS = _write("order/close-positions", 1)
PLACE_PLAN = _write("order/place-plan-order")
PLACE_GUARD = _write("order/place-tpsl-order")
PLACE_GUARDS = _write("order/place-pos-tpsl")
MODIFY_PLAN = _write("order/modify-plan-order")
MODIFY_GUARD = _write("order/modify-tpsl-order")
CANCEL_PLAN = _write("order/cancel-plan-order")
SET_LEVERAGE = _write("account/set-leverage", 5)
SET_MARGIN = _write("account/set-margin", 5)
SET_AUTO_MARGIN = _write("account/set-auto-margin", 5)
SET_MARGIN_MODE = _write("account/set-margin-mode", 5)
SET_POSITION_MODE = _write("account/set-position-mode", 5)

# One call a second for the keys of copy-trading lead traders (rest.md 0.4).
LEAD_TRADER_LIMITED = (PLACE_ORDER, PLACE_BATCH)
