from __future__ import annotations

from decimal import Decimal

from tests.sandbox.exchange.floor import Floor

D = Decimal


def world(insurance: str) -> tuple[Floor, dict[str, str]]:
    """Let a long go bankrupt against a short of another account; return what that account was told."""
    floor = Floor()
    floor.engine.insurance_start = D(insurance)
    winner = floor.engine.add_account("winner")
    floor.order("buy", "1")
    floor.call("place-order", winner, side="sell", tradeSide="open", size="0.4", orderType="market",
               marginMode="crossed")
    floor.move("BTCUSDT", "80000")
    for _ in range(20):
        floor.wait(200)
    notices = [row for event in floor.events if event.channel == "adl-noti" and event.account == "winner"
               for row in event.rows]
    return floor, notices[0] if notices else {}


def test_insurance_carries_a_small_bankruptcy() -> None:
    floor, notice = world("20000")
    assert not notice
    assert floor.engine.insurance["USDT"] < 20000
    assert ("BTCUSDT", "short") in floor.engine.accounts["winner"].positions


def test_without_insurance_the_winner_is_deleveraged() -> None:
    floor, notice = world("0")
    assert (notice["symbol"], notice["side"], notice["amount"], notice["price"]) == ("BTCUSDT", "buy", "0.4", "80000")
    winner = floor.engine.accounts["winner"]
    assert not winner.positions
    row = floor.call("orders-history", winner)["entrustedList"][0]
    assert (row["tradeSide"], row["orderSource"]) == ("dte_sys_adl_close_short", "market_risk")
    assert floor.call("bill", winner)["bills"][0]["businessType"] == "adl_close_short"
