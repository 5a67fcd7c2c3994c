"""What planning hands over cannot be changed behind a card's back, and what is not known is None."""
from __future__ import annotations

from dataclasses import FrozenInstanceError, fields
from decimal import Decimal

import pytest

from bot.desk.planned import Plan, Preview
from bot.desk.propose import Raised
from tests.desk.trade import say
from tests.support.scripted import Bench


def test_a_number_nobody_worked_out_is_no_number() -> None:
    bare = Preview(price=Decimal(1), size=Decimal(1), notional=Decimal(1))
    known = {one.name for one in fields(bare) if isinstance(getattr(bare, one.name), Decimal)}
    assert known == {"price", "size", "notional"}


async def test_a_plan_is_frozen(bench: Bench) -> None:
    raised = await say(bench, "long btc 0.01 sl 2%", "k", yes=None)
    assert isinstance(raised, Raised) and isinstance(raised.plan, Plan)
    with pytest.raises(FrozenInstanceError):
        raised.plan.summary = "x"  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        raised.plan.preview.loss = Decimal(0)  # type: ignore[misc, union-attr]
