from __future__ import annotations

import pytest

from bot.domain.order import SETTLED, OrderState, replacement_size, unfilled
from tests.domain.builders import D, order

S = OrderState


@pytest.mark.parametrize("state", list(S))
def test_an_order_is_settled_unresolved_or_alive(state: OrderState) -> None:
    alive = state in (S.NEW, S.OPEN, S.PARTLY_FILLED)
    assert [state.settled, state.unresolved, alive].count(True) == 1


def test_the_settled_states() -> None:
    assert {S.FILLED, S.CANCELED, S.REJECTED, S.NOT_PLACED} == SETTLED


@pytest.mark.parametrize("state", [S.NEW, S.SUBMITTING, S.IN_DOUBT, S.OPEN, S.PARTLY_FILLED])
def test_what_may_still_fill_counts(state: OrderState) -> None:
    """R14: in doubt counts as filled."""
    assert unfilled(order(state, filled=D("0.5"))) == D("1.5")
    assert unfilled(order(state, filled=D(3))) == 0
    assert replacement_size(order(state)) is None


@pytest.mark.parametrize("state", sorted(SETTLED, key=lambda one: one.value))
def test_a_settled_order_counts_only_what_its_fills_lack(state: OrderState) -> None:
    assert unfilled(order(state, filled=D("0.5"), reported=D("0.5"))) == 0
    assert unfilled(order(state, filled=D("0.5"), reported=D(1))) == D("0.5")


def test_a_replacement_carries_what_is_proven_not_filled() -> None:
    """R9, FF-19: full quantity again would double the exposure."""
    assert replacement_size(order(S.CANCELED, filled=D("0.5"), reported=D("0.5"))) == D("1.5")
    assert replacement_size(order(S.CANCELED, filled=D("0.5"), reported=D(1))) is None
    assert replacement_size(order(S.FILLED, filled=D(2), reported=D(2))) == 0
