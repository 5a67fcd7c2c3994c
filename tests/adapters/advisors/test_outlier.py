from __future__ import annotations

from random import Random

import pytest

from bot.adapters.advisors.outlier import Place, fit_neighbourhood


def rows(count: int, seed: int) -> list[list[float]]:
    chance = Random(seed)
    found = []
    for _ in range(count):
        common = chance.gauss(0.0, 1.0)
        found.append([common + chance.gauss(0.0, 0.2), common + chance.gauss(0.0, 0.2), 3.0 + chance.gauss(0.0, 2.0)])
    return found


def test_distance_knows_what_moves_together() -> None:
    found = fit_neighbourhood(rows(3000, 1))
    along, across = found.distance([1.5, 1.5, 3.0]), found.distance([1.5, -1.5, 3.0])
    assert along < 2.0 < 6.0 < across
    assert found.place(along) is Place.USUAL
    assert found.place(across) is Place.OUTSIDE
    assert found.place(found.limit_99 * 1.0001) in (Place.UNUSUAL, Place.OUTSIDE)


def test_limits_are_those_of_the_training() -> None:
    used = rows(3000, 2)
    found = fit_neighbourhood(used)
    beyond = sum(found.distance(row) > found.limit_99 for row in used) / len(used)
    assert beyond == pytest.approx(0.01, abs=0.002)
    fresh = [found.distance(row) for row in rows(3000, 3)]
    assert sum(each > found.limit_99 for each in fresh) / 3000 == pytest.approx(0.01, abs=0.008)


def test_equal_and_dead_features_have_a_distance_too() -> None:
    chance = Random(4)
    found = fit_neighbourhood([[value, value, 7.0] for value in (chance.gauss(0, 1) for _ in range(500))])
    assert found.distance([0.1, 0.1, 7.0]) < 1.0
    assert found.distance([0.1, 0.1, 8.0]) > 50.0


def test_too_few_rows_are_said() -> None:
    with pytest.raises(ValueError, match="needs 10 rows"):
        fit_neighbourhood([[1.0]] * 9)
