from __future__ import annotations

import pytest

from bot.adapters.advisors.bar import MINUTE_MS
from bot.adapters.advisors.labels import Recipe, label, parse_recipe, uniqueness
from bot.adapters.advisors.resolver import Costs, Exit, Pursuit, resolve
from tests.adapters.advisors.synthetic import walk

RECIPE = parse_recipe("tb:2/1/48")


def test_a_recipe_reads_as_written() -> None:
    assert Recipe(target=2.0, stop=1.0, horizon=48) == RECIPE
    assert (RECIPE.text, RECIPE.target_r) == ("tb:2/1/48", 2.0)
    assert parse_recipe("tb:1.5/0.5/24").text == "tb:1.5/0.5/24"


@pytest.mark.parametrize(("text", "words"), [
    ("tb:2/1", "such as tb:2/1/48"), ("2/1/48", "such as"), ("tb:0/1/48", "between 0.25"), ("tb:2/1/0", "between"),
    ("tb:4/1/48", "at most"), ("tb:nan/1/48", "such as"),
])
def test_another_recipe_is_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_recipe(text)


@pytest.mark.parametrize("sign", [1, -1])
def test_labels_are_what_the_resolver_says_of_the_same_idea(sign: int) -> None:
    """One code for labels and live outcomes: a label is an idea entered at the next open (advisor section 6)."""
    bars, costs = walk(400, 21), Costs()
    atrs = [0.002 * bar.close for bar in bars]
    rates = [(bars[at].at, 0.0001) for at in range(0, 400, 50)]
    labels = label(bars, atrs, range(400), sign, RECIPE, costs, rates)
    assert len(labels) == 400 - 48
    for each in labels:
        entry = bars[each.begun + 1].open
        risk = 1.5 * atrs[each.begun]
        idea = Pursuit(sign=sign, entry=None, stop=entry - sign * risk, target=entry + sign * risk * 2.0, valid_until=0,
                       horizon_ms=48 * MINUTE_MS)
        found = resolve(idea, bars[each.begun + 1:], MINUTE_MS, costs, rates)
        assert each.hit == (found.exit is Exit.TARGET)
        assert (each.gross_r, each.net_r) == pytest.approx((found.gross_r, found.net_r))
        assert bars[each.last].at + MINUTE_MS == found.ended_at
        assert each.cost_r == pytest.approx(each.gross_r - each.net_r)


def test_labels_whose_horizon_is_not_over_are_left_out() -> None:
    assert label(walk(40, 1), [10.0] * 40, range(40), 1, RECIPE, Costs()) == []


def test_a_market_that_does_not_move_has_no_labels() -> None:
    assert label(walk(60, 1), [0.0] * 60, range(60), 1, RECIPE, Costs()) == []


def test_uniqueness_counts_who_shares_the_bars() -> None:
    bars = walk(300, 2)
    labels = label(bars, [0.002 * bar.close for bar in bars], range(300), 1, RECIPE, Costs())
    weights = uniqueness(labels, 300)
    alive = [sum(one.begun < at <= one.last for one in labels) for at in range(300)]
    for one, weight in zip(labels, weights, strict=True):
        own = [1.0 / alive[at] for at in range(one.begun + 1, one.last + 1)]
        assert weight == pytest.approx(sum(own) / len(own))
        assert 0.0 < weight <= 1.0
