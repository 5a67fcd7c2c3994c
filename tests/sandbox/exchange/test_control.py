"""The control surface of C10."""

from __future__ import annotations

from typing import Any

import pytest

from bot.sandbox.exchange.http import Request, Response
from tests.sandbox.exchange.bench import LINE, Bench, M


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def _ok(bench: Bench, method: str, path: str, fields: dict[str, Any] | None = None, query: str = "") -> Any:
    status, answer = await bench.control(method, path, fields, query)
    assert status == 200, answer
    return answer


async def test_health(bench: Bench) -> None:
    bench.venue.control.part("chat", lambda: {"state": "ready"})
    answer = await _ok(bench, "GET", "/health")
    assert answer["exchange"]["state"] == "ready"
    assert answer["chat"] == {"state": "ready"}


async def test_other_parts_can_be_mounted(bench: Bench) -> None:
    async def people(request: Request) -> Response:
        return Response(body=b'{"id":7}')

    bench.venue.control.mount("/people", people)
    assert await bench.control("POST", "/people", {"name": "x"}) == (200, {"id": 7})


async def test_the_ledger_tells_everything(bench: Bench) -> None:
    ack = await bench.order(clientOid="wd-1")
    await bench.code("POST", M + "order/place-order", **LINE)
    ledger = await _ok(bench, "GET", "/exchange/ledger")
    assert ledger.keys() == {"orders", "fills", "plans", "positions", "bills", "balances", "requests"}
    assert [row["orderId"] for row in ledger["orders"]] == [ack["orderId"]]
    assert ledger["fills"][0]["orderId"] == ack["orderId"]
    assert ledger["positions"][0]["holdSide"] == "long"
    assert ledger["bills"]
    assert {row["marginCoin"] for row in ledger["balances"]} >= {"USDT", "USDC", "BTC", "ETH"}
    assert [(row["path"], row["clientOid"], row["outcome"]) for row in ledger["requests"]] == [
        (M + "order/place-order", "wd-1", "00000"), (M + "order/place-order", "", "40019")]
    assert set(ledger["requests"][0]) >= {"when", "method"}


async def test_prices_are_dragged_to_a_level_by_percent_and_over_time(bench: Bench) -> None:
    assert await _ok(bench, "POST", "/exchange/price", {"symbol": "BTCUSDT", "price": "95000"}) == {
        "symbol": "BTCUSDT", "price": "95000.0"}
    assert bench.last() == 95_000
    answer = await _ok(bench, "POST", "/exchange/price", {"symbol": "BTCUSDT", "move": -2})
    assert float(answer["price"]) == bench.last() == 93_100
    await _ok(bench, "POST", "/exchange/price", {"symbol": "ETHUSDT", "move": 1.5, "over": 4})
    start = bench.last("ETHUSDT")
    bench.pass_time(2)
    assert 1.002 < bench.last("ETHUSDT") / start < 1.013
    bench.pass_time(2.2)
    assert bench.last("ETHUSDT") / start == pytest.approx(1.015, abs=0.003)


async def test_market_time_runs_apart_from_the_wall(bench: Bench) -> None:
    await _ok(bench, "POST", "/exchange/speed", {"factor": 60})
    began = bench.venue.clock.market()
    bench.pass_time(2)
    assert bench.venue.clock.market() - began == 120_000
    jumped = await _ok(bench, "POST", "/exchange/time", {"advance": 3600})
    assert jumped["market_time"] - began == 3_720_000
    assert jumped["server_time"] == bench.now_ms
    answer = await bench.get("/api/v2/public/time", signed=False)
    assert int(answer["serverTime"]) == bench.now_ms
    rows = await bench.get(M + "market/candles", signed=False, **LINE, granularity="1m", limit=3)
    assert int(rows[-1][0]) > began + 3_600_000


async def test_funding_is_settled_when_time_jumps(bench: Bench) -> None:
    await bench.order()
    await _ok(bench, "POST", "/exchange/time", {"advance": 8 * 3600})
    ledger = await _ok(bench, "GET", "/exchange/ledger", query="account=main")
    assert "contract_settle_fee" in {row["businessType"] for row in ledger["bills"]}


async def test_acting_as_the_owner(bench: Bench) -> None:
    async def act(do: str, **fields: Any) -> Any:
        return (await _ok(bench, "POST", "/exchange/act", {"account": "main", "do": do, **fields}))["result"]

    placed = await act("order", symbol="BTCUSDT", side="buy", tradeSide="open", size="0.02")
    assert placed["orderId"]
    resting = await act("order", symbol="BTCUSDT", side="buy", tradeSide="open", size="0.01",
                        price=f"{bench.last() * 0.99:.1f}")
    await act("cancel", symbol="BTCUSDT", orderId=resting["orderId"])
    await act("leverage", symbol="BTCUSDT", leverage="10")
    await bench.post(M + "order/place-tpsl-order", **LINE, marginCoin="USDT", planType="pos_loss", holdSide="long",
                     triggerPrice=f"{bench.last() * 0.97:.1f}")
    assert len(await act("remove_stop", symbol="BTCUSDT")) == 1
    await act("close", symbol="BTCUSDT")
    await act("position_mode", productType="USDT-FUTURES", posMode="one_way_mode")
    await act("margin_mode", symbol="BTCUSDT", marginMode="isolated")
    before = float((await act("transfer", coin="USDT", amount="500"))["balance"])
    assert float((await act("transfer", coin="USDT", amount="-200"))["balance"]) == pytest.approx(before - 200)
    ledger = await _ok(bench, "GET", "/exchange/ledger")
    assert ledger["positions"] == []
    assert {"trans_from_exchange", "trans_to_exchange"} <= {row["businessType"] for row in ledger["bills"]}


async def test_refused_acts_say_why(bench: Bench) -> None:
    status, answer = await bench.control("POST", "/exchange/act", {"do": "close", "symbol": "BTCUSDT"})
    assert (status, answer["code"]) == (400, "22002")


async def test_faults_are_listed_and_cleared(bench: Bench) -> None:
    answer = await _ok(bench, "POST", "/exchange/fault", {"name": "slow", "ms": 100, "for": 30})
    assert [fault["name"] for fault in answer["active"]] == ["slow"]
    answer = await _ok(bench, "POST", "/exchange/fault", {"name": "reject_next", "code": 40762, "times": 3})
    assert answer["active"][1] == {"name": "reject_next", "code": "40762", "times": 3, "until": None}
    assert await _ok(bench, "POST", "/exchange/fault", {"name": "clear"}) == {"active": []}


async def test_new_accounts_have_keys_rights_addresses_and_balances(bench: Bench) -> None:
    key = await _ok(bench, "POST", "/exchange/accounts", {
        "name": "reader", "world": "classic", "environment": "live", "rights": ["read"], "balances": {"USDT": "250"}})
    assert key.keys() == {"key", "secret", "passphrase"}
    reader = bench.venue.keys.find(key["key"])
    assert reader is not None
    rows = await bench.get(M + "account/accounts", key=reader, productType="USDT-FUTURES")
    assert float(rows[0]["available"]) == 250
    assert await bench.code("POST", M + "order/place-order", key=reader, **LINE, marginMode="crossed",
                            marginCoin="USDT", size="0.01", side="buy", tradeSide="open", orderType="market") == "40014"
    await _ok(bench, "POST", "/exchange/accounts", {
        "name": "bound", "world": "classic", "environment": "live", "ips": ["203.0.113.7"]})
    bound = next(key for key in bench.venue.keys.all() if key.account == "bound")
    assert await bench.code("GET", M + "account/accounts", key=bound, productType="USDT-FUTURES") == "40018"


@pytest.mark.parametrize(("method", "path", "fields", "word"), [
    ("POST", "/exchange/price", {"symbol": "BTCUSDT"}, "price"),
    ("POST", "/exchange/price", {"symbol": "BTCUSDT", "price": "1", "move": 1}, "both"),
    ("POST", "/exchange/price", {"symbol": "NOPE", "move": 1}, "NOPE"),
    ("POST", "/exchange/price", {"symbol": "BTCUSDT", "price": "-5"}, "positive"),
    ("POST", "/exchange/price", {"symbol": "BTCUSDT", "move": 1, "fast": True}, "fast"),
    ("POST", "/exchange/speed", {}, "factor"),
    ("POST", "/exchange/speed", {"factor": -1}, "factor"),
    ("POST", "/exchange/time", {"advance": "soon"}, "advance"),
    ("POST", "/exchange/act", {"do": "rob"}, "rob"),
    ("POST", "/exchange/act", {"do": "close", "account": "nobody"}, "nobody"),
    ("POST", "/exchange/act", {"do": "close", "colour": "red"}, "colour"),
    ("POST", "/exchange/fault", {"name": "earthquake"}, "earthquake"),
    ("POST", "/exchange/fault", {"name": "slow", "ms": 5, "times": 0}, "times"),
    ("POST", "/exchange/accounts", {"name": "x", "world": "flat", "environment": "live"}, "world"),
    ("POST", "/exchange/accounts", {"name": "main", "world": "classic", "environment": "live"}, "main"),
    ("POST", "/exchange/accounts", {"name": "x", "world": "classic", "environment": "live", "pin": 1}, "pin"),
])
async def test_what_is_wrong_is_refused_with_a_sentence(bench: Bench, method: str, path: str,
                                                         fields: dict[str, Any], word: str) -> None:
    status, answer = await bench.control(method, path, fields)
    assert status == 400
    assert word in answer["error"]
    assert answer["error"].endswith(".")


async def test_unknown_places_and_bodies(bench: Bench) -> None:
    assert (await bench.control("GET", "/nowhere"))[0] == 404
    assert (await bench.control("GET", "/exchange/ledger", query="colour=red"))[0] == 400
    response = await bench.venue.control.handle(Request(method="POST", path="/exchange/speed", body=b"{"))
    assert response.status == 400
