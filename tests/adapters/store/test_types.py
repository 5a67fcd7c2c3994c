from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite
from sqlalchemy.types import TypeDecorator

from bot.adapters.store.link import Link
from bot.adapters.store.tx import StoreTx
from bot.adapters.store.types import DecimalText, EnumText, PlainText, UtcMillis
from bot.domain.order import OrderState
from tests.adapters.store.values import BTC, position

DIALECT = sqlite.dialect()


def there_and_back(kind: TypeDecorator[Any], value: Any) -> Any:
    return kind.process_result_value(kind.process_bind_param(value, DIALECT), DIALECT)


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_every_decimal_comes_back_equal(value: Decimal) -> None:
    assert there_and_back(DecimalText(), value) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [("1E+3", "1000"), ("0.10", "0.1"), ("-0", "0"), ("1E-8", "0.00000001"), ("66420.50", "66420.5")],
)
def test_equal_decimals_have_one_text(value: str, text: str) -> None:
    assert DecimalText().process_bind_param(Decimal(value), DIALECT) == text


@pytest.mark.parametrize("value", [1.5, 2, "3"])
def test_only_decimals_are_money(value: Any) -> None:
    with pytest.raises(TypeError, match="A Decimal is stored here"):
        DecimalText().process_bind_param(value, DIALECT)


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
def test_what_is_not_finite_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="finite"):
        DecimalText().process_bind_param(Decimal(value), DIALECT)


def test_a_damaged_number_is_said_to_be_damaged() -> None:
    with pytest.raises(ValueError, match="restore a backup"):
        DecimalText().process_result_value("12,5", DIALECT)


@given(st.datetimes(timezones=st.just(UTC)))
def test_moments_come_back_to_the_millisecond(moment: datetime) -> None:
    back = there_and_back(UtcMillis(), moment)
    assert back.tzinfo is UTC
    assert timedelta(0) <= moment - back < timedelta(milliseconds=1)


def test_a_moment_of_another_zone_is_the_same_moment() -> None:
    there = datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=5)))
    assert there_and_back(UtcMillis(), there) == there


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        UtcMillis().process_bind_param(datetime(2026, 3, 1), DIALECT)  # noqa: DTZ001


def test_words_outside_the_enumeration_are_refused() -> None:
    assert there_and_back(EnumText(OrderState), OrderState.IN_DOUBT) is OrderState.IN_DOUBT
    with pytest.raises(ValueError, match="MAYBE"):
        EnumText(OrderState).process_result_value("MAYBE", DIALECT)
    read = EnumText(OrderState).result_processor(DIALECT, None)
    assert (read("IN_DOUBT"), read(None)) == (OrderState.IN_DOUBT, None)
    with pytest.raises(ValueError, match="MAYBE"):
        read("MAYBE")


def test_plain_text_is_canonical() -> None:
    assert PlainText().process_bind_param({"b": 1, "a": ["ü"]}, DIALECT) == '{"a":["ü"],"b":1}'
    with pytest.raises((TypeError, ValueError)):
        PlainText().process_bind_param({"x": Decimal(1)}, DIALECT)
    with pytest.raises(ValueError, match="JSON"):
        PlainText().process_bind_param({"x": float("nan")}, DIALECT)


@pytest.mark.parametrize("kind", [DecimalText(), UtcMillis(), EnumText(OrderState), PlainText()])
def test_nothing_stays_nothing(kind: TypeDecorator[Any]) -> None:
    assert there_and_back(kind, None) is None


def test_both_databases_hold_the_same_characters(tx: StoreTx, link: Link) -> None:
    tx.positions.save(position(size=Decimal("1.500E-7"), entry=Decimal("1E+5")))
    rows = link.plainly("SELECT symbol, direction, size, entry, as_of FROM positions")
    assert rows == [(BTC, "LONG", "0.00000015", "100000", 1772366400123)]
