from __future__ import annotations

import json

import msgspec
import pytest

from bot.adapters.bitget.classic import wire_push
from bot.adapters.bitget.classic.row_reader import UNREADABLE, RowReader
from bot.adapters.bitget.classic.wire_push import ENVELOPE
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
    rows, unreadable = READERS[channel].read(pushed(vector(channel)).frame)
    assert unreadable == ()
    read = json.loads(msgspec.json.encode(rows[0]))
    for name, value in json.loads(vector(channel))["data"][0].items():
        assert read[name] == value, name


@pytest.mark.parametrize("channel", sorted(READERS))
def test_a_field_of_any_type_costs_no_row(channel: str) -> None:
    seen = 0
    for field, frame in spoiled(channel):
        rows, unreadable = READERS[channel].read(pushed(frame).frame)
        assert (len(rows), unreadable) == (1, ()), field
        seen += 1
    assert seen > 4 * len(SPOILS)


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
