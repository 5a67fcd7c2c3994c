from __future__ import annotations

import pytest

from bot.domain.intent import Attached, Direction, Effect, OrderKind
from tests.domain.builders import D, intent


@pytest.mark.parametrize(
    ("direction", "effect", "buying"),
    [
        (Direction.LONG, Effect.OPEN, True),
        (Direction.LONG, Effect.CLOSE, False),
        (Direction.SHORT, Effect.OPEN, False),
        (Direction.SHORT, Effect.CLOSE, True),
    ],
)
def test_who_buys(direction: Direction, effect: Effect, buying: bool) -> None:
    assert intent(direction=direction, effect=effect).buying is buying


def test_directions_mirror() -> None:
    for direction in Direction:
        assert direction.other.other is direction
        assert direction.other.sign == -direction.sign


def test_guards_are_plans_and_book_orders_are_not() -> None:
    assert {kind for kind in OrderKind if not kind.is_plan} == {OrderKind.MARKET, OrderKind.LIMIT}
    assert all(kind.is_plan for kind in OrderKind if kind.is_guard)
    assert not OrderKind.TRIGGER.is_guard


def test_the_stop_is_the_attached_one() -> None:
    assert intent().stop is None
    assert intent(attached=Attached(stop=D(95))).stop == 95
