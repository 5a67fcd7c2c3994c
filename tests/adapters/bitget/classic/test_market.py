"""Public facts over scripted answers: pages, windows, fresh prices first, silence named."""
from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from bot.adapters.bitget.classic.market import ClassicMarket
from bot.adapters.bitget.transport import NoAnswer, Request, Response
from bot.domain.ids import Symbol
from bot.domain.instrument import ProductLine
from bot.ports.market import Candle, MarketSilent, PriceKind, Stretch
from tests.adapters.bitget.lab import NOON, HandClock, Script, data_of, http_over, no, ok, recorded

BTC = Symbol("BTCUSDT")
USDT = ProductLine.USDT
MINUTE = timedelta(minutes=1)


def market_over(script: Script, **more: Any) -> ClassicMarket:
    clock = HandClock()
    return ClassicMarket(http_over(script, clock), clock, **more)


class Tape:
    """Minute bars from `first` on, answered as the exchange does: newest `limit` rows of the window asked for."""

    def __init__(self, first: datetime, last: datetime) -> None:
        self.first, self.last = first, last

    def __call__(self, request: Request) -> Response:
        query = dict(pair.split("=") for pair in request.query.split("&"))
        end = min(_at(query.get("endTime")) or self.last + MINUTE, self.last + MINUTE)
        start = max(_at(query.get("startTime")) or self.first, self.first)
        rows, at = [], end - MINUTE
        while at >= start and len(rows) < int(query["limit"]):
            rows.append([str(int(at.timestamp() * 1000)), "1", "2", "0.5", "1.5", "10", "15"])
            at -= MINUTE
        return ok(rows[::-1])


def _at(word: str | None) -> datetime | None:
    return datetime.fromtimestamp(int(word) / 1000, UTC) if word else None


def assert_unbroken(bars: list[Candle]) -> None:
    opened = [bar.opened_at for bar in bars]
    assert opened == [opened[0] + MINUTE * step for step in range(len(opened))]


async def test_contracts_leave_out_only_the_bad_row(caplog: pytest.LogCaptureFixture) -> None:
    row = data_of("market.contracts.sample")[0]
    script = Script(ok([row, {"symbol": "BADUSDT"}, None, row | {"symbol": "ETHUSDT"}]))
    found = await market_over(script).instruments(USDT)
    assert [contract.symbol for contract in found] == ["BTCUSDT", "ETHUSDT"]
    assert caplog.text.count("skipped") == 2
    assert script.query() == {"productType": "USDT-FUTURES"}


async def test_tiers_come_smallest_first_and_whole() -> None:
    rows = data_of("market.query-position-lever.sample")
    tiers = await market_over(Script(ok(rows[::-1]))).tiers(BTC)
    assert [tier.floor for tier in tiers] == [0, 150000]
    with pytest.raises(MarketSilent):
        await market_over(Script(ok([*rows, {"level": "3"}]))).tiers(BTC)


async def test_streamed_price_is_preferred_while_fresh() -> None:
    asked = await market_over(Script(recorded("market.ticker.sample"))).ticker(BTC)
    streamed = await market_over(Script(), streamed=lambda symbol: asked).ticker(BTC)
    assert streamed is asked
    assert asked.last == Decimal("104823.8")


@pytest.mark.parametrize("data", [[], None, [{"symbol": "BTCUSDT"}], [{"symbol": "ETHUSDT", "lastPr": "1"}]])
async def test_price_that_is_not_there_is_silence(data: object) -> None:
    with pytest.raises(MarketSilent, match="ticker of BTCUSDT"):
        await market_over(Script(ok(data))).ticker(BTC)


async def test_tickers_of_a_line() -> None:
    script = Script(recorded("market.tickers.sample"))
    assert [ticker.symbol for ticker in await market_over(script).tickers(USDT)] == ["BTCUSDT"]


async def test_latest_bars_are_paged_backwards() -> None:
    tape = Tape(NOON - MINUTE * 5000, NOON)
    script = Script(by_path={"/candles": tape})
    bars = await market_over(script).candles(BTC, "1m", 2500)
    assert len(bars) == 2500
    assert_unbroken(list(bars))
    assert bars[-1].opened_at == NOON and bars[-1].forming
    assert not bars[-2].forming
    assert len(script.requests) == 3


async def test_latest_bars_end_where_the_past_does() -> None:
    script = Script(by_path={"/candles": Tape(NOON - MINUTE * 9, NOON)})
    assert len(await market_over(script).candles(BTC, "1m", 100)) == 10


@pytest.mark.parametrize(
    ("price", "word"), [(PriceKind.LAST, "MARKET"), (PriceKind.MARK, "MARK"), (PriceKind.INDEX, "INDEX")]
)
async def test_latest_bars_of_each_price(price: PriceKind, word: str) -> None:
    script = Script(recorded("market.candles.sample"))
    await market_over(script).candles(BTC, "5m", 2, price)
    assert (script.query()["kLineType"], script.query()["granularity"]) == (word, "5m")


@pytest.mark.parametrize("nothing", ["", None, []])
async def test_just_listed_symbol_has_no_bars(nothing: object) -> None:
    assert await market_over(Script(ok(nothing))).candles(BTC, "1m", 10) == ()


@pytest.mark.parametrize(
    ("price", "path"),
    [
        (PriceKind.LAST, "history-candles"),
        (PriceKind.MARK, "history-mark-candles"),
        (PriceKind.INDEX, "history-index-candles"),
    ],
)
async def test_history_is_complete_and_in_order(price: PriceKind, path: str) -> None:
    first = NOON - timedelta(days=1)
    script = Script(by_path={path: Tape(first, NOON)})
    bars: list[Candle] = []
    async for page in market_over(script).history(BTC, "1m", first - timedelta(hours=9), NOON - MINUTE, price):
        assert len(page) <= 200
        bars += page
    assert_unbroken(bars)
    assert (bars[0].opened_at, bars[-1].opened_at) == (first, NOON - MINUTE * 2)
    assert not any(bar.forming for bar in bars)


async def test_history_asks_for_at_most_ninety_days_at_once() -> None:
    script = Script(by_path={"history-candles": ok([])})
    pages = [page async for page in market_over(script).history(BTC, "1w", NOON - timedelta(days=400), NOON)]
    assert pages == []
    spans = [int(script.query(n)["endTime"]) - int(script.query(n)["startTime"]) for n in range(len(script.requests))]
    assert len(spans) == 5
    assert max(spans) <= 90 * 24 * 3600 * 1000


async def test_history_that_breaks_off_says_where() -> None:
    script = Script(*[NoAnswer("cut")] * 3)
    with pytest.raises(MarketSilent, match="2026-01-01 02:00"):
        async for _ in market_over(script).history(BTC, "1m", NOON - timedelta(hours=10), NOON):
            pass


async def test_bad_bar_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    rows = [*data_of("market.candles.sample"), ["1695836400000", "1", None, "1", "1"], "x"]
    bars = await market_over(Script(ok(rows), ok([]))).candles(BTC, "5m", 4)
    assert len(bars) == 2
    assert "skipped" in caplog.text


async def test_unknown_bar_length_is_a_sentence() -> None:
    with pytest.raises(MarketSilent, match="Expected a bar length"):
        await market_over(Script()).candles(BTC, "7m", 10)


async def test_funding_and_depth() -> None:
    script = Script(recorded("market.current-fund-rate.sample"), recorded("market.merge-depth.sample"))
    market = market_over(script)
    assert (await market.funding(BTC)).rate == Decimal("0.000068")
    depth = await market.depth(BTC, 2)
    assert depth.bids[0] == (Decimal("26346.5"), Decimal("0.16"))
    assert len(depth.asks) == 2
    assert script.query()["limit"] == "5"


async def test_refusal_names_the_code() -> None:
    with pytest.raises(MarketSilent, match="40034"):
        await market_over(Script(no("40034", "Parameter BTCXUSDT does not exist"))).ticker(BTC)


async def test_paid_funding_is_read_page_by_page_until_nothing_is_new() -> None:
    hour = int(NOON.timestamp() * 1000)

    def page(begin: int, count: int) -> Response:
        return ok([{"symbol": "BTCUSDT", "fundingRate": f"0.000{at % 9 + 1}",
                    "fundingTime": str(hour - at * 28_800_000)} for at in range(begin, begin + count)])

    script = Script(page(0, 100), page(100, 40), page(100, 40))
    found = await market_over(script).funding_history(BTC)
    assert len(found) == 140
    assert [at for at, _ in found] == sorted({at for at, _ in found})
    assert found[-1] == (NOON, Decimal("0.0001"))
    assert script.query() == {"symbol": "BTCUSDT", "productType": "USDT-FUTURES", "pageSize": "100", "pageNo": "3"}
    assert await market_over(Script(ok([]))).funding_history(BTC) == ()
    with pytest.raises(MarketSilent, match="funding history of BTCUSDT, page 1"):
        await market_over(Script(no("40034", "gone", status=400))).funding_history(BTC)


class Prints:
    """Public trades, three in every second, answered as rest.md 2.9 says: newest first, below an id, in a window."""

    def __init__(self, last: datetime, count: int) -> None:
        self.rows = [
            {"tradeId": str(10**18 + at), "price": "100.5", "size": "0.25", "side": ("Buy", "sell")[at % 2],
             "ts": str(int((last - timedelta(seconds=(count - 1 - at) // 3)).timestamp() * 1000)), "symbol": "BTCUSDT"}
            for at in range(count)
        ]

    def __call__(self, request: Request) -> Response:
        query = dict(pair.split("=") for pair in request.query.split("&"))
        start, end, below = int(query["startTime"]), int(query["endTime"]), int(query.get("idLessThan", 10**30))
        assert end - start <= 7 * 24 * 3600 * 1000
        found = [row for row in reversed(self.rows) if start <= int(row["ts"]) <= end and int(row["tradeId"]) < below]
        return ok(found[: int(query["limit"])])


async def stretches(script: Script, since: datetime, until: datetime) -> list[Stretch]:
    return [one async for one in market_over(script).trades(BTC, since, until)]


async def test_public_trades_come_whole_in_stretches_that_touch() -> None:
    prints = Prints(NOON - timedelta(seconds=1), 2500)
    found = await stretches(Script(by_path={"fills-history": prints}), NOON - timedelta(days=8), NOON)
    trades = [trade for one in found for trade in one.trades]
    assert len(trades) == len({trade.id for trade in trades}) == 2500
    assert all(one.since <= trade.at < one.until for one in found for trade in one.trades)
    spans = sorted((one.since, one.until) for one in found)
    assert spans[0][0] == NOON - timedelta(days=8) and spans[-1][1] == NOON
    assert all(before[1] == after[0] for before, after in pairwise(spans))
    assert {trade.bought for trade in trades} == {True, False}
    assert (trades[0].price, trades[0].size) == (Decimal("100.5"), Decimal("0.25"))


async def test_a_page_that_ends_inside_a_millisecond_keeps_it_for_the_next() -> None:
    prints = Prints(NOON - timedelta(seconds=1), 1001)
    found = await stretches(Script(by_path={"fills-history": prints}), NOON - timedelta(hours=1), NOON)
    # The page's oldest trade shares its second with one that is still to come.
    assert sum(len(one.trades) for one in found) == 1001
    assert len(found[0].trades) == 999


async def test_public_trades_go_back_ninety_days_at_most() -> None:
    script = Script(by_path={"fills-history": ok([])})
    found = await stretches(script, NOON - timedelta(days=200), NOON)
    assert NOON - timedelta(days=90) < min(one.since for one in found) <= NOON - timedelta(days=90) + 2 * MINUTE
    assert len(script.requests) == 13


@pytest.mark.parametrize("rows", [
    [{"tradeId": "1", "price": "1", "size": "1", "side": "hold", "ts": "1767268800000"}],
    [{"tradeId": "1", "price": "1", "size": "1", "side": "buy", "ts": None}],
    [{"tradeId": "1", "price": "1", "size": "1", "side": "buy", "ts": "1767268700000"},
     {"tradeId": "2", "price": "1", "size": "1", "side": "buy", "ts": "1767268800000"}],
    ["x"],
])
async def test_a_public_trade_that_cannot_be_read_is_silence_not_a_hole(rows: list[object]) -> None:
    with pytest.raises(MarketSilent, match="public trades of BTCUSDT before"):
        await stretches(Script(by_path={"fills-history": ok(rows)}), NOON - timedelta(hours=1), NOON)


async def test_pages_that_do_not_move_on_are_silence() -> None:
    stamp = str(int((NOON - MINUTE).timestamp() * 1000))
    same = ok([data_of("market.fills-history.sample")[0] | {"ts": stamp}])
    with pytest.raises(MarketSilent, match="the same again"):
        await stretches(Script(by_path={"fills-history": same}), NOON - timedelta(hours=1), NOON)
