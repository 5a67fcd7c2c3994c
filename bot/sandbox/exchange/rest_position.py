"""Signed endpoints of positions (rest.md 4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.sandbox.exchange import pages, rows, settings
from bot.sandbox.exchange.codes import Refused
from bot.sandbox.exchange.engine import Engine
from bot.sandbox.exchange.rules import Params
from bot.sandbox.exchange.specs import SPECS
from bot.sandbox.exchange.state import Account


def single_position(engine: Engine, account: Account, p: Params) -> list[dict[str, Any]]:
    """Return the positions of one symbol, none to two rows."""
    spec = settings.symbol_of(p)
    held = (account.positions.get((spec.symbol, side)) for side in ("long", "short"))
    return [rows.position_row(engine, account, q) for q in held if q is not None]


def all_position(engine: Engine, account: Account, p: Params) -> list[dict[str, Any]]:
    """Return the positions of a product type, newest first."""
    return [rows.position_row(engine, account, q) for q in account.positions_in(p["productType"])
            if p.get("marginCoin", q.spec.coin) == q.spec.coin]


def history_position(engine: Engine, account: Account, p: Params) -> dict[str, Any]:
    """Return closed positions of three months; a symbol wins over the product type."""
    span = pages.window(p, engine.now_ms())
    product = p.get("productType", "USDT-FUTURES")
    symbol = p.get("symbol")
    if symbol:
        spec = SPECS.get(symbol)
        if spec is None:
            raise Refused("40034", f"Parameter {symbol} does not exist")
        product = spec.product
    found, end = pages.page(
        account.closed[product], p, key=lambda q: q.record, default=20,
        wanted=lambda q: (not symbol or q.spec.symbol == symbol) and span.holds(q.updated),
    )
    return {"list": [rows.closed_row(q) for q in found], "endId": end}


def adl_rank(engine: Engine, account: Account, p: Params) -> list[dict[str, Any]]:
    """Return where positions stand in the deleveraging queue."""
    return [rows.rank_row(engine, q) for q in account.positions_in(p["productType"])]


_POSITION = "/api/v2/mix/position/"
ROUTES: dict[tuple[str, str], Callable[[Engine, Account, Params], Any]] = {
    ("GET", _POSITION + "single-position"): single_position,
    ("GET", _POSITION + "all-position"): all_position,
    ("GET", _POSITION + "history-position"): history_position,
    ("GET", _POSITION + "adlRank"): adl_rank,
}
