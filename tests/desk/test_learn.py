"""What the venue says of one order goes into the books with its fills, whoever's it is (R8, R10, R11)."""
from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from bot.desk.learn import find, learn
from bot.domain.fill import Cause
from bot.domain.ids import ClientOrderId, VenueOrderId, client_order_id
from bot.domain.intent import Effect, OrderKind, Trigger
from bot.domain.order import Order, OrderState, Owner
from bot.domain.reports import VenueState
from tests.desk.test_protect import held, stop_at
from tests.desk.trade import kinds, sent, stored
from tests.support.scripted import Bench

LIMIT = "long btc 0.01 @59000 sl 2%"


async def test_a_report_brings_the_fills_it_claims(bench: Bench) -> None:
    order = await sent(bench, "long btc 0.01 sl 2%")
    bench.venue.trades = [bench.fill(order, "0.01")]
    after = await learn(bench.seat, bench.report(order, VenueState.FILLED, "0.01"))
    assert after is not None and (after.state, after.filled) == (OrderState.FILLED, Decimal("0.01"))
    assert len(await bench.seat.ledger.read(lambda tx: tx.positions.held())) == 1


async def test_a_claim_whose_fills_cannot_be_read_stays_a_claim(bench: Bench) -> None:
    """FF-22: the claim is kept, the position waits for the fills."""
    order = await sent(bench, "long btc 0.01 sl 2%")
    bench.venue.silent = {"fills"}
    after = await learn(bench.seat, bench.report(order, VenueState.FILLED, "0.01"))
    assert after is not None and (after.reported, after.filled) == (Decimal("0.01"), Decimal(0))
    assert not after.state.settled
    bench.venue.silent, bench.venue.trades = set(), [bench.fill(order, "0.01")]
    again = await learn(bench.seat, bench.report(order, VenueState.FILLED, "0.01"))
    assert again is not None and again.state is OrderState.FILLED


async def test_the_fill_inside_a_push_is_taken(bench: Bench) -> None:
    order = await sent(bench, "long btc 0.01 sl 2%")
    one = bench.fill(order, "0.01", client_order_id=None)
    after = await learn(bench.seat, bench.report(order, VenueState.FILLED, "0.01", fill=one))
    assert after is not None and after.state is OrderState.FILLED


async def test_an_older_report_takes_nothing_back(bench: Bench) -> None:
    """FF-24, FF-26."""
    order = await sent(bench, LIMIT)
    old = bench.report(order, VenueState.LIVE)
    bench.venue.trades = [bench.fill(order, "0.01", "59000")]
    await bench.clock.advance(1)
    await learn(bench.seat, bench.report(order, VenueState.FILLED, "0.01"))
    after = await learn(bench.seat, old)
    assert after is not None and after.state is OrderState.FILLED


async def test_it_is_found_by_either_id(bench: Bench) -> None:
    order = await stored(bench, (await sent(bench, LIMIT)).client_order_id)
    named = bench.report(order, VenueState.LIVE)
    bare = replace(named, client_order_id=None)
    stranger = replace(named, client_order_id=None, venue_order_id=VenueOrderId("none"))
    found = await bench.seat.ledger.read(lambda tx: [find(tx, one) for one in (named, bare, stranger)])
    assert [one.client_order_id if one is not None else None for one in found] == [
        order.client_order_id, order.client_order_id, None]


async def test_our_id_without_a_row_is_ours_again(bench: Bench) -> None:
    """FF-25, FF-118: the database was restored from a backup; the id says whose it is."""
    order = await sent(bench, LIMIT)
    name = client_order_id(bench.seat.tag, "lost", 1, "entry")
    lost = bench.report(order, VenueState.LIVE, client_order_id=name, venue_order_id=VenueOrderId("v77"))
    seen = await learn(bench.seat, lost)
    assert seen is not None and seen.owner is Owner.OURS and "ForeignOrderSeen" not in await kinds(bench)
    broken = ClientOrderId(name[:-1] + ("1" if name[-1] == "0" else "0"))
    other = await learn(bench.seat, replace(lost, client_order_id=broken, venue_order_id=VenueOrderId("v78")))
    assert other is not None and other.owner is Owner.FOREIGN, "a wrong checksum is nobody's of ours"


async def test_a_strangers_order_is_recorded_while_it_is_open_only(bench: Bench) -> None:
    order = await sent(bench, LIMIT)
    theirs = bench.report(order, VenueState.LIVE, client_order_id=ClientOrderId("app-1"),
                          venue_order_id=VenueOrderId("x1"), attached=None)
    over = replace(theirs, client_order_id=ClientOrderId("app-2"), venue_order_id=VenueOrderId("x2"),
                   state=VenueState.CANCELED)
    forced = replace(theirs, client_order_id=None, venue_order_id=VenueOrderId("x3"), cause=Cause.LIQUIDATION)
    assert await learn(bench.seat, over) is None and await learn(bench.seat, forced) is None
    seen = await learn(bench.seat, theirs)
    assert isinstance(seen, Order) and seen.owner is Owner.FOREIGN
    await learn(bench.seat, theirs)
    assert (await kinds(bench)).count("ForeignOrderSeen") == 1


async def test_a_guard_that_travelled_with_our_entry_is_ours(bench: Bench) -> None:
    """R11, FF-35."""
    entry = await held(bench)
    seen = await learn(bench.seat, stop_at(bench, entry, "59000"))
    assert seen is not None and seen.owner is Owner.OURS and seen.intent.kind is OrderKind.STOP


async def test_a_stop_moved_in_another_app_is_followed_and_told(bench: Bench) -> None:
    """FF-32, FF-36."""
    entry = await held(bench)
    await learn(bench.seat, stop_at(bench, entry, "59000"))
    await bench.clock.advance(1)
    moved = replace(stop_at(bench, entry, "58000"), venue_order_id=VenueOrderId("stop-59000"))
    seen = await learn(bench.seat, moved)
    assert seen is not None and seen.intent.trigger == Trigger(price=Decimal(58_000))
    assert (await kinds(bench)).count("StopMoved") == 1
    stale = replace(moved, trigger=Trigger(price=Decimal(59_000)), updated_at=moved.updated_at - timedelta(seconds=9))
    again = await learn(bench.seat, stale)
    assert again is not None and again.intent.trigger == Trigger(price=Decimal(58_000))


async def test_an_order_a_plan_may_have_sent_is_not_called_foreign_yet(bench: Bench) -> None:
    entry = await held(bench)
    await learn(bench.seat, stop_at(bench, entry, "59000"))
    sent_by_plan = bench.report(entry, VenueState.LIVE, client_order_id=None, venue_order_id=VenueOrderId("x5"),
                                effect=Effect.CLOSE, attached=None)
    assert await learn(bench.seat, sent_by_plan) is None
    assert bench.seat.suspect and "ForeignOrderSeen" not in await kinds(bench)
