"""Recorded public answers become values; steps and bar ends are exact."""
from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.adapters.bitget.classic import map_market
from bot.adapters.bitget.classic.rows import one
from bot.adapters.bitget.classic.wire_market import ContractRow, DepthData, FundingRow, TickerRow, TierRow
from bot.adapters.bitget.classic.wire_value import Notes, Unreadable
from bot.domain.ids import Symbol
from bot.domain.instrument import Instrument, ProductLine
from tests.adapters.bitget.lab import NOON, data_of

BTC = Symbol("BTCUSDT")


def contract(line: ProductLine = ProductLine.USDT, **changes: Any) -> Instrument:
    row = one(data_of("market.contracts.sample")[0] | changes, ContractRow, "contract")
    return map_market.instrument(row, line, Notes())


def test_recorded_contract() -> None:
    found = contract()
    assert (found.symbol, found.base, found.quote, found.margin_coin) == ("BTCUSDT", "BTC", "USDT", "USDT")
    assert (found.price_step, found.size_step) == (Decimal("0.1"), Decimal("0.0001"))
    assert (found.minimum_size, found.minimum_notional) == (Decimal("0.0001"), Decimal(5))
    assert (found.maximum_limit_size, found.maximum_market_size) == (1200, 220)
    assert (found.minimum_leverage, found.maximum_leverage) == (1, 125)
    assert (found.buy_band, found.sell_band) == (Decimal("0.01"), Decimal("0.01"))
    assert (found.taker_fee, found.maker_fee) == (Decimal("0.0006"), Decimal("0.0002"))
    assert (found.margin_coins, found.funding_hours) == (("USDT",), 8)
    assert found.tradable and not found.delisting


def test_ff50_tick_is_end_step_times_decimals() -> None:
    assert contract(pricePlace="2", priceEndStep="5").price_step == Decimal("0.05")
    assert contract(pricePlace=0, priceEndStep=10).price_step == 10


@pytest.mark.parametrize(
    ("changes", "tradable", "delisting"),
    [
        ({"symbolStatus": "limit_open"}, False, True), ({"symbolStatus": "maintain"}, False, False),
        ({"symbolStatus": "restrictedAPI"}, False, False), ({"symbolStatus": "off"}, False, True),
        ({"offTime": "1767268800000"}, True, True), ({"limitOpenTime": 1767268800000}, True, True),
        ({"symbolStatus": "brand_new"}, False, False), ({"offTime": ""}, True, False),
    ],
)  # fmt: skip
def test_status_says_whether_it_trades(changes: dict[str, Any], tradable: bool, delisting: bool) -> None:
    found = contract(**changes)
    assert (found.tradable, found.delisting) == (tradable, delisting)


def test_coin_margined_contract_is_paid_in_its_base() -> None:
    changes = {"symbol": "ETHUSD", "baseCoin": "ETH", "quoteCoin": "USD", "supportMarginCoins": ["BTC", "ETH"]}
    found = contract(ProductLine.COIN, **changes)
    assert (found.margin_coin, found.margin_coins, found.inverse) == ("ETH", ("BTC", "ETH"), True)


@pytest.mark.parametrize(
    "changes", [{"pricePlace": "-1"}, {"pricePlace": "x"}, {"priceEndStep": "0"}, {"symbol": None}, {"minTradeNum": ""}]
)
def test_contract_without_steps_is_named(changes: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        contract(**changes)


def test_recorded_tiers() -> None:
    rows = data_of("market.query-position-lever.sample")
    first, second = (map_market.tier(one(row, TierRow, "tier")) for row in rows)
    assert (first.floor, first.ceiling, first.maximum_leverage) == (0, 150000, 125)
    assert second.maintenance_rate == Decimal("0.005")


def test_recorded_ticker() -> None:
    row = one(data_of("market.ticker.sample")[0], TickerRow, "ticker")
    found = map_market.ticker(row, NOON, Notes())
    assert (found.last, found.mark, found.index) == (
        Decimal("104823.8"), Decimal("104824.2"), Decimal("104881.953125")
    )  # fmt: skip
    assert (found.bid, found.ask) == (Decimal("104823.5"), Decimal("104823.8"))
    assert (found.funding_rate, found.open_interest) == (Decimal("-0.000014"), Decimal("7452.6421"))
    assert (found.received_at, found.at.timestamp()) == (NOON, 1750332210.370)


def test_recorded_candles() -> None:
    now = datetime(2023, 9, 27, 17, 37, tzinfo=UTC)
    first, second = (
        map_market.candle(raw, timedelta(minutes=5), now) for raw in data_of("market.candles.sample")
    )
    assert (first.open, first.high, first.low, first.close) == (
        Decimal("26210.5"), Decimal("26210.5"), Decimal("26194.5"), Decimal("26194.5")
    )  # fmt: skip
    assert (first.volume, first.turnover) == (Decimal("26.26"), Decimal("687897.63"))
    assert not first.forming and second.forming


def test_numbers_in_a_candle_may_be_numbers() -> None:
    raw = [1695835800000, Decimal("1.5"), 2, "1", Decimal("1E-7"), None]
    found = map_market.candle(raw, timedelta(minutes=5), NOON)
    assert (found.close, found.volume, found.turnover) == (Decimal("0.0000001"), 0, 0)


SHORT, TIMELESS, EMPTY = ["1695835800000"], ["x", "1", "1", "1", "1"], ["1695835800000", "", "", "", "", "", ""]


@pytest.mark.parametrize("raw", [None, {}, [], SHORT, TIMELESS, EMPTY])
def test_bad_candle_is_named(raw: object) -> None:
    with pytest.raises(Unreadable):
        map_market.candle(raw, timedelta(minutes=5), NOON)


@pytest.mark.parametrize(
    ("word", "wire", "days"),
    [("1h", "1H", None), ("1d", "1Dutc", 1), ("1D", "1D", 1), ("1w", "1Wutc", 7), ("6h", "6Hutc", None)],
)
def test_bar_lengths_are_aligned_to_utc(word: str, wire: str, days: int | None) -> None:
    name, length = map_market.granularity(word)
    assert name == wire
    assert days is None or length == timedelta(days=days)


@pytest.mark.parametrize("word", ["", "7m", "1y", "M", "1Hutc"])
def test_unknown_bar_length_is_a_sentence(word: str) -> None:
    with pytest.raises(ValueError, match="Expected a bar length of 1m, 3m"):
        map_market.granularity(word)


def test_month_closes_with_the_next_month() -> None:
    length = map_market.granularity("1M")[1]
    assert map_market.closes_at(datetime(2026, 1, 1, tzinfo=UTC), length) == datetime(2026, 2, 1, tzinfo=UTC)
    assert map_market.closes_at(datetime(2026, 12, 1, tzinfo=UTC), length) == datetime(2027, 1, 1, tzinfo=UTC)
    week = map_market.granularity("1w")[1]
    assert map_market.closes_at(datetime(2026, 1, 5, tzinfo=UTC), week) == datetime(2026, 1, 12, tzinfo=UTC)


def test_recorded_funding() -> None:
    found = map_market.funding(one(data_of("market.current-fund-rate.sample")[0], FundingRow, "funding"), Notes())
    assert (found.rate, found.hours) == (Decimal("0.000068"), 8)
    assert found.next_at is not None and found.next_at.timestamp() == 1743062400


def test_recorded_depth_has_numbers_instead_of_texts() -> None:
    data = data_of("market.merge-depth.sample")
    data["asks"] = [[Decimal("26347.5"), Decimal("0.25")], [26348, "0.16"]]
    data["bids"] = [[26346, Decimal("0.16")]]
    found = map_market.depth(one(data, DepthData, "depth"), BTC, 1, NOON)
    assert found.asks == ((Decimal("26347.5"), Decimal("0.25")),)
    assert found.bids == ((Decimal(26346), Decimal("0.16")),)


def test_book_with_a_hole_is_named() -> None:
    data = DepthData(asks=[["1", None]], bids=None, ts=None)
    with pytest.raises(Unreadable):
        map_market.depth(data, BTC, 5, NOON)
