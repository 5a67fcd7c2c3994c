from __future__ import annotations

from decimal import Decimal

from tests.sandbox.exchange.floor import Floor

D = Decimal


def settle(floor: Floor, steps: int = 40) -> None:
    for _ in range(steps):
        floor.wait(200)


def test_crossed_liquidation_goes_step_by_step() -> None:
    floor = Floor()
    floor.order("buy", "1.8")
    resting = floor.order("sell", "0.001", "104000")
    floor.move("ETHUSDT", "4000")
    floor.move("BTCUSDT", "95000")
    row = floor.detail(resting)
    assert (row["state"], row["cancelReason"]) == ("canceled", "burst_cancel")
    assert floor.positions()[0]["total"] == "1.8"
    assert floor.refusal("place-order", side="buy", tradeSide="open", size="0.001", orderType="market",
                         marginMode="crossed") == "45009"
    floor.wait(200)
    [position] = floor.positions()
    assert D(position["total"]) * 95000 < 150000
    orders = floor.call("orders-history")["entrustedList"]
    assert (orders[0]["tradeSide"], orders[0]["enterPointSource"], orders[0]["orderSource"]) == (
        "reduce_close_long", "SYS", "liquidation")
    assert floor.bills()[0]["businessType"] == "force_close_long"
    settle(floor)
    floor.move("BTCUSDT", "94000")
    settle(floor)
    kinds = [b["businessType"] for b in floor.bills()]
    if floor.positions():
        assert D(floor.positions()[0]["marginRatio"]) < 1
    else:
        assert "burst_long_loss_query" in kinds
    assert floor.balance() >= 0


def test_a_gap_takes_the_whole_wallet_and_insurance_covers_the_rest() -> None:
    floor = Floor()
    floor.order("buy", "1.4")
    floor.move("BTCUSDT", "80000")
    settle(floor)
    assert floor.positions() == []
    assert floor.balance() == 0
    kinds = {b["businessType"] for b in floor.bills()}
    assert "burst_long_loss_query" in kinds
    assert floor.call("history-position")["list"][0]["symbol"] == "BTCUSDT"
    row = floor.call("orders-history")["entrustedList"][0]
    assert row["tradeSide"] == "burst_close_long"
    floor.wait(5000)
    floor.main.wallet_of("USDT-FUTURES", "USDT").balance = D(100)
    floor.order("buy", "0.001")


def test_isolated_liquidation_loses_the_margin_and_no_more() -> None:
    floor = Floor()
    floor.order("buy", "0.1", marginMode="isolated")
    held = D(floor.positions()[0]["marginSize"])
    before = floor.balance()
    floor.move("BTCUSDT", "90000")
    settle(floor)
    assert floor.positions() == []
    assert before - held <= floor.balance() <= before - held + 2
    assert floor.call("history-position")["list"][0]["marginMode"] == "isolated"


def test_a_recovery_between_steps_stops_it() -> None:
    floor = Floor()
    floor.order("buy", "0.1", marginMode="isolated")
    floor.move("BTCUSDT", "95200")
    floor.move("BTCUSDT", "99000")
    settle(floor)
    assert floor.positions()[0]["total"] == "0.1"


def test_auto_margin_adds_before_it_liquidates() -> None:
    floor = Floor()
    floor.order("buy", "0.1", marginMode="isolated")
    floor.call("set-auto-margin", autoMargin="on", holdSide="long")
    held = D(floor.positions()[0]["marginSize"])
    floor.move("BTCUSDT", "95200")
    [row] = floor.positions()
    assert D(row["marginSize"]) == held * 2
    assert row["autoMargin"] == "on"
    assert floor.bills()[0]["businessType"] == "auto_append_margin"
    assert floor.call("bill", onlyFunding="yes")["bills"][0]["businessType"] == "open_long"


def test_hedged_legs_are_netted_first() -> None:
    floor = Floor()
    floor.order("buy", "1.3")
    floor.order("sell", "0.5")
    floor.move("BTCUSDT", "88300")
    floor.wait(200)
    sides = {o["tradeSide"] for o in floor.call("orders-history")["entrustedList"]}
    assert {"offset_close_long", "offset_close_short"} <= sides


def test_one_way_forced_orders_have_their_own_names() -> None:
    floor = Floor(one_way=True)
    floor.order("sell", "1.4")
    floor.move("BTCUSDT", "120000")
    settle(floor)
    sides = [o["tradeSide"] for o in floor.call("orders-history")["entrustedList"]]
    assert sides[0] == "burst_buy_single"
    assert floor.positions() == []


def test_stops_of_a_liquidated_position_are_cancelled() -> None:
    floor = Floor()
    floor.order("buy", "0.1", marginMode="isolated")
    stop = floor.call("place-tpsl-order", planType="pos_profit", triggerPrice="120000", holdSide="long")
    floor.move("BTCUSDT", "90000")
    settle(floor)
    [row] = floor.call("orders-plan-history", planType="profit_loss", orderId=stop["orderId"])["entrustedList"]
    assert row["planStatus"] == "cancelled"


def test_coin_margined_position_is_liquidated_in_coin() -> None:
    floor = Floor()
    floor.order("buy", "5", symbol="BTCUSD")
    floor.move("BTCUSD", "70000")
    settle(floor)
    assert floor.positions("BTCUSD") == []
    assert floor.balance("COIN-FUTURES", "BTC") >= 0
