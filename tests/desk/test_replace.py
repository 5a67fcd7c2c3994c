"""Amend: a later order takes over what the old one is proven not to have filled (R9, FF-19, FF-20)."""
from __future__ import annotations

import asyncio
from decimal import Decimal

from bot.desk.enter import enter_fill
from bot.desk.execute import carry_on
from bot.desk.propose import Raised
from bot.domain.reports import VenueState
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
