"""Chase what is unknown by asking until the clock rule allows a verdict (R5-R8, FF-06 to FF-13)."""
from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from bot.desk.learn import learn
from bot.desk.reconcile import reconcile_or_none
from bot.desk.resolve import Asking, resolve
from bot.domain.ids import ClientOrderId
from bot.domain.order import Order, OrderState
from bot.domain.reports import VenueState
from bot.ports.venue import Rejected, Unknown
from tests.desk.trade import kinds, sent, stored
from tests.support.scripted import Bench


async def doubted(bench: Bench) -> Order:
    bench.venue.answers.append(Unknown(why="timeout"))
    return await sent(bench, "long btc 0.01 sl 2%")


async def chase(bench: Bench, seconds: float, asked: dict[ClientOrderId, Asking]) -> None:
    """Let time pass in half seconds, looking each time, as the watch does."""
    for _ in range(int(seconds * 2)):
        await bench.clock.advance(0.5)
        await resolve(bench.seat, asked)


async def test_found_at_the_venue_it_is_open(bench: Bench) -> None:
    """FF-06: asked by the client id alone."""
    order = await doubted(bench)
    bench.venue.known[order.client_order_id] = bench.report(order, VenueState.LIVE)
    await chase(bench, 2, {})
    assert (await stored(bench, order.client_order_id)).state is OrderState.OPEN
    assert all(key.venue_order_id is None for key in bench.venue.asked[:1])
    assert "OrderResolved" in await kinds(bench)


async def test_absent_is_believed_only_by_count_and_clock(bench: Bench) -> None:
    """R5, FF-07: not at 41 s after signing however often asked, then soon."""
    order, asked = await doubted(bench), dict[ClientOrderId, Asking]()
    await chase(bench, 41, asked)
    assert (await stored(bench, order.client_order_id)).state is OrderState.IN_DOUBT
    assert len(bench.venue.asked) >= 8
    await chase(bench, 8, asked)
    assert (await stored(bench, order.client_order_id)).state is OrderState.NOT_PLACED
    assert len(bench.venue.sent) == 1, "nothing is ever sent again (R3)"


async def test_a_wall_clock_set_ahead_proves_nothing(bench: Bench) -> None:
    """R5, FF-61: an hour that did not pass is no proof; the request may still arrive."""
    order, asked = await doubted(bench), dict[ClientOrderId, Asking]()
    bench.clock.jump(3600)
    await chase(bench, 20, asked)
    assert (await stored(bench, order.client_order_id)).state is OrderState.IN_DOUBT
    assert await reconcile_or_none(bench.seat, "test") is not None
    assert (await stored(bench, order.client_order_id)).state is OrderState.IN_DOUBT
    await chase(bench, 30, asked)
    assert (await stored(bench, order.client_order_id)).state is OrderState.NOT_PLACED


async def test_silence_never_counts(bench: Bench) -> None:
    """R6, FF-08: an outage proves nothing, however long."""
    order = await doubted(bench)
    bench.venue.silent = {"order"}
    await chase(bench, 120, {})
    after = await stored(bench, order.client_order_id)
    assert after.state is OrderState.IN_DOUBT and after.asked_absent == 0


@pytest.mark.parametrize("silent", ["open_orders", "ended_orders", "fills"])
async def test_a_list_that_cannot_be_read_keeps_the_doubt(bench: Bench, silent: str) -> None:
    """R5: by completeness too."""
    order = await doubted(bench)
    bench.venue.silent = {silent}
    await chase(bench, 60, {})
    assert (await stored(bench, order.client_order_id)).state is OrderState.IN_DOUBT


async def test_an_order_only_a_list_shows_is_found(bench: Bench) -> None:
    order = await doubted(bench)
    bench.venue.ended = [bench.report(order, VenueState.CANCELED)]
    await chase(bench, 60, {})
    assert (await stored(bench, order.client_order_id)).state is OrderState.CANCELED


async def test_an_order_that_arrives_late_is_adopted_and_told(bench: Bench) -> None:
    """FF-09: a final verdict is a tombstone; evidence beats it, loudly."""
    order, asked = await doubted(bench), dict[ClientOrderId, Asking]()
    await chase(bench, 60, asked)
    assert (await stored(bench, order.client_order_id)).state is OrderState.NOT_PLACED
    await learn(bench.seat, bench.report(order, VenueState.LIVE))
    assert (await stored(bench, order.client_order_id)).state is OrderState.OPEN
    assert "DriftFound" in await kinds(bench)


async def test_a_rejected_order_is_looked_up_once_more(bench: Bench) -> None:
    """field_failures appendix 1: the safety net of all refusal rows."""
    bench.venue.answers.append(Rejected(code="40762", words="no"))
    order = await sent(bench, "long btc 0.01 sl 2%")
    bench.venue.known[order.client_order_id] = bench.report(order, VenueState.LIVE)
    await chase(bench, 8, {})
    assert (await stored(bench, order.client_order_id)).state is OrderState.OPEN


async def test_claimed_fills_are_fetched(bench: Bench) -> None:
    order = await sent(bench, "long btc 0.01 sl 2%")
    after = await stored(bench, order.client_order_id)
    bench.venue.known[order.client_order_id] = bench.report(after, VenueState.FILLED, "0.01")
    await learn(bench.seat, bench.report(after, VenueState.FILLED, "0.01"))
    assert (await stored(bench, order.client_order_id)).filled == 0, "no fill is made up from a report (FF-26)"
    bench.venue.trades = [bench.fill(after, "0.01")]
    await chase(bench, 3, {})
    final = await stored(bench, order.client_order_id)
    assert (final.state, final.filled) == (OrderState.FILLED, Decimal("0.01"))


async def test_an_order_under_way_is_not_taken_for_lost(bench: Bench) -> None:
    bench.venue.gate = asyncio.Event()
    task = asyncio.create_task(sent(bench, "long btc 0.01 sl 2%"))
    for _ in range(100):
        await asyncio.sleep(0)
    await resolve(bench.seat, {})
    assert not bench.venue.asked
    bench.venue.gate.set()
    await task


async def absent_for_long(bench: Bench, order: Order) -> Order:
    await chase(bench, 60, {})
    return await stored(bench, order.client_order_id)


async def test_whatever_a_list_has_is_not_absent(bench: Bench) -> None:
    """FF-07, FF-10: the question by id lags, the list shows it."""
    order = await doubted(bench)
    bench.venue.ended = [bench.report(order, VenueState.CANCELED)]
    assert (await absent_for_long(bench, order)).state is OrderState.CANCELED


async def test_a_fill_of_it_is_proof_that_it_is(bench: Bench) -> None:
    order = await doubted(bench)
    bench.venue.trades = [bench.fill(order, "0.01")]
    assert (await absent_for_long(bench, order)).state is OrderState.FILLED


async def test_a_list_that_is_silent_buries_nothing(bench: Bench) -> None:
    """R5, I22."""
    order = await doubted(bench)
    bench.venue.silent = {"ended_orders"}
    assert (await absent_for_long(bench, order)).state is OrderState.IN_DOUBT


async def test_a_plan_is_looked_for_among_plans(bench: Bench) -> None:
    """FF-37, FF-38."""
    bench.venue.answers.append(Unknown(why="timeout"))
    order = await sent(bench, "long btc 0.01 trigger 61000 sl 2%")
    bench.venue.plans = [bench.report(order, VenueState.LIVE)]
    assert (await absent_for_long(bench, order)).state is OrderState.OPEN


async def test_silence_about_a_lost_send_is_doubt(bench: Bench) -> None:
    """R6: its task is gone and the venue does not answer."""
    bench.venue.gate = asyncio.Event()
    task = asyncio.create_task(sent(bench, "long btc 0.01 sl 2%"))
    for _ in range(100):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    bench.venue.silent = {"order"}
    await resolve(bench.seat, {})
    assert (await stored(bench, bench.venue.sent[0].client_order_id)).state is OrderState.IN_DOUBT
