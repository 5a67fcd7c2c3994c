"""Flat is halted, cancelled, closed and read back, or it is not called flat (I14, I16, features 18)."""
from __future__ import annotations

import asyncio
from decimal import Decimal

from bot.desk.enter import enter_fill
from bot.desk.flat import FlatReport, flat
from bot.domain.ids import RequestKey
from bot.domain.order import Order
from bot.domain.reports import PositionReport, VenueState
from bot.domain.trading import TradingState
from tests.desk.trade import LOCAL, kinds, sent, stored
from tests.support.scripted import Bench


async def held(bench: Bench) -> Order:
    order = await sent(bench, "long btc 0.01 sl 2%")
    one = bench.fill(order, "0.01")
    await bench.seat.ledger.transact(lambda tx: enter_fill(tx, bench.seat.shelf, one, bench.clock.now()))
    bench.venue.trades.append(one)
    intent = order.intent
    bench.venue.held = [PositionReport(
        symbol=intent.symbol, direction=intent.direction, size=Decimal("0.01"), available=Decimal("0.01"),
        entry=Decimal(60_000), mark=None, margin_mode=intent.margin_mode, leverage=Decimal(10), margin=None,
        unrealised=None, realised=None, funding=None, liquidation=None, margin_ratio=None, margin_coin="USDT",
        as_of=bench.clock.now())]
    return order


async def run(bench: Bench, seconds: float) -> FlatReport:
    task = asyncio.create_task(flat(bench.seat, LOCAL, RequestKey("flat"), "local"))
    for _ in range(int(seconds * 5)):
        if task.done():
            break
        await bench.clock.advance(0.2)
    return await task


async def test_it_halts_first_and_proves_zero(bench: Bench) -> None:
    await held(bench)

    async def obey() -> None:
        for _ in range(10_000):
            if len(bench.venue.sent) == 2:
                break
            await asyncio.sleep(0)
        close = await stored(bench, bench.venue.sent[1].client_order_id)
        one = bench.fill(close, "0.01", trade="t2", venue_order_id=close.venue_order_id or "v2")
        bench.venue.trades.append(one)
        bench.venue.known[close.client_order_id] = bench.report(close, VenueState.FILLED, "0.01")
        bench.venue.held = []

    task = asyncio.create_task(obey())
    report = await run(bench, 30)
    await task
    assert report.flat and report.proven and report.closed == 1
    assert await bench.seat.ledger.read(lambda tx: tx.desk.trading_state()) is TradingState.HALTED
    lines = await kinds(bench)
    assert lines.index("TradingStateChanged") < lines.index("FlatReported")


async def test_what_stays_is_named_and_it_is_not_called_flat(bench: Bench) -> None:
    await held(bench)
    report = await run(bench, 60)
    assert not report.flat and report.proven
    assert any("BTCUSDT long 0.01" in words for words in report.residuals)


async def test_without_a_reading_nothing_is_flat(bench: Bench) -> None:
    """FF-29: a query that failed is not zero."""
    bench.venue.silent = {"positions"}
    report = await run(bench, 60)
    assert not report.flat and not report.proven
