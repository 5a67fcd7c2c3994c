from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from bot.sandbox.exchange.codes import Refused
from tests.sandbox.exchange.floor import START, Floor

ORDER = {
    "symbol", "size", "orderId", "clientOid", "baseVolume", "fee", "price", "priceAvg", "side", "force",
    "totalProfits", "posSide", "marginCoin", "quoteVolume", "leverage", "marginMode", "enterPointSource", "tradeSide",
    "posMode", "orderType", "orderSource", "presetStopSurplusPrice", "presetStopSurplusType",
    "presetStopSurplusExecutePrice", "presetStopLossPrice", "presetStopLossType", "presetStopLossExecutePrice",
    "reduceOnly", "cTime", "uTime",
}
DAY = 86_400_000


def refused(floor: Floor, **p: Any) -> str:
    """Return the code an opening limit order with one thing wrong is refused with."""
    return floor.refusal("place-order", **{
        "side": "buy", "tradeSide": "open", "size": "0.01", "price": "99000", "orderType": "limit",
        "marginMode": "crossed", **p})


def test_order_rows_have_the_documented_fields() -> None:
    """README 7.2: detail says state, lists say status."""
    floor = Floor()
    ack = floor.order("buy", "0.01", "99000", clientOid="mine")
    assert ack.keys() == {"orderId", "clientOid"}
    row = floor.detail(ack)
    assert row.keys() == ORDER | {"state", "cancelReason"}
    assert (row["state"], row["priceAvg"], row["fee"], row["price"], row["leverage"]) == (
        "live", "", "0", "99000", "20")
    page = floor.call("orders-pending")
    [listed] = page["entrustedList"]
    assert listed.keys() == ORDER | {"status"}
    assert page["endId"] == ack["orderId"]
    floor.call("cancel-order", clientOid="mine")
    [ended] = floor.call("orders-history")["entrustedList"]
    assert ended.keys() == ORDER | {"status", "posAvg", "liqPrice"}
    assert ended["status"] == "canceled"


def test_market_order_has_no_price() -> None:
    floor = Floor()
    row = floor.detail(floor.order("buy", "0.01"))
    assert (row["price"], row["orderType"], row["orderSource"]) == ("", "market", "market")
    assert Decimal(row["fee"]) < 0
    assert floor.rows("orders")[0]["price"] == "0"


def test_empty_lists_are_null() -> None:
    floor = Floor()
    assert floor.call("orders-pending") == {"entrustedList": None, "endId": None}
    assert floor.call("orders-history")["entrustedList"] is None
    assert floor.call("fills")["fillList"] == []


@pytest.mark.parametrize(("wrong", "code"), [
    ({"symbol": "BTCXUSDT", "productType": "USDT-FUTURES"}, "40034"), ({"symbol": "BTCPERP",
     "productType": "USDT-FUTURES"}, "22012"), ({"marginCoin": "USDC"}, "40778"), ({"size": "0.00015"}, "40808"),
    ({"size": "0.01", "price": "99000.05"}, "41103"), ({"size": "1201"}, "45112"), ({"price": "102100"}, "40815"),
    ({"side": "sell", "price": "97900"}, "40816"), ({"price": "0"}, "40706"), ({"price": None}, "40019"),
    ({"size": "3"}, "40762"), ({"size": "0"}, "40020"), ({"tradeSide": None}, "40774"),
    ({"tradeSide": "close"}, "22002"), ({"size": "0.0001", "price": "40000"}, "45110"),
    ({"symbol": "ETHUSDT", "size": "0.001", "price": "3990"}, "40808"),
    ({"symbol": "XRPUSDT", "size": "0.5", "price": "1.99"}, "40808"),
    ({"symbol": "DOGEUSDT", "size": "9", "price": "0.19"}, "45111"),
])
def test_documented_refusals(wrong: dict[str, Any], code: str) -> None:
    floor = Floor()
    assert refused(floor, **wrong) == code
    assert floor.call("orders-pending", symbol="BTCUSDT")["entrustedList"] is None


def test_position_value_is_capped_by_the_tier_of_the_leverage() -> None:
    floor = Floor()
    floor.main.wallet_of("USDT-FUTURES", "USDT").balance = Decimal(10_000_000)
    assert refused(floor, size="140") == "40921"
    floor.order("buy", "100", "99000")


def test_sentences_are_those_worth_imitating() -> None:
    floor = Floor()
    with pytest.raises(Refused, match=r"size checkBDScale error value=2293\.57712 checkScale=4"):
        floor.order("buy", "2293.57712", "99000")
    with pytest.raises(Refused, match="less than the minimum amount 5 USDT"):
        floor.order("buy", "0.0001", "40000")


def test_closing_is_exempt_from_the_minimum_value() -> None:
    floor = Floor()
    floor.move("BTCUSDT", "40000")
    floor.order("buy", "0.0003")
    floor.order("buy", "0.0001", tradeSide="close")


@pytest.mark.parametrize("fate", ["live", "canceled", "filled"])
def test_client_ids_are_never_reused(fate: str) -> None:
    floor = Floor()
    floor.order("buy", "0.01", "99000", clientOid="once")
    if fate == "canceled":
        floor.call("cancel-order", clientOid="once")
    if fate == "filled":
        floor.move("BTCUSDT", "98000")
    assert refused(floor, clientOid="once", price="98000") == "40786"


def test_open_order_limit() -> None:
    floor = Floor()
    floor.main.wallet_of("USDT-FUTURES", "USDT").balance = Decimal(1_000_000)
    for _ in range(200):
        floor.order("buy", "0.001", "99000")
    assert refused(floor, size="0.001") == "45118"


def test_cancel_rules() -> None:
    floor = Floor()
    ack = floor.order("buy", "0.01", "99000")
    assert floor.call("cancel-order", orderId=ack["orderId"]) == ack
    assert floor.refusal("cancel-order", orderId=ack["orderId"]) == "45129"
    floor.now += 1000
    assert floor.refusal("cancel-order", orderId=ack["orderId"]) == "22001"
    assert floor.refusal("cancel-order", orderId="123") == "40768"
    assert floor.refusal("cancel-order") == "40924"
    assert floor.refusal("detail", orderId="123") == "40109"
    other = floor.order("buy", "0.01", "99000")
    assert floor.refusal("cancel-order", symbol="ETHUSDT", orderId=other["orderId"]) == "40768"


def test_fill_after_cancel_fault_lets_the_fill_win() -> None:
    floor = Floor()
    ack = floor.order("buy", "0.01", "99000")
    floor.engine.fill_on_cancel = 1
    floor.call("cancel-order", orderId=ack["orderId"])
    assert floor.detail(ack)["state"] == "live"
    floor.wait(50)
    assert floor.detail(ack)["state"] == "filled"


def test_modify_cancels_now_and_places_later() -> None:
    floor = Floor()
    old = floor.order("buy", "0.01", "99000", clientOid="a", presetStopLossPrice="90000")
    answer = floor.call("modify-order", orderId=old["orderId"], newClientOid="b", newSize="0.02", newPrice="98000")
    assert answer == old
    assert floor.detail(old)["cancelReason"] == "modify_limit_order"
    assert floor.refusal("detail", clientOid="b") == "40109"
    assert refused(floor, clientOid="b") == "40786"
    floor.wait(100)
    row = floor.detail({"clientOid": "b"})
    assert (row["size"], row["price"], row["state"], row["orderSource"]) == (
        "0.02", "98000", "live", "modify_order_limit")
    assert row["presetStopLossPrice"] == "90000"
    assert row["orderId"] != old["orderId"]


def test_the_second_half_of_a_modify_can_fail() -> None:
    floor = Floor()
    old = floor.order("buy", "0.01", "99000", clientOid="a")
    floor.engine.modify_fails = 1
    floor.call("modify-order", orderId=old["orderId"], newClientOid="b", newSize="0.02", newPrice="98000")
    floor.wait(100)
    assert floor.call("orders-pending")["entrustedList"] is None
    assert floor.engine.lost[0]["clientOid"] == "b"
    floor.order("buy", "0.01", "99000", clientOid="b")


@pytest.mark.parametrize(("p", "code"), [
    ({"newSize": "0.02", "newPrice": "98000"}, "22003"), ({"newSize": "0.02", "newClientOid": "b"}, "40925"),
    ({"newSize": "0.01", "newPrice": "99000", "newClientOid": "b"}, "40923"),
    ({"newSize": "0.02", "newPrice": "98000", "newClientOid": "a"}, "40786"),
    ({"newSize": "0.02", "newPrice": "98000.07", "newClientOid": "b"}, "41103"),
])
def test_modify_refusals(p: dict[str, str], code: str) -> None:
    floor = Floor()
    floor.order("buy", "0.01", "99000", clientOid="a")
    assert floor.refusal("modify-order", clientOid="a", **p) == code
    assert floor.detail({"clientOid": "a"})["state"] == "live"


def test_modify_of_an_ended_order() -> None:
    floor = Floor()
    ack = floor.order("buy", "0.01")
    assert floor.refusal("modify-order", orderId=ack["orderId"], newSize="0.02", newPrice="98000",
                         newClientOid="b") == "40922"
    assert floor.refusal("modify-order", orderId="5", newSize="0.02", newPrice="98000", newClientOid="b") == "40768"


def test_modify_presets_keeps_the_order() -> None:
    floor = Floor()
    ack = floor.order("buy", "0.01", "99000", presetStopLossPrice="90000", presetStopSurplusPrice="110000")
    floor.call("modify-order", orderId=ack["orderId"], newPresetStopLossPrice="95000")
    row = floor.detail(ack)
    assert (row["state"], row["presetStopLossPrice"], row["presetStopSurplusPrice"]) == ("live", "95000", "")
    floor.call("modify-order", orderId=ack["orderId"], newPresetStopLossPrice="0")
    assert floor.detail(ack)["presetStopLossPrice"] == ""


def test_fills_have_the_documented_fields_and_pages() -> None:
    floor = Floor()
    for _ in range(3):
        floor.order("buy", "0.01")
        floor.now += 5
    page = floor.call("fills", limit="2")
    assert len(page["fillList"]) == 2
    row = page["fillList"][0]
    assert row.keys() == {"tradeId", "symbol", "orderId", "price", "baseVolume", "feeDetail", "side", "quoteVolume",
                          "profit", "enterPointSource", "tradeSide", "posMode", "tradeScope", "cTime"}
    assert row["feeDetail"][0]["totalDeductionFee"] is None
    assert page["endId"] == page["fillList"][-1]["tradeId"]
    rest = floor.call("fills", limit="2", idLessThan=page["endId"])
    assert len(rest["fillList"]) == 1
    older = floor.call("fill-history")["fillList"]
    assert older[0]["marginCoin"] == "USDT"


def test_windows() -> None:
    floor = Floor()
    floor.order("buy", "0.01")
    assert floor.refusal("orders-history", startTime=str(START + 1), endTime=str(START)) == "40707"
    assert floor.refusal("orders-history", startTime=str(START - 100 * DAY)) == "40704"
    assert floor.refusal("fill-history", startTime=str(START - 8 * DAY), endTime=str(START)) == "00001"
    assert floor.call("orders-history", startTime=str(START + 1), endTime=str(START + 5))["entrustedList"] is None
    assert len(floor.call("orders-history", startTime=str(START), endTime=str(START))["entrustedList"]) == 1


def test_history_pages_do_not_lose_or_repeat() -> None:
    floor = Floor()
    made = [floor.order("buy", "0.001")["orderId"] for _ in range(7)]
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = floor.call("orders-history", limit="3", idLessThan=cursor)
        if not page["entrustedList"]:
            break
        seen += [r["orderId"] for r in page["entrustedList"]]
        cursor = page["endId"]
    assert seen == made[::-1]


def test_demo_has_no_fill_history() -> None:
    floor = Floor()
    demo = floor.engine.add_account("demo", environment="demo")
    assert floor.refusal("fill-history", demo) == "40110"


def test_same_seed_and_calls_give_the_same_world() -> None:
    def play() -> list[Any]:
        floor = Floor()
        floor.order("buy", "0.7")
        floor.move("BTCUSDT", "100500")
        floor.order("sell", "0.3", symbol="BTCUSDT")
        return [floor.call("fills"), floor.positions(), floor.engine.depth("BTCUSDT")]

    assert play() == play()


def test_push_rows_have_the_documented_fields() -> None:
    floor = Floor()
    floor.order("buy", "0.01")
    live, filled = floor.rows("orders")
    assert {"fillPrice", "baseVolume", "tradeId", "fillTime", "fillFee", "fillFeeCoin", "tradeScope",
            "fillNotionalUsd", "priceAvg", "pnl"} == filled.keys() - live.keys()
    assert (live["status"], filled["status"], filled["tradeScope"], filled["reduceOnly"]) == (
        "live", "filled", "T", "no")
    [fill] = floor.rows("fill")
    assert fill["feeDetail"][0]["totalDeductionFee"] == "0"
    order = [e.channel for e in floor.events]
    assert order.index("orders") < order.index("fill") < order.index("positions") < order.index("account")
