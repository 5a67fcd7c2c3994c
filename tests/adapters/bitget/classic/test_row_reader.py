from __future__ import annotations

from decimal import Decimal

import pytest

from bot.adapters.bitget.classic import wire_push
from bot.adapters.bitget.classic.wire_push import BookRow, QuotedBookRow


def test_numbers_outside_of_quotes_are_exact() -> None:
    row = wire_push.ACCOUNTS.read(b'{"data":[{"equity":0.10,"frozen":1e-7}]}')[0][0]
    assert (str(row.equity), row.frozen) == ("0.10", Decimal("1e-7"))


def test_a_broken_row_costs_itself_alone() -> None:
    rows, unreadable = wire_push.ORDERS.read(b'{"data":[{"orderId":"1"},null,"x",[1],{"orderId":"2"}]}')
    assert [row.orderId for row in rows] == ["1", "2"]
    assert len(unreadable) == 3
    assert unreadable[0].startswith("Row 1:")


@pytest.mark.parametrize("data", [b"null", b'""', b"{}", b"7", b"", b"true"])
def test_no_list_of_rows_is_said_so(data: bytes) -> None:
    rows, unreadable = wire_push.ORDERS.read(b'{"data":' + data + b"}")
    assert rows == ()
    assert unreadable[0].startswith("Expected a list of rows")


def test_an_empty_list_is_no_complaint() -> None:
    rows, unreadable = wire_push.POSITIONS.read(b'{"data":[]}')
    assert (list(rows), unreadable) == ([], ())


def test_rows_in_their_usual_spelling_are_read_strictly_and_odd_ones_all_the_same() -> None:
    usual = wire_push.BOOKS.read(b'{"data":[{"asks":[["1.5","2"]],"bids":[]}]}')
    assert usual == ([QuotedBookRow(asks=[("1.5", "2")], bids=[])], ())
    odd = wire_push.BOOKS.read(b'{"data":[{"asks":[["1.5",2.0,"x"]],"bids":null},{"asks":[],"bids":[]}]}')
    assert odd == ([BookRow(asks=[["1.5", Decimal("2.0"), "x"]]), BookRow(asks=[], bids=[])], ())


@pytest.mark.parametrize("figure", [b"1e99999999999999999999", b"0.1e-99999999999999999999999", b"[" * 100_000])
def test_what_no_value_can_hold_costs_its_row_alone(figure: bytes) -> None:
    """Security section 12: whatever a frame holds is named, never raised."""
    rows, unreadable = wire_push.ACCOUNTS.read(b'{"data":[{"equity":' + figure + b'},{"equity":"1"}]}')
    assert unreadable and len(rows) <= 1
