from __future__ import annotations

from dataclasses import fields, replace
from random import Random

import pytest

from bot.domain.ids import Symbol
from bot.domain.limits import STRICTER_WHEN_LARGER, Limits, loosened, tightest
from tests.domain.builders import D, anything

A, B = Symbol("A"), Symbol("B")


def test_the_stricter_of_two_counts() -> None:
    one = Limits(leverage=D(10), cool_down_s=60, allow=frozenset({A, B}), deny=frozenset({A}))
    two = Limits(leverage=D(5), cool_down_s=30, order_risk=D(1), allow=frozenset({A}), stop_required=True)
    assert tightest(one, two) == Limits(
        leverage=D(5), cool_down_s=60, order_risk=D(1), allow=frozenset({A}), deny=frozenset({A}), stop_required=True
    )


def _not_looser(result: Limits, layer: Limits) -> bool:
    for field in fields(Limits):
        mine, theirs = getattr(result, field.name), getattr(layer, field.name)
        if field.name in ("deny", "stop_required"):
            if theirs and (mine is False or (field.name == "deny" and not theirs <= mine)):
                return False
        elif theirs is None:
            continue
        elif mine is None or (mine < theirs if field.name in STRICTER_WHEN_LARGER else not mine <= theirs):
            return False
    return True


def test_no_layer_ever_raises_another_and_order_does_not_matter() -> None:
    """Advisor section 9: nothing returns a larger limit than it received."""
    for seed in range(300):
        rng = Random(seed)
        layers = [anything(Limits, rng) for _ in range(3)]
        result = tightest(*layers)
        assert all(_not_looser(result, layer) for layer in layers), f"seed {seed}"
        assert tightest(*reversed(layers)) == result
        assert tightest(result, *layers) == result


def test_one_layer_is_itself_and_none_is_an_error() -> None:
    assert tightest(replace(Limits(), orders=1)) == Limits(orders=1)
    with pytest.raises(ValueError, match="at least one"):
        tightest()


def test_looser_is_larger_gone_or_where_more_is_stricter_smaller() -> None:
    was = Limits(leverage=D(3), positions=5, cool_down_s=60)
    assert loosened(was, replace(was, leverage=D(2), positions=5, cool_down_s=90, orders=3)) == ()
    assert loosened(was, replace(was, leverage=D(5))) == ("leverage",)
    assert loosened(was, replace(was, positions=None, cool_down_s=30)) == ("positions", "cool_down_s")
    assert loosened(Limits(), was) == ()
