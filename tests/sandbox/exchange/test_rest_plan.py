from __future__ import annotations

from typing import Any

from tests.sandbox.exchange.floor import Floor

PENDING = {
    "planType", "symbol", "size", "orderId", "clientOid", "price", "executePrice", "callbackRatio", "triggerPrice",
    "triggerType", "planStatus", "side", "posSide", "marginCoin", "marginMode", "enterPointSource", "tradeSide",
    "posMode", "orderType", "orderSource", "stopSurplusTriggerPrice", "stopSurplusExecutePrice",
    "stopSurplusTriggerType", "stopLossTriggerPrice", "stopLossExecutePrice", "stopLossTriggerType", "cTime", "uTime",
}


def plan(floor: Floor, **p: Any) -> dict[str, Any]:
    return dict(floor.call("place-plan-order", **{
        "planType": "normal_plan", "size": "0.01", "triggerPrice": "99000", "triggerType": "mark_price", "side": "buy",
        "tradeSide": "open", "orderType": "limit", "price": "98000", "marginMode": "crossed", **p}))


def test_rows_have_the_documented_fields() -> None:
    floor = Floor()
    plan(floor, clientOid="plan-1")
    [row] = floor.call("orders-plan-pending", planType="normal_plan")["entrustedList"]
    assert row.keys() == PENDING
    assert (row["planStatus"], row["callbackRatio"], row["price"]) == ("live", "", "98000")
    floor.call("cancel-plan-order", orderIdList=[{"clientOid": "plan-1"}])
    [row] = floor.call("orders-plan-history", planType="normal_plan")["entrustedList"]
    assert row.keys() == PENDING | {"executeOrderId", "priceAvg", "baseVolume"}
    assert row["planStatus"] == "cancelled"


def test_position_stop_row_is_as_sampled() -> None:
    floor = Floor()
    floor.order("buy", "0.01")
    floor.call("place-tpsl-order", planType="pos_profit", triggerPrice="101000", executePrice="101000",
               holdSide="long")
    [row] = floor.call("orders-plan-pending", planType="profit_loss")["entrustedList"]
    assert (row["size"], row["price"], row["executePrice"]) == ("0", "101000", "101000")
    assert (row["orderType"], row["marginMode"], row["side"], row["tradeSide"]) == ("limit", "", "buy", "close")
    assert row["stopLossTriggerPrice"] is None
    assert row["stopSurplusTriggerType"] == "fill_price"


def test_plans_page_by_id() -> None:
    floor = Floor()
    made = [plan(floor)["orderId"] for _ in range(5)]
    first = floor.call("orders-plan-pending", planType="normal_plan", limit="2")
    assert [r["orderId"] for r in first["entrustedList"]] == made[:2:-1]
    second = floor.call("orders-plan-pending", planType="normal_plan", limit="2", idLessThan=first["endId"])
    assert [r["orderId"] for r in second["entrustedList"]] == made[2:0:-1]
    assert floor.call("orders-plan-pending", planType="track_plan") == {"entrustedList": None, "endId": None}


def test_plan_ids_have_their_own_space() -> None:
    floor = Floor()
    floor.order("buy", "0.01", "99000", clientOid="same")
    plan(floor, clientOid="same")
    assert floor.refusal("place-plan-order", planType="normal_plan", size="0.01", triggerPrice="99000",
                         triggerType="mark_price", side="buy", tradeSide="open", orderType="market",
                         marginMode="crossed", clientOid="same") == "40786"


def test_modify_plan_changes_in_place() -> None:
    floor = Floor()
    ack = plan(floor)
    assert floor.call("modify-plan-order", orderId=ack["orderId"], newSize="0.02", newPrice="97000",
                      newTriggerPrice="98000", newTriggerType="fill_price") == ack
    [row] = floor.call("orders-plan-pending", planType="normal_plan")["entrustedList"]
    assert (row["size"], row["price"], row["triggerPrice"], row["triggerType"]) == (
        "0.02", "97000", "98000", "fill_price")
    assert floor.refusal("modify-plan-order", orderId="1", newSize="0.02") == "43025"
    assert floor.refusal("modify-plan-order", newSize="0.02") == "40924"
    floor.call("cancel-plan-order")
    assert floor.refusal("modify-plan-order", orderId=ack["orderId"], newSize="0.02") == "43026"


def test_modify_plan_removes_a_leg_with_zero() -> None:
    floor = Floor()
    ack = plan(floor, stopLossTriggerPrice="97000", stopLossTriggerType="mark_price")
    floor.call("modify-plan-order", orderId=ack["orderId"], newStopLossTriggerPrice="0")
    [row] = floor.call("orders-plan-pending", planType="normal_plan")["entrustedList"]
    assert row["stopLossTriggerPrice"] is None


def test_modify_stop_moves_its_trigger() -> None:
    floor = Floor()
    floor.order("buy", "0.02")
    ack = floor.call("place-tpsl-order", planType="loss_plan", triggerPrice="98000", size="0.01", holdSide="long")
    floor.call("modify-tpsl-order", orderId=ack["orderId"], triggerPrice="99000", size="0.02")
    [row] = floor.call("orders-plan-pending", planType="profit_loss")["entrustedList"]
    assert (row["triggerPrice"], row["size"]) == ("99000", "0.02")
    assert floor.refusal("modify-tpsl-order", orderId=ack["orderId"], triggerPrice="101000", size="0.02") == "40834"
    assert floor.refusal("modify-tpsl-order", orderId="1", triggerPrice="99000", size="0.02") == "43020"
    floor.call("cancel-plan-order", planType="loss_plan")
    assert floor.refusal("modify-tpsl-order", orderId=ack["orderId"], triggerPrice="99000", size="0.02") == "43021"


def test_cancel_without_kind_considers_triggers_only() -> None:
    floor = Floor()
    floor.order("buy", "0.02")
    floor.call("place-tpsl-order", planType="pos_loss", triggerPrice="98000", holdSide="long")
    ack = plan(floor)
    answer = floor.call("cancel-plan-order", symbol="BTCUSDT")
    assert [r["orderId"] for r in answer["successList"]] == [ack["orderId"]]
    answer = floor.call("cancel-plan-order", symbol="BTCUSDT", planType="profit_loss")
    assert len(answer["successList"]) == 1


def test_cancel_list_reports_what_failed() -> None:
    floor = Floor()
    ack = plan(floor)
    answer = floor.call("cancel-plan-order", orderIdList=[{"orderId": ack["orderId"]}, {"orderId": "7"}])
    assert len(answer["successList"]) == 1
    assert answer["failureList"][0]["errorCode"] == "43025"


def test_plan_limits() -> None:
    floor = Floor()
    for _ in range(50):
        plan(floor)
    assert floor.refusal("place-plan-order", planType="normal_plan", size="0.01", triggerPrice="99000", side="buy",
                         triggerType="mark_price", tradeSide="open", orderType="market", marginMode="crossed"
                         ) == "43071"


def test_waiting_plan_has_no_order_yet() -> None:
    floor = Floor()
    ack = plan(floor)
    [row] = floor.call("plan-sub-order", planType="normal_plan", planOrderId=ack["orderId"])
    assert (row["orderId"], row["status"]) == ("", "in_progress")
    assert floor.refusal("plan-sub-order", planType="normal_plan", planOrderId="9") == "43025"
