from __future__ import annotations

from bot.domain.ids import VenueOrderId
from bot.domain.order import OrderState
from bot.domain.ownership import owners_of
from bot.domain.reports import VenueState
from tests.domain.builders import fill
from tests.domain.test_reconcile import MINE, V1, mine, report

CHILD = VenueOrderId("v2")


def test_a_client_id_wins_over_a_venue_id() -> None:
    other = mine(OrderState.OPEN, client_order_id="other", venue_order_id=V1)
    owners = owners_of((other, mine(OrderState.OPEN)))
    assert owners.of_report(report()) == MINE
    assert owners.of_report(report(client_order_id=None)) == "other"
    assert owners.of_report(report(client_order_id="unheard-of")) == "other"


def test_nobodys_is_none() -> None:
    owners = owners_of((mine(OrderState.OPEN),))
    assert owners.of_report(report(client_order_id=None)) is None
    assert owners.of_fill(fill(venue_order_id=CHILD)) is None


def test_what_a_plan_sent_is_the_plans() -> None:
    known = owners_of((mine(OrderState.OPEN, venue_order_id=V1, executed_as=CHILD),))
    assert known.of_fill(fill(venue_order_id=CHILD)) == MINE
    told = owners_of((mine(OrderState.OPEN),), (report(VenueState.TRIGGERED, executed_as=CHILD),))
    assert told.of_fill(fill(venue_order_id=CHILD)) == MINE
    assert told.of_report(report(venue_order_id=CHILD, client_order_id=None)) == MINE


def test_a_report_by_client_id_teaches_the_venue_id() -> None:
    owners = owners_of((mine(OrderState.IN_DOUBT),))
    assert owners.of_fill(fill(venue_order_id=V1)) is None
    assert owners.learn(report()) == MINE
    assert owners.of_fill(fill(venue_order_id=V1)) == MINE
