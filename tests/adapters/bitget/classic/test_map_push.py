from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal as D
from typing import Any, TypeVar

import msgspec
import pytest

from bot.adapters.bitget.classic import map_push, map_push_market, map_push_state
from bot.adapters.bitget.classic.stream_events import Pushed
from bot.adapters.bitget.classic.topic import Topic
from bot.adapters.bitget.classic.wire_push import (
    AccountRow,
    DeleveragedRow,
    FillRow,
    OrderRow,
    PlanRow,
    PositionRow,
    TickerRow,
)
from bot.adapters.bitget.classic.wire_value import Notes, Unreadable
from bot.domain.fill import Cause, Fill, Liquidity
from bot.domain.instrument import ProductLine
from bot.domain.intent import Direction, Effect, MarginMode, OrderKind, TimeInForce, TriggerBy
from bot.domain.reports import OrderReport, VenueState
from bot.ports.market import Candle
from tests.adapters.bitget.classic.pushes import NOW, pushed, vector
from tests.adapters.bitget.classic.pushes import row as recorded

Row = TypeVar("Row")


PUSHED = pushed(vector("ticker"))
AT_NOW = Pushed(Topic(line=ProductLine.USDT, channel="orders"), "snapshot", b"", NOW)


def at(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


def shaped(shape: type[Row], channel: str, **changes: object) -> Row:
    return msgspec.convert(recorded(channel, **changes), shape)


def order(notes: Notes | None = None, **changes: object) -> OrderReport:
    return map_push.order(shaped(OrderRow, "orders", **changes), AT_NOW, notes or Notes())


def plan(notes: Notes | None = None, **changes: object) -> OrderReport:
    return map_push.plan(shaped(PlanRow, "orders_algo", **changes), AT_NOW, notes or Notes())


def fill(notes: Notes | None = None, **changes: object) -> Fill:
    return map_push.fill(shaped(FillRow, "fill", **changes), AT_NOW, notes or Notes())


def test_an_order_push_carries_its_execution() -> None:
    notes = Notes()
    report = order(notes)
    assert notes == Notes()
    assert report.venue_order_id == "1111465253393825792"
    assert report.client_order_id == "bot-20260101-000001"
    assert (report.symbol, report.direction, report.effect) == ("BTCUSDT", Direction.LONG, Effect.OPEN)
    assert (report.kind, report.state, report.raw_state) == (OrderKind.MARKET, VenueState.FILLED, "filled")
    assert (report.size, report.filled, report.average_price) == (D("0.01"), D("0.01"), D("27000.5"))
    assert (report.limit_price, report.trigger, report.attached, report.cancel_reason) == (None, None, None, None)
    assert (report.margin_mode, report.leverage, report.time_in_force) == (MarginMode.CROSSED, 20, TimeInForce.GTC)
    assert (report.created_at, report.updated_at) == (at(1695718781129), at(1695718781146))
    assert report.fill == Fill(
        trade_id="1111468664328269825", venue_order_id="1111465253393825792", client_order_id="bot-20260101-000001",
        symbol="BTCUSDT", direction=Direction.LONG, effect=Effect.OPEN, size=D("0.01"), price=D("27000.5"),
        fee=D("0.162003"), fee_coin="USDT", realised=D(0), liquidity=Liquidity.TAKER, at=at(1695718781146),
    )  # type: ignore[arg-type]


def test_an_order_without_execution() -> None:
    report = order(tradeId=..., status="live", accBaseVolume="0", orderType="limit", price="26000.5", priceAvg="")
    assert (report.fill, report.filled, report.limit_price, report.average_price) == (None, 0, D("26000.5"), None)


@pytest.mark.parametrize(
    ("word", "state"),
    [("live", VenueState.LIVE), ("partially_filled", VenueState.PARTLY_FILLED), ("filled", VenueState.FILLED),
     ("canceled", VenueState.CANCELED), ("cancelled", VenueState.CANCELED)],
)
def test_states(word: str, state: VenueState) -> None:
    assert order(status=word).state is state


def test_an_unknown_state_keeps_the_report_and_asks_for_a_read_ff70() -> None:
    notes = Notes()
    report = order(notes, status="frozen_by_moon")
    assert (report.state, report.raw_state) == (VenueState.UNKNOWN, "frozen_by_moon")
    assert "unknown word" in notes.doubt[0]


def test_a_cancelled_order_says_why_and_how_much_was_filled() -> None:
    report = order(status="canceled", cancelReason="normal_cancel", accBaseVolume="0.004", tradeId=...)
    assert (report.state, report.filled, report.cancel_reason) == (VenueState.CANCELED, D("0.004"), "normal_cancel")


def test_the_hedge_close_is_named_by_position_and_pays_profit() -> None:
    report = order(side="buy", tradeSide="close", posSide="long", pnl="12.5")
    assert (report.direction, report.effect) == (Direction.LONG, Effect.CLOSE)
    assert report.fill is not None
    assert (report.fill.direction, report.fill.effect, report.fill.realised) == (
        Direction.LONG, Effect.CLOSE, D("12.5"))


def test_a_one_way_execution_that_realised_profit_reduced_the_other_side() -> None:
    report = order(side="sell", tradeSide="sell_single", posSide="net", posMode="one_way_mode", pnl="3")
    assert (report.direction, report.effect) == (Direction.SHORT, Effect.OPEN)
    assert report.fill is not None
    assert (report.fill.direction, report.fill.effect) == (Direction.LONG, Effect.CLOSE)


def test_attached_guards_travel_with_the_report() -> None:
    report = order(presetStopLossPrice="26000", presetStopSurplusPrice="28000", presetStopLossType="mark_price")
    assert report.attached is not None
    assert (report.attached.stop, report.attached.target, report.attached.by) == (D(26000), D(28000), TriggerBy.MARK)


def test_a_liquidation_is_called_one() -> None:
    report = order(tradeSide="burst_close_long", enterPointSource="SYS")
    assert (report.cause, report.effect) == (Cause.LIQUIDATION, Effect.CLOSE)


@pytest.mark.parametrize("name", ["orderId", "instId"])
@pytest.mark.parametrize("value", [..., None, "", []])
def test_an_order_without_its_names_is_unreadable(name: str, value: object) -> None:
    with pytest.raises(Unreadable):
        order(**{name: value})


@pytest.mark.parametrize(
    ("changes", "filled"),
    [({"status": "live", "accBaseVolume": ""}, D(0)), ({"status": "filled", "accBaseVolume": ...}, D("0.01"))],
)
def test_an_absent_filled_size_that_the_state_tells(changes: dict[str, object], filled: D) -> None:
    assert order(**changes).filled == filled


@pytest.mark.parametrize("changes", [{"status": "canceled", "accBaseVolume": ""}, {"accBaseVolume": "x"},
                                     {"status": "partially_filled", "accBaseVolume": None}])
def test_a_filled_size_is_never_guessed_and_the_execution_is_kept(changes: dict[str, object]) -> None:
    with pytest.raises(Unreadable, match="accBaseVolume"):
        order(**changes)
    lone = map_push.lone_fill(shaped(OrderRow, "orders", **changes), AT_NOW, Notes())
    assert lone is not None
    assert lone.size == D("0.01")


def test_an_execution_that_cannot_be_read_leaves_the_report_and_a_doubt() -> None:
    notes = Notes()
    report = order(notes, fillPrice="x")
    assert (report.fill, report.filled) == (None, D("0.01"))
    assert notes.doubt == ["fill of order 1111465253393825792: fillPrice: expected a number, found 'x'"]


def test_an_unreadable_fee_does_not_cost_the_execution() -> None:
    notes = Notes()
    report = order(notes, fillFee="x")
    assert report.fill is not None
    assert (report.fill.size, report.fill.fee) == (D("0.01"), 0)
    assert "fillFee" in notes.doubt[0]


def test_a_plan() -> None:
    notes = Notes()
    report = plan(notes)
    assert notes == Notes()
    assert (report.venue_order_id, report.client_order_id) == ("1171649238917615617", "plan-1")
    assert (report.kind, report.state, report.direction, report.effect) == (
        OrderKind.TRIGGER, VenueState.LIVE, Direction.LONG, Effect.OPEN)
    assert (report.size, report.filled, report.limit_price, report.attached) == (D("0.02"), 0, None, None)
    assert report.trigger is not None
    assert (report.trigger.price, report.trigger.by, report.trigger.callback) == (D(27000), TriggerBy.LAST, None)


@pytest.mark.parametrize(
    ("word", "kind", "whole"),
    [("pl", OrderKind.TRIGGER, False), ("tp", OrderKind.TARGET, False), ("sl", OrderKind.STOP, False),
     ("ptp", OrderKind.TARGET, True), ("psl", OrderKind.STOP, True), ("track", OrderKind.TRAILING, False),
     ("mtpsl", OrderKind.MOVING_STOP, False), ("pos_loss", OrderKind.STOP, True)],
)
def test_kinds_of_plans(word: str, kind: OrderKind, whole: bool) -> None:
    report = plan(planType=word, posSide="short", tradeSide="close", side="sell")
    assert (report.kind, report.size is None) == (kind, whole)
    assert (report.direction, report.effect) == (Direction.SHORT, Effect.CLOSE)


def test_a_limit_plan_and_a_trailing_one() -> None:
    assert plan(orderType="limit", executePrice="26990").limit_price == 26990
    trailing = plan(planType="track", callbackRatio="1.5").trigger
    assert trailing is not None
    assert trailing.callback == D("1.5")


def test_a_guard_in_one_way_mode_closes_the_other_side_of_its_trade() -> None:
    report = plan(planType="psl", posSide="net", side="sell", tradeSide="sell_single", posMode="one_way_mode")
    assert (report.direction, report.effect) == (Direction.LONG, Effect.CLOSE)


def test_a_woken_plan_names_its_order() -> None:
    report = plan(status="executed", executeOrderId="99")
    assert (report.state, report.executed_as) == (VenueState.TRIGGERED, "99")
    assert plan(status="executing").state is VenueState.TRIGGERED
    assert plan(status="fail_execute").state is VenueState.FAILED


def test_an_unknown_kind_of_plan_keeps_its_id_and_state() -> None:
    notes = Notes()
    report = plan(notes, planType="oco")
    assert (report.venue_order_id, report.state) == ("1171649238917615617", VenueState.LIVE)
    assert "planType" in notes.doubt[0]


def test_a_fill() -> None:
    notes = Notes()
    assert fill(notes) == Fill(
        trade_id="1169142761312637004", venue_order_id="1169142761031114781", client_order_id="bot-7",
        symbol="LTCUSDT", direction=Direction.LONG, effect=Effect.OPEN, size=D("0.1"), price=D("80.87"),
        fee=D("0.0048522"), fee_coin="USDT", realised=D(0), liquidity=Liquidity.TAKER, at=at(1714471276596),
    )  # type: ignore[arg-type]
    assert notes == Notes()


def test_the_fill_channel_alone_flips_the_side() -> None:
    # Closing a long: `buy` on the orders channel, `sell` here (README section 7, fact 1).
    told = fill(side="sell", tradeSide="close", profit="1")
    assert (told.direction, told.effect) == (Direction.LONG, Effect.CLOSE)
    assert (order(side="buy", tradeSide="close").direction, told.realised) == (Direction.LONG, 1)


@pytest.mark.parametrize("detail", [None, "", [], "x", [None], [{"feeCoin": "USDT", "totalFee": "x"}], {}])
def test_an_unreadable_fee_detail_is_a_doubt_not_a_loss(detail: object) -> None:
    notes = Notes()
    told = fill(notes, feeDetail=detail)
    assert (told.size, told.fee) == (D("0.1"), 0)
    assert "feeDetail" in notes.doubt[0]


def test_a_rebate_is_negative_ff59() -> None:
    assert fill(feeDetail=[{"feeCoin": "USDT", "totalFee": "0.01"}], tradeScope="maker").fee == D("-0.01")


@pytest.mark.parametrize("name", ["tradeId", "orderId", "baseVolume", "price", "symbol"])
def test_a_fill_without_its_facts_is_unreadable(name: str) -> None:
    with pytest.raises(Unreadable):
        fill(**{name: None})


def position(**changes: object) -> PositionRow:
    return shaped(PositionRow, "positions", **changes)


def test_a_position() -> None:
    notes = Notes()
    told = map_push_state.position(position(), NOW, notes)
    assert notes == Notes()
    assert told is not None
    assert (told.symbol, told.direction) == ("BTCUSDT", Direction.LONG)
    assert (told.size, told.available) == (D("0.001"), D("0.001"))
    assert (told.entry, told.mark, told.leverage, told.margin) == (D(43849), D("43845.8"), 20, D("2.19245"))
    assert (told.unrealised, told.realised, told.funding) == (D("-0.0032"), 0, None)
    assert (told.liquidation, told.margin_ratio) == (D("17629.684814834"), D("0.007634649185"))
    assert told.margin_coin == "USDT"
    assert told.as_of == at(1701913016923)


def test_a_short_position_without_liquidation_price() -> None:
    row = position(holdSide="short", liquidationPrice="-5", marginMode="isolated")
    told = map_push_state.position(row, NOW, Notes())
    assert told is not None
    assert (told.direction, told.liquidation, told.margin_mode) == (Direction.SHORT, None, MarginMode.ISOLATED)


def test_what_is_odd_about_a_position_is_noted_with_every_push() -> None:
    for _ in range(2):
        notes = Notes()
        told = map_push_state.position(position(marginMode="?", available=[1], frozen="0.0004"), NOW, notes)
        assert told is not None
        assert (told.margin_mode, told.available) == (MarginMode.CROSSED, D("0.0006"))
        assert notes.odd == ["available: expected a number, found [1]",
                             "marginMode: expected crossed or isolated, found '?'"]


def test_a_size_of_zero_is_flat() -> None:
    report = map_push_state.positions([position(total="0")], AT_NOW, Notes())
    assert (report.positions, report.line) == ((), ProductLine.USDT)


@pytest.mark.parametrize("name", ["instId", "holdSide", "total", "openPriceAvg", "leverage"])
def test_a_list_with_a_hole_is_unreadable_as_a_whole_ff30(name: str) -> None:
    with pytest.raises(Unreadable):
        map_push_state.positions([position(), position(**{name: "?" if name == "holdSide" else None})],
                                 AT_NOW, Notes())


def test_a_wallet() -> None:
    told = map_push_state.account(shaped(AccountRow, "account"), AT_NOW, Notes()).account
    assert (told.line, told.margin_coin, told.as_of) == (ProductLine.USDT, "USDT", NOW)
    assert (told.equity, told.available, told.in_use) == (D("26.14309528"), D("26.14309528"), D("5.365815"))
    assert (told.unrealised, told.margin_ratio) == (0, 0)


def test_a_deleveraging() -> None:
    told = map_push_state.deleveraged(shaped(DeleveragedRow, "adl_noti"), AT_NOW, Notes())
    assert (told.symbol, told.price, told.size, told.at) == ("BTCUSDT", D("88291.2"), D("2.35"), at(1740546523244))
    assert told.direction is None


def test_a_ticker() -> None:
    notes = Notes()
    told = map_push_market.ticker(shaped(TickerRow, "ticker"), PUSHED, notes)
    assert notes == Notes()
    assert (told.symbol, told.last, told.mark, told.index) == ("BTCUSDT", D("27000.5"), D(27000), D("25702.4"))
    assert (told.bid, told.ask, told.high_24h, told.low_24h) == (D(27000), D("27000.5"), D("30668.5"), D(26999))
    assert (told.change_24h, told.volume_24h, told.turnover_24h) == (D("-0.00002"), D("368.9"), D("10152429.961"))
    assert (told.open_interest, told.funding_rate) == (D("929.502"), D("0.00001"))
    assert (told.next_funding_at, told.at, told.received_at) == (at(1695722400000), at(1695715383021), NOW)


def test_a_ticker_without_its_side_fields_stands() -> None:
    told = map_push_market.ticker(
        shaped(TickerRow, "ticker", bidPr="", indexPrice=None, ts=..., instId=...), PUSHED, Notes())
    assert (told.bid, told.index, told.at, told.symbol) == (None, None, at(1695715383039), "BTCUSDT")


@pytest.mark.parametrize("values", [7, 8])
def test_a_candle_of_either_length(values: int) -> None:
    raw: list[Any] = ["1695685500000", "27000", "27001", "26999", "27000.5", "0.057", "1539.0155", "1539.0155"]
    told = map_push_market.candle(raw[:values], Notes())
    assert told == Candle(opened_at=at(1695685500000), open=D(27000), high=D(27001), low=D(26999), close=D("27000.5"),
                          volume=D("0.057"), turnover=D("1539.0155"), forming=True)


@pytest.mark.parametrize("raw", [[], ["1695685500000", "1", "1", "1", "1"], ["x", "1", "1", "1", "1", "1", "1"],
                                 ["1695685500000", None, "1", "1", "1", "1", "1"]])
def test_a_broken_candle(raw: list[object]) -> None:
    with pytest.raises(Unreadable):
        map_push_market.candle(raw, Notes())


def test_a_newer_bar_closes_the_older() -> None:
    raw: list[object] = ["1695685500000", "1", "1", "1", "1", "1", "1"]
    bars = {bar.opened_at: bar for bar in (
        map_push_market.candle(raw, Notes()), map_push_market.candle(["1695685560000", *raw[1:]], Notes()))}
    map_push_market.close_all_but_latest(bars)
    assert [bar.forming for bar in bars.values()] == [False, True]
