from __future__ import annotations

from random import Random

import pytest

from bot.adapters.advisors.calibration import HIGHEST, LOWEST, Calibration, calibrate
from bot.adapters.advisors.logit import sigmoid


def drawn(count: int, seed: int, law: str = "half") -> tuple[list[float], list[int]]:
    """Draw raw scores whose true chance is half as confident, or has nothing to do with them."""
    chance, raws, hits = Random(seed), [], []
    for _ in range(count):
        score = chance.gauss(0.0, 1.0)
        raws.append(sigmoid(score))
        hits.append(int(chance.random() < (sigmoid(0.5 * score) if law == "half" else 0.3)))
    return raws, hits


@pytest.mark.parametrize(("count", "kind"), [(800, "platt"), (6000, "isotonic")])
def test_overconfidence_is_taken_back(count: int, kind: str) -> None:
    raws, hits = drawn(count, 1)
    found = calibrate(raws, hits, [1.0] * count)
    assert found is not None
    assert (found.kind, found.fitted_on) == (kind, count)
    for score in (-1.5, 0.0, 1.5):
        assert found.chance(sigmoid(score)) == pytest.approx(sigmoid(0.5 * score), abs=0.07)


@pytest.mark.parametrize("count", [300, 5000])
def test_a_score_that_says_nothing_becomes_the_base_rate(count: int) -> None:
    raws, hits = drawn(count, 2, "none")
    found = calibrate(raws, hits, [1.0] * count)
    assert found is not None
    assert found.chance(0.2) == pytest.approx(0.3, abs=0.08)
    assert found.chance(0.8) == pytest.approx(0.3, abs=0.08)


def test_a_score_that_says_the_opposite_is_not_turned_round() -> None:
    raws, hits = drawn(600, 3)
    found = calibrate(raws, [1 - hit for hit in hits], [1.0] * 600)
    assert found is not None
    assert found.chance(0.9) == found.chance(0.1) == pytest.approx(0.5, abs=0.06)


@pytest.mark.parametrize("count", [500, 4000])
def test_more_score_is_never_less_chance(count: int) -> None:
    raws, hits = drawn(count, 4)
    found = calibrate(raws, hits, [0.2] * count)
    assert found is not None
    chances = [found.chance(step / 200) for step in range(201)]
    assert chances == sorted(chances)
    assert chances[0] >= LOWEST
    assert chances[-1] <= HIGHEST


def test_too_little_and_all_alike_is_nothing_to_calibrate_on() -> None:
    assert calibrate([0.5] * 29, [1, 0] * 14 + [1], [1.0] * 29) is None
    assert calibrate([0.5] * 100, [1] * 100, [1.0] * 100) is None


def test_chances_are_clipped() -> None:
    sure = Calibration(kind="platt", fitted_on=100, slope=50.0)
    assert (sure.chance(0.0), sure.chance(1.0)) == (0.02, 0.98)
