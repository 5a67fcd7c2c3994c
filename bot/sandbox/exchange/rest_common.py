"""Signed endpoints beside trading: fees, key information, tax ledger, upgrade (rest.md 1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.exchange.auth import Key
from bot.sandbox.exchange.bars import DAY
from bot.sandbox.exchange.codes import Refused
from bot.sandbox.exchange.engine import Engine
from bot.sandbox.exchange.params import Params
from bot.sandbox.exchange.specs import SPECS, Spec
from bot.sandbox.exchange.state import Account

_UPGRADE_MS = 60_000
_TAX_TYPES = {"contract_settle_fee": "CONTRACT_MAIN_SETTLE_FEE_USER_{way}", "burst_long_loss_query": "BURST_CLOSE_LONG",
              "burst_short_loss_query": "BURST_CLOSE_SHORT"}


@dataclass(slots=True)
class Caller:
    """Who asks: the exchange, the account and the key used; and upgrades under way by account."""

    engine: Engine
    account: Account
    key: Key
    upgrades: dict[str, str] = field(default_factory=dict)


def _fees(spec: Spec) -> dict[str, str]:
    return {"makerFeeRate": str(spec.maker), "takerFeeRate": str(spec.taker)}


def trade_rate(caller: Caller, p: Params) -> dict[str, str]:
    """Return the caller's fees on one symbol. Raises Refused 40034 for an unknown one."""
    spec = SPECS.get(p["symbol"])
    if spec is None:
        raise Refused("40034", f"Parameter {p['symbol']} does not exist")
    return _fees(spec)


def all_trade_rate(caller: Caller, p: Params) -> list[dict[str, str]]:
    """Return the caller's fees on every contract; other businesses are empty here."""
    if p["businessType"] != "mix":
        return []
    specs = [spec for spec in SPECS.values() if p.get("symbol", spec.symbol) == spec.symbol]
    return [{"symbol": spec.symbol, **_fees(spec)} for spec in specs]


def account_info(caller: Caller, p: Params) -> dict[str, Any]:
    """Return the account and what the key may do."""
    return {
        "userId": caller.account.uid, "inviterId": "", "ips": ",".join(caller.key.ips),
        "authorities": sorted(caller.key.rights), "parentId": int(caller.account.uid), "traderType": "not_trader",
        "channelCode": "", "channel": "", "regisTime": "1699000000000",
    }


def future_record(caller: Caller, p: Params) -> list[dict[str, str]]:
    """Return the tax ledger, newest first. Raises Refused 40707 and 00001 (30 days at most)."""
    start, end = int(p["startTime"]), int(p["endTime"])
    if start > end:
        raise Refused("40707")
    if end - start > 30 * DAY:
        raise Refused("00001")
    before = int(p["idLessThan"]) if "idLessThan" in p else None
    rows = []
    for bill in reversed(caller.account.bills[p.get("productType", "USDT-FUTURES")]):
        if not start <= bill.ms <= end or (before is not None and bill.id >= before):
            continue
        if p.get("marginCoin", bill.coin) != bill.coin:
            continue
        kind = _TAX_TYPES.get(bill.kind, bill.kind.upper()).format(way="OUT" if bill.amount < 0 else "IN")
        rows.append({"id": str(bill.id), "symbol": bill.symbol, "marginCoin": bill.coin, "futureTaxType": kind,
                     "amount": f"{bill.amount:f}", "fee": f"{bill.fee:f}", "ts": str(bill.ms)})
        if len(rows) >= int(p.get("limit", "500")):
            break
    return rows


def upgrade(caller: Caller, p: Params) -> None:
    """Accept the upgrade to a unified account, done about a minute later. Raises Refused 25107 unless flat."""
    account = caller.account
    if account.positions or account.open_orders or account.live_plans:
        raise Refused("25107", "Please close all positions and orders first")
    caller.upgrades[account.name] = "process"

    def finish() -> None:
        account.world = "unified"
        caller.upgrades[account.name] = "success"

    caller.engine.submit_later(_UPGRADE_MS, finish)


def upgrade_status(caller: Caller, p: Params) -> dict[str, str]:
    """Return how far the upgrade is."""
    status = caller.upgrades.get(caller.account.name)
    return {"status": status} if status else {"status": "fail", "reason": "upgrade_not_requested"}


ROUTES: dict[tuple[str, str], Callable[[Caller, Params], Any]] = {
    ("GET", "/api/v2/common/trade-rate"): trade_rate,
    ("GET", "/api/v2/common/all-trade-rate"): all_trade_rate,
    ("GET", "/api/v2/spot/account/info"): account_info,
    ("GET", "/api/v2/tax/future-record"): future_record,
    ("POST", "/api/v2/spot/account/upgrade"): upgrade,
    ("GET", "/api/v2/spot/account/upgrade-status"): upgrade_status,
}
