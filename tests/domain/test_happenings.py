from __future__ import annotations

from random import Random

import pytest

from bot.domain.happenings import EndedAtVenue, SeenAtVenue, Triggered, happening_of
from bot.domain.reports import OrderReport, VenueState
from tests.domain.builders import D, after, anything


def report(**changes: object) -> OrderReport:
    usual = anything(OrderReport, Random(1))
    fields = {name: getattr(usual, name) for name in OrderReport.__slots__}
    fields |= {"venue_order_id": "v1", "filled": D(1), "cancel_reason": None, "raw_state": "word", "fill": None}
    return OrderReport(**(fields | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (VenueState.LIVE, SeenAtVenue),
        (VenueState.PARTLY_FILLED, SeenAtVenue),
        (VenueState.FILLED, SeenAtVenue),
        (VenueState.UNKNOWN, SeenAtVenue),
        (VenueState.CANCELED, EndedAtVenue),
        (VenueState.FAILED, EndedAtVenue),
        (VenueState.TRIGGERED, Triggered),
    ],
)
def test_states_become_happenings(state: VenueState, expected: type) -> None:
    assert type(happening_of(report(state=state), after(1))) is expected


def test_an_end_keeps_the_venues_own_word() -> None:
    ended = happening_of(report(state=VenueState.FAILED), after(1))
    assert isinstance(ended, EndedAtVenue)
    assert ended.reason == "word"
    named = happening_of(report(state=VenueState.CANCELED, cancel_reason="stp_cancel"), after(1))
    assert isinstance(named, EndedAtVenue)
    assert named.reason == "stp_cancel"


def test_the_end_of_the_order_a_plan_sent_is_the_plans_end_but_not_its_name() -> None:
    ended = happening_of(report(state=VenueState.FILLED, venue_order_id="v2"), after(1), executed_as="v2")  # type: ignore[arg-type]
    assert isinstance(ended, EndedAtVenue)
    assert (ended.venue_order_id, ended.filled) == (None, D(1))
