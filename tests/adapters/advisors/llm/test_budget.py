"""The worst price is known before the call and bounds the real one (decision 9)."""
from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.advisors.llm.budget import CostLimits, day_of, month_of, over, real_cost, worst_cost
from tests.adapters.advisors.llm.voices import provider

LIMITS = CostLimits(day=Decimal(1), month=Decimal(10), idea=Decimal("0.2"))
COUNTS = st.none() | st.integers(min_value=0, max_value=10**9)


def test_the_worst_is_a_token_a_byte_and_the_longest_answer() -> None:
    assert worst_cost(provider(), b"x" * 2_000) == Decimal("0.021")
    assert worst_cost(provider(price_in=Decimal(0), price_out=Decimal(0)), b"x" * 2_000) == 0


@given(COUNTS, COUNTS)
def test_no_count_costs_more_than_was_reserved(asked: int | None, answered: int | None) -> None:
    cost = real_cost(provider(), Decimal("0.05"), asked, answered)
    assert 0 <= cost <= Decimal("0.05")
    if asked is None or answered is None:
        assert cost == Decimal("0.05")


@pytest.mark.parametrize(("paid", "name"), [
    ({"day": "0.95"}, "day"), ({"month": "9.95"}, "month"), ({"idea": "0.15"}, "idea"),
    ({"day": "0.9", "month": "9.9", "idea": "0.1"}, None),
])
def test_each_limit_refuses_what_would_pass_it(paid: dict[str, str], name: str | None) -> None:
    sums = {kind: Decimal(paid.get(kind, "0")) for kind in ("day", "month", "idea")}
    refused = over(LIMITS, Decimal("0.1"), **sums)
    assert (refused is None) == (name is None)
    if name is not None:
        assert refused is not None
        assert (refused.limit, f"spent this {name}" in refused.words) == (name, True)


def test_days_and_months_are_utc() -> None:
    now = datetime(2026, 3, 17, 23, 59, tzinfo=UTC)
    assert day_of(now) == datetime(2026, 3, 17, tzinfo=UTC)
    assert month_of(now) == datetime(2026, 3, 1, tzinfo=UTC)
