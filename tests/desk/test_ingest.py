"""What is pushed goes into the books, in any order and any number of times (9(b), R10, FF-23, FF-31, FF-70)."""
from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bot.desk.ingest import ingest, take
from bot.desk.learn import learn
from bot.domain.account import Account
from bot.domain.ids import Symbol
from bot.domain.instrument import ProductLine
from bot.domain.intent import Direction
from bot.domain.order import Order, OrderState
from bot.domain.reports import AccountReport, Deleveraged, PositionReport, PositionsReport, VenueState
from bot.domain.trading import TradingState
from bot.ports.venue import StreamDown, StreamUp, Unknown, VenueEvent
from tests.desk.test_protect import held
from tests.desk.test_reconcile import position
from tests.desk.trade import journal, kinds, sent, stored
from tests.support.scripted import Bench

USDT, COIN = ProductLine.USDT, ProductLine.COIN


def snapshot(bench: Bench, *positions: PositionReport, line: ProductLine = USDT) -> PositionsReport:
    return PositionsReport(line=line, positions=positions, as_of=bench.clock.now())


async def told(bench: Bench, order: Order) -> list[VenueEvent]:
    """Everything the venue would tell of an order that filled in two parts: pushes, repeats and an old list row."""
    v = bench.report(order, VenueState.LIVE).venue_order_id
    one = bench.fill(order, "0.004", trade="t1", venue_order_id=v)
    two = bench.fill(order, "0.006", "60010", trade="t2", venue_order_id=v)
    bench.venue.trades = [one, two]
    live = bench.report(order, VenueState.LIVE, venue_order_id=v)
    later = live.updated_at + timedelta(seconds=1)
    partly = replace(live, state=VenueState.PARTLY_FILLED, filled=Decimal("0.004"), updated_at=later)
    done = replace(live, state=VenueState.FILLED, filled=Decimal("0.01"), updated_at=later + timedelta(seconds=1))
    return [live, one, partly, two, done]


async def books(bench: Bench, order: Order) -> tuple[object, ...]:
    after = await stored(bench, order.client_order_id)
    rows = await bench.seat.ledger.read(lambda tx: (tx.positions.held(), tx.fills.since(bench.clock.now())))
    fills = sorted((one.trade_id, one.size, one.price, one.client_order_id) for one in rows[1])
    where = [(one.symbol, one.direction, one.size, one.entry) for one in rows[0]]
    return (after.state, after.filled, after.reported, after.average_price, after.venue_order_id, fills, where)


async def play(directory: Path, facts: Sequence[int], chance: random.Random) -> tuple[object, ...]:
    bench = await Bench(directory).open()
    bench.venue.answers.append(Unknown(why="timeout"))
    order = await sent(bench, "long btc 0.01 sl 2%")
    events = await told(bench, order)
    for place in facts:
        await take(bench.seat, events[place])
        if chance.random() < 0.3:
            await learn(bench.seat, chance.choice((events[0], events[4])))  # type: ignore[arg-type]
    found = await books(bench, order)
    await bench.close()
    return found


async def test_any_order_of_pushes_and_lists_gives_the_same_ledger(tmp_path: Path) -> None:
    """FF-19, FF-22 to FF-24: every third permutation, each with repeats and list rows mixed in."""
    found = set()
    for number, facts in enumerate(list(itertools.permutations(range(5)))[::3]):
        chance = random.Random(number)
        repeated = [*facts, *chance.sample(range(5), 3)]
        found.add(repr(await play(tmp_path / str(number), repeated, chance)))
    assert len(found) == 1, found
    assert "FILLED" in found.pop()


async def test_a_line_that_is_empty_is_flat_and_no_other(bench: Bench) -> None:
    """FF-30, FF-31: a snapshot speaks of its own product line."""
    await held(bench)
    await take(bench.seat, snapshot(bench, line=COIN))
    assert not bench.seat.suspect
    await take(bench.seat, snapshot(bench))
    assert bench.seat.suspect == {USDT}, "a second look decides, a push alone closes nothing"
    assert len(await bench.seat.ledger.read(lambda tx: tx.positions.held())) == 1


@pytest.mark.parametrize("size", ["0.02", "0.005"])
async def test_a_size_that_differs_wakes_the_reconciliation(bench: Bench, size: str) -> None:
    """FF-27, FF-34."""
    await held(bench)
    await take(bench.seat, snapshot(bench, position(bench, size)))
    assert bench.seat.suspect == {USDT}
    found = await bench.seat.ledger.read(lambda tx: tx.positions.held())
    assert [one.size for one in found] == [Decimal("0.01")], "sizes come from fills"


async def test_a_position_nobody_knows_wakes_the_reconciliation(bench: Bench) -> None:
    await take(bench.seat, snapshot(bench, position(bench, "0.01")))
    assert bench.seat.suspect == {USDT}


async def test_details_of_a_position_are_taken(bench: Bench) -> None:
    await held(bench)
    one = replace(position(bench, "0.01"), liquidation=Decimal(51_000), entry=Decimal(60_001))
    await take(bench.seat, snapshot(bench, one))
    found = (await bench.seat.ledger.read(lambda tx: tx.positions.held()))[0]
    assert (found.liquidation, found.entry) == (Decimal(51_000), Decimal(60_001)) and not bench.seat.suspect


async def test_a_leverage_set_elsewhere_is_told_once_and_asked_for_again(bench: Bench) -> None:
    """FF-47, FF-49."""
    await held(bench)
    for _ in range(2):
        await take(bench.seat, snapshot(bench, replace(position(bench, "0.01"), leverage=Decimal(50))))
    changed = [line.fact for line in await journal(bench) if line.kind == "LeverageChanged"]
    assert [(one.was, one.now, one.outside) for one in changed] == [  # type: ignore[union-attr]
        (Decimal(10), Decimal(50), True)]
    assert Symbol("BTCUSDT") not in bench.seat.shelf.settings


async def test_a_wallet_is_marked_once_a_minute(bench: Bench) -> None:
    """FF-78: what a loss is measured from is stored."""
    for _ in range(30):
        await bench.clock.advance(5)
        wallet: Account = bench.wallet(USDT, "USDT", Decimal(9_000))
        await take(bench.seat, AccountReport(account=wallet))
    start = bench.clock.now() - timedelta(days=1)
    marks = await bench.seat.ledger.read(lambda tx: tx.equity_marks.since(start))
    assert len(marks) == 3 and {mark.equity for mark in marks} == {Decimal(9_000)}


async def test_an_older_wallet_changes_nothing(bench: Bench) -> None:
    old = bench.wallet(USDT, "USDT", Decimal(1))
    await bench.clock.advance(1)
    await take(bench.seat, AccountReport(account=bench.wallet(USDT, "USDT", Decimal(9_000))))
    await take(bench.seat, AccountReport(account=old))
    found = await bench.seat.ledger.read(lambda tx: tx.accounts.get(USDT, "USDT"))
    assert found is not None and found.equity == Decimal(9_000)


async def test_a_forced_reduction_stops_openings(bench: Bench) -> None:
    """FF-33."""
    event = Deleveraged(symbol=Symbol("BTCUSDT"), direction=Direction.LONG, price=Decimal(1), size=Decimal(1),
                        at=bench.clock.now())
    await take(bench.seat, event)
    assert "Deleveraged" in await kinds(bench)
    assert await bench.seat.ledger.read(lambda tx: tx.desk.trading_state()) is TradingState.REDUCE_ONLY


async def test_a_gap_is_read_before_the_stream_is_called_live(bench: Bench) -> None:
    """FF-64, FF-08: what the gap hid is in the books, and told as a restoration."""
    bench.seat.streams[USDT] = bench.clock.now()
    order = await sent(bench, "long btc 0.01 sl 2%")
    await take(bench.seat, StreamDown(line=USDT, at=bench.clock.now(), why="closed"))
    assert bench.seat.streams[USDT] is None
    bench.venue.trades = [bench.fill(order, "0.01")]
    bench.venue.ended = [bench.report(order, VenueState.FILLED, "0.01")]
    bench.venue.held = [position(bench, "0.01")]
    bench.venue.silent = {"fills"}
    task = asyncio.create_task(take(bench.seat, StreamUp(line=USDT, at=bench.clock.now())))
    await bench.clock.advance(3)
    assert not task.done() and bench.seat.streams[USDT] is None, "nothing is live before the reading is whole"
    bench.venue.silent = set()
    await bench.clock.advance(2)
    await task
    assert bench.seat.streams[USDT] is not None
    assert (await stored(bench, order.client_order_id)).state is OrderState.FILLED
    restored = [line.fact for line in await journal(bench) if line.kind == "StreamRestored"]
    assert [one.fills_missed for one in restored] == [1]  # type: ignore[union-attr]


async def test_the_first_connection_restores_nothing(bench: Bench) -> None:
    await take(bench.seat, StreamUp(line=USDT, at=bench.clock.now()))
    assert "StreamRestored" not in await kinds(bench)


async def test_what_cannot_be_is_told_read_again_and_stops_nobody(bench: Bench) -> None:
    """FF-70: a report that contradicts our books; the next push is taken as ever."""
    order = await sent(bench, "long btc 0.01 @59000 sl 2%")
    wrong = bench.report(order, VenueState.LIVE)

    def spoil(tx: object) -> None:
        current = tx.orders.get(order.client_order_id)  # type: ignore[attr-defined]
        tx.orders.insert(replace(current, client_order_id="wd-new", state=OrderState.NEW, version=0,  # type: ignore[attr-defined]
                                 venue_order_id=None))

    await bench.seat.ledger.transact(spoil)
    bench.venue.pushed.put_nowait(replace(wrong, client_order_id="wd-new", venue_order_id="v9"))  # type: ignore[arg-type]
    bench.venue.pushed.put_nowait(bench.report(order, VenueState.CANCELED))
    task = asyncio.create_task(ingest(bench.seat))
    for _ in range(50):
        await asyncio.sleep(0)
    task.cancel()
    assert bench.seat.suspect == {USDT} and "DriftFound" in await kinds(bench)
    assert (await stored(bench, order.client_order_id)).state is OrderState.CANCELED
