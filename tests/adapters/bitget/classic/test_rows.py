"""Null is an empty list, a bad row is named or skipped, never a crash."""
from __future__ import annotations

import msgspec
import pytest

from bot.adapters.bitget.classic.rows import all_of, items, one, readable
from bot.adapters.bitget.classic.wire_value import Notes, Unreadable, need_text


class Row(msgspec.Struct):
    name: object = None


@pytest.mark.parametrize("nothing", [None, "", []])
def test_nothing_is_an_empty_list(nothing: object) -> None:
    assert items(nothing, "rows") == []
    assert all_of(nothing, Row, "rows") == []


@pytest.mark.parametrize("odd", [{}, "x", 0, False, 3])
def test_no_list_is_named(odd: object) -> None:
    with pytest.raises(Unreadable, match="rows: expected a list"):
        items(odd, "rows")


@pytest.mark.parametrize("odd", [None, [], "x", 5])
def test_no_object_is_named(odd: object) -> None:
    with pytest.raises(Unreadable, match="row: expected an object"):
        one(odd, Row, "row")
    with pytest.raises(Unreadable):
        all_of([{"name": "a"}, odd], Row, "rows")


def test_unknown_fields_and_any_type_are_taken() -> None:
    assert one({"name": [1, {}], "new": True}, Row, "row").name == [1, {}]


def test_bad_row_costs_only_itself(caplog: pytest.LogCaptureFixture) -> None:
    def read(row: Row, notes: Notes) -> str:
        return need_text("name", row.name)

    rows = [{"name": "a"}, None, {"name": None}, {"name": "b"}]
    assert list(readable(rows, Row, "rows", read)) == ["a", "b"]
    assert caplog.text.count("skipped") == 2
