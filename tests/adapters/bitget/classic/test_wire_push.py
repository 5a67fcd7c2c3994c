from __future__ import annotations

import json
from decimal import Decimal

import msgspec
import pytest

from bot.adapters.bitget.classic import wire_push
from bot.adapters.bitget.classic.wire_push import ENVELOPE, UNREADABLE, RowReader
from tests.adapters.bitget.classic.pushes import SPOILS, channels, pushed, spoiled, vector

READERS: dict[str, RowReader[object]] = {
    "ticker": wire_push.TICKERS, "books5": wire_push.BOOKS, "trade": wire_push.TRADES, "candle1m": wire_push.CANDLES,
    "account": wire_push.ACCOUNTS, "positions": wire_push.POSITIONS, "positions_history": wire_push.CLOSED_POSITIONS,
    "orders": wire_push.ORDERS, "orders_algo": wire_push.PLANS, "fill": wire_push.FILLS,
    "equity": wire_push.EQUITIES, "adl_noti": wire_push.DELEVERAGED,
}  # type: ignore[assignment]


def test_every_vector_has_its_reader() -> None:
    assert channels() == sorted(READERS)


@pytest.mark.parametrize("channel", [name for name in sorted(READERS) if name != "candle1m"])
def test_no_known_field_is_lost(channel: str) -> None:
    rows = READERS[channel].read(pushed(vector(channel)).data)
    assert rows.unreadable == ()
    read = msgspec.to_builtins(rows.rows[0])
    for name, value in json.loads(vector(channel))["data"][0].items():
        assert read[name] == value, name


@pytest.mark.parametrize("channel", sorted(READERS))
def test_a_field_of_any_type_costs_no_row(channel: str) -> None:
    seen = 0
    for field, frame in spoiled(channel):
        rows = READERS[channel].read(pushed(frame).data)
        assert (len(rows.rows), rows.unreadable) == (1, ()), field
        seen += 1
    assert seen > 4 * len(SPOILS)


def test_numbers_outside_of_quotes_are_exact() -> None:
    row = wire_push.ACCOUNTS.read(msgspec.Raw(b'[{"equity":0.10,"frozen":1e-7}]')).rows[0]
    assert (str(row.equity), row.frozen) == ("0.10", Decimal("1e-7"))


def test_a_broken_row_costs_itself_alone() -> None:
    rows = wire_push.ORDERS.read(msgspec.Raw(b'[{"orderId":"1"},null,"x",[1],{"orderId":"2"}]'))
    assert [row.orderId for row in rows.rows] == ["1", "2"]
    assert len(rows.unreadable) == 3
    assert rows.unreadable[0].startswith("Row 1:")


@pytest.mark.parametrize("data", [b"null", b'""', b"{}", b"7", b"", b"true"])
def test_no_list_of_rows_is_said_so(data: bytes) -> None:
    rows = wire_push.ORDERS.read(msgspec.Raw(data))
    assert rows.rows == ()
    assert rows.unreadable[0].startswith("Expected a list of rows")


def test_an_empty_list_is_no_complaint() -> None:
    rows = wire_push.POSITIONS.read(msgspec.Raw(b"[]"))
    assert (list(rows.rows), rows.unreadable) == ([], ())


@pytest.mark.parametrize("channel", sorted(READERS))
def test_a_truncated_frame_is_a_named_error(channel: str) -> None:
    whole = vector(channel).encode()
    for length in range(len(whole)):
        with pytest.raises(UNREADABLE):
            ENVELOPE.decode(whole[:length])


@pytest.mark.parametrize(
    "frame", [b"<html><body>502</body></html>", b"[]", b"null", b'"x"', b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_message_is_a_named_error(frame: bytes) -> None:
    with pytest.raises(UNREADABLE):
        ENVELOPE.decode(frame)
