"""Wire form of every book order in both position modes and on all lines; recorded rows become reports."""
from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from bot.adapters.bitget.classic.map_orders import Unwritable, book_body, fill, order_report
from bot.adapters.bitget.classic.rows import one
from bot.adapters.bitget.classic.wire_order import FillRow, OrderRow
from bot.adapters.bitget.classic.wire_value import Notes, Unreadable
from bot.domain.account import PositionMode
from bot.domain.fill import Cause, Liquidity
from bot.domain.ids import ClientOrderId
from bot.domain.intent import Attached, Direction, Effect, MarginMode, OrderKind, TimeInForce
from bot.domain.reports import VenueState
from tests.adapters.bitget.lab import NOON, data_of, intent

OID = ClientOrderId("wd-0000-aaaaaaaaaaaaaaaabb")
LONG, SHORT, OPEN, CLOSE = Direction.LONG, Direction.SHORT, Effect.OPEN, Effect.CLOSE
HEDGE, ONE_WAY = PositionMode.HEDGE, PositionMode.ONE_WAY
HEAD = {
    "symbol": "BTCUSDT", "productType": "USDT-FUTURES", "marginCoin": "USDT", "marginMode": "crossed", "size": "0.01",
    "clientOid": str(OID),
}  # fmt: skip
SIDES = [
    (HEDGE, LONG, OPEN, {"side": "buy", "tradeSide": "open"}),
    (HEDGE, LONG, CLOSE, {"side": "buy", "tradeSide": "close"}),
    (HEDGE, SHORT, OPEN, {"side": "sell", "tradeSide": "open"}),
    (HEDGE, SHORT, CLOSE, {"side": "sell", "tradeSide": "close"}),
    (ONE_WAY, LONG, OPEN, {"side": "buy"}),
    (ONE_WAY, LONG, CLOSE, {"side": "sell", "reduceOnly": "YES"}),
    (ONE_WAY, SHORT, OPEN, {"side": "sell"}),
    (ONE_WAY, SHORT, CLOSE, {"side": "buy", "reduceOnly": "YES"}),
]


@pytest.mark.parametrize(("mode", "direction", "effect", "words"), SIDES)
def test_ff45_market_order_in_each_mode(
    mode: PositionMode, direction: Direction, effect: Effect, words: dict[str, str]
) -> None:
    body = book_body(intent(direction=direction, effect=effect), OID, mode, "USDT")
    assert body == HEAD | {"orderType": "market"} | words


FORCES = [
    (TimeInForce.GTC, "gtc"), (TimeInForce.POST_ONLY, "post_only"), (TimeInForce.IOC, "ioc"), (TimeInForce.FOK, "fok")
]  # fmt: skip


@pytest.mark.parametrize(("force", "word"), FORCES)
@pytest.mark.parametrize(("mode", "direction", "effect", "words"), SIDES)
def test_limit_order_in_each_mode_and_force(
    mode: PositionMode, direction: Direction, effect: Effect, words: dict[str, str], force: TimeInForce, word: str
) -> None:
    wish = intent(
        direction=direction, effect=effect, kind=OrderKind.LIMIT, limit_price=Decimal("27000.5"), time_in_force=force
    )
    expected = HEAD | {"orderType": "limit", "price": "27000.5", "force": word} | words
    assert book_body(wish, OID, mode, "USDT") == expected


@pytest.mark.parametrize(
    ("symbol", "coin", "line"),
    [("ETHPERP", "USDC", "USDC-FUTURES"), ("BTCUSD", "BTC", "COIN-FUTURES"), ("BTCUSDH26", "BTC", "COIN-FUTURES")],
)
def test_other_lines_name_their_product_and_coin(symbol: str, coin: str, line: str) -> None:
    body = book_body(intent(symbol=symbol, margin_mode=MarginMode.ISOLATED), OID, HEDGE, coin)
    assert (body["productType"], body["marginCoin"], body["marginMode"]) == (line, coin, "isolated")


def test_numbers_are_written_without_exponent() -> None:
    wish = intent(size=Decimal("1E-7"), kind=OrderKind.LIMIT, limit_price=Decimal("2.70E+4"))
    body = book_body(wish, OID, HEDGE, "USDT")
    assert (body["size"], body["price"]) == ("0.0000001", "27000")


def test_ff35_entry_carries_its_stop_and_target() -> None:
    body = book_body(intent(attached=Attached(stop=Decimal("25000"), target=Decimal("31000.50"))), OID, HEDGE, "USDT")
    assert (body["presetStopLossPrice"], body["presetStopSurplusPrice"]) == ("25000", "31000.5")
    only_stop = book_body(intent(attached=Attached(stop=Decimal(25000))), OID, HEDGE, "USDT")
    assert "presetStopSurplusPrice" not in only_stop


def test_official_sample_is_written_alike() -> None:
    wish = intent(
        symbol="ETHUSDT", size=Decimal("0.1"), kind=OrderKind.LIMIT, limit_price=Decimal(2000),
        margin_mode=MarginMode.ISOLATED,
    )  # fmt: skip
    assert book_body(wish, ClientOrderId("bot-20260101-000001"), HEDGE, "USDT") == {
        "symbol": "ETHUSDT", "productType": "USDT-FUTURES", "marginMode": "isolated", "marginCoin": "USDT",
        "size": "0.1", "price": "2000", "side": "buy", "tradeSide": "open", "orderType": "limit", "force": "gtc",
        "clientOid": "bot-20260101-000001",
    }  # fmt: skip


@pytest.mark.parametrize(
    "changes",
    [
        {"size": None}, {"size": Decimal(0)}, {"size": Decimal(-1)}, {"kind": OrderKind.LIMIT},
        {"kind": OrderKind.LIMIT, "limit_price": Decimal(0)}, {"kind": OrderKind.STOP},
    ],
)  # fmt: skip
def test_ff44_ff51_what_cannot_be_said_is_not_sent(changes: dict[str, Any]) -> None:
    with pytest.raises(Unwritable, match="Expected"):
        book_body(intent(**changes), OID, HEDGE, "USDT")


def order_row(**changes: Any) -> OrderRow:
    return one(data_of("order.detail.sample") | changes, OrderRow, "order")


def test_recorded_detail() -> None:
    notes = Notes()
    report = order_report(order_row(), NOON, notes)
    assert not notes.odd and not notes.doubt
    assert (report.venue_order_id, report.client_order_id) == ("1111465253393825792", "1111465253431574529")
    assert (report.symbol, report.direction, report.effect) == ("BTCUSDT", LONG, OPEN)
    assert (report.kind, report.state, report.raw_state) == (OrderKind.LIMIT, VenueState.LIVE, "live")
    assert (report.size, report.filled, report.limit_price) == (Decimal("0.001"), 0, Decimal(27000))
    assert (report.average_price, report.attached, report.cancel_reason) == (None, None, None)
    assert (report.margin_mode, report.leverage) == (MarginMode.CROSSED, Decimal(20))
    assert report.created_at.timestamp() == 1700719887.120


def test_recorded_history_says_status_instead_of_state() -> None:
    row = one(data_of("order.orders-history.sample")["entrustedList"][0], OrderRow, "order")
    report = order_report(row, NOON, Notes())
    assert (report.state, report.filled, report.average_price) == (VenueState.FILLED, Decimal("0.001"), Decimal(27000))
    assert report.updated_at > report.created_at


AIMS = [
    ("buy", "open", "long", "hedge_mode", "NO", LONG, OPEN),
    ("buy", "close", "long", "hedge_mode", "NO", LONG, CLOSE),
    ("sell", "open", "short", "hedge_mode", "NO", SHORT, OPEN),
    ("sell", "close", "short", "hedge_mode", "NO", SHORT, CLOSE),
    ("buy", "buy_single", "net", "one_way_mode", "NO", LONG, OPEN),
    ("sell", "sell_single", "net", "one_way_mode", "YES", LONG, CLOSE),
    ("sell", "sell_single", "net", "one_way_mode", "no", SHORT, OPEN),
    ("buy", "buy_single", "net", "one_way_mode", "yes", SHORT, CLOSE),
    ("buy", None, "", "one_way_mode", "NO", LONG, OPEN),
    ("BUY", "Close", "LONG", "hedge_mode", "no", LONG, CLOSE),
]


@pytest.mark.parametrize(("side", "trade", "held", "mode", "reduce", "direction", "effect"), AIMS)
def test_ff34_which_position_a_row_concerns(
    side: str, trade: str, held: str, mode: str, reduce: str, direction: Direction, effect: Effect
) -> None:
    row = order_row(side=side, tradeSide=trade, posSide=held, posMode=mode, reduceOnly=reduce)
    report = order_report(row, NOON, Notes())
    assert (report.direction, report.effect) == (direction, effect)


FORCED = [
    ("reduce_close_long", LONG, Cause.LIQUIDATION), ("burst_close_short", SHORT, Cause.LIQUIDATION),
    ("offset_close_long", LONG, Cause.LIQUIDATION), ("delivery_close_short", SHORT, Cause.DELIVERY),
    ("dte_sys_adl_close_long", LONG, Cause.DELEVERAGED), ("reduce_sell_single", LONG, Cause.LIQUIDATION),
    ("burst_buy_single", SHORT, Cause.LIQUIDATION), ("delivery_sell_single", LONG, Cause.DELIVERY),
    ("dte_sys_adl_buy_in_single_side_mode", SHORT, Cause.DELEVERAGED),
    ("dte_sys_adl_sell_in_single_side_mode", LONG, Cause.DELEVERAGED),
]  # fmt: skip


@pytest.mark.parametrize(("word", "direction", "cause"), FORCED)
def test_ff33_forced_closings_are_named(word: str, direction: Direction, cause: Cause) -> None:
    report = order_report(order_row(tradeSide=word, posSide="", side=""), NOON, Notes())
    assert (report.direction, report.effect, report.cause) == (direction, CLOSE, cause)
    execution = fill(fill_row(tradeSide=word, side="buy" if direction is SHORT else "sell"), NOON, Notes())
    assert (execution.direction, execution.effect, execution.cause) == (direction, CLOSE, cause)


def test_ff33_order_source_names_a_liquidation_too() -> None:
    assert order_report(order_row(orderSource="liquidation"), NOON, Notes()).cause is Cause.LIQUIDATION
    assert order_report(order_row(enterPointSource="sys"), NOON, Notes()).cause is Cause.LIQUIDATION
    assert order_report(order_row(orderSource="trader_Delegate"), NOON, Notes()).cause is Cause.ORDER


@pytest.mark.parametrize("filled", [None, "", "x", [], "NaN", "1e999999999"])
def test_filled_size_is_never_guessed_away(filled: object) -> None:
    row = order_row(baseVolume=filled, state="filled")
    if filled in (None, ""):
        assert order_report(row, NOON, Notes()).filled == Decimal("0.001")
    else:
        with pytest.raises(Unreadable, match="baseVolume"):
            order_report(row, NOON, Notes())


def test_numbers_in_every_spelling() -> None:
    row = order_row(size=2, baseVolume="1E-3", price=Decimal("27000.10"), leverage="-1", cTime=1700719887120, uTime="")
    report = order_report(row, NOON, Notes())
    assert (report.size, report.filled, report.limit_price) == (Decimal(2), Decimal("0.001"), Decimal("27000.1"))
    assert report.leverage is None
    assert report.updated_at == report.created_at


def test_unknown_words_are_noted_and_nothing_known_is_lost() -> None:
    notes = Notes()
    report = order_report(order_row(state="parked", orderType="iceberg", force="rpi", marginMode="pm"), NOON, notes)
    assert (report.state, report.raw_state) == (VenueState.UNKNOWN, "parked")
    assert (report.kind, report.limit_price) == (OrderKind.LIMIT, Decimal(27000))
    assert len(notes.odd) == 3 and len(notes.doubt) == 1


def test_attached_prices_come_back() -> None:
    row = order_row(presetStopLossPrice="25000", presetStopSurplusPrice="0", presetStopLossType="mark_price")
    report = order_report(row, NOON, Notes())
    assert report.attached == Attached(stop=Decimal(25000), target=None)


def fill_row(**changes: Any) -> FillRow:
    return one(data_of("order.fills.sample")["fillList"][0] | changes, FillRow, "fill")


def test_ff59_recorded_fill_pays_a_positive_fee() -> None:
    execution = fill(fill_row(), NOON, Notes())
    assert (execution.trade_id, execution.venue_order_id) == ("1111468664328269825", "1111468664264753162")
    assert (execution.direction, execution.effect) == (LONG, CLOSE)
    assert (execution.size, execution.price) == (Decimal("0.001"), Decimal("37271.4"))
    assert (execution.fee, execution.fee_coin) == (Decimal("0.02236284"), "USDT")
    assert (execution.realised, execution.liquidity) == (Decimal("-0.0007"), Liquidity.TAKER)
    assert execution.at.timestamp() == 1700720700.342


def test_rebate_is_a_negative_fee() -> None:
    execution = fill(fill_row(feeDetail=[{"feeCoin": "USDT", "totalFee": "0.01"}]), NOON, Notes())
    assert execution.fee == Decimal("-0.01")


@pytest.mark.parametrize(
    ("side", "profit", "aim"),
    [("sell", "12.5", (LONG, CLOSE)), ("buy", "-3", (SHORT, CLOSE)), ("buy", "0", (None, None))],
)
def test_one_way_fill_tells_its_effect_only_by_profit(side: str, profit: str, aim: tuple[object, object]) -> None:
    row = fill_row(side=side, tradeSide=f"{side}_single", posMode="one_way_mode", profit=profit)
    execution = fill(row, NOON, Notes())
    assert (execution.direction, execution.effect) == aim


@pytest.mark.parametrize("detail", [None, "", []])
def test_fill_without_fees_is_kept(detail: object) -> None:
    execution = fill(fill_row(feeDetail=detail), NOON, Notes())
    assert (execution.fee, execution.fee_coin) == (0, "USDT")


@pytest.mark.parametrize("field", ["tradeId", "orderId", "symbol", "price", "baseVolume"])
def test_fill_without_identity_or_amount_is_named(field: str) -> None:
    with pytest.raises(Unreadable):
        fill(fill_row(**{field: None}), NOON, Notes())
