"""Enter facts in any order, any number of times: the same books come out (R10, P4, FF-22 to FF-24, FF-33)."""
from __future__ import annotations

import itertools
from decimal import Decimal
from typing import Any

import pytest

from bot.desk.enter import enter, enter_fill, fills_of
from bot.desk.learn import enter_report
from bot.domain.fill import Cause
from bot.domain.happenings import Accepted, FillSeen
from bot.domain.ids import VenueOrderId
from bot.domain.intent import Effect
from bot.domain.order import Order, OrderState
from bot.domain.reports import VenueState
from bot.domain.trading import TradingState
from bot.ports.venue import Unknown
from tests.desk.trade import kinds, sent, stored
from tests.support.scripted import Bench

V = VenueOrderId("v1")


async def doubted(bench: Bench) -> Order:
    bench.venue.answers.append(Unknown(why="timeout"))
    return await sent(bench, "long btc 0.01 sl 2%")


def facts(bench: Bench, order: Order) -> dict[str, Any]:
    """The five things the venue may tell of a filled order, each as a function of a transaction."""
    shelf, now = bench.seat.shelf, bench.clock.now()

    def answered(tx: Any) -> None:
        enter(tx, tx.orders.get(order.client_order_id), Accepted(at=now, venue_order_id=V), now)

    def report(state: VenueState, filled: str) -> Any:
        told = bench.report(order, state, filled, venue_order_id=V)
        return lambda tx: enter_report(tx, bench.seat, told)

    def filled(size: str, trade: str) -> Any:
        one = bench.fill(order, size, trade=trade, venue_order_id=V)
        return lambda tx: enter_fill(tx, shelf, one, now)

    return {
        "answer": answered,
        "live": report(VenueState.LIVE, "0"),
        "fill 1": filled("0.004", "t1"),
        "fill 2": filled("0.006", "t2"),
        "done": report(VenueState.FILLED, "0.01"),
    }


@pytest.mark.parametrize("order_of_facts", list(itertools.permutations(range(5)))[::7])
async def test_every_order_of_facts_gives_the_same_books(bench: Bench, order_of_facts: tuple[int, ...]) -> None:
    order = await doubted(bench)
    told = list(facts(bench, order).values())
    for place in (*order_of_facts, *order_of_facts):
        await bench.seat.ledger.transact(told[place])
    after = await stored(bench, order.client_order_id)
    held = await bench.seat.ledger.read(lambda tx: tx.positions.held())
    fills = await bench.seat.ledger.read(lambda tx: fills_of(tx, after))
    assert (after.state, after.filled, after.average_price) == (OrderState.FILLED, Decimal("0.01"), Decimal(60_000))
    assert [(one.symbol, one.size) for one in held] == [("BTCUSDT", Decimal("0.01"))]
    assert sorted(one.trade_id for one in fills) == ["t1", "t2"]
    assert (await kinds(bench)).count("OrderEnded") == 1


async def test_a_canceled_order_with_a_fill_is_a_position(bench: Bench) -> None:
    """FF-18: the cancelled part ends, the filled part is held."""
    order = await sent(bench, "long btc 0.01 sl 2%")
    told = bench.report(order, VenueState.CANCELED, "0.004")
    await bench.seat.ledger.transact(lambda tx: enter_report(tx, bench.seat, told))
    one = bench.fill(order, "0.004")
    await bench.seat.ledger.transact(lambda tx: enter_fill(tx, bench.seat.shelf, one, bench.clock.now()))
    after = await stored(bench, order.client_order_id)
    assert (after.state, after.filled) == (OrderState.CANCELED, Decimal("0.004"))


async def test_a_liquidation_is_named_and_nothing_opens_after_it(bench: Bench) -> None:
    """FF-33."""
    order = await sent(bench, "long btc 0.01 sl 2%")
    opened = bench.fill(order, "0.01")
    forced = bench.fill(order, "0.01", "50000", "t9", cause=Cause.LIQUIDATION, client_order_id=None,
                        venue_order_id=VenueOrderId("sys"), effect=_close(), realised=Decimal(-100))
    for one in (opened, forced):
        await bench.seat.ledger.transact(lambda tx, f=one: enter_fill(tx, bench.seat.shelf, f, bench.clock.now()))
    assert "Liquidated" in await kinds(bench)
    state = await bench.seat.ledger.read(lambda tx: (tx.desk.trading_state(), tx.positions.held()))
    assert state == (TradingState.REDUCE_ONLY, ())


def _close() -> Any:
    return Effect.CLOSE


async def test_filled_never_shrinks(bench: Bench) -> None:
    """P4, FF-24: an older, smaller claim changes nothing."""
    order = await sent(bench, "long btc 0.01 sl 2%")
    both = (bench.fill(order, "0.004"), bench.fill(order, "0.006", trade="t2"))
    now = bench.clock.now()
    for one in both:
        await bench.seat.ledger.transact(lambda tx, f=one: enter_fill(tx, bench.seat.shelf, f, now))
    before = await stored(bench, order.client_order_id)
    await bench.seat.ledger.transact(lambda tx: enter(tx, before, FillSeen(at=now, fills=both[:1]), now))
    assert (await stored(bench, order.client_order_id)).filled == Decimal("0.01")
