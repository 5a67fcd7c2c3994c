"""Fifty seeds of random walks: whatever happens, both sides agree afterwards and the promises hold at every step.

FF-01 to FF-14, FF-18 to FF-28, FF-32, FF-34, FF-35, FF-39, FF-44, FF-55, FF-64, FF-81 by chance; the long run is
`python -m tests.walks --seeds 2000`.
"""
from __future__ import annotations

import pytest

from tests.walks.walk import walk

STEPS, CALM_S = 11, 22.0


@pytest.mark.parametrize("seed", range(50))
def test_a_walk_ends_with_both_sides_equal(seed: int) -> None:
    walked = walk(seed, steps=STEPS, calm_s=CALM_S)
    assert walked.good, walked.failure()


def test_the_same_seed_walks_the_same_way() -> None:
    assert walk(7, steps=8).trace == walk(7, steps=8).trace
