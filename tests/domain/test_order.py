from __future__ import annotations

import pytest

from bot.domain.order import SETTLED, OrderState

S = OrderState


@pytest.mark.parametrize("state", list(S))
def test_an_order_is_settled_unresolved_or_alive(state: OrderState) -> None:
    alive = state in (S.NEW, S.OPEN, S.PARTLY_FILLED)
    assert [state.settled, state.unresolved, alive].count(True) == 1


def test_the_settled_states() -> None:
    assert {S.FILLED, S.CANCELED, S.REJECTED, S.NOT_PLACED} == SETTLED
