from __future__ import annotations

from typing import Any

import pytest

from bot.domain.absence import ClockRule, decidable_at, proven_absent, proven_gone
from bot.domain.order import OrderState
from tests.domain.builders import after, order

RULE = ClockRule(validity_s=30, skew_s=2, lag_s=10, minimum_asks=3)
S = OrderState


def doubtful(asks: int = 3, last: float = 42, **changes: Any) -> Any:
    fields = {"asked_absent": asks, "last_absent_at": after(last), "signed_at": after(0)} | changes
    return order(S.IN_DOUBT, **fields)


def test_count_age_and_lists_together_prove() -> None:
    """R5."""
    assert decidable_at(doubtful(), RULE) == after(42)
    assert proven_absent(doubtful(), after(42), RULE)


@pytest.mark.parametrize(
    "case",
    [
        {"asks": 2},
        {"last": 41.999},
        {"last_absent_at": None},
        {"signed_at": after(1)},
        {"last": 50},
    ],
)
def test_each_of_them_alone_proves_nothing(case: dict[str, Any]) -> None:
    """FF-07, FF-08; the designs "no minimum age" and "no lag margin" of reliability section 2."""
    assert not proven_absent(doubtful(**case), after(45), RULE)


def test_lists_that_disagree_prove_nothing() -> None:
    assert not proven_absent(doubtful(), after(60), RULE, lists_agree=False)


@pytest.mark.parametrize("state", [state for state in S if state is not S.IN_DOUBT])
def test_only_a_doubt_can_be_resolved_by_absence(state: OrderState) -> None:
    settled = order(state, asked_absent=9, last_absent_at=after(500))
    assert not proven_absent(settled, after(501), RULE)


def test_an_order_that_lived_is_gone_only_a_lag_after_its_last_sign() -> None:
    def lived(last: float) -> Any:
        return order(S.OPEN, asked_absent=3, last_absent_at=after(last), venue_updated_at=after(100))

    assert not proven_gone(lived(109), after(120), RULE)
    assert proven_gone(lived(110), after(120), RULE)
    assert not proven_gone(lived(110), after(120), RULE, lists_agree=False)
    assert not proven_gone(doubtful(last=200), after(300), RULE)
    assert not proven_gone(order(S.OPEN, asked_absent=2, last_absent_at=after(500)), after(501), RULE)
