"""Bring books and venue together: complete or not at all, and a second time changes nothing (P5, I21, I22)."""
from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.desk.enter import enter_fill
from bot.desk.reconcile import TOGETHER, Reconciled, reconcile, reconcile_or_none, take_fills
from bot.domain.events_orders import FillRecorded
from bot.domain.ids import ClientOrderId, VenueOrderId
from bot.domain.intent import Direction, MarginMode
from bot.domain.order import OrderState, Owner
from bot.domain.reports import PositionReport, VenueState
from bot.ports.venue import Unknown, VenueSilent
from tests.desk.trade import journal, kinds, sent, stored
from tests.support.scripted import Bench


async def run(bench: Bench) -> Reconciled:
    task = asyncio.create_task(reconcile(bench.seat, "test", (bench.seat.lines[0],)))
    for _ in range(60):
        if task.done():
            break
        await bench.clock.advance(0.1)
    return await task


def position(bench: Bench, size: str) -> PositionReport:
    return PositionReport(
        symbol=bench.seat.shelf.instruments["BTCUSDT"].symbol,  # type: ignore[index]
        direction=Direction.LONG, size=Decimal(size), available=Decimal(size), entry=Decimal(60_000), mark=None,
        margin_mode=MarginMode.CROSSED, leverage=Decimal(10), margin=None, unrealised=None, realised=None,
        funding=None, liquidation=Decimal(50_000), margin_ratio=None, margin_coin="USDT", as_of=bench.clock.now(),
    )


@pytest.mark.parametrize("part", ["positions", "accounts", "open_orders", "open_plans", "ended_orders",
                                  "ended_plans", "fills"])
async def test_a_partial_reading_corrects_nothing(bench: Bench, part: str) -> None:
    """FF-29, FF-55."""
    order = await sent(bench, "long btc 0.01 @59000 sl 2%")
    bench.venue.silent = {part}
    with pytest.raises(VenueSilent):
        await run(bench)
    assert (await stored(bench, order.client_order_id)).state is OrderState.OPEN


async def test_an_order_in_doubt_that_is_listed_is_adopted(bench: Bench) -> None:
    bench.venue.answers.append(Unknown(why="timeout"))
    order = await sent(bench, "long btc 0.01 @59000 sl 2%")
    bench.venue.books = [bench.report(order, VenueState.LIVE)]
    await run(bench)
    assert (await stored(bench, order.client_order_id)).state is OrderState.OPEN


async def test_absence_from_a_list_is_no_proof(bench: Bench) -> None:
    """FF-07: asked by id, and believed by the clock only."""
    order = await sent(bench, "long btc 0.01 @59000 sl 2%")
    await run(bench)
    assert (await stored(bench, order.client_order_id)).state is OrderState.OPEN
    assert bench.venue.asked


async def test_a_younger_fill_of_elsewhere_hides_no_older_one(bench: Bench) -> None:
    """FF-25, FF-64: after hours away one line's fills are read first; the other's older ones are still looked for."""
    older = await sent(bench, "long btc 0.01 @59000 sl 2%")
    younger = await sent(bench, "long eth 0.1 @2900 sl 2%", "k2")
    await run(bench)
    await bench.clock.advance(3600)
    missed = bench.fill(older, "0.01", trade="t-old")
    await bench.clock.advance(3 * 3600)
    late = bench.fill(younger, "0.1", trade="t-new")
    await bench.seat.ledger.transact(lambda tx: enter_fill(tx, bench.seat.shelf, late, bench.clock.now()))
    bench.venue.trades = [missed, late]
    await run(bench)
    assert (await stored(bench, older.client_order_id)).filled == Decimal("0.01")


async def test_half_a_reading_is_not_looked_back_from(bench: Bench) -> None:
    """The mark of what was read moves only after everything read was applied."""
    order = await sent(bench, "long btc 0.01 @59000 sl 2%")
    await run(bench)
    missed = bench.fill(order, "0.01", trade="t-old")
    await bench.clock.advance(4 * 3600)
    bench.venue.silent = {"fills"}
    with pytest.raises(VenueSilent):
        await run(bench)
    bench.venue.silent, bench.venue.trades = set(), [missed]
    await bench.clock.advance(3600)
    await run(bench)
    assert (await stored(bench, order.client_order_id)).filled == Decimal("0.01")


async def test_missed_fills_are_taken_once(bench: Bench) -> None:
    """FF-25, FF-28: a second recovery recognises everything."""
    order = await sent(bench, "long btc 0.01 sl 2%")
    bench.venue.trades = [bench.fill(order, "0.01")]
    bench.venue.ended = [bench.report(order, VenueState.FILLED, "0.01")]
    bench.venue.held = [position(bench, "0.01")]
    first = await run(bench)
    assert first.fills == 1 and first.drifts == 0
    before = len(await kinds(bench))
    second = await run(bench)
    assert (second.corrections, second.fills) == (0, 0)
    assert [line for line in (await kinds(bench))[before:] if line != "ReconciliationDone"] == [], "I21"


async def test_many_fills_are_handed_to_the_books_together_and_in_order(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The books commit together what waits together; each fill is a unit of its own all the same."""
    order = await sent(bench, "long btc 0.1 sl 2%")
    transact = type(bench.seat.ledger).transact
    waiting: list[int] = [0]

    async def noted(ledger: Any, work: Any) -> Any:
        waiting.append(waiting[-1] + 1)
        try:
            return await transact(ledger, work)
        finally:
            waiting.append(waiting[-1] - 1)

    monkeypatch.setattr(type(bench.seat.ledger), "transact", noted)
    fills = [bench.fill(order, "0.001", trade=f"t-{number}") for number in range(TOGETHER + 8)]
    assert await take_fills(bench.seat, (*fills, fills[0])) == len(fills)
    assert max(waiting) == TOGETHER and waiting[-1] == 0
    told = [entry.fact for entry in await journal(bench)]
    assert [one.fill.trade_id for one in told if isinstance(one, FillRecorded)] == [one.trade_id for one in fills]
    assert (await stored(bench, order.client_order_id)).filled == Decimal("0.04")


async def test_a_position_made_outside_is_taken_over_and_told(bench: Bench) -> None:
    """FF-32, FF-27: the venue wins, after a second look."""
    bench.venue.held = [position(bench, "0.02")]
    done = await run(bench)
    held = await bench.seat.ledger.read(lambda tx: tx.positions.held())
    assert done.drifts == 1 and [one.size for one in held] == [Decimal("0.02")]
    assert {"DriftFound", "ForeignPositionSeen"} <= set(await kinds(bench))


async def test_a_position_closed_outside_is_flat(bench: Bench) -> None:
    """FF-30."""
    bench.venue.held = [position(bench, "0.02")]
    await run(bench)
    bench.venue.held = []
    await bench.clock.advance(1)
    await run(bench)
    assert await bench.seat.ledger.read(lambda tx: tx.positions.held()) == ()


async def test_a_foreign_order_is_recorded_and_counted(bench: Bench) -> None:
    order = await sent(bench, "long btc 0.01 @59000 sl 2%")
    theirs = bench.report(order, VenueState.LIVE, client_order_id=ClientOrderId("app-1"),
                          venue_order_id=VenueOrderId("x1"), attached=None)
    bench.venue.books = [bench.report(await stored(bench, order.client_order_id), VenueState.LIVE), theirs]
    await run(bench)
    assert (await stored(bench, ClientOrderId("app-1"))).owner is Owner.FOREIGN
    assert "ForeignOrderSeen" in await kinds(bench)


async def test_a_fill_that_came_after_the_reading_is_not_undone(bench: Bench) -> None:
    """FF-24, FF-29: the positions were read before the fill; the next reading will tell."""
    order = await sent(bench, "long btc 0.01 sl 2%")
    one = bench.fill(order, "0.01", at=bench.clock.now() + timedelta(seconds=30))
    await bench.seat.ledger.transact(lambda tx: enter_fill(tx, bench.seat.shelf, one, bench.clock.now()))
    done = await run(bench)
    held = await bench.seat.ledger.read(lambda tx: tx.positions.held())
    assert done.drifts == 0 and [one.size for one in held] == [Decimal("0.01")]


async def test_fills_of_an_old_order_are_fetched_by_its_id(bench: Bench) -> None:
    """FF-27, FF-28: a claim older than the list of fills reaches."""
    order = await sent(bench, "long btc 0.01 @59000 sl 2%")
    old = bench.fill(order, "0.01", "59000")
    bench.venue.ended = [bench.report(order, VenueState.FILLED, "0.01")]
    bench.venue.held = [position(bench, "0.01")]
    asked: list[object] = []
    real = bench.venue.fills

    async def fills(line: object, since: object, wanted: object = None) -> tuple[object, ...]:
        asked.append(wanted)
        bench.venue.trades = [] if wanted is None else [old]
        return await real(line, since, wanted)  # type: ignore[arg-type]

    bench.venue.fills = fills  # type: ignore[method-assign, assignment]
    await run(bench)
    assert [one for one in asked if one is not None] == ["v1"]
    assert (await stored(bench, order.client_order_id)).state is OrderState.FILLED


async def test_silence_is_none_for_whoever_asks_so(bench: Bench) -> None:
    bench.venue.silent = {"fills"}
    assert await reconcile_or_none(bench.seat, "test") is None
