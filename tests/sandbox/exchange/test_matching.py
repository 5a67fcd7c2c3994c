from __future__ import annotations

from decimal import Decimal

import pytest

from tests.sandbox.exchange.floor import Floor


def test_market_order_sweeps_depth_best_price_first() -> None:
    floor = Floor()
    _, asks = floor.engine.depth("BTCUSDT")
    size = Decimal(asks[0][1]) + Decimal(asks[1][1]) / 2 // Decimal("0.0001") * Decimal("0.0001")
    floor.main.wallet_of("USDT-FUTURES", "USDT").balance = Decimal(10_000_000)
    ack = floor.order("buy", str(size))
    fills = floor.call("fills", orderId=ack["orderId"])["fillList"]
    assert [Decimal(f["price"]) for f in reversed(fills)] == [Decimal(price) for price, _ in asks[:2]]
    assert sum(Decimal(f["baseVolume"]) for f in fills) == size
    assert all(f["tradeScope"] == "taker" for f in fills)
    assert floor.detail(ack)["state"] == "filled"
    assert Decimal(floor.engine.depth("BTCUSDT")[1][0][0]) == Decimal(asks[1][0])


def test_depth_is_ordered_never_crossed_and_holds_own_orders() -> None:
    floor = Floor()
    floor.order("buy", "0.5", "99990.3")
    bids, asks = floor.engine.depth("BTCUSDT")
    assert [Decimal(p) for p, _ in bids] == sorted((Decimal(p) for p, _ in bids), reverse=True)
    assert [Decimal(p) for p, _ in asks] == sorted(Decimal(p) for p, _ in asks)
    assert Decimal(bids[0][0]) < Decimal(asks[0][0])
    assert dict(bids)["99990.3"] == "0.5000"
    assert len(bids) >= 100


def test_depth_survives_a_move_in_most_levels() -> None:
    floor = Floor()
    before = dict(floor.engine.depth("BTCUSDT")[0])
    floor.move("BTCUSDT", "100002")
    after = dict(floor.engine.depth("BTCUSDT")[0])
    same = sum(1 for price, size in after.items() if before.get(price) == size)
    assert same > len(after) * 0.7


def test_resting_limit_fills_as_maker_at_its_own_price_when_traded_through() -> None:
    floor = Floor()
    ack = floor.order("buy", "0.01", "99000")
    assert floor.detail(ack)["state"] == "live"
    floor.move("BTCUSDT", "98990")
    row = floor.detail(ack)
    assert (row["state"], row["priceAvg"], row["fee"]) == ("filled", "99000", "-0.198")
    assert floor.call("fills", orderId=ack["orderId"])["fillList"][0]["tradeScope"] == "maker"


def test_touch_fills_by_time_and_only_as_far_as_the_touch_goes() -> None:
    floor = Floor()
    floor.main.wallet_of("USDT-FUTURES", "USDT").balance = Decimal(10_000_000)
    first, second = floor.order("buy", "0.5", "99000"), floor.order("buy", "0.5", "99000")
    floor.move("BTCUSDT", "99000")
    assert floor.detail(first)["state"] == "filled"
    row = floor.detail(second)
    assert row["state"] == "partially_filled"
    assert Decimal(row["baseVolume"]) < Decimal("0.5")
    pushed = [r["status"] for r in floor.rows("orders") if r["orderId"] == second["orderId"]]
    assert pushed == ["live", "partially_filled"]


def test_two_accounts_meet_at_price_then_time() -> None:
    floor = Floor()
    other = floor.engine.add_account("other")
    floor.order("buy", "0.01", "99999.9", clientOid="early")
    floor.order("buy", "0.01", "99999.9", clientOid="late")
    ask = {"marginMode": "crossed", "side": "sell", "tradeSide": "open", "size": "0.01", "orderType": "limit",
           "price": "99999.9", "force": "ioc"}
    floor.call("place-order", other, **ask)
    assert floor.detail({"clientOid": "early"})["state"] == "filled"
    assert floor.detail({"clientOid": "late"})["state"] == "live"
    assert floor.trades[-1].side == "sell"


def test_post_only_that_would_take_is_accepted_then_cancelled() -> None:
    floor = Floor()
    ack = floor.order("buy", "0.01", "100500", force="post_only")
    row = floor.detail(ack)
    assert (row["state"], row["cancelReason"], row["baseVolume"]) == ("canceled", "post_only_fill_cancel", "0")
    resting = floor.order("buy", "0.01", "99990", force="post_only")
    assert floor.detail(resting)["state"] == "live"


@pytest.mark.parametrize(("force", "filled", "reason"), [
    ("ioc", True, "ioc_not_full_cancel"), ("fok", False, "fok_not_full_cancel"),
])
def test_what_cannot_fill_at_once_is_cancelled(force: str, filled: bool, reason: str) -> None:
    floor = Floor()
    floor.main.wallet_of("USDT-FUTURES", "USDT").balance = Decimal(100_000_000)
    ask = floor.engine.depth("BTCUSDT")[1][0]
    ack = floor.order("buy", str(Decimal(ask[1]) + 1), ask[0], force=force)
    row = floor.detail(ack)
    assert (row["state"], row["cancelReason"]) == ("canceled", reason)
    assert (Decimal(row["baseVolume"]) > 0) is filled


def test_fok_that_fits_fills_whole() -> None:
    floor = Floor()
    ack = floor.order("buy", "0.02", "100500", force="fok")
    assert floor.detail(ack)["state"] == "filled"


def test_market_beyond_the_book_is_cut_by_slippage() -> None:
    floor = Floor()
    floor.main.wallet_of("USDT-FUTURES", "USDT").balance = Decimal(1_000_000_000)
    floor.call("set-leverage", symbol="SOLUSDT", leverage="1")
    total = sum(Decimal(size) for _, size in floor.engine.depth("SOLUSDT")[1])
    floor.order("buy", str(total - 1), "203.9", symbol="SOLUSDT", force="ioc")
    row = floor.detail(floor.order("buy", "10", symbol="SOLUSDT"), symbol="SOLUSDT")
    assert (row["state"], row["cancelReason"], row["baseVolume"]) == ("canceled", "slippage_cancel", "1")


@pytest.mark.parametrize(("mode", "maker", "taker"), [
    ("cancel_taker", "live", "canceled"), ("cancel_maker", "canceled", "filled"),
    ("cancel_both", "canceled", "canceled"), ("none", "filled", "filled"),
])
def test_self_trade_prevention_is_decided_by_the_incoming_order(mode: str, maker: str, taker: str) -> None:
    floor = Floor()
    resting = floor.order("buy", "0.01", "99999.9")
    incoming = floor.order("sell", "0.01", "99990", stpMode=mode)
    assert (floor.detail(resting)["state"], floor.detail(incoming)["state"]) == (maker, taker)
    reasons = {floor.detail(a)["cancelReason"] for a in (resting, incoming) if floor.detail(a)["state"] == "canceled"}
    assert reasons <= {"stp_cancel"}


def test_partial_fills_fault_splits_an_order_over_time() -> None:
    floor = Floor()
    floor.engine.chunks_next = 3
    ack = floor.order("buy", "0.03")
    assert floor.detail(ack)["baseVolume"] == "0.01"
    assert floor.detail(ack)["state"] == "partially_filled"
    floor.wait(150)
    assert floor.detail(ack)["baseVolume"] == "0.02"
    floor.wait(150)
    assert floor.detail(ack)["state"] == "filled"
    fills = [r for r in floor.rows("orders") if r["orderId"] == ack["orderId"] and "tradeId" in r]
    volumes = [(r["baseVolume"], r["accBaseVolume"]) for r in fills]
    assert volumes == [("0.01", "0.01"), ("0.01", "0.02"), ("0.01", "0.03")]


def test_partly_filled_then_cancelled_keeps_its_volume() -> None:
    floor = Floor()
    floor.engine.chunks_next = 4
    ack = floor.order("buy", "0.04", "100100")
    floor.call("cancel-order", orderId=ack["orderId"])
    floor.wait(1000)
    row = floor.detail(ack)
    assert (row["state"], row["baseVolume"], row["cancelReason"]) == ("canceled", "0.01", "normal_cancel")


def test_late_submission_runs_when_due() -> None:
    floor = Floor()
    seen: list[int] = []
    floor.engine.submit_later(500, lambda: seen.append(1))
    floor.wait(499)
    assert not seen
    floor.wait(1)
    assert seen == [1]
