"""Signatures over the exact bytes, and every way to be refused (rest.md 0.2)."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bot.sandbox.exchange.auth import Key, Keys, authenticate, authorise, sign
from bot.sandbox.exchange.codes import Refused
from bot.sandbox.exchange.endpoints import ENDPOINTS
from bot.sandbox.exchange.http import Request

NOW = 1_700_000_000_000
SECRET = "bitget-test-secret"
VECTORS = json.loads((Path(__file__).parents[2] / "data" / "bitget" / "signatures.json").read_text())


def _key(**changes: object) -> Key:
    facts = {"key": "bg_x", "secret": SECRET, "passphrase": "p", "account": "main", "environment": "live",
             "rights": frozenset(("coor", "coow", "cpor", "cpow"))}
    return Key(**{**facts, **changes})  # type: ignore[arg-type]


def _call(method: str = "GET", target: str = "/api/v2/mix/account/accounts?productType=USDT-FUTURES",
          body: bytes = b"", **changes: str) -> Request:
    path, query = urlsplit(target).path, urlsplit(target).query
    headers = {"access-key": "bg_x", "access-passphrase": "p", "access-timestamp": str(NOW),
               "access-sign": sign(SECRET, f"{NOW}{method}{target}".encode() + body)}
    headers |= {name.replace("_", "-"): value for name, value in changes.items()}
    return Request(method=method, path=path, query=query, body=body,
                   headers={name: value for name, value in headers.items() if value})


def _code(request: Request, key: Key | None = None, now: int = NOW) -> str:
    try:
        authenticate(request, Keys([key or _key()]), now)
    except Refused as refused:
        return refused.code
    return "00000"


@pytest.mark.parametrize("vector", VECTORS)
def test_documented_vectors(vector: dict[str, str]) -> None:
    assert sign(vector["secret"], vector["prehash"]) == vector["sign"]


def test_a_good_call_is_let_in() -> None:
    assert _code(_call()) == "00000"
    assert _code(_call("POST", "/api/v2/mix/order/cancel-order", b'{"a": 1}')) == "00000"


@pytest.mark.parametrize(("change", "code"), [
    ({"access_key": ""}, "40001"),
    ({"access_sign": ""}, "40003"),
    ({"access_timestamp": ""}, "40005"),
    ({"access_passphrase": ""}, "40011"),
    ({"access_timestamp": "yesterday"}, "40005"),
    ({"access_key": "bg_y"}, "40006"),
    ({"access_passphrase": "q"}, "40012"),
    ({"access_sign": sign("other", "x")}, "40009"),
    ({"access_sign": "not base64!"}, "40009"),
])
def test_each_wrong_header_has_its_code(change: dict[str, str], code: str) -> None:
    assert _code(_call(**change)) == code


@pytest.mark.parametrize(("shift", "code"), [(30_000, "00000"), (30_001, "40008"), (-30_000, "00000"),
                                             (-30_001, "40008")])
def test_the_window_is_thirty_seconds_either_way(shift: int, code: str) -> None:
    assert _code(_call(), now=NOW + shift) == code


def test_the_signature_is_over_the_bytes_on_the_wire() -> None:
    body = b'{"symbol":"BTCUSDT"}'
    good = _call("POST", "/api/v2/mix/order/cancel-order", body)
    changed = Request(method="POST", path=good.path, body=b'{"symbol": "BTCUSDT"}', headers=good.headers)
    assert _code(good) == "00000"
    assert _code(changed) == "40009"
    reordered = _call(target="/api/v2/mix/position/single-position?symbol=BTCUSDT&productType=USDT-FUTURES")
    swapped = Request(method="GET", path=reordered.path, query="productType=USDT-FUTURES&symbol=BTCUSDT",
                      headers=reordered.headers)
    assert _code(swapped) == "40009"


def test_a_bound_key_works_from_its_address_only() -> None:
    assert _code(_call(), _key(ips=("203.0.113.7",))) == "40018"
    assert _code(_call(), _key(ips=("127.0.0.1",))) == "00000"


@pytest.mark.parametrize(("method", "path", "key", "header", "unified", "code"), [
    ("GET", "/api/v2/mix/order/detail", {}, "", False, "00000"),
    ("GET", "/api/v2/mix/order/detail", {"environment": "demo"}, "", False, "40099"),
    ("GET", "/api/v2/mix/order/detail", {}, "1", False, "40099"),
    ("GET", "/api/v2/mix/order/detail", {"environment": "demo"}, "1", False, "00000"),
    ("GET", "/api/v2/mix/order/detail", {}, "", True, "40085"),
    ("GET", "/api/v2/spot/account/info", {}, "", True, "00000"),
    ("POST", "/api/v2/mix/order/place-order", {"rights": frozenset(("coor",))}, "", False, "40014"),
    ("POST", "/api/v2/mix/account/set-leverage", {"rights": frozenset(("coow",))}, "", False, "40014"),
    ("GET", "/api/v2/mix/position/all-position", {"rights": frozenset(("coor",))}, "", False, "40014"),
    ("GET", "/api/v2/mix/order/fills", {"rights": frozenset(("coow",))}, "", False, "00000"),
    ("GET", "/api/v2/mix/order/fills", {"rights": frozenset(("readonly",))}, "", False, "00000"),
])
def test_environment_world_and_rights(method: str, path: str, key: dict[str, object], header: str, unified: bool,
                                      code: str) -> None:
    request = Request(method=method, path=path, headers={"paptrading": header} if header else {})
    try:
        authorise(_key(**key), ENDPOINTS[method, path], request, unified=unified)
    except Refused as refused:
        assert refused.code == code
    else:
        assert code == "00000"
