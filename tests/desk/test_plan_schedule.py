"""One yes, many children: sizes add up exactly, prices and times are even, every child is guarded."""
from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.desk.plan_schedule import MOST_CHILDREN, split
from bot.desk.propose import Raised
from bot.domain.proposal import LegAfter
from bot.domain.refusal import Refusal
from tests.desk.trade import say
from tests.support.scripted import Bench


@given(some.integers(1, 10**9), some.integers(1, MOST_CHILDREN), some.sampled_from(["0.0001", "0.01", "1", "5"]))
def test_parts_add_up_and_lie_on_the_step(steps: int, parts: int, step: str) -> None:
    size = steps * Decimal(step)
    found = split(size, parts, Decimal(step))
    assert sum(found) == size and len(found) == parts
    assert all(part >= 0 and part % Decimal(step) == 0 for part in found)
    assert max(found) == found[-1], "the last takes the rest"


async def legs(bench: Bench, words: str) -> Raised:
    raised = await say(bench, words, "k", yes=None)
    assert isinstance(raised, Raised), str(raised)
    return raised


async def test_a_ladder_spans_both_prices_with_one_stop(bench: Bench) -> None:
    raised = await legs(bench, "ladder btc short 0.01 61000 62000 5 sl 64000")
    found = [leg.intent for leg in raised.proposal.terms.legs]
    assert [str(one.limit_price) for one in found] == ["61000", "61250", "61500", "61750", "62000"]
    assert {one.stop for one in found} == {Decimal(64_000)}
    assert {leg.after for leg in raised.proposal.terms.legs} == {LegAfter.NOW}


async def test_a_twap_spreads_evenly_in_time(bench: Bench) -> None:
    raised = await legs(bench, "twap btc long 0.01 10 5")
    found = raised.proposal.terms.legs
    assert [leg.delay_s for leg in found] == [0, 120, 240, 360, 480]
    assert [leg.after for leg in found] == [LegAfter.NOW, *[LegAfter.DELAY] * 4]
    assert all(leg.intent.stop == Decimal(58_800) for leg in found)
    assert len({leg.child for leg in found}) == 5, "each child has an id of its own (C7)"


@pytest.mark.parametrize(
    ("words", "code"),
    [("ladder btc long 0.01 59000 58000 1", "steps"), ("ladder btc long 0.01 59000 58000 51", "steps"),
     ("twap btc long 0.01 10 1", "slices"), ("twap btc long 0.01 0 5", "slices"),
     ("twap btc long 0.01 10 51", "slices"), ("ladder btc long 0.0003 59000 58000 5", "too_small")],
)
async def test_what_is_no_schedule_is_refused(bench: Bench, words: str, code: str) -> None:
    refused = await say(bench, words, "k")
    assert isinstance(refused, Refusal), str(refused)
    assert refused.code == code and not bench.venue.sent
