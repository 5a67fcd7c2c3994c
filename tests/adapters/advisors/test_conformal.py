from __future__ import annotations

from random import Random

from bot.adapters.advisors.conformal import Adaptive, fit_ranges, interval


def test_ranges_hold_the_promised_share_of_what_comes_next() -> None:
    chance = Random(1)

    def outcome(raw: float) -> float:
        return chance.gauss(0.0, 0.5 + raw)

    raws = [chance.random() for _ in range(4000)]
    found = fit_ranges(raws, [outcome(raw) for raw in raws])
    inside = 0
    for _ in range(4000):
        raw = chance.random()
        low, high, count = found.range_of(raw) or (0.0, 0.0, 0)
        assert count >= 50
        inside += low <= outcome(raw) <= high
    assert 0.77 <= inside / 4000 <= 0.84
    narrow, wide = found.range_of(0.05), found.range_of(0.95)
    assert narrow is not None
    assert wide is not None
    assert narrow[1] - narrow[0] < wide[1] - wide[0]


def test_below_fifty_nothing_is_shown() -> None:
    assert fit_ranges([0.5] * 49, [1.0] * 49).range_of(0.5) is None
    assert fit_ranges([0.5] * 50, [1.0] * 50).range_of(0.5) == (1.0, 1.0, 50)


def test_the_interval_of_few_is_all_of_them() -> None:
    assert interval([-1.0, 0.0, 2.0], 0.2) == (-1.0, 2.0)


def test_misses_widen_and_too_many_alert() -> None:
    found = Adaptive()
    for _ in range(40):
        found.observe(False)
    narrowed = found.miss
    assert narrowed > 0.2
    for _ in range(10):
        found.observe(True)
    assert found.miss < narrowed
    assert not found.alert
    for _ in range(10):
        found.observe(True)
    assert found.alert
