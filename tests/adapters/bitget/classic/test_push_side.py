from __future__ import annotations

import pytest

from bot.adapters.bitget.classic.push_side import UNTOLD, Aim, cause_of, fill_aim, order_aim
from bot.domain.fill import Cause
from bot.domain.intent import Direction, Effect

OPEN_LONG: Aim = (Direction.LONG, Effect.OPEN)
CLOSE_LONG: Aim = (Direction.LONG, Effect.CLOSE)
OPEN_SHORT: Aim = (Direction.SHORT, Effect.OPEN)
CLOSE_SHORT: Aim = (Direction.SHORT, Effect.CLOSE)


@pytest.mark.parametrize(
    ("side", "trade_side", "held", "reduce_only", "aim"),
    [
        # Hedge mode: `side` names the position (semantics section 2.2).
        ("buy", "open", "long", "no", OPEN_LONG),
        ("buy", "close", "long", "no", CLOSE_LONG),
        ("sell", "open", "short", "no", OPEN_SHORT),
        ("sell", "close", "short", "no", CLOSE_SHORT),
        ("buy", "close", None, None, CLOSE_LONG),
        (None, "close", "short", None, CLOSE_SHORT),
        # One-way mode: `side` is the trade.
        ("buy", "buy_single", "net", "no", OPEN_LONG),
        ("sell", "sell_single", "net", "no", OPEN_SHORT),
        ("sell", "sell_single", "net", "yes", CLOSE_LONG),
        ("buy", "buy_single", "net", "YES", CLOSE_SHORT),
        ("buy", "", "net", True, CLOSE_SHORT),
        # Forced closings name what they close, in hedge mode by position, in one-way mode by trade.
        ("buy", "burst_close_long", "long", "no", CLOSE_LONG),
        ("buy", "reduce_close_short", None, "no", CLOSE_SHORT),
        ("sell", "burst_sell_single", "net", "no", CLOSE_LONG),
        ("buy", "dte_sys_adl_buy_in_single_side_mode", "net", "no", CLOSE_SHORT),
        # What the wire does not tell stays untold.
        ("buy", None, None, None, UNTOLD),
        ("buy", "open", None, None, OPEN_LONG),
        (None, "open", None, None, UNTOLD),
        ([], {}, 7, None, UNTOLD),
        ("buy", "a new word", "net", "no", OPEN_LONG),
    ],
)
def test_the_aim_of_an_order(side: object, trade_side: object, held: object, reduce_only: object, aim: Aim) -> None:
    assert order_aim(side, trade_side, held, reduce_only) == aim


def test_a_guard_closes_whatever_it_says() -> None:
    assert order_aim("sell", "sell_single", "net", "no", guard=True) == CLOSE_LONG
    assert order_aim("buy", None, "long", None, guard=True) == CLOSE_LONG


@pytest.mark.parametrize(
    ("side", "trade_side", "closes", "aim"),
    [
        # The one channel whose side is the trade itself: closing a long is a sale (websocket.md 7.4).
        ("buy", "open", False, OPEN_LONG),
        ("sell", "close", False, CLOSE_LONG),
        ("sell", "open", False, OPEN_SHORT),
        ("buy", "close", True, CLOSE_SHORT),
        ("sell", "sell_single", True, CLOSE_LONG),
        ("sell", "sell_single", False, UNTOLD),
        ("sell", "burst_close_long", True, CLOSE_LONG),
        ("buy", "burst_buy_single", True, CLOSE_SHORT),
        (None, "open", False, UNTOLD),
        (7, ["open"], False, UNTOLD),
    ],
)
def test_the_aim_of_a_fill_is_flipped(side: object, trade_side: object, closes: bool, aim: Aim) -> None:
    assert fill_aim(side, trade_side, closes) == aim


@pytest.mark.parametrize(
    ("trade_side", "entered_by", "cause"),
    [
        ("open", "API", Cause.ORDER), ("close", "SYS", Cause.LIQUIDATION), ("buy_single", None, Cause.ORDER),
        ("burst_close_long", "SYS", Cause.LIQUIDATION), ("reduce_sell_single", None, Cause.LIQUIDATION),
        ("offset_close_short", None, Cause.LIQUIDATION), ("delivery_close_long", None, Cause.DELIVERY),
        ("dte_sys_adl_close_long", "SYS", Cause.DELEVERAGED), ("a new word", None, Cause.ORDER),
        (None, "SYS", Cause.LIQUIDATION), ([], {}, Cause.ORDER),
    ],
)
def test_the_cause_of_an_execution(trade_side: object, entered_by: object, cause: Cause) -> None:
    assert cause_of(trade_side, entered_by) is cause
