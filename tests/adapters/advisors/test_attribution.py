from __future__ import annotations

import pytest

from bot.adapters.advisors.attribution import credits_of, top_reasons
from bot.adapters.advisors.gbt import read_trees
from bot.adapters.advisors.logit import Logit
from tests.adapters.advisors.test_gbt import TEXT


def test_credits_add_up_to_the_score() -> None:
    trees = read_trees(TEXT)
    for row in ((0.5, -1.5), (0.5, -1.4), (0.6, 0.0)):
        start, credits = credits_of(trees, row)
        assert start + sum(credits) == pytest.approx(trees.raw(row), abs=1e-12)
    assert credits_of(trees, (0.6, 0.0)) == (0.0, [0.3, 0.0])
    logit = Logit(means=(0.0, 0.0), scales=(1.0, 1.0), weights=(1.0, -2.0), bias=0.5)
    start, credits = credits_of(logit, (0.5, 0.25))
    assert start + sum(credits) == logit.raw((0.5, 0.25))


def test_a_lone_leaf_credits_nobody() -> None:
    lone = read_trees(TEXT.partition("\nTree=")[0] + "\nTree=0\nnum_leaves=1\nnum_cat=0\nleaf_value=0.7\n")
    assert credits_of(lone, (0.0, 0.0)) == (0.7, [0.0, 0.0])


def test_reasons_are_signed_shares_strongest_first() -> None:
    found = top_reasons(("a", "b", "c", "d"), (0.1, -0.6, 0.3, 0.0), most=3)
    assert found == (("b", -600), ("c", 300), ("a", 100))
    assert top_reasons(("a",), (0.0,)) == ()
