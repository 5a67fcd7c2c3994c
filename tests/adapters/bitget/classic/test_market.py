"""Public facts over scripted answers: pages, windows, fresh prices first, silence named."""
from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.adapters.bitget.classic.market import ClassicMarket
from bot.adapters.bitget.transport import NoAnswer, Request, Response
from bot.domain.ids import Symbol
from bot.domain.instrument import ProductLine
from bot.ports.market import Candle, MarketSilent, PriceKind
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
