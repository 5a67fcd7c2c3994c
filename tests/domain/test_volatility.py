"""How much a price moved in a day, and what that leaves of a risk."""
from __future__ import annotations

from decimal import Decimal

import pytest

from bot.domain.volatility import CANDLES, CANDLES_LEAST, UNKNOWN_SHARE, realised, share_for


def zigzag(step: str, count: int) -> list[Decimal]:
    """Go up and down by a fraction."""
    up = Decimal(1) + Decimal(step)
    return [Decimal(100) * (up if place % 2 else 1) for place in range(count)]


@pytest.mark.parametrize("count", [CANDLES + 1, CANDLES_LEAST + 1])
def test_steps_of_one_in_a_thousand_make_almost_two_percent_a_day(count: int) -> None:
    # The root of 288 is 16.97; a day that is not whole is scaled to one.
    found = realised(zigzag("0.001", count))
    assert found is not None
    assert Decimal("1.69") < found < Decimal("1.70")


def test_a_quiet_day_moved_nothing_and_too_few_candles_say_nothing() -> None:
    assert realised([Decimal(100)] * 289) == 0
    assert realised([Decimal(100)] * CANDLES_LEAST) is None
    assert realised([]) is None
    assert realised([Decimal(0), *[Decimal(1)] * 300]) is None


@pytest.mark.parametrize(("moved", "share"), [
    (Decimal(0), 100), (Decimal(4), 100), (Decimal(8), 50), (Decimal(40), 10), (None, UNKNOWN_SHARE),
])
def test_twice_the_usual_leaves_half(moved: Decimal | None, share: int) -> None:
    assert share_for(Decimal(4), moved) == share
