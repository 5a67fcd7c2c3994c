"""Wire form of every plan and guard, and recorded plans as reports."""
from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from bot.adapters.bitget.classic.map_orders import Unwritable
from bot.adapters.bitget.classic.map_plans import guard_body, guards_body, plan_body, plan_change, plan_report
from bot.adapters.bitget.classic.rows import one
from bot.adapters.bitget.classic.wire_plan import PlanRow
from bot.adapters.bitget.classic.wire_value import Notes
from bot.domain.account import PositionMode
from bot.domain.ids import ClientOrderId
from bot.domain.intent import Attached, Direction, Effect, MarginMode, OrderKind, Trigger, TriggerBy
from bot.domain.reports import VenueState
from tests.adapters.bitget.lab import NOON, data_of, intent

OID = ClientOrderId("wd-0000-aaaaaaaaaaaaaaaabb")
HEDGE, ONE_WAY = PositionMode.HEDGE, PositionMode.ONE_WAY
LONG, SHORT = Direction.LONG, Direction.SHORT
AT = Trigger(price=Decimal(24100))
TRAIL = Trigger(price=Decimal(24100), by=TriggerBy.LAST, callback=Decimal("1.5"))
PLACE = {"symbol": "BTCUSDT", "productType": "USDT-FUTURES", "marginCoin": "USDT"}


def plan(**changes: Any) -> Any:
    wish = {"kind": OrderKind.TRIGGER, "trigger": AT} | changes
    return intent(**wish)


def guard(**changes: Any) -> Any:
    return plan(**({"kind": OrderKind.STOP, "effect": Effect.CLOSE} | changes))


SIDES = [
    (HEDGE, LONG, Effect.OPEN, {"side": "buy", "tradeSide": "open"}),
    (HEDGE, SHORT, Effect.CLOSE, {"side": "sell", "tradeSide": "close"}),
    (ONE_WAY, SHORT, Effect.OPEN, {"side": "sell"}),
    (ONE_WAY, LONG, Effect.CLOSE, {"side": "sell", "reduceOnly": "YES"}),
]


@pytest.mark.parametrize(("mode", "direction", "effect", "words"), SIDES)
def test_trigger_order_at_market(
    mode: PositionMode, direction: Direction, effect: Effect, words: dict[str, str]
) -> None:
    body = plan_body(plan(direction=direction, effect=effect), OID, mode, "USDT")
    assert body == PLACE | words | {
        "planType": "normal_plan", "marginMode": "crossed", "size": "0.01", "triggerPrice": "24100",
        "triggerType": "mark_price", "orderType": "market", "clientOid": str(OID),
    }  # fmt: skip


def test_official_sample_of_a_limit_trigger_is_written_alike() -> None:
    wish = plan(limit_price=Decimal(24000), margin_mode=MarginMode.ISOLATED)
    assert plan_body(wish, ClientOrderId("plan-1"), HEDGE, "USDT") == {
        "planType": "normal_plan", "symbol": "BTCUSDT", "productType": "USDT-FUTURES", "marginMode": "isolated",
        "marginCoin": "USDT", "size": "0.01", "price": "24000", "triggerPrice": "24100", "triggerType": "mark_price",
        "side": "buy", "tradeSide": "open", "orderType": "limit", "clientOid": "plan-1",
    }  # fmt: skip


def test_trailing_order_is_market_with_a_callback() -> None:
    body = plan_body(plan(kind=OrderKind.TRAILING, trigger=TRAIL, limit_price=Decimal(1)), OID, HEDGE, "USDT")
    assert (body["planType"], body["orderType"], body["callbackRatio"]) == ("track_plan", "market", "1.5")
    assert body["triggerType"] == "fill_price"
    assert "price" not in body


def test_trigger_order_carries_its_stop_with_the_price_kind() -> None:
    body = plan_body(plan(attached=Attached(stop=Decimal(23000), target=Decimal(26000))), OID, HEDGE, "USDT")
    assert body["stopLossTriggerPrice"] == "23000" and body["stopLossTriggerType"] == "mark_price"
    assert body["stopSurplusTriggerPrice"] == "26000" and body["stopSurplusTriggerType"] == "mark_price"


GUARDS = [
    ({"kind": OrderKind.STOP, "size": None}, {"planType": "pos_loss"}),
    ({"kind": OrderKind.STOP, "size": Decimal("0.5")}, {"planType": "loss_plan", "size": "0.5"}),
    ({"kind": OrderKind.TARGET, "size": None}, {"planType": "pos_profit"}),
    ({"kind": OrderKind.TARGET, "size": Decimal("0.5")}, {"planType": "profit_plan", "size": "0.5"}),
    (
        {"kind": OrderKind.TARGET, "size": None, "limit_price": Decimal(24050)},
        {"planType": "pos_profit", "executePrice": "24050"},
    ),
]


@pytest.mark.parametrize(("mode", "direction", "word"), [
    (HEDGE, LONG, "long"), (HEDGE, SHORT, "short"), (ONE_WAY, LONG, "buy"), (ONE_WAY, SHORT, "sell")
])  # fmt: skip
@pytest.mark.parametrize(("changes", "words"), GUARDS)
def test_guards_name_the_position_in_each_mode(
    mode: PositionMode, direction: Direction, word: str, changes: dict[str, Any], words: dict[str, str]
) -> None:
    body = guard_body(guard(direction=direction, **changes), OID, mode, "USDT")
    expected = {"triggerPrice": "24100", "triggerType": "mark_price", "holdSide": word, "clientOid": str(OID)}
    assert body == PLACE | expected | words


def test_moving_stop_trails_by_a_rate() -> None:
    body = guard_body(guard(kind=OrderKind.MOVING_STOP, trigger=TRAIL), OID, HEDGE, "USDT")
    assert (body["planType"], body["rangeRate"], body["size"]) == ("moving_plan", "1.5", "0.01")
    assert "executePrice" not in body


def test_stop_and_target_in_one_call() -> None:
    stop = guard(size=None, trigger=Trigger(price=Decimal(55001)))
    target = guard(kind=OrderKind.TARGET, size=None, trigger=Trigger(price=Decimal(69000)))
    legs = (stop, ClientOrderId("sl-9")), (target, ClientOrderId("tp-9"))
    assert guards_body(*legs, HEDGE, "USDT") == {
        "marginCoin": "USDT", "productType": "USDT-FUTURES", "symbol": "BTCUSDT", "holdSide": "long",
        "stopSurplusTriggerPrice": "69000", "stopSurplusTriggerType": "mark_price", "stopLossTriggerPrice": "55001",
        "stopLossTriggerType": "mark_price", "stopSurplusClientOid": "tp-9", "stopLossClientOid": "sl-9",
    }  # fmt: skip


def test_change_of_a_trigger_states_everything() -> None:
    wish = plan(size=Decimal(3), limit_price=Decimal(2001), attached=Attached(stop=Decimal(1900)))
    assert plan_change(wish, "USDT") == {
        "symbol": "BTCUSDT", "productType": "USDT-FUTURES", "planType": "normal_plan", "newSize": "3",
        "newPrice": "2001", "newTriggerPrice": "24100", "newTriggerType": "mark_price",
        "newStopLossTriggerPrice": "1900", "newStopLossTriggerType": "mark_price", "newStopSurplusTriggerPrice": "0",
    }  # fmt: skip


def test_change_of_a_trailing_order_states_its_callback() -> None:
    body = plan_change(plan(kind=OrderKind.TRAILING, trigger=TRAIL), "USDT")
    assert body["newCallbackRatio"] == "1.5"
    assert not [name for name in body if "Stop" in name]


@pytest.mark.parametrize(("size", "word"), [(None, ""), (Decimal(1), "1")])
def test_change_of_a_guard(size: Decimal | None, word: str) -> None:
    assert plan_change(guard(size=size), "USDT") == PLACE | {
        "triggerPrice": "24100", "triggerType": "mark_price", "size": word, "executePrice": "0"
    }  # fmt: skip


@pytest.mark.parametrize(
    "wish",
    [
        plan(trigger=None), plan(size=None), plan(trigger=Trigger(price=Decimal(0))),
        plan(kind=OrderKind.TRAILING), plan(kind=OrderKind.TRAILING, trigger=TRAIL, attached=Attached(stop=Decimal(1))),
    ],
)  # fmt: skip
def test_plan_that_cannot_be_said_is_not_sent(wish: Any) -> None:
    with pytest.raises(Unwritable):
        plan_body(wish, OID, HEDGE, "USDT")


@pytest.mark.parametrize("wish", [guard(trigger=None), guard(kind=OrderKind.MOVING_STOP, trigger=TRAIL, size=None)])
def test_guard_that_cannot_be_said_is_not_sent(wish: Any) -> None:
    with pytest.raises(Unwritable):
        guard_body(wish, OID, HEDGE, "USDT")


def plan_row(case: str = "order.orders-plan-history.sample", **changes: Any) -> PlanRow:
    return one(data_of(case)["entrustedList"][0] | changes, PlanRow, "plan")


def test_recorded_guard_of_a_whole_position() -> None:
    notes = Notes()
    report = plan_report(plan_row("order.orders-plan-pending.sample"), NOON, notes)
    assert not notes.odd and not notes.doubt
    assert (report.kind, report.state, report.size) == (OrderKind.TARGET, VenueState.LIVE, None)
    assert (report.direction, report.effect) == (LONG, Effect.CLOSE)
    assert report.trigger == Trigger(price=Decimal("634.59"), by=TriggerBy.LAST)
    assert report.limit_price == Decimal("634.59")
    assert report.attached is None


def test_recorded_trigger_that_woke() -> None:
    report = plan_report(plan_row(), NOON, Notes())
    assert (report.kind, report.state, report.executed_as) == (
        OrderKind.TRIGGER, VenueState.TRIGGERED, "1272849518383902799"
    )  # fmt: skip
    assert (report.size, report.filled, report.average_price) == (Decimal(1), Decimal(1), Decimal("1999.2"))
    assert (report.limit_price, report.direction, report.effect) == (Decimal(1990), LONG, Effect.OPEN)
    assert report.attached == Attached(target=Decimal("634.59"), by=TriggerBy.LAST)


STATES = [
    ("live", VenueState.LIVE), ("not_trigger", VenueState.LIVE), ("executed", VenueState.TRIGGERED),
    ("fail_execute", VenueState.FAILED), ("fail_trigger", VenueState.FAILED), ("cancelled", VenueState.CANCELED),
    ("canceled", VenueState.CANCELED), ("asleep", VenueState.UNKNOWN), (None, VenueState.UNKNOWN),
]  # fmt: skip


@pytest.mark.parametrize(("word", "state"), STATES)
def test_plan_states_in_all_spellings(word: str | None, state: VenueState) -> None:
    assert plan_report(plan_row(planStatus=word), NOON, Notes()).state is state


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("normal_plan", OrderKind.TRIGGER), ("track_plan", OrderKind.TRAILING), ("profit_plan", OrderKind.TARGET),
        ("loss_plan", OrderKind.STOP), ("moving_plan", OrderKind.MOVING_STOP), ("pos_loss", OrderKind.STOP),
        ("new_plan", OrderKind.TRIGGER),
    ],
)  # fmt: skip
def test_plan_kinds(word: str, kind: OrderKind) -> None:
    notes = Notes()
    assert plan_report(plan_row(planType=word), NOON, notes).kind is kind
    assert bool(notes.doubt) is (word == "new_plan")


@pytest.mark.parametrize(("side", "direction"), [("sell", LONG), ("buy", SHORT)])
def test_one_way_guard_closes_what_the_trade_closes(side: str, direction: Direction) -> None:
    row = plan_row(planType="pos_loss", side=side, tradeSide=f"{side}_single", posSide="net", posMode="one_way_mode")
    report = plan_report(row, NOON, Notes())
    assert (report.direction, report.effect) == (direction, Effect.CLOSE)
