from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.exchange.floor import Floor


def trigger(floor: Floor, at: str, **p: Any) -> dict[str, Any]:
    """Place a normal_plan that opens a long at market unless told otherwise."""
    return dict(floor.call("place-plan-order", **{
        "planType": "normal_plan", "size": "0.01", "triggerPrice": at, "triggerType": "fill_price", "side": "buy",
        "tradeSide": "open", "orderType": "market", "marginMode": "crossed", **p}))


def tpsl(floor: Floor, kind: str, price: str, **p: Any) -> dict[str, Any]:
    """Place a take-profit or stop-loss on the long position."""
    return dict(floor.call("place-tpsl-order", planType=kind, triggerPrice=price, **{"holdSide": "long", **p}))


def ended(floor: Floor, ack: dict[str, Any], kind: str = "profit_loss") -> dict[str, Any]:
    """Return a plan's row of the history."""
    rows = floor.call("orders-plan-history", planType=kind, orderId=ack["orderId"])["entrustedList"]
    return dict(rows[0])


@pytest.mark.parametrize(("at", "quiet", "fires"), [("101000", "100999.9", "101000"), ("99000", "99000.1", "98999")])
def test_trigger_fires_when_crossed_from_the_side_it_was_on(at: str, quiet: str, fires: str) -> None:
    floor = Floor()
    ack = trigger(floor, at)
    floor.move("BTCUSDT", quiet)
    assert floor.positions() == []
    floor.move("BTCUSDT", fires)
    assert floor.positions()[0]["total"] == "0.01"
    row = ended(floor, ack, "normal_plan")
    assert (row["planStatus"], row["baseVolume"]) == ("executed", "0.01")
    order = floor.detail({"orderId": row["executeOrderId"]})
    assert order["orderSource"] == "plan_market"
    statuses = [r["status"] for r in floor.rows("orders-algo")]
    assert statuses == ["live", "executing", "executed"]
    assert {r["planType"] for r in floor.rows("orders-algo")} == {"pl"}
    [sub] = floor.call("plan-sub-order", planType="normal_plan", planOrderId=ack["orderId"])
    assert (sub["orderId"], sub["status"], sub["type"]) == (row["executeOrderId"], "success", "market")


def test_mark_triggers_ignore_the_last_price() -> None:
    floor = Floor()
    trigger(floor, "101000", triggerType="mark_price")
    floor.engine.price("BTCUSDT", "101500", "100900", "100900")
    assert floor.positions() == []
    floor.engine.price("BTCUSDT", "100900", "101000", "101000")
    assert len(floor.positions()) == 1


def test_margin_is_not_reserved_so_a_plan_can_fail() -> None:
    floor = Floor()
    ack = trigger(floor, "101000", size="5")
    assert floor.call("account")["locked"] == "0"
    floor.move("BTCUSDT", "101000")
    assert ended(floor, ack, "normal_plan")["planStatus"] == "fail_execute"


def test_limit_trigger_rests_with_its_presets() -> None:
    floor = Floor()
    trigger(floor, "99000", orderType="limit", price="98900", stopSurplusTriggerPrice="100000",
            stopSurplusTriggerType="fill_price", stopLossTriggerPrice="98000", stopLossTriggerType="fill_price")
    floor.move("BTCUSDT", "99000")
    [order] = floor.call("orders-pending")["entrustedList"]
    assert (order["price"], order["presetStopSurplusPrice"], order["orderSource"]) == ("98900", "100000", "plan_limit")
    floor.move("BTCUSDT", "98890")
    kinds = {q["planType"] for q in floor.call("orders-plan-pending", planType="profit_loss")["entrustedList"]}
    assert kinds == {"profit_plan", "loss_plan"}


def test_trailing_order_activates_follows_and_fires() -> None:
    floor = Floor()
    trigger(floor, "99000", planType="track_plan", callbackRatio="1")
    floor.move("BTCUSDT", "99500")
    floor.move("BTCUSDT", "98900")
    floor.move("BTCUSDT", "97000")
    floor.move("BTCUSDT", "97960")
    assert floor.positions() == []
    floor.move("BTCUSDT", "97970")
    assert floor.positions()[0]["holdSide"] == "long"


@pytest.mark.parametrize(("side", "price", "code"), [("buy", "101000", "43034"), ("sell", "99000", "43035")])
def test_trailing_order_on_the_wrong_side(side: str, price: str, code: str) -> None:
    floor = Floor()
    assert floor.refusal("place-plan-order", planType="track_plan", callbackRatio="1", size="0.01", side=side,
                         triggerPrice=price, triggerType="fill_price", tradeSide="open", orderType="market",
                         marginMode="crossed") == code


def test_trailing_legs_are_percentages() -> None:
    floor = Floor()
    trigger(floor, "99000", planType="track_plan", callbackRatio="1", stopLossTriggerPrice="2",
            stopLossTriggerType="fill_price")
    floor.move("BTCUSDT", "99000")
    floor.move("BTCUSDT", "100000")
    [plan] = floor.call("orders-plan-pending", planType="profit_loss")["entrustedList"]
    assert plan["planType"] == "loss_plan"
    assert plan["triggerPrice"] == "97990.2"


def test_preset_stops_become_plans_and_close_the_position() -> None:
    floor = Floor()
    floor.order("buy", "0.02", presetStopSurplusPrice="102000", presetStopLossPrice="98000")
    plans = floor.call("orders-plan-pending", planType="profit_loss")["entrustedList"]
    assert {(q["planType"], q["size"], q["triggerType"]) for q in plans} == {
        ("profit_plan", "0.02", "fill_price"), ("loss_plan", "0.02", "fill_price")}
    floor.move("BTCUSDT", "97999")
    assert floor.positions() == []
    assert floor.call("orders-plan-pending", planType="profit_loss")["entrustedList"] is None
    rows = floor.call("orders-plan-history", planType="profit_loss")["entrustedList"]
    assert {r["planType"]: r["planStatus"] for r in rows} == {"profit_plan": "cancelled", "loss_plan": "executed"}


def test_presets_grow_with_later_fills() -> None:
    floor = Floor()
    floor.engine.chunks_next = 2
    floor.order("buy", "0.02", presetStopLossPrice="98000")
    [plan] = floor.call("orders-plan-pending", planType="profit_loss")["entrustedList"]
    assert plan["size"] == "0.01"
    floor.wait(200)
    [plan] = floor.call("orders-plan-pending", planType="profit_loss")["entrustedList"]
    assert plan["size"] == "0.02"


@pytest.mark.parametrize(("preset", "limit", "market"), [
    ({"presetStopSurplusPrice": "98000"}, "45064", "45060"), ({"presetStopLossPrice": "101000"}, "45066", "45062"),
])
def test_presets_on_the_wrong_side_are_refused(preset: dict[str, str], limit: str, market: str) -> None:
    floor = Floor()
    order = {"side": "buy", "tradeSide": "open", "size": "0.01", "marginMode": "crossed", **preset}
    assert floor.refusal("place-order", orderType="market", **order) == market
    assert floor.refusal("place-order", orderType="limit", price="99000", **order) == limit


@pytest.mark.parametrize(("kind", "price", "fires"), [
    ("profit_plan", "101000", "101000"), ("loss_plan", "99000", "99000"), ("pos_profit", "101000", "101001"),
    ("pos_loss", "99000", "98999"),
])
def test_take_profit_and_stop_loss_close_at_market(kind: str, price: str, fires: str) -> None:
    floor = Floor()
    floor.order("buy", "0.03")
    whole = kind.startswith("pos_")
    ack = tpsl(floor, kind, price, size=None if whole else "0.01")
    floor.move("BTCUSDT", fires)
    left = [row["total"] for row in floor.positions()]
    assert left == ([] if whole else ["0.02"])
    row = ended(floor, ack)
    assert row["planStatus"] == "executed"
    source = floor.detail({"orderId": row["executeOrderId"]})["orderSource"]
    assert source == f"{kind.removesuffix('_plan')}_market"


def test_position_row_shows_position_level_stops() -> None:
    floor = Floor()
    floor.order("buy", "0.03")
    made = floor.call("place-pos-tpsl", holdSide="long", stopSurplusTriggerPrice="102000",
                      stopLossTriggerPrice="98000", stopSurplusClientOid="tp-9", stopLossClientOid="sl-9")
    assert [(r["stopSurplusClientOid"], r["stopLossClientOid"]) for r in made] == [("tp-9", "sl-9")] * 2
    [row] = floor.positions()
    assert (row["takeProfit"], row["stopLoss"]) == ("102000", "98000")
    assert (row["takeProfitId"], row["stopLossId"]) == tuple(r["orderId"] for r in made)
    plans = floor.call("orders-plan-pending", planType="profit_loss")["entrustedList"]
    assert {q["size"] for q in plans} == {"0"}
    assert floor.refusal("place-tpsl-order", planType="pos_profit", triggerPrice="103000", holdSide="long") == "43030"
    assert floor.refusal("place-tpsl-order", planType="pos_loss", triggerPrice="97000", holdSide="long") == "43031"


def test_both_legs_or_neither() -> None:
    floor = Floor()
    floor.order("buy", "0.03")
    assert floor.refusal("place-pos-tpsl", holdSide="long", stopSurplusTriggerPrice="102000",
                         stopLossTriggerPrice="101000") == "40834"
    assert floor.call("orders-plan-pending", planType="profit_loss")["entrustedList"] is None
    assert floor.refusal("place-pos-tpsl", holdSide="long") == "40913"


def test_moving_plan_trails_a_long_from_its_activation() -> None:
    floor = Floor()
    floor.order("buy", "0.03")
    tpsl(floor, "moving_plan", "101000", size="0.03", rangeRate="1")
    floor.move("BTCUSDT", "99500")
    floor.move("BTCUSDT", "101000")
    floor.move("BTCUSDT", "103000")
    floor.move("BTCUSDT", "101971")
    assert len(floor.positions()) == 1
    floor.move("BTCUSDT", "101969")
    assert floor.positions() == []
    assert next(r["planType"] for r in floor.rows("orders-algo")) == "mtpsl"


def test_limit_take_profit_rests_and_locks_only_then() -> None:
    floor = Floor()
    floor.order("buy", "0.03")
    tpsl(floor, "profit_plan", "101000", size="0.03", executePrice="101500")
    assert floor.positions()[0]["locked"] == "0"
    floor.move("BTCUSDT", "101000")
    assert floor.positions()[0]["locked"] == "0.03"
    assert floor.call("orders-pending")["entrustedList"][0]["orderSource"] == "profit_limit"


def test_stop_is_capped_to_what_can_be_closed() -> None:
    floor = Floor()
    floor.order("buy", "0.03")
    tpsl(floor, "loss_plan", "99000", size="0.03")
    floor.order("buy", "0.02", tradeSide="close")
    floor.move("BTCUSDT", "98990")
    assert floor.positions() == []


@pytest.mark.parametrize(("kind", "price", "trigger_type", "code"), [
    ("profit_plan", "99000", "fill_price", "40830"), ("profit_plan", "99000", "mark_price", "40915"),
    ("loss_plan", "101000", "fill_price", "40834"), ("loss_plan", "101000", "mark_price", "40917"),
])
def test_long_stops_on_the_wrong_side(kind: str, price: str, trigger_type: str, code: str) -> None:
    floor = Floor()
    floor.order("buy", "0.03")
    assert floor.refusal("place-tpsl-order", planType=kind, triggerPrice=price, triggerType=trigger_type, size="0.01",
                         holdSide="long") == code


@pytest.mark.parametrize(("kind", "price", "trigger_type", "code"), [
    ("profit_plan", "101000", "fill_price", "40832"), ("loss_plan", "99000", "fill_price", "40836"),
    ("loss_plan", "99000", "mark_price", "45122"),
])
def test_short_stops_on_the_wrong_side(kind: str, price: str, trigger_type: str, code: str) -> None:
    floor = Floor()
    floor.order("sell", "0.03")
    assert floor.refusal("place-tpsl-order", planType=kind, triggerPrice=price, triggerType=trigger_type, size="0.01",
                         holdSide="short") == code


def test_stops_need_a_position_and_fit_into_it() -> None:
    floor = Floor()
    ask = {"planType": "loss_plan", "triggerPrice": "99000", "size": "0.05", "holdSide": "long"}
    assert floor.refusal("place-tpsl-order", **ask) == "40837"
    floor.order("buy", "0.03")
    assert floor.refusal("place-tpsl-order", **ask) == "43023"
    assert floor.refusal("place-tpsl-order", **{**ask, "size": None}) == "40019"
    assert floor.refusal("place-tpsl-order", planType="moving_plan", triggerPrice="101000", size="0.01",
                         rangeRate="0.01", holdSide="long") == "43032"


def test_one_way_names_the_position_buy_or_sell() -> None:
    floor = Floor(one_way=True)
    floor.order("sell", "0.03")
    assert floor.refusal("place-tpsl-order", planType="pos_loss", triggerPrice="101000", holdSide="short") == "40020"
    ack = tpsl(floor, "pos_loss", "101000", holdSide="sell")
    [row] = floor.call("orders-plan-pending", planType="profit_loss")["entrustedList"]
    assert (row["side"], row["tradeSide"], row["posSide"]) == ("buy", "buy_single", "net")
    floor.move("BTCUSDT", "101000")
    assert floor.positions() == []
    assert ended(floor, ack)["planStatus"] == "executed"


def test_a_touched_stop_fires_in_the_same_move_that_filled_the_entry() -> None:
    floor = Floor()
    floor.order("buy", "0.01", "99000", presetStopLossPrice="98500")
    floor.move("BTCUSDT", "98000")
    assert floor.positions() == []
    assert Decimal(floor.call("history-position")["list"][0]["pnl"]) < 0
