from __future__ import annotations

from decimal import Decimal

import pytest

from bot.sandbox.exchange import margin
from bot.sandbox.exchange.specs import SPECS
from bot.sandbox.exchange.state import Position
from tests.sandbox.exchange.floor import Floor

D = Decimal
BTC = SPECS["BTCUSDT"]


def sample() -> Position:
    """Return the position of semantics.md 12."""
    return Position(id=1, spec=BTC, hold_side="long", pos_mode="hedge_mode", margin_mode="isolated", leverage=20,
                    size=D("0.01"), entry=D(25000), margin=D("9.6695050093373343"))


def test_documented_margin_ratio() -> None:
    assert margin.isolated_ratio(sample(), D(25100)) == pytest.approx(D("0.1082149545822005"), rel=D("1e-15"))


def test_documented_isolated_liquidation_price() -> None:
    price = margin.solve_liquidation(BTC, True, D("0.01"), D(25000), D("9.6695050093373343"), D("0.0046"))
    assert price == pytest.approx(D("24144.1124161806978"), rel=D("1e-15"))


@pytest.mark.parametrize("long", [True, False])
@pytest.mark.parametrize("symbol", ["BTCUSDT", "BTCUSD"])
def test_ratio_is_one_at_the_liquidation_price(symbol: str, long: bool) -> None:
    spec = SPECS[symbol]
    p = Position(id=1, spec=spec, hold_side="long" if long else "short", pos_mode="hedge_mode", leverage=10,
                 margin_mode="isolated", size=D("0.1"), entry=D(100000), margin=spec.value(D("0.1"), D(100000)) / 10)
    rate = spec.tiers[0].rate + spec.taker
    price = margin.solve_liquidation(spec, long, p.size, p.entry, p.margin, rate)
    assert margin.isolated_ratio(p, price) == pytest.approx(D(1), rel=D("1e-12"))
    assert (price < p.entry) is long


def test_documented_break_even() -> None:
    p = sample()
    p.entry = D("107410.3")
    assert f"{margin.break_even(p):.1f}" == "107539.3"


def test_documented_first_tier() -> None:
    assert (BTC.tier(D(149999)).leverage, BTC.tier(D(149999)).rate) == (125, D("0.004"))
    assert (BTC.tier(D(150000)).leverage, BTC.tier(D(150000)).rate) == (100, D("0.005"))
    assert BTC.tiers[1].end == 900000


def test_order_freezes_its_cost_and_gives_it_back() -> None:
    floor = Floor()
    ack = floor.order("buy", "0.1", "99000")
    row = floor.call("account")
    cost = D(9900) / 20 + D(9900) * D("0.0006") * D("1.005")
    assert D(row["locked"]) == cost
    assert D(row["crossedMaxAvailable"]) == 10000 - cost
    assert row["available"] == "10000"
    floor.call("cancel-order", orderId=ack["orderId"])
    assert floor.call("account")["locked"] == "0"


def test_nothing_stays_locked_after_partial_fills() -> None:
    floor = Floor()
    floor.engine.chunks_next = 3
    floor.order("buy", "0.03")
    floor.wait(200)
    floor.wait(200)
    assert floor.call("account")["locked"] == "0"


def test_too_large_an_order_is_40762() -> None:
    floor = Floor()
    assert floor.refusal("place-order", side="buy", tradeSide="open", size="3", orderType="market",
                         marginMode="crossed") == "40762"


def test_max_open_is_accepted_and_a_little_more_is_not() -> None:
    floor = Floor()
    most = D(floor.call("max-open", posSide="long", orderType="limit", openPrice="99000")["maxOpen"])
    assert floor.refusal("place-order", side="buy", tradeSide="open", size=str(most + D("0.0001")), orderType="limit",
                         price="99000", marginMode="crossed") == "40762"
    floor.order("buy", str(most), "99000")


def test_cross_ratio_is_maintenance_over_equity() -> None:
    floor = Floor()
    floor.order("buy", "1")
    floor.move("BTCUSDT", "99000")
    [row] = floor.positions()
    assert row["keepMarginRate"] == "0.004"
    equity = floor.balance() + D(row["unrealizedPL"])
    expected = D(1) * 99000 * D("0.0046") / equity
    assert D(row["marginRatio"]) == pytest.approx(expected, rel=D("1e-12"))
    assert D(floor.call("account")["crossedRiskRate"]) == pytest.approx(expected, rel=D("1e-9"))


@pytest.mark.parametrize(("symbol", "long", "short", "liquidated"), [
    ("BTCUSDT", "1.3", None, -1), ("BTCUSDT", None, "1.3", 1), ("BTCUSDT", "1.3", "0.3", -1),
    ("BTCUSDT", "0.3", "1.3", 1),
    ("BTCUSD", "1.2", None, -1), ("BTCUSD", "0.2", "1.2", 1), ("BTCUSD", "1.2", "0.2", -1),
])
def test_crossed_risk_is_one_at_the_liquidation_price_shown(symbol: str, long: str | None, short: str | None,
                                                            liquidated: int) -> None:
    floor = Floor()
    wallet = floor.main.wallet(SPECS[symbol])
    wallet.balance = D(9000) if symbol == "BTCUSDT" else D("0.08")
    if long:
        floor.order("buy", long, symbol=symbol)
    if short:
        floor.order("sell", short, symbol=symbol)
    shown = {D(row["liquidationPrice"]) for row in floor.positions(symbol)}
    assert len(shown) == 1
    price = shown.pop()
    assert (price > 100000) == (liquidated > 0)
    floor.engine.quotes[symbol].mark = price
    assert margin.figures(floor.engine, floor.main, wallet).risk == pytest.approx(D(1), rel=D("1e-9"))


def test_isolated_margin_is_set_aside() -> None:
    floor = Floor()
    floor.order("buy", "0.1", marginMode="isolated")
    [row] = floor.positions()
    account = floor.call("account")
    assert row["marginMode"] == "isolated"
    assert D(row["marginSize"]) == D(row["openPriceAvg"]) * D("0.1") / 20
    assert account["isolatedMargin"] == row["marginSize"]
    assert D(account["isolatedMaxAvailable"]) == floor.balance() - D(row["marginSize"])
    pushed = [r for r in floor.rows("positions") if r["instId"] == "BTCUSDT"][-1]
    assert pushed["isolatedMarginRate"] == pushed["marginRate"]
    assert pushed["leverage"] == 20


def test_preview_of_liquidation_matches_what_opening_gives() -> None:
    floor = Floor()
    floor.call("set-margin-mode", marginMode="isolated")
    ask = floor.engine.depth("BTCUSDT")[1][0][0]
    shown = D(floor.call("liq-price", posSide="long", orderType="market", openAmount="50")["liqPrice"])
    floor.order("buy", "0.01", marginMode="isolated")
    [row] = floor.positions()
    assert D(row["liquidationPrice"]) == pytest.approx(shown, rel=D("1e-6"))
    assert D(ask) == D(row["openPriceAvg"])


def test_equity_sums_up_what_the_docs_say() -> None:
    floor = Floor()
    floor.order("buy", "0.1")
    floor.move("BTCUSDT", "101000")
    row = floor.call("account")
    assert D(row["accountEquity"]) == floor.balance() + D(row["unrealizedPL"])
    assert D(row["maxTransferOut"]) < D(row["crossedMaxAvailable"])
    [equity] = floor.engine.state_rows("main", "USDT-FUTURES", "equity")
    assert D(equity["usdtEquity"]) == pytest.approx(D(row["usdtEquity"]))
