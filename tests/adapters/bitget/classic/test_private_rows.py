from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

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


# Without these there is no execution in an `orders` row; the report stands, and a doubt calls for a read.
EXECUTION = {"tradeId", "fillPrice", "baseVolume"}


@pytest.mark.parametrize("channel", PRIVATE)
def test_a_spoiled_field_costs_its_row_only_where_it_is_needed(channel: str) -> None:
    for field, frame in spoiled(channel):
        notes = Notes()
        told = list(private_rows.read(pushed(frame), notes))
        if field not in NEEDED[channel]:
            assert len(told) == 1, (field, frame)
        else:
            assert told or notes.doubt, (field, frame)


def leaves(value: Any, name: str = "") -> dict[str, object]:
    if is_dataclass(value) and not isinstance(value, type):
        parts = [(f"{name}.{part.name}", getattr(value, part.name)) for part in fields(value)]
    elif isinstance(value, tuple):
        parts = [(f"{name}.{place}", item) for place, item in enumerate(value)]
    else:
        return {name: value}
    return {path: leaf for part, item in parts for path, leaf in leaves(item, part).items()}


@pytest.mark.parametrize("channel", PRIVATE)
def test_a_spoiled_field_costs_no_other(channel: str) -> None:
    whole = leaves(private_rows.read(pushed(vector(channel)), Notes())[0])
    for field, frame in spoiled(channel):
        if field in NEEDED[channel]:
            continue
        told = leaves(private_rows.read(pushed(frame), Notes())[0])
        touched = [name for name in whole if told.get(name, ...) != whole[name]]
        # The words of a side name direction and effect, of an order and of its execution.
        assert len(touched) <= (17 if field in EXECUTION else 6), (field, frame, touched)


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
