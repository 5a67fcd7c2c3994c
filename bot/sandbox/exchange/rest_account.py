"""Signed endpoints of accounts and their settings (rest.md 3)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from bot.sandbox.exchange import margin, pages, placing, rows, rules, settings
from bot.sandbox.exchange.codes import Refused
from bot.sandbox.exchange.engine import Engine
from bot.sandbox.exchange.pushes import usdt_price
from bot.sandbox.exchange.rules import Params
from bot.sandbox.exchange.specs import SPECS, Spec
from bot.sandbox.exchange.state import ISOLATED, Account, Bill, Setting, text

MARGIN_MOVES = ("append_margin", "reduce_margin", "adjust_down_lever_append_margin", "auto_append_margin")
_BUSINESS = (
    "trans_from_exchange trans_to_exchange trans_from_contract trans_to_contract trans_from_otc trans_to_otc",
    "trans_from_cross trans_to_cross trans_from_isolated trans_to_isolated open_long open_short close_long",
    "close_short buy sell force_close_long force_close_short force_buy force_sell burst_long_loss_query",
    "burst_short_loss_query burst_buy burst_sell adl_close_long adl_close_short adl_buy_in_single_side_mode",
    "adl_sell_in_single_side_mode delivery_long delivery_short contract_settle_fee append_margin",
    "reduce_margin adjust_down_lever_append_margin auto_append_margin cash_gift_issue cash_gift_recycle",
    "bonus_issue bonus_recycle bonus_expired tracking_follow_pay tracking_follow_back tracking_trader_income",
    "risk_captital_user_transfer user_exchange_buy user_exchange_sell settle_interest unknown",
)
BUSINESS = frozenset(name for line in _BUSINESS for name in line.split())
_HOUR_MS = 3_600_000


def account(engine: Engine, who: Account, p: Params) -> dict[str, Any]:
    """Return one wallet with the symbol's leverage and margin mode and the product's position mode."""
    spec = settings.symbol_of(p)
    setting = who.setting(spec.symbol)
    return rows.wallet_row(engine, who, who.wallet(spec)) | {
        "crossedMarginLeverage": setting.cross_leverage, "isolatedLongLever": setting.long_leverage,
        "isolatedShortLever": setting.short_leverage, "marginMode": setting.margin_mode,
        "posMode": who.pos_mode[spec.product],
    }


def accounts(engine: Engine, who: Account, p: Params) -> list[dict[str, Any]]:
    """Return a row per margin coin of the product type."""
    union = who.asset_mode == "union" and p["productType"] == "USDT-FUTURES"
    listed = []
    for wallet in who.wallets.values():
        if wallet.product != p["productType"]:
            continue
        row = rows.wallet_row(engine, who, wallet)
        f = margin.figures(engine, who, wallet)
        listed.append(row | {
            "unionTotalMargin": text(f.equity) if union else "", "unionAvailable": text(f.cross_free) if union else "",
            "unionMm": text(f.maintenance) if union else "",
            "assetList": [{"coin": wallet.coin, "balance": text(f.balance), "available": text(f.isolated_free)}]
            if union else [],
        })
    return listed


def sub_account_assets(engine: Engine, who: Account, p: Params) -> list[dict[str, Any]]:
    """Return the sub-accounts' assets: there are no sub-accounts here."""
    return []


def interest_history(engine: Engine, who: Account, p: Params) -> dict[str, Any]:
    """Return borrowing in multi-asset mode: nothing is ever borrowed here. Raises Refused 40020 for another product."""
    if p["productType"] != "USDT-FUTURES":
        raise Refused("40020", "Parameter productType error")
    pages.window(p, engine.now_ms())
    following = (engine.now_ms() // _HOUR_MS + 1) * _HOUR_MS
    return {"nextSettleTime": str(following), "borrowAmount": "0", "borrowLimit": "600000", "interestList": [],
            "endId": ""}


def open_count(engine: Engine, who: Account, p: Params) -> dict[str, str]:
    """Return margin x leverage / price, rounded down to the step."""
    spec = settings.symbol_of(p)
    price = rules.price(spec, p["openPrice"])
    leverage = rules.amount({"leverage": "20", **p}, "leverage")
    value = rules.amount(p, "openAmount") * leverage
    size = value if spec.inverse else value / price
    return {"size": text(size // spec.step * spec.step)}


def _asked_price(engine: Engine, spec: Spec, p: Params) -> Decimal:
    if p["orderType"] == "limit":
        return rules.price(spec, rules.required(p, "openPrice"))
    best = engine.books[spec.symbol].best(p["posSide"] == "long")
    return best if best is not None else engine.last(spec)


def max_open(engine: Engine, who: Account, p: Params) -> dict[str, str]:
    """Return the largest size that could be opened now."""
    spec = rules.symbol(engine, p)
    price = _asked_price(engine, spec, p)
    if p["orderType"] == "market":
        price *= 1 + spec.cost_up
    return {"maxOpen": text(margin.max_open(engine, who, spec, price, p["posSide"]))}


def liq_price(engine: Engine, who: Account, p: Params) -> dict[str, str]:
    """Return the liquidation price after a prospective opening; zero or less means none."""
    spec = rules.symbol(engine, p)
    price = placing.liquidation_preview(engine, who, spec, p["posSide"], _asked_price(engine, spec, p),
                                        rules.amount(p, "openAmount"))
    return {"liqPrice": text(price)}


def isolated_symbols(engine: Engine, who: Account, p: Params) -> list[dict[str, str]]:
    """Return the symbols set to isolated margin."""
    return [{"symbol": symbol, "marginMode": ISOLATED} for symbol, setting in who.settings.items()
            if setting.margin_mode == ISOLATED and SPECS[symbol].product == p["productType"]]


def bill(engine: Engine, who: Account, p: Params) -> dict[str, Any]:
    """Return the ledger, thirty days at a time. Raises Refused 40020 for an unknown businessType, 00001."""
    kind = p.get("businessType")
    if kind is not None and kind not in BUSINESS:
        raise Refused("40020", "Parameter businessType error")
    span = pages.window(p, max(engine.now_ms(), engine.market_ms), days=30, code="00001")
    coin = p.get("coin") if kind in ("trans_from_exchange", "trans_to_exchange") else None
    plain = p.get("onlyFunding") == "yes"

    def wanted(row: Bill) -> bool:
        return ((kind is None or row.kind == kind) and (coin is None or row.coin == coin)
                and not (plain and row.kind in MARGIN_MOVES) and span.holds(row.ms))

    found, end = pages.page(who.bills[p["productType"]], p, key=lambda b: b.id, wanted=wanted, default=20)
    return {"bills": [rows.bill_row(b) for b in found], "endId": end or ""}


def transfer_limits(engine: Engine, who: Account, p: Params) -> dict[str, str]:
    """Return how much could be transferred in."""
    return {"coin": p["coin"], "maxTransferIn": "100"}


def union_config(engine: Engine, who: Account, p: Params) -> dict[str, str]:
    """Return the rates of multi-asset mode."""
    return {"imr": "0.1", "mmr": "0.05", "individualLimit": "10000", "individualLimitRatio": "0.8"}


def switch_union_usdt(engine: Engine, who: Account, p: Params) -> dict[str, str]:
    """Return the USDT needed to leave multi-asset mode: none, as nothing is borrowed."""
    return {"usdtAmount": "0"}


def union_convert(engine: Engine, who: Account, p: Params) -> dict[str, str]:
    """Sell a coin of the multi-asset wallet for USDT. Raises Refused 40754, 40806."""
    wallet = who.wallets.get(("USDT-FUTURES", p["coin"]))
    amount = Decimal(p["amount"])
    if wallet is None or p["coin"] == "USDT":
        raise Refused("40806", "This currency is not supported")
    if not 0 < amount <= wallet.balance:
        raise Refused("40754", "balance not enough")
    got = round(amount * usdt_price(engine, p["coin"]), 8)
    engine.bill(who, wallet, "", "user_exchange_sell", amount=-amount)
    engine.bill(who, who.wallet_of("USDT-FUTURES", "USDT"), "", "user_exchange_buy", amount=got)
    return {"usdtAmount": text(got)}


def _leverages(spec: Spec, setting: Setting) -> dict[str, str]:
    return {
        "symbol": spec.symbol, "marginCoin": spec.coin, "longLeverage": str(setting.leverage("long")),
        "shortLeverage": str(setting.leverage("short")), "marginMode": setting.margin_mode,
    }


def set_leverage(engine: Engine, who: Account, p: Params) -> dict[str, str]:
    """Set a symbol's leverage and return what is in force now."""
    setting = settings.set_leverage(engine, who, p)
    return _leverages(SPECS[p["symbol"]], setting) | {"crossMarginLeverage": str(setting.cross_leverage)}


def set_all_leverage(engine: Engine, who: Account, p: Params) -> str:
    """Set the leverage of every symbol with a position."""
    return settings.set_all_leverage(engine, who, p)


def set_margin(engine: Engine, who: Account, p: Params) -> str:
    """Add or remove isolated margin."""
    settings.set_margin(engine, who, p)
    return ""


def set_auto_margin(engine: Engine, who: Account, p: Params) -> str:
    """Switch automatic margin."""
    settings.set_auto_margin(engine, who, p)
    return "success"


def set_margin_mode(engine: Engine, who: Account, p: Params) -> dict[str, str]:
    """Set a symbol's margin mode."""
    setting = settings.set_margin_mode(engine, who, p)
    return _leverages(SPECS[p["symbol"]], setting)


def set_position_mode(engine: Engine, who: Account, p: Params) -> dict[str, str]:
    """Set a product type's position mode."""
    return {"posMode": settings.set_position_mode(who, p)}


def set_asset_mode(engine: Engine, who: Account, p: Params) -> str:
    """Set the asset mode of USDT-FUTURES."""
    settings.set_asset_mode(who, p)
    return "success"


_ACCOUNT = "/api/v2/mix/account/"
ROUTES: dict[tuple[str, str], Callable[[Engine, Account, Params], Any]] = {
    ("GET", _ACCOUNT + "account"): account,
    ("GET", _ACCOUNT + "accounts"): accounts,
    ("GET", _ACCOUNT + "sub-account-assets"): sub_account_assets,
    ("GET", _ACCOUNT + "interest-history"): interest_history,
    ("GET", _ACCOUNT + "open-count"): open_count,
    ("GET", _ACCOUNT + "max-open"): max_open,
    ("GET", _ACCOUNT + "liq-price"): liq_price,
    ("GET", _ACCOUNT + "isolated-symbols"): isolated_symbols,
    ("GET", _ACCOUNT + "bill"): bill,
    ("GET", _ACCOUNT + "transfer-limits"): transfer_limits,
    ("GET", _ACCOUNT + "union-config"): union_config,
    ("GET", _ACCOUNT + "switch-union-usdt"): switch_union_usdt,
    ("POST", _ACCOUNT + "set-leverage"): set_leverage,
    ("POST", _ACCOUNT + "set-all-leverage"): set_all_leverage,
    ("POST", _ACCOUNT + "set-margin"): set_margin,
    ("POST", _ACCOUNT + "set-auto-margin"): set_auto_margin,
    ("POST", _ACCOUNT + "set-margin-mode"): set_margin_mode,
    ("POST", _ACCOUNT + "set-position-mode"): set_position_mode,
    ("POST", _ACCOUNT + "set-asset-mode"): set_asset_mode,
    ("POST", _ACCOUNT + "union-convert"): union_convert,
}
