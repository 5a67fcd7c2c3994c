"""Strict parameters, by table (rest.md, errors.md)."""

from __future__ import annotations

import json

import pytest

from bot.sandbox.exchange.codes import Refused
from bot.sandbox.exchange.endpoints import ENDPOINTS
from bot.sandbox.exchange.params import parse

M = "/api/v2/mix/"
ORDER = {"symbol": "BTCUSDT", "productType": "USDT-FUTURES", "marginMode": "crossed", "marginCoin": "USDT",
         "size": "0.01", "side": "buy", "tradeSide": "open", "orderType": "limit", "price": "90000"}


def _get(leaf: str, query: str) -> dict[str, object]:
    return parse(ENDPOINTS["GET", M + leaf], query, b"", "")


def _post(leaf: str, body: object, content_type: str = "application/json") -> dict[str, object]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return parse(ENDPOINTS["POST", M + leaf], "", raw, content_type)


def test_a_good_order_passes_and_enum_case_is_normalised() -> None:
    # Enum values and symbols are taken in any case (rest.md 0.1).
    given = {**ORDER, "productType": "usdt-futures", "symbol": "btcusdt", "side": "BUY", "force": "GTC", "price": 90000}
    assert _post("order/place-order", given) == {**ORDER, "force": "gtc"}


def test_empty_optional_parameters_count_as_absent() -> None:
    assert _get("order/orders-pending", "productType=USDT-FUTURES&symbol=&idLessThan=") == {
        "productType": "USDT-FUTURES"}
    assert _post("order/modify-tpsl-order", {
        "orderId": "1", "marginCoin": "USDT", "productType": "USDT-FUTURES", "symbol": "BTCUSDT",
        "triggerPrice": "1", "size": ""}).get("size") is None


@pytest.mark.parametrize(("change", "code"), [
    ({"size": None}, "40019"),
    ({"marginCoin": ""}, "40019"),
    ({"productType": "FUTURES"}, "400172"),
    ({"productType": "SUSDT-FUTURES"}, "400172"),
    ({"tradeSide": "reduce"}, "400172"),
    ({"side": "long"}, "40020"),
    ({"orderType": "stop"}, "40020"),
    ({"marginCoin": "usdt"}, "40020"),
    ({"size": "1e-3"}, "40020"),
    ({"size": "NaN"}, "40020"),
    ({"size": ["1"]}, "40020"),
    ({"size": True}, "40020"),
    ({"price": "0x10"}, "40020"),
    ({"clientOid": "x" * 50}, "40304"),
    ({"clientOid": "x" * 64}, "40305"),
    ({"clientOid": "ü"}, "40305"),
    ({"timeInForceValue": "normal"}, "40017"),
    ({"Symbol": "BTCUSDT"}, "40017"),
])
def test_each_wrong_order_field_has_its_code(change: dict[str, object], code: str) -> None:
    with pytest.raises(Refused) as refused:
        _post("order/place-order", {**ORDER, **change})
    assert refused.value.code == code
    assert refused.value.http == 400


@pytest.mark.parametrize(("body", "content_type", "code"), [
    (b"{", "application/json", "40017"),
    (b"[]", "application/json", "40017"),
    (b'{"size":"1","size":"2"}', "application/json", "40017"),
    (b'{"size":NaN}', "application/json", "40017"),
    (b"[" * 100_000, "application/json", "40017"),
    (b"\xff\xfe", "application/json", "40017"),
    (b"size=1", "application/x-www-form-urlencoded", "40007"),
    (b"", "", "40019"),
])
def test_bodies_that_are_no_object(body: bytes, content_type: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        _post("order/place-order", body, content_type)
    assert refused.value.code == code


@pytest.mark.parametrize(("leaf", "query", "code"), [
    ("market/candles", "symbol=BTCUSDT&productType=USDT-FUTURES&granularity=1h", "400172"),
    ("market/candles", "symbol=BTCUSDT&productType=USDT-FUTURES&granularity=7m", "400172"),
    ("market/candles", "symbol=BTCUSDT&productType=USDT-FUTURES&granularity=1m&limit=1001", "40053"),
    ("market/history-candles", "symbol=BTCUSDT&productType=USDT-FUTURES&granularity=1m&limit=201", "40053"),
    ("market/candles", "symbol=BTCUSDT&productType=USDT-FUTURES&granularity=1m&startTime=now", "40020"),
    ("market/candles", "symbol=BTCUSDT&symbol=ETHUSDT", "40017"),
    ("market/ticker", "productType=USDT-FUTURES", "40019"),
    ("market/merge-depth", "symbol=BTCUSDT&productType=USDT-FUTURES&limit=7", "40020"),
    ("market/merge-depth", "symbol=BTCUSDT&productType=USDT-FUTURES&precision=scale4", "40020"),
    ("order/orders-plan-pending", "productType=USDT-FUTURES&planType=pos_profit", "40020"),
    ("order/detail", "symbol=BTCUSDT&productType=USDT-FUTURES&orderId=abc", "40402"),
])
def test_each_wrong_query_has_its_code(leaf: str, query: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        _get(leaf, query)
    assert refused.value.code == code


def test_names_that_sdks_send_in_vain_are_ignored() -> None:
    plan = {**ORDER, "planType": "normal_plan", "triggerPrice": "1", "triggerType": "mark_price"}
    assert _post("order/place-plan-order", {**plan, "executePrice": "1", "force": "gtc"}) == plan
    with pytest.raises(Refused):
        _post("order/place-order", {**ORDER, "executePrice": "1"})


def test_a_percent_encoded_client_id_arrives_decoded() -> None:
    p = _get("order/detail", "symbol=BTCUSDT&productType=USDT-FUTURES&clientOid=a%2Bb%23c")
    assert p["clientOid"] == "a+b#c"


@pytest.mark.parametrize(("name", "items", "code"), [
    ("orderIdList", [{"orderId": "1"}] * 51, "40912"),
    ("orderIdList", [{"id": "1"}], "40017"),
    ("orderIdList", ["1"], "40020"),
])
def test_lists(name: str, items: list[object], code: str) -> None:
    with pytest.raises(Refused) as refused:
        _post("order/batch-cancel-orders", {"symbol": "BTCUSDT", "productType": "USDT-FUTURES", name: items})
    assert refused.value.code == code


def test_batch_items_are_checked_like_orders() -> None:
    batch = {"symbol": "BTCUSDT", "productType": "USDT-FUTURES", "marginCoin": "USDT", "marginMode": "crossed",
             "orderList": [{"size": "1", "side": "Buy", "orderType": "market", "tradeSide": "open"}]}
    assert _post("order/batch-place-order", batch)["orderList"] == [
        {"size": "1", "side": "buy", "orderType": "market", "tradeSide": "open"}]
    with pytest.raises(Refused) as refused:
        _post("order/batch-place-order", {**batch, "orderList": [{}] * 51})
    assert refused.value.code == "40306"


def test_every_documented_endpoint_is_in_the_table() -> None:
    assert len(ENDPOINTS) == 78
    assert {e.section for e in ENDPOINTS.values()} == {"market", "account", "position", "order", "common"}
