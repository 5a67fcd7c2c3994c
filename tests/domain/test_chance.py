"""The interval of a rate covers the truth as often as it says (A15)."""
from __future__ import annotations

from decimal import Decimal
from random import Random

import pytest

from bot.adapters.advisors.scores import wilson as floating
from bot.domain.chance import wilson


def test_nineteen_of_fortytwo() -> None:
    low, high = wilson(19, 42)
    assert (round(low, 2), round(high, 2)) == (Decimal("0.33"), Decimal("0.58"))
    assert wilson(0, 0) == (0, 1)
    assert wilson(0, 30)[0] == 0
    assert Decimal("0.999999") < wilson(30, 30)[1] <= 1
    with pytest.raises(ValueError, match="cannot be"):
        wilson(3, 2)


@pytest.mark.parametrize(("hits", "count"), [(0, 1), (1, 3), (17, 60), (400, 1000)])
def test_it_is_the_scorecards_interval(hits: int, count: int) -> None:
    ours, theirs = wilson(hits, count), floating(hits, count)
    assert [float(one) for one in ours] == pytest.approx(theirs, abs=1e-12)


def test_an_advisor_of_known_skill_is_covered_nine_times_of_ten() -> None:
    chance = Random(15)
    covered = total = 0
    for truth in (0.25, 0.35, 0.45, 0.6):
        for count in (30, 42, 100):
            known = {hits: wilson(hits, count) for hits in range(count + 1)}
            for _ in range(400):
                low, high = known[sum(chance.random() < truth for _ in range(count))]
                covered += low <= Decimal(str(truth)) <= high
                total += 1
    assert abs(covered / total - 0.90) <= 0.04
