from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from bot.adapters.bitget.classic.wire_value import (
    Notes,
    Unreadable,
    moment,
    need_number,
    need_text,
    number,
    shown,
    text,
    whole,
)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("27000.5", "27000.5"), ("-0.00002", "-0.00002"), ("1e3", "1000"), ("1E-3", "0.001"), (20, "20"),
        (Decimal("0.10"), "0.10"), ("0", "0"), ("0.000000000000", "0"), (" 5 ", "5"),
    ],
)
def test_a_number_in_every_spelling(raw: object, value: str) -> None:
    assert number(raw) == Decimal(value)


@pytest.mark.parametrize(
    "raw",
    [None, "", "NaN", "-Infinity", "sNaN", "null", "1.2.3", True, [], {}, 0.5, "1e999999999", "1e-99", 10**60],
)
def test_what_is_no_number_is_none(raw: object) -> None:
    assert number(raw) is None


def test_an_id_sent_as_a_number_keeps_its_digits_ff56() -> None:
    assert text(1111465253393825792) == "1111465253393825792"
    assert text("") is None
    assert text(None) is None
    assert text(True) is None


@pytest.mark.parametrize(("raw", "value"), [("0", 0), (30001, 30001), ("1E3", 1000), (Decimal("5.0"), 5), ("-7", -7)])
def test_whole_numbers(raw: object, value: int) -> None:
    assert whole(raw) == value


@pytest.mark.parametrize("raw", ["1.5", "", None, "x", [], "1e999999999"])
def test_what_is_not_whole(raw: object) -> None:
    assert whole(raw) is None


@pytest.mark.parametrize("raw", [1695715383039, "1695715383039", Decimal("1695715383039"), "1.695715383039E12"])
def test_a_moment_in_every_spelling(raw: object) -> None:
    assert moment(raw) == datetime(2023, 9, 26, 8, 3, 3, 39000, tzinfo=UTC)


def test_moments_of_a_second_seen_before() -> None:
    for part in (0, 7, 999, 7):
        assert moment(f"1695715383{part:03}") == datetime(2023, 9, 26, 8, 3, 3, part * 1000, tzinfo=UTC)
    assert moment("1695715383x39") is None
    assert moment("16957153830390") is None


@pytest.mark.parametrize("raw", ["1695715383", 0, "", None, "1e999999999", 10**30, "9" * 5000, "soon", -1, "\u00b2"])
def test_what_is_no_moment(raw: object) -> None:
    assert moment(raw) is None


def test_notes_tell_unreadable_from_absent() -> None:
    notes = Notes()
    assert notes.number("bidPr", "") is None
    assert notes.moment("ts", None) is None
    assert notes.odd == []
    assert notes.number("bidPr", "x") is None
    assert notes.moment("ts", "x") is None
    assert notes.odd == ["bidPr: expected a number, found 'x'", "ts: expected milliseconds, found 'x'"]


def test_what_a_row_needs_is_named() -> None:
    assert need_number("size", "1") == 1
    assert need_text("orderId", 7) == "7"
    with pytest.raises(Unreadable, match="size: expected a number, found None"):
        need_number("size", None)
    with pytest.raises(Unreadable, match="orderId: expected a word, found ''"):
        need_text("orderId", "")


def test_what_is_shown_is_short() -> None:
    assert len(shown("x" * 10_000)) == 40
