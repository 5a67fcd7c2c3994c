from __future__ import annotations

from tests.sandbox.exchange.floor import START, Floor


def item(oid: str, **p: str) -> dict[str, str]:
    return {"size": "0.001", "price": "99000", "side": "buy", "tradeSide": "open", "orderType": "limit",
            "clientOid": oid, **p}


def test_batch_succeeds_in_parts() -> None:
    floor = Floor()
    answer = floor.call("batch-place-order", marginMode="crossed",
                        orderList=[item("b-1"), item("b-2", size="0.0001", price="40000"), item("b-1")])
    assert [r["clientOid"] for r in answer["successList"]] == ["b-1"]
    assert [(r["orderId"], r["clientOid"], r["errorCode"]) for r in answer["failureList"]] == [
        ("", "b-2", "45110"), ("", "b-1", "40786")]
    assert answer["failureList"][0]["errorMsg"] == "less than the minimum amount 5 USDT"


def test_batch_item_without_size_fails_alone() -> None:
    floor = Floor()
    bad = {k: v for k, v in item("x").items() if k != "size"}
    answer = floor.call("batch-place-order", marginMode="crossed", orderList=[bad, item("y")])
    assert answer["failureList"][0]["errorCode"] == "40019"
    assert len(answer["successList"]) == 1


def test_batch_for_an_unknown_symbol_is_refused_whole() -> None:
    floor = Floor()
    assert floor.refusal("batch-place-order", symbol="NOUSDT", productType="USDT-FUTURES", marginCoin="USDT",
                         marginMode="crossed", orderList=[item("a")]) == "40034"


def test_batch_cancel_by_list_symbol_and_product() -> None:
    floor = Floor()
    first = floor.order("buy", "0.001", "99000")
    answer = floor.call("batch-cancel-orders", orderIdList=[{"orderId": first["orderId"]}, {"clientOid": "nope"}])
    assert answer["successList"] == [first]
    assert (answer["failureList"][0]["errorCode"], answer["failureList"][0]["errorMsg"]) == (
        "43001", "The order does not exist")
    floor.order("buy", "0.001", "99000")
    floor.order("buy", "0.01", "3900", symbol="ETHUSDT")
    assert len(floor.call("batch-cancel-orders")["successList"]) == 1
    assert len(floor.call("batch-cancel-orders", symbol=None, productType="USDT-FUTURES")["successList"]) == 1
    assert floor.refusal("batch-cancel-orders", symbol=None, productType="USDT-FUTURES",
                         orderIdList=[{"orderId": "1"}]) == "40019"


def test_cancel_all_spares_plans_and_says_when_there_is_nothing() -> None:
    floor = Floor()
    floor.order("buy", "0.001", "99000")
    floor.order("buy", "0.01", "3900", symbol="ETHUSDT")
    floor.call("place-plan-order", planType="normal_plan", size="0.01", triggerPrice="99000", side="buy",
               triggerType="mark_price", tradeSide="open", orderType="market", marginMode="crossed")
    assert len(floor.call("cancel-all-orders", symbol=None, productType="USDT-FUTURES")["successList"]) == 2
    assert len(floor.call("orders-plan-pending", planType="normal_plan")["entrustedList"]) == 1
    assert floor.refusal("cancel-all-orders") == "22001"


def test_cancel_all_keeps_to_its_coin() -> None:
    floor = Floor()
    floor.order("buy", "0.01", "99000", symbol="BTCUSD")
    floor.order("buy", "0.1", "3900", symbol="ETHUSD")
    answer = floor.call("cancel-all-orders", symbol=None, productType="COIN-FUTURES", marginCoin="ETH")
    assert len(answer["successList"]) == 1
    assert floor.call("orders-pending", productType="COIN-FUTURES", symbol="BTCUSD")["entrustedList"] is not None


def test_receive_window() -> None:
    floor = Floor()
    floor.order("buy", "0.001", "99000")
    assert floor.refusal("cancel-all-orders", requestTime=str(START - 5000), receiveWindow="4000") == "40078"
    assert floor.refusal("cancel-all-orders", requestTime=str(START), receiveWindow="60000") == "40079"
    floor.call("cancel-all-orders", requestTime=str(START - 3000), receiveWindow="4000")
