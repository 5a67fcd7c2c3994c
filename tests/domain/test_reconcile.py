from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from random import Random

import pytest

from bot.domain import happenings as h
from bot.domain.absence import ClockRule
from bot.domain.fill import Fill, tally
from bot.domain.ids import ClientOrderId, VenueOrderId, client_order_id
from bot.domain.intent import Attached, Direction, OrderKind, Trigger
from bot.domain.order import Order, OrderState, Owner
from bot.domain.order_table import apply
from bot.domain.position import empty
from bot.domain.reconcile import (
    AskFor,
    Correction,
    FetchFills,
    FillMissed,
    Happened,
    Local,
    OrderFound,
    PositionCorrected,
    Reading,
    compare,
)
from bot.domain.reports import Absent, OrderReport, PositionReport, VenueState
from tests.domain.builders import BTC, DESK, NOON, D, after, anything, fill, intent, order

S = OrderState
RULE = ClockRule()
MINE = client_order_id("abcd", "P1", 0, "entry")
V1 = VenueOrderId("v1")
FLAT = empty(BTC, Direction.LONG, margin_coin="USDT", as_of=NOON)


def report(state: VenueState = VenueState.LIVE, **changes: object) -> OrderReport:
    usual = anything(OrderReport, Random(1))
    fields = {name: getattr(usual, name) for name in OrderReport.__slots__}
    wish = intent(kind=OrderKind.LIMIT, limit_price=D(100))
    fields |= {
        "venue_order_id": V1, "client_order_id": MINE, "symbol": BTC, "direction": wish.direction,
        "effect": wish.effect, "kind": wish.kind, "state": state, "raw_state": "x", "size": D(2), "filled": D(0),
        "average_price": None, "limit_price": D(100), "trigger": None, "attached": None, "executed_as": None,
        "cancel_reason": None, "created_at": after(1), "updated_at": after(2), "fill": None, "leverage": None,
    }
    return OrderReport(**(fields | changes))  # type: ignore[arg-type]


def mine(state: OrderState, **changes: object) -> Order:
    return replace(order(state, client_order_id=MINE), **changes)  # type: ignore[arg-type]


def local(*orders: Order, **changes: object) -> Local:
    usual = Local(account=DESK, tag="abcd", orders=orders, fills={}, foreign_trades=frozenset(), positions=())
    return replace(usual, **changes)  # type: ignore[arg-type]


def reading(*reports: OrderReport, **changes: object) -> Reading:
    usual = Reading(reports=reports, fills=(), positions=(), positions_at=after(100))
    return replace(usual, **changes)  # type: ignore[arg-type]


def held(size: str = "2", **changes: object) -> PositionReport:
    usual = anything(PositionReport, Random(1))
    fields = {name: getattr(usual, name) for name in PositionReport.__slots__}
    fields |= {"symbol": BTC, "direction": Direction.LONG, "size": D(size), "entry": D(100), "margin_coin": "USDT"}
    return PositionReport(**(fields | changes))  # type: ignore[arg-type]


def correct(books: Local, corrections: Iterable[Correction]) -> Local:
    """Apply corrections as the desk does."""
    orders = {one.client_order_id: one for one in books.orders}
    fills = dict(books.fills)
    foreign = set(books.foreign_trades)
    positions = {(one.symbol, one.direction): one for one in books.positions}
    for one in corrections:
        if isinstance(one, Happened):
            orders[one.client_order_id] = apply(orders[one.client_order_id], one.happening)
        elif isinstance(one, OrderFound):
            orders[one.order.client_order_id] = one.order
        elif isinstance(one, FillMissed) and one.client_order_id is None:
            foreign.add(one.fill.trade_id)
        elif isinstance(one, FillMissed) and one.client_order_id is not None:
            known = (*fills.get(one.client_order_id, ()), one.fill)
            fills[one.client_order_id] = known
            seen = h.FillSeen(at=after(200), fills=known)
            orders[one.client_order_id] = apply(orders[one.client_order_id], seen)
        elif isinstance(one, PositionCorrected):
            positions[one.now.symbol, one.now.direction] = one.now
    return replace(
        books, orders=tuple(orders.values()), fills=fills, foreign_trades=frozenset(foreign),
        positions=tuple(positions.values()),
    )


def only(books: Local, venue: Reading, at: float = 200) -> tuple[Correction, ...]:
    return compare(books, venue, after(at), RULE)


@pytest.mark.parametrize("state", [S.SUBMITTING, S.IN_DOUBT])
def test_a_doubtful_order_that_the_venue_has_is_adopted(state: OrderState) -> None:
    fixed = correct(local(mine(state)), only(local(mine(state)), reading(report())))
    assert fixed.orders[0].state is S.OPEN
    assert fixed.orders[0].venue_order_id == V1


def absent(at: float) -> Reading:
    return reading(asked={MINE: Absent(client_order_id=MINE, venue_order_id=None, asked_at=after(at))})


def test_absence_is_proven_by_the_clock_and_not_by_a_counter() -> None:
    """R5, FF-07: many early answers prove nothing; three with the last one late enough do."""
    books = local(mine(S.IN_DOUBT))
    for at in (1, 2, 3, 5, 10, 20, 30, 41):
        books = correct(books, only(books, absent(at), at))
        assert books.orders[0].state is S.IN_DOUBT
    books = correct(books, only(books, absent(42), 43))
    assert books.orders[0].state is S.NOT_PLACED


def test_the_same_answer_read_again_is_not_another_answer() -> None:
    books = local(mine(S.IN_DOUBT))
    for _ in range(4):
        books = correct(books, only(books, absent(50), 60))
    assert (books.orders[0].state, books.orders[0].asked_absent) == (S.IN_DOUBT, 1)


def test_of_two_reports_of_one_order_the_end_counts_then_the_newest() -> None:
    books = local(mine(S.OPEN, venue_order_id=V1))
    for pair in ((report(updated_at=after(9)), report(VenueState.CANCELED)), (report(filled=D(1)), report())):
        ends = {correct(books, only(books, reading(*order_of))).orders[0] for order_of in (pair, pair[::-1])}
        assert len(ends) == 1
    assert correct(books, only(books, reading(report(), report(VenueState.CANCELED)))).orders[0].state is S.CANCELED


def test_one_late_answer_is_not_enough() -> None:
    books = correct(local(mine(S.IN_DOUBT)), only(local(mine(S.IN_DOUBT)), absent(100), 100))
    assert books.orders[0].state is S.IN_DOUBT


def test_too_early_to_say_stays_in_doubt_and_is_asked_again() -> None:
    found = only(local(mine(S.SUBMITTING)), reading(), 5)
    assert AskFor(client_order_id=MINE) in found
    assert correct(local(mine(S.SUBMITTING)), found).orders[0].state is S.IN_DOUBT


def test_an_order_whose_answer_is_awaited_is_left_alone() -> None:
    assert only(local(mine(S.SUBMITTING), in_flight=frozenset({MINE})), reading(), 5) == ()


def test_absence_from_a_list_is_no_proof() -> None:
    """FF-06, FF-07: an open order missing from the list is asked for by id; nothing else happens to it."""
    assert only(local(mine(S.OPEN, venue_order_id=V1)), reading()) == (AskFor(client_order_id=MINE),)


def test_how_an_unlisted_order_ended_is_applied() -> None:
    books = local(mine(S.OPEN, venue_order_id=V1))
    fixed = correct(books, only(books, reading(asked={MINE: report(VenueState.CANCELED)})))
    assert fixed.orders[0].state is S.CANCELED


def test_an_order_the_venue_forgot_ends_after_the_clock_rule() -> None:
    books = local(mine(S.OPEN, venue_order_id=V1, venue_updated_at=after(500)))
    for at in (505, 508):
        books = correct(books, only(books, absent(at), at))
    assert books.orders[0].state is S.OPEN
    books = correct(books, only(books, absent(511), 511))
    assert books.orders[0].state is S.CANCELED


def test_more_filled_fetches_then_books_the_fills() -> None:
    books = local(mine(S.OPEN, venue_order_id=V1))
    claimed = report(VenueState.PARTLY_FILLED, filled=D(1), average_price=D(100))
    found = only(books, reading(claimed))
    assert FetchFills(client_order_id=MINE, venue_order_id=V1) in found
    books = correct(books, found)
    books = correct(books, only(books, reading(claimed, fills=(fill("t1", "1"),), fetched=frozenset({V1}))))
    assert (books.orders[0].state, books.orders[0].filled) == (S.PARTLY_FILLED, D(1))


def test_fills_nobody_lists_are_inferred_once_and_yield() -> None:
    books = local(mine(S.OPEN, venue_order_id=V1))
    claimed = reading(
        report(VenueState.FILLED, filled=D(2), average_price=D(102)), fetched=frozenset({V1})
    )
    for _ in range(2):
        books = correct(books, only(books, claimed))
    (guess,) = books.fills[MINE]
    assert (guess.trade_id, guess.price, guess.inferred) == (f"inferred-{MINE}-2", D(102), True)
    assert books.orders[0].state is S.FILLED
    real = replace(claimed, fills=(fill("t1", "0.5", "100"), fill("t2", "1.5", "103")))
    books = correct(books, only(books, real))
    assert tally(books.fills[MINE]).size == D(2)
    assert books.orders[0].average_price == D("102.25")


def test_a_claim_of_an_order_no_longer_listed_is_inferred_too() -> None:
    over = mine(S.CANCELED, venue_order_id=V1, reported=D(1), venue_updated_at=after(50))
    over = replace(over, intent=replace(over.intent, limit_price=D(99)))
    assert only(local(over), reading()) == (FetchFills(client_order_id=MINE, venue_order_id=V1),)
    (found,) = only(local(over), reading(fetched=frozenset({V1})))
    assert isinstance(found, FillMissed)
    assert (found.fill.price, found.fill.size) == (D(99), D(1))


def test_without_any_price_nothing_is_inferred() -> None:
    over = mine(S.CANCELED, venue_order_id=V1, reported=D(1), venue_updated_at=after(50))
    assert isinstance(only(local(over), reading(fetched=frozenset({V1})))[0], FetchFills)


def test_an_inferred_price_completes_the_average_the_venue_states() -> None:
    half = fill("t1", "0.5", "100")
    part = mine(S.PARTLY_FILLED, venue_order_id=V1, filled=D("0.5"), average_price=D(100))
    claimed = reading(
        report(VenueState.FILLED, filled=D(2), average_price=D(103)), fetched=frozenset({V1}), fills=(half,)
    )
    (_, found) = only(local(part, fills={MINE: (half,)}), claimed)
    assert isinstance(found, FillMissed)
    assert (found.fill.size, found.fill.price, found.fill.venue_order_id) == (D("1.5"), D(104), V1)
    assert found.fill.at == after(2)


def test_what_ended_and_was_never_ours_is_left_alone() -> None:
    assert only(local(), reading(report(VenueState.CANCELED, client_order_id=None))) == ()
    (found,) = only(local(), reading(report(VenueState.CANCELED)))
    assert isinstance(found, OrderFound)


def test_fresh_claims_are_not_inferred_before_the_lists_had_time() -> None:
    claimed = reading(report(VenueState.FILLED, filled=D(2), updated_at=after(195)), fetched=frozenset({V1}))
    found = only(local(mine(S.OPEN, venue_order_id=V1)), claimed)
    assert not any(isinstance(one, FillMissed) for one in found)


def test_a_lost_row_of_ours_is_found_and_a_strangers_order_recorded() -> None:
    other = report(venue_order_id=VenueOrderId("v9"), client_order_id=None)
    fixed = correct(local(), only(local(), reading(report(), other)))
    owners = {one.client_order_id: one.owner for one in fixed.orders}
    assert owners == {MINE: Owner.OURS, "venue-v9": Owner.FOREIGN}


def test_an_order_of_another_installation_is_foreign() -> None:
    theirs = client_order_id("zzzz", "P1", 0, "entry")
    (found,) = only(local(), reading(report(client_order_id=theirs)))
    assert isinstance(found, OrderFound)
    assert found.order.owner is Owner.FOREIGN


def test_a_guard_that_came_with_our_entry_is_ours() -> None:
    entry = mine(S.OPEN, venue_order_id=V1)
    entry = replace(entry, intent=replace(entry.intent, attached=Attached(stop=D(95))))
    guard = report(
        venue_order_id=VenueOrderId("g1"), client_order_id=None, kind=OrderKind.STOP, size=None,
        trigger=Trigger(price=D(95)), limit_price=None,
    )
    found = [one for one in only(local(entry), reading(report(), guard)) if isinstance(one, OrderFound)]
    assert [(one.order.owner, one.order.parent) for one in found] == [(Owner.OURS, MINE)]


def test_what_a_plan_sent_is_the_plans_also_when_both_are_news() -> None:
    plan = mine(S.OPEN, venue_order_id=V1)
    plan = replace(plan, intent=replace(plan.intent, kind=OrderKind.TRIGGER, trigger=Trigger(price=D(99))))
    child = VenueOrderId("v2")
    woke = report(VenueState.TRIGGERED, kind=OrderKind.TRIGGER, executed_as=child)
    sent = report(
        VenueState.FILLED, venue_order_id=child, client_order_id=None, filled=D(2), created_at=after(3)
    )
    venue = reading(woke, sent, fills=(fill("t1", "2", venue_order_id=child),))
    fixed = correct(local(plan), only(local(plan), venue))
    assert len(fixed.orders) == 1
    assert (fixed.orders[0].state, fixed.orders[0].executed_as) == (S.FILLED, child)


def test_a_position_that_differs_after_all_fills_is_drift() -> None:
    (found,) = only(local(positions=(replace(FLAT, size=D(1), entry=D(100)),)), reading(positions=(held("2"),)))
    assert isinstance(found, PositionCorrected)
    assert found.drift
    assert "ours 1, the venue's 2" in found.words


def test_a_position_missing_from_a_whole_reading_is_flat() -> None:
    """FF-32."""
    (found,) = only(local(positions=(replace(FLAT, size=D(1), entry=D(100)),)), reading())
    assert isinstance(found, PositionCorrected)
    assert found.now.size == 0


def test_no_position_is_judged_while_its_symbol_is_in_doubt_or_the_reading_is_older() -> None:
    books = local(mine(S.IN_DOUBT))
    assert not any(isinstance(one, PositionCorrected) for one in only(books, reading(positions=(held(),))))
    newer = local(positions=(replace(FLAT, size=D(1), as_of=after(150)),))
    assert only(newer, reading(positions=(held(),))) == ()


def test_a_strangers_fill_is_booked_once() -> None:
    books, venue = local(), reading(fills=(fill("t9", venue_order_id=VenueOrderId("v9")),))
    assert only(books, venue) == (FillMissed(client_order_id=None, fill=venue.fills[0]),)
    assert only(correct(books, only(books, venue)), venue) == ()


def random_case(rng: Random) -> tuple[Local, Reading]:
    orders, reports, fills = [], [], []
    for number in range(rng.randrange(1, 5)):
        name = client_order_id("abcd", f"P{number}", 0, "entry") if rng.random() < 0.8 else None
        venue_id = VenueOrderId(f"v{number}")
        claims = [D(0), D(1), D(2)][rng.randrange(3)]
        state = rng.choice([s for s in VenueState if s is not VenueState.FILLED or claims == 2])
        if name is not None and rng.random() < 0.7:
            known = rng.choice([s for s in S if s not in (S.NEW, S.PARTLY_FILLED, S.FILLED)])
            orders.append(order(known, client_order_id=ClientOrderId(name)))
        if rng.random() < 0.8:
            reports.append(
                report(state, venue_order_id=venue_id, client_order_id=name, filled=claims, average_price=D(100))
            )
        if claims and rng.random() < 0.7:
            fills.append(fill(f"t{number}", str(claims), venue_order_id=venue_id, client_order_id=name))
    fetched = frozenset(one.venue_order_id for one in reports if rng.random() < 0.5)
    positions: tuple[PositionReport, ...] = (held(),) if rng.random() < 0.5 else ()
    asked = {
        one.client_order_id: Absent(client_order_id=None, venue_order_id=None, asked_at=after(90))
        for one in orders
        if rng.random() < 0.3
    }
    return local(*orders), reading(*reports, fills=tuple(fills), fetched=fetched, positions=positions, asked=asked)


def test_comparing_again_asks_but_changes_nothing() -> None:
    """I21, FF-25: after at most a few passes the same reading yields questions only."""
    for seed in range(600):
        books, venue = random_case(Random(seed))
        for _ in range(4):
            books = correct(books, only(books, venue))
        rest = only(books, venue)
        assert all(isinstance(one, (AskFor, FetchFills)) for one in rest), f"seed {seed}: {rest}"


def test_the_order_of_the_reading_does_not_matter() -> None:
    for seed in range(200):
        rng = Random(seed)
        books, venue = random_case(rng)
        shuffled = replace(
            venue, reports=tuple(rng.sample(venue.reports, len(venue.reports))),
            fills=tuple(rng.sample(venue.fills, len(venue.fills))),
        )

        def ends(seen: Reading, start: Local = books) -> set[tuple[str, OrderState, object]]:
            done = correct(start, only(start, seen))
            return {(one.client_order_id, one.state, one.filled) for one in done.orders}

        assert ends(venue) == ends(shuffled), f"seed {seed}"


def test_sums_never_exceed_what_the_venue_reported() -> None:
    """P4."""
    for seed in range(200):
        books, venue = random_case(Random(seed))
        for _ in range(3):
            books = correct(books, only(books, venue))
        claims = {one.client_order_id or f"venue-{one.venue_order_id}": one.filled for one in venue.reports}
        listed: dict[str, list[Fill]] = {}
        for one in venue.fills:
            listed.setdefault(one.client_order_id or f"venue-{one.venue_order_id}", []).append(one)
        for one in books.orders:
            most = max(claims.get(one.client_order_id, D(0)), tally(listed.get(one.client_order_id, [])).size)
            assert one.filled <= most, f"seed {seed}"
