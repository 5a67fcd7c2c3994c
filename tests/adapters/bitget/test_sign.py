"""Signing reproduces the published vectors and shows no secret."""
from __future__ import annotations

import json

import pytest

from bot.adapters.bitget.sign import Credentials, prehash, signature, signed_headers
from tests.adapters.bitget.lab import DATA

VECTORS = json.loads((DATA / "signing.json").read_text())


@pytest.mark.parametrize("vector", VECTORS["vectors"], ids=lambda vector: vector["sign"][:6])
def test_signature_of_published_prehash(vector: dict[str, str]) -> None:
    assert signature(VECTORS["secret"], vector["prehash"]) == vector["sign"]


def test_prehash_joins_stamp_method_path_query_body() -> None:
    query = "marginCoin=USDT&productType=USDT-FUTURES&symbol=BTCUSDT"
    assert prehash("1700000000000", "get", "/api/v2/mix/account/account", query, "") == VECTORS["vectors"][0]["prehash"]
    body = '{"symbol":"BTCUSDT","productType":"USDT-FUTURES","orderId":"1098758604547850241"}'
    post = prehash("1700000000000", "POST", "/api/v2/mix/order/cancel-order", "", body)
    assert post == VECTORS["vectors"][1]["prehash"]
    assert prehash("1700000000", "GET", "/user/verify", "", "") == VECTORS["vectors"][2]["prehash"]


def test_headers_carry_the_given_stamp() -> None:
    credentials = Credentials(key="the-key", secret=VECTORS["secret"], passphrase="words")
    headers = signed_headers(credentials, 1700000000000, "GET", "/user/verify", "", "")
    assert headers["ACCESS-TIMESTAMP"] == "1700000000000"
    assert headers["ACCESS-KEY"] == "the-key"
    assert headers["ACCESS-PASSPHRASE"] == "words"
    assert headers["ACCESS-SIGN"] == signature(VECTORS["secret"], "1700000000000GET/user/verify")


def test_credentials_never_show() -> None:
    shown = repr(Credentials(key="the-key", secret="the-secret", passphrase="the-words"))
    assert "the-" not in shown
