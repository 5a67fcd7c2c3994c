"""Public endpoints and the common signed ones (rest.md 1 and 2), and the door they stand behind."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest

from bot.sandbox.exchange.bars import DAY, HOUR
from bot.sandbox.exchange.endpoints import ENDPOINTS
from tests.sandbox.exchange.bench import LINE, START, Bench, M

COMMON = "/api/v2/"


@pytest.fixture(scope="module")
def bench() -> Bench:
    return Bench(with_limits=False)


async def _market(bench: Bench, leaf: str, **params: Any) -> Any:
    return await bench.get(M + "market/" + leaf, signed=False, **params)


async def test_every_public_endpoint_answers(bench: Bench) -> None:
    fill = {**LINE, "granularity": "1H", "coin": "USDT"}
    for endpoint in ENDPOINTS.values():
        if not endpoint.signed:
            data = await bench.get(endpoint.path, signed=False, **{n: fill[n] for n in endpoint.required})
            assert data, endpoint.path


async def test_the_envelope_and_the_budget_header() -> None:
    bench = Bench()
    response = await bench.send("GET", COMMON + "public/time", signed=False)
    answer = json.loads(response.body)
    assert answer.keys() == {"code", "msg", "requestTime", "data"}
    assert (answer["code"], answer["msg"], answer["requestTime"]) == ("00000", "success", START)
    assert answer["data"] == {"serverTime": str(START)}
    assert response.headers["x-mbx-used-remain-limit"] == "19"
    codes = [await bench.code("GET", COMMON + "public/time", signed=False) for _ in range(20)]
    assert codes == ["00000"] * 19 + ["429"]


@pytest.mark.parametrize(("method", "path", "status", "code"), [
    ("GET", "/api/mix/v1/market/ticker", 404, "40404"),
    ("GET", "/api/v2/mix/market/depth", 404, "40404"),
    ("POST", "/api/v2/mix/market/ticker", 404, "40404"),
    ("GET", "/api/v3/market/tickers", 404, "40404"),
    ("GET", "/", 404, "40404"),
])
async def test_what_is_not_there(bench: Bench, method: str, path: str, status: int, code: str) -> None:
    response = await bench.send(method, path, signed=False)
    answer = json.loads(response.body)
    assert (response.status, answer["code"], answer["data"]) == (status, code, None)


async def test_worlds_are_told_apart(bench: Bench) -> None:
    assert await bench.code("GET", "/api/v3/account/settings") == "40084"
    await bench.control("POST", "/exchange/accounts", {"name": "uta", "world": "unified", "environment": "live"})
    key = next(key for key in bench.venue.keys.all() if key.account == "uta")
    assert await bench.code("GET", M + "account/accounts", key=key, productType="USDT-FUTURES") == "40085"


@pytest.mark.parametrize(("params", "code"), [
    ({**LINE, "symbol": "BTCXUSDT"}, "40034"), ({**LINE, "symbol": "BTCUSD"}, "22012"),
    ({**LINE, "productType": "SUSDT-FUTURES"}, "400172"), ({"symbol": "BTCUSDT"}, "40019"),
])
async def test_wrong_symbols_and_products(bench: Bench, params: dict[str, str], code: str) -> None:
    response = await bench.send("GET", M + "market/ticker", "&".join(f"{k}={v}" for k, v in params.items()),
                                signed=False)
    assert (response.status, json.loads(response.body)["code"]) == (400, code)


async def test_contracts_of_all_lines(bench: Bench) -> None:
    found = {product: {row["symbol"] for row in await _market(bench, "contracts", productType=product)}
             for product in ("USDT-FUTURES", "USDC-FUTURES", "COIN-FUTURES")}
    assert found["USDT-FUTURES"] >= {"BTCUSDT", "ETHUSDT", "SOLUSDT", "XRPUSDT", "DOGEUSDT"}
    assert found["USDC-FUTURES"] >= {"BTCPERP", "ETHPERP"}
    assert found["COIN-FUTURES"] >= {"BTCUSD", "ETHUSD"}
    row, = await _market(bench, "contracts", **LINE)
    assert (row["pricePlace"], row["priceEndStep"], row["supportMarginCoins"]) == ("1", "1", ["USDT"])


async def test_tickers_are_strings_on_the_tick(bench: Bench) -> None:
    for row in await _market(bench, "tickers", productType="USDT-FUTURES"):
        prices = [row[name] for name in ("lastPr", "bidPr", "askPr", "markPrice", "high24h", "low24h", "open24h")]
        assert all(isinstance(price, str) and float(price) > 0 for price in prices)
        assert float(row["bidPr"]) < float(row["askPr"])
        assert row["deliveryStatus"] == ""
        assert abs(float(row["change24h"])) < 0.5


async def test_merge_depth_has_numbers_and_groups(bench: Bench) -> None:
    data = await _market(bench, "merge-depth", **LINE, limit="5", precision="scale1")
    assert data["scale"] == "1.0" or float(data["scale"]) == 1
    assert len(data["asks"]) == len(data["bids"]) == 5
    assert all(isinstance(cell, float | int) for level in data["asks"] for cell in level)
    assert all(a[0] < b[0] for a, b in pairwise(data["asks"]))
    assert all(a[0] > b[0] for a, b in pairwise(data["bids"]))
    assert data["bids"][0][0] < data["asks"][0][0]
    assert all(level[0] == int(level[0]) for level in data["bids"])
    assert len((await _market(bench, "merge-depth", **LINE))["asks"]) <= 100


@pytest.mark.parametrize("leaf", ["candles", "history-candles", "history-index-candles", "history-mark-candles"])
async def test_candle_rows(bench: Bench, leaf: str) -> None:
    rows = await _market(bench, leaf, **LINE, granularity="15m", limit=150)
    assert len(rows) == 150
    assert all(len(row) == 7 and all(isinstance(cell, str) for cell in row) for row in rows)
    assert all(int(b[0]) - int(a[0]) == 900_000 for a, b in pairwise(rows))
    assert (rows[0][5] == "0") == (leaf in ("history-index-candles", "history-mark-candles"))


async def test_the_whole_history_can_be_paged(bench: Bench) -> None:
    end, rows = START, []
    for _ in range(12):
        page = await _market(bench, "history-candles", **LINE, granularity="1D", endTime=end, limit=200)
        assert len(page) == 90
        rows[:0] = page
        end = int(page[0][0])
    assert all(int(b[0]) - int(a[0]) == DAY for a, b in pairwise(rows))


async def test_trades_page_by_id_without_gap_or_repeat(bench: Bench) -> None:
    bench.pass_time(5)
    recent = await _market(bench, "fills", **LINE, limit=20)
    seen = [int(row["tradeId"]) for row in recent]
    assert seen == sorted(seen, reverse=True)
    page = await _market(bench, "fills-history", **LINE, limit=1000)
    older = await _market(bench, "fills-history", **LINE, limit=1000, idLessThan=page[-1]["tradeId"])
    ids = [int(row["tradeId"]) for row in page + older]
    assert len(set(ids)) == 2000
    assert ids == sorted(ids, reverse=True)
    assert {row["side"] for row in page} == {"Buy", "Sell"}
    past = await _market(bench, "fills-history", **LINE, startTime=START - 50 * DAY, endTime=START - 44 * DAY, limit=10)
    assert all(START - 50 * DAY <= int(row["ts"]) <= START - 44 * DAY for row in past)
    assert len(past) == 10


@pytest.mark.parametrize(("window", "code"), [
    ((START - 9 * DAY, START), "00001"), ((START, START - 1), "40707"), ((START - 95 * DAY, START - 94 * DAY), "40704"),
])
async def test_trade_windows(bench: Bench, window: tuple[int, int], code: str) -> None:
    assert await bench.code("GET", M + "market/fills-history", signed=False, **LINE, startTime=window[0],
                            endTime=window[1]) == code


async def test_funding(bench: Bench) -> None:
    row, = await _market(bench, "funding-time", **LINE)
    assert int(row["nextFundingTime"]) % (8 * HOUR) == 0
    assert 0 < int(row["nextFundingTime"]) - bench.venue.clock.market() <= 8 * HOUR
    first = await _market(bench, "history-fund-rate", **LINE, pageSize=10)
    second = await _market(bench, "history-fund-rate", **LINE, pageSize=10, pageNo=2)
    times = [int(r["fundingTime"]) for r in first + second]
    assert times == list(range(times[0], times[0] - 20 * 8 * HOUR, -8 * HOUR))
    assert times[0] == int(row["nextFundingTime"]) - 8 * HOUR
    assert len(await _market(bench, "current-fund-rate", productType="USDT-FUTURES")) == 5


async def test_tiers_start_where_documented(bench: Bench) -> None:
    tier = (await _market(bench, "query-position-lever", **LINE))[0]
    assert tier == {"symbol": "BTCUSDT", "level": "1", "startUnit": "0", "endUnit": "150000", "leverage": "125",
                    "keepMarginRate": "0.004"}


async def test_common_signed_endpoints(bench: Bench) -> None:
    assert await bench.get(COMMON + "common/trade-rate", symbol="BTCUSDT", businessType="mix") == {
        "makerFeeRate": "0.0002", "takerFeeRate": "0.0006"}
    assert len(await bench.get(COMMON + "common/all-trade-rate", businessType="mix")) == 9
    info = await bench.get(COMMON + "spot/account/info")
    assert set(info["authorities"]) >= {"coow", "cpow"}
    assert "wwow" not in info["authorities"]
    assert isinstance(info["parentId"], int)
    await bench.order()
    rows = await bench.get(COMMON + "tax/future-record", startTime=START - DAY, endTime=START + DAY)
    assert rows[0]["symbol"] == "BTCUSDT"
    assert rows[0]["futureTaxType"] == "OPEN_LONG"
    assert await bench.code("GET", COMMON + "tax/future-record", startTime=START - 40 * DAY, endTime=START) == "00001"


async def test_an_upgrade_takes_a_minute_and_ends_the_classic_world() -> None:
    bench = Bench()
    assert (await bench.get(COMMON + "spot/account/upgrade-status"))["status"] == "fail"
    await bench.post(COMMON + "spot/account/upgrade")
    bench.pass_time(30, step=1)
    assert (await bench.get(COMMON + "spot/account/upgrade-status"))["status"] == "process"
    bench.pass_time(31, step=1)
    assert await bench.code("GET", M + "account/accounts", productType="USDT-FUTURES") == "40085"
