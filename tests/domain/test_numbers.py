from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.domain.numbers import ceil_to, floor_to, nearest_to, parse, percent, percent_of, plain

VALUES = some.decimals(min_value=-10**9, max_value=10**9, places=8)
STEPS = some.sampled_from([Decimal(text) for text in ("0.00000001", "0.0001", "0.05", "0.1", "1", "5", "1E+2")])


@pytest.mark.parametrize(
    ("text", "value"),
    [("1.50", "1.5"), ("1e3", "1000"), ("-0", "0"), ("0.000", "0"), ("1E-8", "0.00000001"), ("100", "100")],
)
def test_numbers_have_one_text(text: str, value: str) -> None:
    number = parse(text)
    assert number is not None
    assert plain(number) == value


@pytest.mark.parametrize("text", ["", "NaN", "Infinity", "-inf", "abc", "1,5", "0x10", "1.2.3"])
def test_what_is_no_finite_number_is_none(text: str) -> None:
    """FF-76: a NaN never enters a comparison."""
    assert parse(text) is None


@given(VALUES, STEPS)
def test_rounding_stays_within_a_step_and_is_stable(value: Decimal, step: Decimal) -> None:
    down, up, near = floor_to(value, step), ceil_to(value, step), nearest_to(value, step)
    assert abs(down) <= abs(value)
    assert value <= up < value + step
    assert abs(near - value) <= step / 2
    assert floor_to(down, step) == down
    assert ceil_to(up, step) == up


@given(VALUES)
def test_canonical_text_reads_back_equal(value: Decimal) -> None:
    assert parse(plain(value)) == value
    assert "E" not in plain(value)


@pytest.mark.parametrize("step", [Decimal(0), Decimal(-1)])
def test_a_step_is_above_zero(step: Decimal) -> None:
    with pytest.raises(ValueError, match="above zero"):
        floor_to(Decimal(1), step)


def test_percent_both_ways() -> None:
    assert percent_of(Decimal(2), Decimal(500)) == 10
    assert percent(Decimal(10), Decimal(500)) == 2
    assert percent(Decimal(10), Decimal(0)) == 0
