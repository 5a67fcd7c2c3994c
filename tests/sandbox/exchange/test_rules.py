from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Any

import pytest

from bot.sandbox.exchange import rules
from bot.sandbox.exchange.codes import Refused
from bot.sandbox.exchange.endpoints import ENDPOINTS
from bot.sandbox.exchange.params import checked
from bot.sandbox.exchange.specs import SPECS
from tests.sandbox.exchange.floor import ROUTES, Floor

ODD = ("0", "-1", "0.00000001", "999999999999999999999999", "999999999999999999999999.99999", "-0.5", "00001", "1",
       "0.01", "100000", "99999.9", "100000.000000000000000000000001", "3", "50", "0.5", "12.5")
WORDS: dict[str, tuple[Any, ...]] = {
    "symbol": ("BTCUSDT", "BTCUSD", "DOGEUSDT"), "productType": ("USDT-FUTURES", "COIN-FUTURES"),
    "marginCoin": ("USDT", "BTC"), "side": ("buy", "sell"), "tradeSide": ("open", "close"),
    "orderType": ("limit", "market"), "marginMode": ("crossed", "isolated"),
    "holdSide": ("long", "short", "buy", "sell"),
    "posSide": ("long", "short"), "reduceOnly": ("YES", "NO"), "force": ("gtc", "ioc", "fok", "post_only"),
    "triggerType": ("fill_price", "mark_price"), "posMode": ("hedge_mode",), "assetMode": ("single",),
    "autoMargin": ("on", "off"), "clientOid": ("a", "b", "c"), "newClientOid": ("d", "e"), "coin": ("BTC", "USDT"),
    "orderList": ([{"size": "0.01", "side": "buy", "tradeSide": "open", "orderType": "market"}],),
    "orderIdList": ([{"clientOid": "a"}],), "orderId": ("1", "1850664497971200000"), "limit": ("1", "100"),
}


def value(rng: Random, leaf: str, name: str) -> Any:
    """Return a word where words are due, else an odd number."""
    if name == "planType":
        kinds = {"place-tpsl-order": ("profit_plan", "loss_plan", "moving_plan", "pos_loss"),
                 "orders-plan-pending": ("profit_loss", "normal_plan"), "orders-plan-history": ("profit_loss",)}
        return rng.choice(kinds.get(leaf, ("normal_plan", "track_plan")))
    if name.endswith("TriggerType") or name == "newTriggerType":
        return "fill_price"
    return rng.choice(WORDS.get(name, ODD))


@pytest.mark.parametrize("route", sorted(ROUTES), ids=lambda route: route[1].rsplit("/", 1)[1])
def test_odd_numbers_are_refused_with_a_code_or_answered(route: tuple[str, str]) -> None:
    """Bad input anywhere: a documented code, never a crash."""
    rng, endpoint = Random(route[1]), ENDPOINTS[route]
    leaf = route[1].rsplit("/", 1)[1]
    floor = Floor()
    floor.order("buy", "0.02", clientOid="held")
    for _ in range(150):
        names = [*endpoint.required, *(n for n in endpoint.optional if rng.random() < 0.5)]
        try:
            fields = {name: value(rng, leaf, name) for name in sorted(names)}
            if rng.random() < 0.9:
                spec = SPECS[rng.choice(WORDS["symbol"])]
                line = {"symbol": spec.symbol, "productType": spec.product, "marginCoin": spec.coin}
                fields |= {name: known for name, known in line.items() if name in fields}
            params = checked(endpoint, fields)
            ROUTES[route](floor.engine, floor.main, params)
        except Refused as refused:
            assert refused.code.isdigit()
            assert refused.msg
        floor.wait(40)
    assert floor.main.open_orders.keys() == {o.id for o in floor.main.orders["USDT-FUTURES"]
                                             + floor.main.orders["COIN-FUTURES"] if o.open}


@pytest.mark.parametrize(("given", "code"), [
    ("0.00011", "40808"), ("0", "40020"), ("-1", "40020"), ("1200.0001", "45112"),
    ("999999999999999999999999", "45112"),
])
def test_sizes(given: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        rules.size(SPECS["BTCUSDT"], given, market=False)
    assert refused.value.code == code


def test_trailing_zeros_are_no_decimals() -> None:
    assert rules.size(SPECS["BTCUSDT"], "0.010000000", market=False) == Decimal("0.01")
    assert rules.price(SPECS["BTCUSDT"], "100000.1000") == Decimal("100000.1")


def test_a_price_beyond_reason_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        rules.price(SPECS["DOGEUSDT"], "999999999999999999999999.99999")
    assert refused.value.code == "43009"
