from __future__ import annotations

from dataclasses import replace

from bot.domain.adoption import adopt, belongs_to_us, intent_of, parent_of
from bot.domain.ids import VenueOrderId, client_order_id
from bot.domain.intent import Attached, Direction, Effect, OrderKind, Trigger
from bot.domain.order import OrderState, Owner
from bot.domain.reports import VenueState
from tests.domain.builders import DESK, D, after
from tests.domain.test_reconcile import MINE, mine, report

ENTRY = mine(OrderState.OPEN)
ENTRY = replace(ENTRY, intent=replace(ENTRY.intent, attached=Attached(stop=D(95), target=D(110))))
STOP = report(client_order_id=None, kind=OrderKind.STOP, size=None, limit_price=None, trigger=Trigger(price=D(95)))


def test_only_our_own_tag_is_ours() -> None:
    assert belongs_to_us(report(), "abcd")
    assert not belongs_to_us(report(), "zzzz")
    assert not belongs_to_us(report(client_order_id=None), "abcd")
    assert not belongs_to_us(report(client_order_id="wd-abcd-something"), "abcd")


def test_the_row_says_what_the_report_says() -> None:
    row = adopt(report(VenueState.PARTLY_FILLED, filled=D(1)), DESK, "abcd", after(9), ())
    assert (row.client_order_id, row.owner, row.state, row.reported) == (MINE, Owner.OURS, OrderState.OPEN, D(1))
    assert (row.intent.size, row.intent.limit_price, row.created_at) == (D(2), D(100), after(1))
    over = adopt(report(VenueState.CANCELED), DESK, "abcd", after(9), ())
    assert over.state is OrderState.CANCELED


def test_a_strangers_order_gets_a_name_that_is_the_same_twice() -> None:
    other = report(client_order_id=None, venue_order_id=VenueOrderId("v7"))
    one, two = (adopt(other, DESK, "abcd", after(9), ()) for _ in range(2))
    assert one == two
    assert (one.client_order_id, one.owner) == ("venue-v7", Owner.FOREIGN)


def test_a_guard_finds_the_entry_it_travelled_in() -> None:
    """R11: preset stops become plans of their own with ids we did not make."""
    assert parent_of(STOP, (ENTRY,)) is ENTRY
    target = replace(STOP, kind=OrderKind.TARGET, trigger=Trigger(price=D(110)))
    assert parent_of(target, (ENTRY,)) is ENTRY
    row = adopt(STOP, DESK, "abcd", after(9), (ENTRY,))
    assert (row.owner, row.parent, row.intent.effect) == (Owner.OURS, MINE, Effect.CLOSE)


def test_a_guard_that_fits_no_entry_of_ours_is_foreign() -> None:
    for other in (
        replace(STOP, trigger=Trigger(price=D(96))),
        replace(STOP, direction=Direction.SHORT),
        replace(STOP, kind=OrderKind.TARGET),
        replace(STOP, kind=OrderKind.TRIGGER),
    ):
        assert parent_of(other, (ENTRY,)) is None
    assert parent_of(STOP, (replace(ENTRY, owner=Owner.FOREIGN),)) is None


def test_the_newest_entry_wins() -> None:
    newer = replace(ENTRY, client_order_id=client_order_id("abcd", "P2", 0, "entry"), created_at=after(5))
    assert parent_of(STOP, (ENTRY, newer)) is newer
    assert parent_of(STOP, (newer, ENTRY)) is newer


def test_what_the_wire_does_not_tell_counts_as_exposure() -> None:
    assert intent_of(report(direction=None, effect=None)).effect is Effect.OPEN
