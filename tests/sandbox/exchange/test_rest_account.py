from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from bot.sandbox.exchange.endpoints import ENDPOINTS
from tests.sandbox.exchange.floor import ROUTES, START, Floor

D = Decimal
DAY = 86_400_000
SHARED = {
    "marginCoin", "locked", "available", "crossedMaxAvailable", "isolatedMaxAvailable", "maxTransferOut",
    "accountEquity", "usdtEquity", "btcEquity", "crossedRiskRate", "unrealizedPL", "coupon", "crossedUnrealizedPL",
    "isolatedUnrealizedPL", "grant", "isolatedMargin", "crossedMargin", "assetMode",
}
POSITION = {
    "marginCoin", "symbol", "holdSide", "openDelegateSize", "marginSize", "available", "locked", "total", "leverage",
    "achievedProfits", "openPriceAvg", "marginMode", "posMode", "unrealizedPL", "liquidationPrice", "keepMarginRate",
    "markPrice", "marginRatio", "breakEvenPrice", "totalFee", "deductedFee", "takeProfit", "stopLoss", "takeProfitId",
    "stopLossId", "assetMode", "autoMargin", "grant", "cTime", "uTime",
}


def test_fresh_account_is_as_the_contract_says() -> None:
    """C10: hedge, crossed, 20x; 10,000 USDT, 10,000 USDC, 1 BTC, 10 ETH."""
    floor = Floor()
    row = floor.call("account")
    assert row.keys() == SHARED | {"crossedMarginLeverage", "isolatedLongLever", "isolatedShortLever", "marginMode",
                                   "posMode"}
    assert (row["marginMode"], row["posMode"], row["crossedMarginLeverage"]) == ("crossed", "hedge_mode", 20)
    assert (row["available"], row["usdtEquity"], row["btcEquity"]) == ("10000", "10000", "0.1")
    coins = {r["marginCoin"]: r["accountEquity"] for product in ("USDT-FUTURES", "USDC-FUTURES", "COIN-FUTURES")
             for r in floor.call("accounts", symbol=None, productType=product)}
    assert coins == {"USDT": "10000", "USDC": "10000", "BTC": "1", "ETH": "10"}


def test_account_list_rows() -> None:
    floor = Floor()
    [row] = floor.call("accounts")
    assert row.keys() == SHARED | {"unionTotalMargin", "unionAvailable", "unionMm", "assetList"}
    assert (row["unionTotalMargin"], row["assetList"]) == ("", [])


def test_position_rows() -> None:
    floor = Floor()
    assert floor.positions() == []
    floor.order("buy", "0.01")
    floor.order("buy", "0.02", "98000")
    [row] = floor.positions()
    assert row.keys() == POSITION
    assert (row["openDelegateSize"], row["totalFee"], row["leverage"], row["takeProfit"]) == ("0.02", "", "20", "")
    assert floor.call("all-position") == [row]
    assert floor.call("all-position", marginCoin="USDC") == []


def test_newest_position_first() -> None:
    floor = Floor()
    floor.order("buy", "0.01")
    floor.order("buy", "0.1", symbol="ETHUSDT")
    assert [r["symbol"] for r in floor.call("all-position")] == ["ETHUSDT", "BTCUSDT"]


def test_leverage_matrix() -> None:
    floor = Floor()
    answer = floor.call("set-leverage", leverage="25")
    assert answer == {"symbol": "BTCUSDT", "marginCoin": "USDT", "longLeverage": "25", "shortLeverage": "25",
                      "crossMarginLeverage": "25", "marginMode": "crossed"}
    assert floor.refusal("set-leverage", leverage="25") == "40814"
    assert floor.call("set-leverage", longLeverage="7", shortLeverage="9")["crossMarginLeverage"] == "7"
    floor.call("set-margin-mode", marginMode="isolated")
    assert floor.refusal("set-leverage", leverage="10") == "40808"
    assert floor.call("set-leverage", leverage="10", holdSide="long")["longLeverage"] == "10"
    answer = floor.call("set-leverage", leverage="3", longLeverage="11", shortLeverage="12")
    assert (answer["longLeverage"], answer["shortLeverage"], answer["marginMode"]) == ("11", "12", "isolated")


@pytest.mark.parametrize(("leverage", "code"), [("0", "45044"), ("126", "45044"), ("2.5", "40020"), (None, "40019")])
def test_leverage_range(leverage: str | None, code: str) -> None:
    assert Floor().refusal("set-leverage", leverage=leverage) == code


def test_leverage_with_orders_positions_and_tiers() -> None:
    floor = Floor()
    ack = floor.order("buy", "0.01", "99000")
    assert floor.refusal("set-leverage", leverage="10") == "40730"
    floor.call("cancel-order", orderId=ack["orderId"])
    floor.order("buy", "1.6")
    assert floor.refusal("set-leverage", leverage="1") == "40893"
    assert floor.refusal("set-leverage", leverage="125") == "40921"
    floor.call("set-leverage", leverage="50")
    assert floor.positions()[0]["leverage"] == "50"


def test_lower_isolated_leverage_takes_margin_from_the_wallet() -> None:
    floor = Floor()
    floor.order("buy", "0.1", marginMode="isolated")
    held = D(floor.positions()[0]["marginSize"])
    floor.call("set-leverage", leverage="10", holdSide="long")
    assert D(floor.positions()[0]["marginSize"]) == held * 2
    assert floor.bills()[0]["businessType"] == "adjust_down_lever_append_margin"


def test_set_all_leverage_touches_held_symbols_only() -> None:
    floor = Floor()
    floor.order("buy", "0.01")
    assert floor.call("set-all-leverage", leverage="15") == "success"
    assert floor.call("account")["crossedMarginLeverage"] == 15
    assert floor.call("account", symbol="ETHUSDT")["crossedMarginLeverage"] == 20


def test_margin_of_isolated_positions() -> None:
    floor = Floor()
    assert floor.refusal("set-margin", amount="10", holdSide="long") == "40875"
    floor.call("set-margin-mode", marginMode="isolated")
    assert floor.refusal("set-margin", amount="10", holdSide="long") == "40802"
    floor.order("buy", "0.1", marginMode="isolated")
    held = D(floor.positions()[0]["marginSize"])
    assert floor.call("set-margin", amount="20", holdSide="long") == ""
    assert D(floor.positions()[0]["marginSize"]) == held + 20
    assert floor.refusal("set-margin", amount="99999", holdSide="long") == "40800"
    assert floor.refusal("set-margin", amount="-300", holdSide="long") == "40801"
    floor.call("set-margin", amount="-20", holdSide="long")
    kinds = [b["businessType"] for b in floor.bills()[:2]]
    assert kinds == ["reduce_margin", "append_margin"]


def test_auto_margin() -> None:
    floor = Floor()
    ask = {"autoMargin": "on", "holdSide": "long"}
    assert floor.refusal("set-auto-margin", **ask) == "40874"
    floor.call("set-margin-mode", marginMode="isolated")
    assert floor.refusal("set-auto-margin", **ask) == "40709"
    floor.order("buy", "0.1", marginMode="isolated")
    assert floor.call("set-auto-margin", **ask) == "success"
    assert floor.positions()[0]["autoMargin"] == "on"


def test_margin_mode_is_blocked_while_anything_stands() -> None:
    floor = Floor()
    floor.order("buy", "0.01", "99000")
    assert floor.refusal("set-margin-mode", marginMode="isolated") == "45117"
    assert floor.refusal("place-order", side="buy", tradeSide="open", size="0.01", price="99000", orderType="limit",
                         marginMode="isolated") == "45117"
    floor.call("cancel-all-orders")
    answer = floor.call("set-margin-mode", marginMode="isolated")
    assert answer == {"symbol": "BTCUSDT", "marginCoin": "USDT", "longLeverage": "20", "shortLeverage": "20",
                      "marginMode": "isolated"}
    assert floor.call("isolated-symbols") == [{"symbol": "BTCUSDT", "marginMode": "isolated"}]


@pytest.mark.parametrize("what", ["order", "position", "plan"])
def test_position_mode_is_blocked_by_anything_in_the_product(what: str) -> None:
    floor = Floor()
    if what == "order":
        floor.order("buy", "0.01", "3900", symbol="ETHUSDT")
    elif what == "position":
        floor.order("buy", "0.01", symbol="ETHUSDT")
    else:
        floor.call("place-plan-order", planType="normal_plan", size="0.01", triggerPrice="99000", side="buy",
                   triggerType="mark_price", tradeSide="open", orderType="market", marginMode="crossed")
    assert floor.refusal("set-position-mode", posMode="one_way_mode") == "40920"
    assert floor.call("set-position-mode", posMode="hedge_mode") == {"posMode": "hedge_mode"}
    assert floor.call("set-position-mode", symbol="BTCUSD", posMode="one_way_mode") == {"posMode": "one_way_mode"}


def test_asset_mode() -> None:
    floor = Floor()
    assert floor.refusal("set-asset-mode", symbol="BTCPERP", assetMode="union") == "40020"
    floor.call("set-margin-mode", marginMode="isolated")
    assert floor.refusal("set-asset-mode", assetMode="union") == "45099"
    floor.call("set-margin-mode", marginMode="crossed")
    assert floor.call("set-asset-mode", assetMode="union") == "success"
    assert floor.refusal("set-margin-mode", marginMode="isolated") == "45099"
    assert floor.call("accounts")[0]["assetList"][0]["coin"] == "USDT"


def test_open_count_as_sampled() -> None:
    floor = Floor()
    assert floor.call("open-count", symbol="ETHUSDT", openAmount="50", openPrice="2100", leverage="20") == {
        "size": "0.47"}


def test_bills_add_up_to_the_balance() -> None:
    floor = Floor()
    floor.order("buy", "0.1")
    floor.move("BTCUSDT", "100500")
    floor.engine.market_time(START + DAY)
    floor.order("buy", "0.1", tradeSide="close")
    bills = floor.bills()
    assert bills[0].keys() == {"billId", "symbol", "amount", "fee", "feeByCoupon", "businessType", "coin", "balance",
                               "cTime"}
    assert 10000 + sum(D(b["amount"]) + D(b["fee"]) for b in bills) == floor.balance() == D(bills[0]["balance"])
    assert [b["businessType"] for b in bills] == ["close_long", *["contract_settle_fee"] * 3, "open_long"]


def test_bill_filters_and_pages() -> None:
    floor = Floor(one_way=True)
    for _ in range(3):
        floor.order("buy", "0.001")
    page = floor.call("bill", limit="2")
    assert {b["businessType"] for b in page["bills"]} == {"buy"}
    assert len(floor.call("bill", idLessThan=page["endId"])["bills"]) == 1
    assert floor.call("bill", businessType="sell")["bills"] == []
    assert floor.refusal("bill", businessType="nonsense") == "40020"
    assert floor.refusal("bill", startTime=str(START - 31 * DAY), endTime=str(START)) == "00001"


@pytest.mark.parametrize(("word", "p", "keys"), [
    ("sub-account-assets", {}, None), ("transfer-limits", {"coin": "BTC"}, {"coin", "maxTransferIn"}),
    ("union-config", {}, {"imr", "mmr", "individualLimit", "individualLimitRatio"}),
    ("switch-union-usdt", {}, {"usdtAmount"}),
    ("interest-history", {}, {"nextSettleTime", "borrowAmount", "borrowLimit", "interestList", "endId"}),
])
def test_multi_asset_reads_have_the_right_shape(word: str, p: dict[str, Any], keys: set[str] | None) -> None:
    answer = Floor().call(word, **p)
    assert answer == [] if keys is None else answer.keys() == keys


def test_every_endpoint_of_the_sections_has_a_handler() -> None:
    sections = {"account", "position", "order"}
    mix = [route for route in ENDPOINTS if route[1].startswith("/api/v2/mix/")]
    wanted = {route for route in mix if route[1].split("/")[4] in sections}
    assert wanted == ROUTES.keys()
