from __future__ import annotations

from dataclasses import replace
from itertools import product
from random import Random
from typing import get_args

import pytest

from bot.domain import happenings as h
from bot.domain.fill import Fill
from bot.domain.ids import VenueOrderId
from bot.domain.intent import OrderKind
from bot.domain.order import Order, OrderState
from bot.domain.order_table import TABLE, ImpossibleTransition, adopted, apply, missing_fills
from tests.domain.builders import D, after, fill, intent, order

S = OrderState
V1 = VenueOrderId("v1")
ONE, REST = fill("t1", "0.5", "100"), fill("t2", "1.5", "104")
BOTH = (ONE, REST)


def ended(filled: str = "0", reason: str = "normal_cancel") -> h.EndedAtVenue:
    return h.EndedAtVenue(at=after(5), venue_order_id=V1, filled=D(filled), updated_at=after(4), reason=reason)


def seen(filled: str = "0", at: float = 3) -> h.SeenAtVenue:
    return h.SeenAtVenue(at=after(at), venue_order_id=V1, filled=D(filled), updated_at=after(at))


def filled(*fills: Fill) -> h.FillSeen:
    return h.FillSeen(at=after(3), fills=fills)


YES = h.Accepted(at=after(1), venue_order_id=V1)
NO = h.Rejected(at=after(1), code="40762", words="too little balance")
SILENCE = h.NoClearAnswer(at=after(1), why="timeout")
ABSENT = h.ProvenAbsent(at=after(60))
STAYED = h.NeverLeft(at=after(1), why="connection refused")

ROWS = [
    (S.NEW, h.Sending(signed_at=after(0)), S.SUBMITTING),
    (S.NEW, STAYED, S.NOT_PLACED),
    (S.SUBMITTING, STAYED, S.NOT_PLACED),
    (S.SUBMITTING, YES, S.OPEN),
    (S.SUBMITTING, NO, S.REJECTED),
    (S.SUBMITTING, SILENCE, S.IN_DOUBT),
    (S.SUBMITTING, filled(ONE), S.PARTLY_FILLED),
    (S.SUBMITTING, filled(*BOTH), S.FILLED),
    (S.IN_DOUBT, filled(ONE), S.PARTLY_FILLED),
    (S.IN_DOUBT, filled(*BOTH), S.FILLED),
    (S.SUBMITTING, ended(), S.CANCELED),
    (S.IN_DOUBT, ended(), S.CANCELED),
    (S.IN_DOUBT, seen(), S.OPEN),
    (S.IN_DOUBT, ABSENT, S.NOT_PLACED),
    (S.OPEN, filled(ONE), S.PARTLY_FILLED),
    (S.PARTLY_FILLED, filled(*BOTH), S.FILLED),
    (S.OPEN, ended(), S.CANCELED),
    (S.PARTLY_FILLED, ended("0.5"), S.CANCELED),
    (S.CANCELED, filled(ONE), S.CANCELED),
    (S.CANCELED, filled(*BOTH), S.FILLED),
    (S.REJECTED, seen(), S.OPEN),
    (S.NOT_PLACED, seen(), S.OPEN),
    (S.REJECTED, filled(ONE), S.PARTLY_FILLED),
    (S.NOT_PLACED, filled(*BOTH), S.FILLED),
]


@pytest.mark.parametrize(("state", "happening", "expected"), ROWS)
def test_the_table_of_the_architecture(state: OrderState, happening: h.Happening, expected: OrderState) -> None:
    signed = None if state is S.NEW else after(0)
    assert apply(order(state, signed_at=signed), happening).state is expected


SAMPLES = [h.Sending(signed_at=after(0)), STAYED, YES, NO, SILENCE, filled(ONE), seen(), ended(),
           h.Triggered(at=after(2), venue_order_id=V1, executed_as=VenueOrderId("v2")),
           h.AskedAbsent(at=after(2)), ABSENT, h.CancelWished(at=after(2))]


def test_every_pair_is_either_in_the_table_or_impossible() -> None:
    assert {type(sample) for sample in SAMPLES} == set(get_args(h.Happening))
    for state, happening in product(S, SAMPLES):
        if (state, type(happening)) in TABLE:
            apply(order(state), happening)
        else:
            with pytest.raises(ImpossibleTransition):
                apply(order(state), happening)


@pytest.mark.parametrize("happening", [ABSENT, h.Sending(signed_at=after(9))])
def test_a_living_order_cannot_become_unplaced_or_be_sent_again(happening: h.Happening) -> None:
    with pytest.raises(ImpossibleTransition):
        apply(order(S.OPEN), happening)


def test_filled_absorbs() -> None:
    """R10, FF-24: nothing that comes after the last fill undoes it."""
    done = apply(order(S.OPEN), filled(*BOTH))
    for late in (YES, NO, SILENCE, filled(*BOTH), filled(ONE), ended("2"), seen("1"), STAYED, ABSENT):
        after_all = apply(done, late)
        assert (after_all.state, after_all.filled, after_all.average_price) == (S.FILLED, D(2), D(103))


def test_a_duplicate_fill_changes_nothing_not_even_the_version() -> None:
    """R10, FF-22."""
    once = apply(order(S.OPEN), filled(ONE))
    assert apply(once, filled(ONE, ONE)) is once
    assert once.filled == D("0.5")
    assert once.fees == D("0.06")


def test_partial_fill_then_cancel_keeps_the_filled_size() -> None:
    """FF-18."""
    gone = apply(apply(order(S.OPEN), filled(ONE)), ended("0.5"))
    assert (gone.state, gone.filled, gone.reason) == (S.CANCELED, D("0.5"), "normal_cancel")
    assert not missing_fills(gone)


def test_a_claim_of_more_than_we_have_asks_for_fills_and_settles_nothing() -> None:
    claimed = apply(order(S.OPEN), seen("2"))
    assert claimed.state is S.OPEN
    assert missing_fills(claimed)
    assert apply(claimed, filled(*BOTH)).state is S.FILLED


def test_late_evidence_adopts_loudly() -> None:
    """R5, FF-09: what we wrote off and the venue has after all lives again."""
    for state in (S.REJECTED, S.NOT_PLACED):
        before = order(state, reason="40762")
        living = apply(before, seen())
        assert living.state is S.OPEN
        assert living.reason is None
        assert adopted(before, living)
    assert not adopted(order(S.IN_DOUBT), apply(order(S.IN_DOUBT), seen()))


def test_asking_counts_until_a_sign_of_life() -> None:
    asked = apply(apply(order(S.IN_DOUBT), h.AskedAbsent(at=after(2))), h.AskedAbsent(at=after(45)))
    assert (asked.asked_absent, asked.last_absent_at) == (2, after(45))
    assert apply(asked, seen()).asked_absent == 0


def test_the_wish_to_cancel_decides_nothing() -> None:
    """R8, FF-17: fills, rejections and silence stay possible while we wait."""
    wished = apply(order(S.OPEN), h.CancelWished(at=after(2)))
    assert (wished.state, wished.cancel_requested_at) == (S.OPEN, after(2))
    assert apply(wished, h.CancelWished(at=after(3))) is wished
    assert apply(wished, filled(*BOTH)).state is S.FILLED


def test_inferred_fills_yield_to_real_ones_without_shrinking() -> None:
    """FF-23, P4."""
    guess = fill("i", "2", "101", inferred=True, claimed=D(2), fee=D(0))
    guessed = apply(order(S.OPEN), filled(guess))
    assert guessed.state is S.FILLED
    half = apply(guessed, filled(guess, ONE))
    assert (half.filled, half.fees) == (D(2), D("0.06"))
    whole = apply(half, filled(guess, *BOTH))
    assert (whole.filled, whole.average_price, whole.fees) == (D(2), D(103), D("0.12"))


def test_the_first_moment_of_settling_stands() -> None:
    gone = apply(order(S.OPEN), ended())
    assert gone.settled_at == after(5)
    assert apply(gone, filled(*BOTH)).settled_at == after(5)
    assert apply(order(S.OPEN), filled(*BOTH)).settled_at == after(3)
    rejected = apply(order(S.SUBMITTING), NO)
    assert rejected.settled_at == after(1)
    assert apply(rejected, seen()).settled_at is None


def test_ids_are_learnt_once_and_a_plan_keeps_its_own() -> None:
    known = order(S.OPEN, venue_order_id=V1)
    assert apply(known, replace(YES, venue_order_id=VenueOrderId("v9"))).venue_order_id == V1
    assert apply(order(S.SUBMITTING), filled(ONE)).venue_order_id == V1
    assert apply(known, filled(replace(ONE, venue_order_id=VenueOrderId("v9")))).venue_order_id == V1
    woken = replace(GUARD, venue_order_id=None)
    assert apply(woken, filled(ONE)).venue_order_id is None


def test_reasons_say_why_it_is_over_and_nothing_later_rewrites_them() -> None:
    assert apply(order(S.SUBMITTING), NO).reason == "40762 too little balance"
    assert apply(order(S.SUBMITTING), STAYED).reason == "connection refused"
    assert apply(order(S.SUBMITTING), SILENCE).reason == "timeout"
    gone = apply(order(S.IN_DOUBT), ABSENT)
    assert gone.reason == "proven never to have existed at the venue"
    assert apply(gone, SILENCE) is gone
    living = order(S.OPEN)
    assert apply(living, NO) is living
    assert apply(living, SILENCE) is living
    rejected = apply(order(S.SUBMITTING), NO)
    assert apply(rejected, replace(NO, code="1")) is rejected


def test_versions_grow_and_older_reports_do_not_turn_back_the_clock() -> None:
    newer = apply(order(S.OPEN, version=4, venue_order_id=V1), seen("0", 9))
    assert (newer.version, newer.venue_updated_at) == (5, after(9))
    assert apply(newer, seen("0", 3)) is newer


def test_fills_of_several_venue_orders_name_none() -> None:
    two = filled(ONE, replace(REST, venue_order_id=VenueOrderId("v9")))
    assert apply(order(S.SUBMITTING), two).venue_order_id is None


def test_what_a_plan_sent_is_learnt_once() -> None:
    woken = apply(GUARD, h.Triggered(at=after(2), venue_order_id=V1, executed_as=None))
    assert woken.executed_as is None
    woken = apply(woken, h.Triggered(at=after(2), venue_order_id=V1, executed_as=CHILD))
    assert woken.executed_as == CHILD
    assert apply(woken, h.Triggered(at=after(3), venue_order_id=V1, executed_as=V1)).executed_as == CHILD


def test_an_end_that_claims_everything_waits_for_its_fills() -> None:
    waiting = apply(order(S.OPEN), ended("2"))
    assert (waiting.state, waiting.ended_at) == (S.OPEN, after(4))
    assert apply(waiting, filled(*BOTH)).state is S.FILLED
    assert apply(order(S.OPEN), ended("1.9")).state is S.CANCELED


def test_overfill_is_recorded_and_never_cut() -> None:
    assert apply(order(S.OPEN), filled(ONE, REST, fill("t3", "1"))).filled == D(3)


GUARD = replace(order(S.OPEN), intent=replace(intent(kind=OrderKind.STOP), size=None), venue_order_id=V1)
CHILD = VenueOrderId("v2")


def test_a_whole_position_guard_is_filled_when_ended_with_fills() -> None:
    woken = apply(GUARD, h.Triggered(at=after(2), venue_order_id=V1, executed_as=CHILD))
    assert (woken.state, woken.executed_as, woken.venue_order_id) == (S.OPEN, CHILD, V1)
    end = h.EndedAtVenue(at=after(4), venue_order_id=None, filled=D(2))
    assert apply(apply(woken, filled(*BOTH)), end).state is S.FILLED
    waiting = apply(woken, end)
    assert waiting.state is S.OPEN
    assert apply(waiting, filled(*BOTH)).state is S.FILLED
    assert apply(woken, ended()).state is S.CANCELED


FACTS: list[list[h.Happening]] = [
    [YES, seen("0.5", 2), filled(ONE), ended("0.5")],
    [YES, seen("2", 4), filled(*BOTH), h.CancelWished(at=after(2))],
    [SILENCE, seen("0.5", 2), seen("2", 4), filled(*BOTH)],
    [YES, filled(ONE), filled(*BOTH), ended("2")],
    [SILENCE, ended("0", "fok_not_full_cancel"), seen("0", 2)],
    [YES, ended("2"), filled(ONE), filled(*BOTH), seen("0", 1)],
]


def _comparable(result: Order) -> Order:
    return replace(result, version=0, settled_at=None, cancel_requested_at=None, asked_absent=0, last_absent_at=None)


@pytest.mark.parametrize("facts", FACTS)
def test_any_interleaving_of_the_same_facts_yields_the_same_order(facts: list[h.Happening]) -> None:
    results = set()
    for seed in range(120):
        rng = Random(seed)
        walk = facts + [rng.choice(facts) for _ in range(rng.randrange(4))]
        rng.shuffle(walk)
        now, known, high = order(), set(), D(0)
        for happening in walk:
            if isinstance(happening, h.FillSeen):
                known |= set(happening.fills)
                happening = replace(happening, fills=tuple(known))
            now = apply(now, happening)
            assert now.filled >= high
            high = now.filled
        results.add(_comparable(now))
    assert len(results) == 1
