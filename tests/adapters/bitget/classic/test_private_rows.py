from __future__ import annotations

import pytest

from bot.adapters.bitget.classic import private_rows
from bot.adapters.bitget.classic.wire_value import Notes
from bot.domain.fill import Fill
from bot.domain.reports import OrderReport
from tests.adapters.bitget.classic.pushes import pushed, row, spoiled, vector, with_rows

PRIVATE = ("orders", "orders_algo", "fill", "positions", "account", "adl_noti")
# What a row cannot do without; each other field may be anything at all.
NEEDED = {
    "orders": {"orderId", "instId", "accBaseVolume"}, "orders_algo": {"orderId", "instId"},
    "fill": {"orderId", "tradeId", "symbol", "price", "baseVolume"}, "account": {"marginCoin", "equity", "available"},
    "positions": {"instId", "holdSide", "total", "openPriceAvg", "leverage"}, "adl_noti": {"symbol", "price", "amount"},
}


@pytest.mark.parametrize("channel", PRIVATE)
def test_a_spoiled_field_costs_its_row_only_where_it_is_needed(channel: str) -> None:
    for field, frame in spoiled(channel):
        notes = Notes()
        told = list(private_rows.read(pushed(frame), notes))
        if field not in NEEDED[channel]:
            assert len(told) == 1, (field, frame)
        else:
            assert told or notes.doubt, (field, frame)


@pytest.mark.parametrize("channel", PRIVATE)
def test_what_is_not_told_is_always_a_doubt(channel: str) -> None:
    notes = Notes()
    told = list(private_rows.read(with_rows(channel, {}, None, [], "x"), notes))
    assert told == []
    assert len(notes.doubt) >= (3 if channel == "positions" else 4)


def test_an_execution_outlives_its_unreadable_report() -> None:
    notes = Notes()
    (told,) = private_rows.read(with_rows("orders", row("orders", accBaseVolume="?")), notes)
    assert isinstance(told, Fill)
    assert told.trade_id == "1111468664328269825"
    assert "accBaseVolume" in notes.doubt[0]


def test_many_rows_keep_their_order() -> None:
    told = list(private_rows.read(with_rows("orders", *(row("orders", orderId=str(i)) for i in range(5))), Notes()))
    assert [report.venue_order_id for report in told if isinstance(report, OrderReport)] == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize("channel", ["equity", "positions_history"])
def test_channels_without_reports_tell_nothing(channel: str) -> None:
    notes = Notes()
    assert (list(private_rows.read(pushed(vector(channel)), notes)), notes) == ([], Notes())
