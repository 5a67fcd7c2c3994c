from __future__ import annotations

from decimal import Decimal

from bot.sandbox.exchange import funding
from bot.sandbox.exchange.specs import SPECS
from tests.sandbox.exchange.floor import START, Floor

D = Decimal
HOURS_8 = 8 * 3_600_000


def test_settlements_fall_on_eight_utc() -> None:
    at = funding.next_ms(SPECS["BTCUSDT"], START)
    assert at % HOURS_8 == 0
    assert START < at <= START + HOURS_8


def test_long_pays_short_when_the_rate_is_positive() -> None:
    floor = Floor()
    floor.order("buy", "0.1")
    floor.order("sell", "0.04")
    rate = floor.engine.funding_rate("BTCUSDT")
    before = floor.balance()
    at = floor.engine.next_funding_ms("BTCUSDT")
    floor.engine.market_time(at - 1)
    assert floor.balance() == before
    floor.engine.market_time(at)
    assert floor.balance() == before - D(10000) * rate + D(4000) * rate
    bills = [b for b in floor.bills() if b["businessType"] == "contract_settle_fee"]
    assert len(bills) == 2
    assert {(b["fee"], b["cTime"]) for b in bills} == {("0", str(at))}
    long, short = sorted(floor.positions(), key=lambda r: r["holdSide"])
    assert D(long["totalFee"]) == -D(10000) * rate
    assert D(short["totalFee"]) == D(4000) * rate


def test_total_fee_is_empty_before_the_first_settlement() -> None:
    floor = Floor()
    floor.order("buy", "0.1")
    assert floor.positions()[0]["totalFee"] == ""


def test_a_jump_settles_every_interval_passed() -> None:
    floor = Floor()
    floor.order("buy", "0.1")
    floor.engine.market_time(START + 3 * HOURS_8 + 1)
    assert len([b for b in floor.bills() if b["businessType"] == "contract_settle_fee"]) == 3


def test_isolated_margin_bears_its_own_funding() -> None:
    floor = Floor()
    floor.order("buy", "0.1", marginMode="isolated")
    held = D(floor.positions()[0]["marginSize"])
    rate = floor.engine.funding_rate("BTCUSDT")
    floor.engine.market_time(floor.engine.next_funding_ms("BTCUSDT"))
    assert D(floor.positions()[0]["marginSize"]) == held - D(10000) * rate


def test_coin_margined_funding_is_in_coin() -> None:
    floor = Floor()
    floor.order("buy", "0.5", symbol="BTCUSD")
    before, rate = floor.balance("COIN-FUTURES", "BTC"), floor.engine.funding_rate("BTCUSD")
    floor.engine.market_time(floor.engine.next_funding_ms("BTCUSD"))
    assert floor.balance("COIN-FUTURES", "BTC") == before - D("0.5") * rate


def test_rates_repeat_by_seed_and_stay_in_bounds() -> None:
    spec = SPECS["BTCUSDT"]
    rates = [funding.rate(7, spec, START + i * HOURS_8) for i in range(200)]
    assert rates == [funding.rate(7, spec, START + i * HOURS_8) for i in range(200)]
    assert any(rate < 0 for rate in rates)
    assert all(abs(rate) <= funding.RATE_CAP for rate in rates)


def test_closed_position_tells_its_funding() -> None:
    floor = Floor()
    floor.order("buy", "0.1")
    floor.engine.market_time(START + HOURS_8)
    floor.order("buy", "0.1", tradeSide="close")
    [row] = floor.call("history-position")["list"]
    assert D(row["totalFunding"]) != 0
    assert floor.balance() == 10000 + D(row["netProfit"])
