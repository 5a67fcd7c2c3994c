from __future__ import annotations

from typing import Any

import pytest

from bot.domain.breaker import trip_by_loss, trip_by_rejections
from bot.domain.limits import Limits
from bot.domain.trading import TradingState
from tests.domain.builders import D

LIMITS = Limits(daily_loss=D(3), rolling_loss=D(5))


def by_loss(limits: Limits = LIMITS, **numbers: Any) -> str | None:
    usual = {"day_loss": D(0), "day_start": D(1000), "rolling_loss": D(0), "rolling_start": D(1000)} | numbers
    trip = trip_by_loss(limits, **usual)
    assert trip is None or trip.state is TradingState.REDUCE_ONLY
    return trip and trip.breaker


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ({}, None),
        ({"day_loss": D("29.99")}, None),
        ({"day_loss": D(30)}, "daily_loss"),
        ({"rolling_loss": D(50)}, "rolling_loss"),
        ({"day_loss": D(-30)}, None),
        ({"day_loss": D(1), "day_start": D(0)}, "daily_loss"),
        ({"day_start": D(0)}, None),
    ],
)
def test_losses_trip_at_their_limit(numbers: dict[str, Any], expected: str | None) -> None:
    """FF-77; FF-79: a loss just before midnight still counts in the rolling window."""
    assert by_loss(**numbers) == expected


def test_without_limits_nothing_trips() -> None:
    assert by_loss(Limits(), day_loss=D(999)) is None


@pytest.mark.parametrize(
    ("codes", "trips"),
    [
        ([], False),
        (["1", "1"], False),
        (["1", "1", "1"], True),
        (["2", "1", "1", "1"], True),
        (["1", "1", "2"], False),
        (["1", "1", ""], False),
        (["", "", ""], False),
        (["1", "1", "1", ""], False),
    ],
)
def test_equal_rejections_in_a_row_trip(codes: list[str], trips: bool) -> None:
    """FF-15."""
    assert (trip_by_rejections(codes) is not None) == trips
