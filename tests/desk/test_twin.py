"""Another Wiredesk with our key, or a copy of our database: nothing opens, owners are told (security 13, T12)."""
from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.desk.control import resume
from bot.desk.learn import learn
from bot.desk.reconcile import reconcile
from bot.domain.events_control import KeyTrouble
from bot.domain.ids import ClientOrderId, VenueOrderId, client_order_id, instance_tag
from bot.domain.order import Order
from bot.domain.reports import OrderReport, VenueState
from bot.domain.trading import TradingState
from tests.desk.trade import journal, sent
from tests.support.scripted import Bench

LIMIT = "long btc 0.01 @59000 sl 2%"
OTHER = instance_tag("another server")


async def state(bench: Bench) -> TradingState:
    return await bench.seat.ledger.read(lambda tx: tx.desk.trading_state())


async def told(bench: Bench) -> list[str]:
    return [one.fact.what for one in await journal(bench) if isinstance(one.fact, KeyTrouble)]


def elsewhere(bench: Bench, order: Order, tag: str, number: int = 0, **more: object) -> OrderReport:
    """Build the report of an order that somebody else's desk sent."""
    name = client_order_id(tag, f"ELSEWHERE{number}", 0, "entry")
    values = {"client_order_id": name, "venue_order_id": VenueOrderId(f"else-{number}"),
              "created_at": bench.clock.now(), **more}
    return bench.report(order, VenueState.LIVE, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize("over", [False, True])
async def test_an_order_with_another_tag_stops_opening_and_is_told_once(bench: Bench, over: bool) -> None:
    order = await sent(bench, LIMIT)
    for number in range(3):
        report = elsewhere(bench, order, OTHER, number)
        await learn(bench.seat, replace(report, state=VenueState.CANCELED) if over else report)
    assert await state(bench) is TradingState.REDUCE_ONLY
    [words] = await told(bench)
    assert OTHER in words and "wd-" in words
    await resume(bench.seat, by=None, why="seen", actor="local")
    await learn(bench.seat, elsewhere(bench, order, OTHER, 9))
    assert await state(bench) is TradingState.REDUCE_ONLY and len(await told(bench)) == 2


async def test_it_is_noticed_in_a_reading_too(bench: Bench) -> None:
    order = await sent(bench, LIMIT)
    bench.venue.books = [bench.report(order, VenueState.LIVE), elsewhere(bench, order, OTHER)]
    await reconcile(bench.seat, "test")
    assert await state(bench) is TradingState.REDUCE_ONLY and len(await told(bench)) == 1


async def test_a_copy_of_our_database_bears_our_tag_and_is_noticed_by_its_age(bench: Bench) -> None:
    order = await sent(bench, LIMIT)
    bench.seat.fence.since = bench.clock.now()
    await bench.clock.advance(300)
    await learn(bench.seat, elsewhere(bench, order, bench.seat.tag))
    assert await state(bench) is TradingState.REDUCE_ONLY
    assert "copy of this desk's database" in (await told(bench))[0]


async def test_a_row_lost_before_this_start_is_ours_and_no_alarm(bench: Bench) -> None:
    """A restored backup lacks the last rows: they are adopted as before."""
    order = await sent(bench, LIMIT)
    bench.seat.fence.since = bench.clock.now()
    early = bench.clock.now() - timedelta(minutes=5)
    await learn(bench.seat, elsewhere(bench, order, bench.seat.tag, created_at=early))
    assert await state(bench) is TradingState.ACTIVE and not await told(bench)


@pytest.mark.parametrize("name", [None, "manual-1", "wd-0000-1234567890abcdef00", "wd-"])
async def test_what_people_place_by_hand_is_no_other_desk(bench: Bench, name: str | None) -> None:
    """FF-32: seen, counted, not touched; a forged id without its checksum proves nothing."""
    order = await sent(bench, LIMIT)
    identity = ClientOrderId(name) if name is not None else None
    await learn(bench.seat, elsewhere(bench, order, OTHER, client_order_id=identity))
    assert await state(bench) is TradingState.ACTIVE and not await told(bench)
