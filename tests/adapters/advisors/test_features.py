"""Streaming windows against the plain computation over the same window."""
from __future__ import annotations

from math import fsum
from random import Random
from statistics import mean, stdev

import pytest

from bot.adapters.advisors.features_frame import Frame
from bot.adapters.advisors.features_rings import READD, Extreme, Ranks, Sums
from bot.adapters.advisors.features_smooth import Strength, ema, true_range, wilder
from tests.adapters.advisors.synthetic import walk


def test_sums_are_those_of_the_window_and_their_rounding_is_thrown_away() -> None:
    chance, sums, seen = Random(1), Sums(50), []
    for number in range(READD + 500):
        value = chance.gauss(0.0, 1.0) + (1e12 if number == 100 else 0.0)
        seen.append(value)
        sums.push(value)
    window = seen[-50:]
    assert sums.total == pytest.approx(fsum(window), abs=1e-9)
    assert sums.mean == pytest.approx(mean(window), abs=1e-9)
    assert sums.deviation == pytest.approx(stdev(window), rel=1e-9)


def test_a_window_without_spread_has_none() -> None:
    sums = Sums(5)
    assert (sums.mean, sums.deviation) == (0.0, 0.0)
    for _ in range(9):
        sums.push(0.1)
    assert sums.deviation == 0.0


def test_extremes_and_ranks_are_those_of_the_window() -> None:
    chance, high, ranks, seen = Random(2), Extreme(20), Ranks(20), []
    for _ in range(300):
        value = float(chance.randrange(30))
        seen.append(value)
        window = seen[-20:]
        assert high.push(value) == max(window)
        assert high.age == pytest.approx((len(window) - 1 - max(at for at, one in enumerate(window)
                                                                if one == max(window))) / 20)
        below, equal = sum(one < value for one in window), window.count(value)
        assert ranks.push(value) == pytest.approx((below + below + equal) / 2 / len(window))


def test_smoothers_begin_at_their_first_value() -> None:
    fast, slow = ema(3), wilder(4)
    assert [fast.push(value) for value in (8.0, 4.0, 4.0)] == [8.0, 6.0, 5.0]
    assert [slow.push(value) for value in (8.0, 4.0)] == [8.0, 7.0]
    strength = Strength(0.5)
    assert [strength.push(move) for move in (0.0, 1.0, -3.0)] == [0.0, 1.0, pytest.approx(-1.25 / 1.75)]
    assert true_range(10.0, 9.0, 12.0) == 3.0


def test_a_frame_speaks_when_it_closes_and_not_before() -> None:
    bars = walk(40, 3)
    frame, told = Frame(60_000, 4), []
    for bar in bars:
        frame.push(bar)
        told.append(frame.features)
    closes = [at for at in range(1, 40) if told[at] != told[at - 1]]
    assert set(closes) <= {at for at in range(40) if at % 4 == 3}
    assert len(closes) >= 8


def test_a_frame_whose_last_bar_is_missing_ends_with_the_next_bucket() -> None:
    bars = walk(12, 4)
    frame = Frame(60_000, 4)
    for bar in bars[:7]:
        frame.push(bar)
    before = frame.features
    frame.push(bars[8])
    assert frame.features != before
