from __future__ import annotations

from decimal import Decimal

import pytest

from bot.sandbox.exchange import adl
from tests.sandbox.exchange.floor import Floor


@pytest.mark.parametrize(("side", "hold", "market"), [("buy", "long", "buy"), ("sell", "short", "sell")])
def test_hedge_side_names_the_position_and_only_the_fill_channel_flips(side: str, hold: str, market: str) -> None:
    floor = Floor()
    floor.order(side, "0.01")
    closing = floor.order(side, "0.01", tradeSide="close")
    row = floor.detail(closing)
    assert (row["side"], row["tradeSide"], row["posSide"]) == (side, "close", hold)
    pushed = [r for r in floor.rows("fill") if r["orderId"] == closing["orderId"]][-1]
    assert pushed["side"] == side
    assert pushed["trueSide"] == ("sell" if market == "buy" else "buy")
    assert floor.positions() == []


def test_one_way_nets_and_turns_around() -> None:
    floor = Floor(one_way=True)
    floor.order("buy", "0.02")
    ack = floor.order("sell", "0.05")
    row = floor.detail(ack)
    assert (row["tradeSide"], row["posSide"], row["posMode"]) == ("sell_single", "net", "one_way_mode")
    [position] = floor.positions()
    assert (position["holdSide"], position["total"]) == ("short", "0.03")
    assert len(floor.call("history-position")["list"]) == 1


def test_one_way_ignores_trade_side() -> None:
    floor = Floor(one_way=True)
    floor.order("sell", "0.01", tradeSide="close")
    assert floor.positions()[0]["holdSide"] == "short"


def test_hedge_without_trade_side_is_40774() -> None:
    floor = Floor()
    assert floor.refusal("place-order", side="buy", size="0.01", orderType="market", marginMode="crossed") == "40774"


def test_closed_position_row_adds_up_and_is_spelled_its_own_way() -> None:
    floor = Floor()
    floor.order("buy", "0.01")
    floor.move("BTCUSDT", "101000")
    floor.order("buy", "0.01", tradeSide="close")
    page = floor.call("history-position", symbol="BTCUSDT")
    [row] = page["list"]
    assert {"ctime", "utime"} <= row.keys()
    assert "cTime" not in row
    numbers = {k: Decimal(row[k]) for k in ("pnl", "netProfit", "totalFunding", "openFee", "closeFee")}
    assert numbers["netProfit"] == numbers["pnl"] + numbers["totalFunding"] + numbers["openFee"] + numbers["closeFee"]
    assert numbers["openFee"] == -Decimal("0.01") * Decimal(row["openAvgPrice"]) * Decimal("0.0006")
    assert floor.balance() == 10000 + numbers["netProfit"]
    pushed = floor.rows("positions-history")[-1]
    assert (pushed["posId"], pushed["marginMode"]) == (row["positionId"], "crossed")
    assert floor.events[-1].channel in ("positions", "account", "equity")
    lists = [e.rows for e in floor.events if e.channel == "positions" and e.product == "USDT-FUTURES"]
    assert lists[-1] == ()


def test_entry_is_weighted_by_size_and_stays_on_partial_close() -> None:
    floor = Floor()
    floor.order("buy", "0.01", "99000")
    floor.move("BTCUSDT", "98999")
    floor.order("buy", "0.03", "97000")
    floor.move("BTCUSDT", "96999")
    [row] = floor.positions()
    assert row["openPriceAvg"] == "97500"
    floor.order("buy", "0.02", tradeSide="close")
    [row] = floor.positions()
    assert (row["openPriceAvg"], row["total"]) == ("97500", "0.02")
    assert Decimal(row["achievedProfits"]) < 0


def test_documented_fee_sample() -> None:
    """semantics.md 11: 0.01 ETH at 3495.34 costs 0.02097204."""
    floor = Floor()
    floor.move("ETHUSDT", "3495.34")
    floor.engine.books["ETHUSDT"].ask = Decimal("3495.34")
    floor.order("buy", "0.01", symbol="ETHUSDT")
    [row] = floor.positions("ETHUSDT")
    assert (row["openPriceAvg"], row["deductedFee"]) == ("3495.34", "0.02097204")


def test_resting_close_occupies_size_and_market_close_takes_the_rest() -> None:
    """semantics.md 2.5: position 100, limit close 70, market close 50 closes 30."""
    floor = Floor()
    floor.order("buy", "0.1")
    limit = floor.order("buy", "0.07", "101000", tradeSide="close")
    [row] = floor.positions()
    assert (row["available"], row["locked"], row["total"]) == ("0.03", "0.07", "0.1")
    assert floor.refusal("place-order", side="buy", tradeSide="close", size="0.05", orderType="limit", price="101000",
                         marginMode="crossed") == "40757"
    market = floor.order("buy", "0.05", tradeSide="close")
    assert floor.detail(market)["baseVolume"] == "0.03"
    assert floor.detail(limit)["state"] == "live"
    assert floor.positions()[0]["total"] == "0.07"


def test_a_fully_occupied_position_gives_way_to_a_new_close() -> None:
    floor = Floor()
    floor.order("buy", "0.1")
    limit = floor.order("buy", "0.1", "101000", tradeSide="close")
    floor.order("buy", "0.04", tradeSide="close")
    assert floor.detail(limit)["state"] == "canceled"
    assert floor.positions()[0]["total"] == "0.06"


def test_closing_nothing_or_too_much_is_refused() -> None:
    floor = Floor()
    close = {"side": "buy", "tradeSide": "close", "orderType": "market", "marginMode": "crossed"}
    assert floor.refusal("place-order", size="0.01", **close) == "22002"
    floor.order("buy", "0.01")
    assert floor.refusal("place-order", size="0.02", **close) == "40757"


def test_reduce_only_overflow_cancels_oldest_and_answers_without_order_id() -> None:
    floor = Floor(one_way=True)
    floor.order("buy", "0.1")
    first = floor.order("sell", "0.06", "101000", reduceOnly="YES")
    second = floor.order("sell", "0.04", "101100", reduceOnly="YES")
    assert "orderId" in second
    third = floor.order("sell", "0.05", "101200", reduceOnly="YES", clientOid="over")
    assert third == {"clientOid": "over"}
    assert floor.detail(first)["state"] == "canceled"
    assert floor.detail(second)["state"] == "live"
    assert floor.detail(third)["state"] == "live"


def test_reduce_only_never_opens() -> None:
    floor = Floor(one_way=True)
    assert floor.refusal("place-order", side="sell", size="0.1", orderType="market", reduceOnly="YES",
                         marginMode="crossed") == "22002"
    floor.order("buy", "0.02")
    ack = floor.order("sell", "0.05", reduceOnly="YES")
    assert floor.detail(ack)["baseVolume"] == "0.02"
    assert floor.detail(ack)["state"] == "canceled"
    assert floor.positions() == []


def test_resting_reduce_only_orders_die_with_their_position() -> None:
    floor = Floor(one_way=True)
    floor.order("buy", "0.02")
    resting = floor.order("sell", "0.02", "101000", reduceOnly="YES")
    floor.order("sell", "0.02")
    assert floor.detail(resting)["state"] == "canceled"


def test_flash_close_closes_every_side_and_its_orders() -> None:
    floor = Floor()
    floor.order("buy", "0.02")
    floor.order("sell", "0.03")
    resting = floor.order("buy", "0.02", "101000", tradeSide="close")
    answer = floor.call("close-positions")
    assert len(answer["successList"]) == 2
    assert floor.positions() == []
    assert floor.detail(resting)["state"] == "canceled"
    assert floor.refusal("close-positions") == "22002"


def test_click_backhand_closes_now_and_opens_the_other_side_later() -> None:
    floor = Floor()
    floor.order("buy", "0.02")
    ack = floor.call("click-backhand", side="buy", tradeSide="open", clientOid="rev-1")
    assert ack["clientOid"] == "rev-1"
    assert floor.positions() == []
    floor.wait(50)
    [row] = floor.positions()
    assert (row["holdSide"], row["total"]) == ("short", "0.02")
    assert floor.call("orders-history", orderSource="reverse")["entrustedList"] is not None


def test_coin_margined_profit_and_fees_are_in_base_coin() -> None:
    """semantics.md 11: size x (mark - entry) / mark."""
    floor = Floor()
    floor.order("buy", "0.1", "99000", symbol="BTCUSD")
    floor.move("BTCUSD", "98000")
    [row] = floor.positions("BTCUSD")
    assert row["marginCoin"] == "BTC"
    assert row["deductedFee"] == "0.00002"
    floor.move("BTCUSD", "110000")
    [row] = floor.positions("BTCUSD")
    assert Decimal(row["unrealizedPL"]) == pytest.approx(Decimal("0.1") * 11000 / 110000)
    assert row["marginSize"] == "0.005"


def test_usdc_contracts_live_in_their_own_wallet() -> None:
    floor = Floor()
    floor.order("buy", "0.01", symbol="BTCPERP")
    assert floor.balance("USDC-FUTURES", "USDC") < 10000
    assert floor.balance() == 10000
    assert floor.call("all-position", symbol=None, productType="USDC-FUTURES")[0]["marginCoin"] == "USDC"


def test_adl_closes_by_system_order_tells_and_locks() -> None:
    floor = Floor()
    floor.order("buy", "0.02")
    adl.deleverage(floor.engine, floor.main, floor.main.positions["BTCUSDT", "long"], Decimal("0.01"))
    [notice] = floor.rows("adl-noti")
    assert (notice["side"], notice["amount"], notice["status"]) == ("sell", "0.01", "triggered")
    row = floor.call("orders-history")["entrustedList"][0]
    assert (row["tradeSide"], row["enterPointSource"]) == ("dte_sys_adl_close_long", "SYS")
    assert floor.bills()[0]["businessType"] == "adl_close_long"
    assert floor.refusal("place-order", side="buy", tradeSide="open", size="0.01", orderType="market",
                         marginMode="crossed") == "22067"
    assert floor.call("close-positions")["failureList"][0]["errorCode"] == "22044"
    floor.wait(1500)
    floor.order("buy", "0.01", tradeSide="close")


def test_adl_rank_is_between_zero_and_one() -> None:
    floor = Floor()
    floor.order("buy", "0.02")
    [row] = floor.call("adlRank", symbol="BTCUSDT")
    assert 0 <= Decimal(row["rank"]) <= 1
    assert row["holdSide"] == "long"
