"""The venue's clock is estimated with an uncertainty that never lies."""
from __future__ import annotations

import random

from bot.adapters.bitget.skew import Sample, Skew


def test_nothing_is_known_before_the_first_answer() -> None:
    assert Skew().estimate(0, 0) is None


def test_half_the_round_trip_is_the_uncertainty() -> None:
    skew = Skew()
    skew.add(Sample(asked_ms=1_000, took_ms=200, venue_ms=6_100, monotonic_ms=0))
    offset = skew.estimate(1_200, 200)
    assert offset is not None
    assert offset.ms == 5_000
    assert 101 <= offset.uncertainty_ms < 102


def test_sharpest_sample_wins_until_it_is_old() -> None:
    skew = Skew()
    skew.add(Sample(asked_ms=0, took_ms=10, venue_ms=105, monotonic_ms=0))
    skew.add(Sample(asked_ms=1_000, took_ms=800, venue_ms=1_700, monotonic_ms=1_000))
    soon = skew.estimate(2_000, 2_000)
    assert soon is not None and soon.ms == 100
    late = skew.estimate(3_600_000, 3_600_000)
    assert late is not None and late.uncertainty_ms > 400


def test_ff61_jump_of_the_wall_clock_makes_the_offset_uncertain() -> None:
    skew = Skew()
    skew.add(Sample(asked_ms=0, took_ms=10, venue_ms=5, monotonic_ms=0))
    jumped = skew.estimate(60_000, 1_000)
    assert jumped is not None and jumped.uncertainty_ms > 59_000


def test_true_offset_lies_within_the_uncertainty() -> None:
    dice = random.Random(7)
    for _ in range(500):
        skew, true = Skew(), dice.uniform(-20_000, 20_000)
        for step in range(5):
            out, back = dice.uniform(1, 300), dice.uniform(1, 300)
            asked = step * 1_000.0
            venue = round(asked + out + true)
            skew.add(Sample(asked_ms=asked, took_ms=out + back, venue_ms=venue, monotonic_ms=asked))
        offset = skew.estimate(6_000, 6_000)
        assert offset is not None
        assert abs(offset.ms - true) <= offset.uncertainty_ms


def test_ff62_other_answers_are_listened_to_only_while_the_time_call_is_silent() -> None:
    skew = Skew()
    skew.add(Sample(asked_ms=0, took_ms=50, venue_ms=1_000_000, monotonic_ms=0, dedicated=False))
    told = skew.estimate(0, 0)
    assert told is not None and told.ms > 900_000
    skew.add(Sample(asked_ms=100, took_ms=400, venue_ms=300, monotonic_ms=100))
    told = skew.estimate(500, 500)
    assert told is not None and told.ms == 0
