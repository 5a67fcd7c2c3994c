"""Amend: a later order takes over what the old one is proven not to have filled (R9, FF-19, FF-20)."""
from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from bot.desk.enter import enter_fill
from bot.desk.execute import carry_on
from bot.desk.propose import Raised
from bot.desk.protect import Watched
from bot.domain.intent import Trigger
from bot.domain.order import Order
from bot.domain.reports import VenueState
from bot.ports.venue import Rejected
from tests.desk.test_protect import held, look, stop_at
from tests.desk.trade import kinds, say, sent, stored
from tests.support.scripted import Bench


async def test_the_replacement_waits_for_the_proven_end_and_takes_the_rest(bench: Bench) -> None:
    old = await sent(bench, "long btc 0.01 @59000 sl 2%")
    now = bench.clock.now
    one = bench.fill(old, "0.004", "59000")
    await bench.seat.ledger.transact(lambda tx: enter_fill(tx, bench.seat.shelf, one, now()))
    raised = await _amended(bench, f"amend {old.client_order_id} @59100")
    assert raised.done is not None and raised.done.waiting == 1 and len(bench.venue.sent) == 1
    await _amended_on(bench)
    assert len(bench.venue.sent) == 1, "a cancel's answer proves nothing (R8)"
    current = await stored(bench, old.client_order_id)
    bench.venue.known[old.client_order_id] = bench.report(current, VenueState.CANCELED, "0.004")
    await _amended_on(bench)
    new = bench.venue.sent[-1]
    assert (new.intent.size, new.intent.limit_price, new.replaces) == (
        Decimal("0.006"), Decimal(59_100), old.client_order_id)
    assert "OrderAmended" in await kinds(bench)


async def test_an_order_that_filled_meanwhile_is_not_replaced(bench: Bench) -> None:
    old = await sent(bench, "long btc 0.01 @59000 sl 2%")
    current = await stored(bench, old.client_order_id)
    bench.venue.known[old.client_order_id] = bench.report(current, VenueState.FILLED, "0.01")
    bench.venue.trades = [bench.fill(current, "0.01", "59000")]
    raised = await _amended(bench, f"amend {old.client_order_id} @59100")
    assert raised.done is not None and raised.done.refusals
    assert len(bench.venue.sent) == 1


async def _amended(bench: Bench, words: str) -> Raised:
    """Say an amendment while time passes for its looking."""
    task = asyncio.create_task(say(bench, words, "amend"))
    for _ in range(30):
        await bench.clock.advance(0.2)
    raised = await task
    assert isinstance(raised, Raised), str(raised)
    return raised


async def _amended_on(bench: Bench) -> None:
    task = asyncio.create_task(carry_on(bench.seat))
    for _ in range(30):
        await bench.clock.advance(0.2)
    await task


async def test_fills_the_venue_claims_and_we_lack_hold_the_replacement_back(bench: Bench) -> None:
    """R9, FF-19: 0.004 are filled there and unknown here; the whole again would be too much."""
    old = await sent(bench, "long btc 0.01 @59000 sl 2%")
    current = await stored(bench, old.client_order_id)
    bench.venue.known[old.client_order_id] = bench.report(current, VenueState.CANCELED, "0.004")
    raised = await _amended(bench, f"amend {old.client_order_id} @59100")
    assert raised.done is not None and raised.done.waiting == 1 and len(bench.venue.sent) == 1
    one = bench.fill(old, "0.004", "59000")
    await bench.seat.ledger.transact(lambda tx: enter_fill(tx, bench.seat.shelf, one, bench.clock.now()))
    await _amended_on(bench)
    assert bench.venue.sent[-1].intent.size == Decimal("0.006")


async def test_an_amendment_nobody_can_prove_is_given_up(bench: Bench) -> None:
    old = await sent(bench, "long btc 0.01 @59000 sl 2%")
    bench.venue.known[old.client_order_id] = bench.report(old, VenueState.LIVE)
    await _amended(bench, f"amend {old.client_order_id} @59100")
    await bench.clock.advance(121)
    await _amended_on(bench)
    await _amended_on(bench)
    assert len(bench.venue.sent) == 1 and (await kinds(bench)).count("OrderAmended") == 0


async def guarded(bench: Bench) -> Order:
    """Hold a position with a stop of its own at the venue."""
    entry = await held(bench)
    bench.venue.plans = [stop_at(bench, entry, "59000")]
    await look(bench, Watched())
    return next(one for one in await bench.seat.ledger.read(lambda tx: tx.orders.live()) if one.intent.kind.is_guard)


async def test_a_plan_that_only_closes_is_changed_in_place(bench: Bench) -> None:
    """FF-36: no moment without it."""
    stop = await guarded(bench)
    moved = replace(bench.venue.plans[0], trigger=Trigger(price=Decimal(59_500)),
                    updated_at=bench.clock.now() + timedelta(seconds=1))
    bench.venue.known[moved.venue_order_id] = moved
    await bench.clock.advance(60)
    began = bench.clock.now()
    raised = await _amended(bench, f"amend {stop.client_order_id} @59500")
    (wanted,) = bench.venue.amended
    assert wanted.signed_at is not None and wanted.signed_at >= began, "an old moment would not leave (R2)"
    assert raised.done is not None and [one.client_order_id for one in raised.done.orders] == [stop.client_order_id]
    assert not bench.venue.canceled and len(bench.venue.sent) == 1
    after = await stored(bench, stop.client_order_id)
    assert after.intent.trigger == Trigger(price=Decimal(59_500))


async def test_a_refused_change_in_place_leaves_it_as_it_was(bench: Bench) -> None:
    stop = await guarded(bench)
    bench.venue.answers.append(Rejected(code="40917", words="trigger"))
    raised = await _amended(bench, f"amend {stop.client_order_id} @59500")
    assert raised.done is not None and raised.done.refusals[0].code == "amend_rejected"
    assert (await stored(bench, stop.client_order_id)).intent.trigger == stop.intent.trigger


async def test_a_change_in_place_that_cannot_be_read_back_claims_nothing(bench: Bench) -> None:
    stop = await guarded(bench)
    bench.venue.silent = {"order"}
    await _amended(bench, f"amend {stop.client_order_id} @59500")
    assert (await stored(bench, stop.client_order_id)).intent.trigger == stop.intent.trigger
