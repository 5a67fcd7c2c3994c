from __future__ import annotations

from math import inf

import pytest

from bot.adapters.advisors.scores import (
    auc,
    brier,
    brier_skill,
    mean_interval,
    reliability,
    spoken_chance,
    wilson,
    worst_drawdown,
)


def test_wilson_as_published() -> None:
    """81 of 263 at 95 % is 0.2553 to 0.3662 (Newcombe 1998, table I)."""
    assert wilson(81, 263, 1.959964) == (pytest.approx(0.2553, abs=5e-5), pytest.approx(0.3662, abs=5e-5))
    assert wilson(0, 0) == (0.0, 1.0)
    low, high = wilson(0, 20)
    assert low == 0.0
    assert 0.1 < high < 0.15


def test_brier_and_its_skill() -> None:
    assert brier([1.0, 0.5], [1, 0]) == 0.125
    assert brier_skill([1.0, 0.0], [1, 0]) == 1.0
    assert brier_skill([0.5, 0.5], [1, 0]) == 0.0
    assert brier_skill([0.5, 0.5], [1, 1], base=0.5) == 0.0
    assert brier_skill([0.9], [1]) == 0.0


def test_auc_counts_pairs_and_halves_ties() -> None:
    assert auc([0.9, 0.8, 0.3, 0.1], [1, 1, 0, 0]) == 1.0
    assert auc([0.5, 0.5], [1, 0]) == 0.5
    assert auc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]) == 0.75
    assert auc([0.1], [1]) == 0.5


def test_intervals_and_drawdowns() -> None:
    mean, low, high = mean_interval([1.0, -1.0, 1.0, -1.0])
    assert (mean, low) == (0.0, -high)
    assert high == pytest.approx(1.6449 * 1.1547 / 2, abs=1e-3)
    assert mean_interval([2.0]) == (2.0, -inf, inf)
    assert worst_drawdown([1.0, -2.0, 1.0, -3.0, 5.0]) == 4.0
    assert worst_drawdown([]) == 0.0


def test_reliability_has_no_empty_buckets() -> None:
    first, last = reliability([0.05, 0.02, 1.0], [0, 1, 1])
    assert (first.count, first.hits, last.count, last.said) == (2, 1, 1, 1.0)


def test_under_thirty_there_is_no_record() -> None:
    assert spoken_chance(4, 7) == "no record yet (7)"
    assert spoken_chance(19, 42) == "33–58% (42 like this: 19 hit)"
