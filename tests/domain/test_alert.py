from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from bot.domain import events as e
from bot.domain.alert import TABLE, UNTOLD, Audience, Severity, alert_for
from bot.domain.fill import Cause
from bot.domain.intent import OrderKind
from bot.domain.order import OrderState, Owner
from bot.domain.trading import TradingState
from tests.domain.builders import anything, fill, intent, order


def test_every_fact_is_told_or_deliberately_not() -> None:
    assert set(TABLE) | UNTOLD == set(e.FACTS)
    assert not set(TABLE) & UNTOLD


@pytest.mark.parametrize("cls", e.FACTS, ids=lambda cls: cls.__name__)
def test_no_fact_breaks_the_telling_and_critical_ones_stand_alone(cls: type[e.Fact]) -> None:
    for seed in range(20):
        alert = alert_for(anything(cls, Random(seed)))
        if alert is not None and alert.severity is Severity.CRITICAL:
            assert alert.merge_key is None
        elif alert is not None:
            # A second halt within the minute would be a silent edit of the first.
            assert (alert.merge_key is None) == (cls is e.TradingStateChanged)


def test_what_costs_money_pierces_quiet_hours() -> None:
    """FF-33: liquidation, a naked position and a broken stop are never routine."""
    for cls in (e.Liquidated, e.Deleveraged, e.PositionNaked, e.StopFailed, e.BreakerTripped, e.ModeChangedOutside):
        alert = alert_for(anything(cls, Random(1)))
        assert alert is not None
        assert alert.severity is Severity.CRITICAL


def test_a_forced_fill_is_louder_than_ours() -> None:
    ours = alert_for(e.FillRecorded(fill=fill(), order=order(), position=None))
    forced = alert_for(e.FillRecorded(fill=fill(cause=Cause.LIQUIDATION), order=None, position=None))
    assert ours is not None
    assert forced is not None
    assert (ours.severity, forced.severity) == (Severity.NORMAL, Severity.CRITICAL)


def test_fills_and_end_of_one_order_share_a_card() -> None:
    placed = order(OrderState.CANCELED)
    one = alert_for(e.FillRecorded(fill=fill(), order=placed, position=None))
    two = alert_for(e.FillRecorded(fill=fill("t2"), order=placed, position=None))
    assert one == two
    ended = alert_for(e.OrderEnded(order=placed, reason=None, outside=True))
    assert ended is not None
    assert ended.severity is Severity.WARNING


def test_foreign_and_filled_ends_are_not_told_twice() -> None:
    assert alert_for(e.OrderEnded(order=order(OrderState.FILLED), reason=None)) is None
    assert alert_for(e.OrderEnded(order=order(OrderState.CANCELED, owner=Owner.FOREIGN), reason=None)) is None


def test_a_rejected_guard_is_critical() -> None:
    guard = replace(order(OrderState.REJECTED), intent=intent(kind=OrderKind.STOP))
    alert = alert_for(e.OrderRejected(order=guard, code="1", words="no"))
    assert alert is not None
    assert alert.severity is Severity.CRITICAL


def test_an_own_alert_goes_to_its_person_and_halting_to_all() -> None:
    rang = alert_for(anything(e.AlertRang, Random(3)))
    assert rang is not None
    assert rang.audience is Audience.PERSON
    assert rang.person is not None
    halt = e.TradingStateChanged(was=TradingState.ACTIVE, now=TradingState.HALTED, by=None, why="x")
    alert = alert_for(halt)
    assert alert is not None
    assert (alert.audience, alert.severity) == (Audience.ALL, Severity.WARNING)
