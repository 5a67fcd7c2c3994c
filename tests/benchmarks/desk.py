"""Measure the desk against a sandbox on loopback: overhead of an order, scaling, pushes to fills, a race, stalls.

What the disk costs is measured beside it: TMPDIR says on which disk the books lie.
"""
from __future__ import annotations

import asyncio
import logging
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from bot.adapters.bitget.classic.private_feed import PrivateFeed
from bot.adapters.store.fills import to_row
from bot.adapters.store.tables_trading import fills
from bot.desk import ingest
from bot.desk.answer import Answered
from bot.desk.cancel import cancel
from bot.desk.control import set_limits
from bot.desk.decide import Answer
from bot.desk.propose import Raised
from bot.desk.wish import OpenWish
from bot.domain.decision import Manner
from bot.domain.fill import Fill, Liquidity
from bot.domain.ids import RequestKey, Symbol, TradeId, VenueOrderId
from bot.domain.intent import Direction, Effect, OrderKind
from bot.domain.limits import Limits
from bot.domain.proposal import Origin, OriginKind, terms_digest
from bot.ports.ledger import Tx
from tests.benchmarks.row import Missing, Row
from tests.benchmarks.stand import Standing, bytes_leaving, sandbox, settings_for, standing

LOCAL = Origin(kind=OriginKind.LOCAL, name="bench")
WIDE = {"ceiling_orders_per_minute": "100000", "ceiling_orders": "5000", "ceiling_price_collar": "50",
        "ceiling_symbol_notional": "1000000", "ceiling_account_notional": "1000000", "ceiling_open_risk": "90"}
SAMPLES = 40
OPEN_ORDERS = 20
PAST_FILLS = 200_000
RACERS, ROOM, RACES = 50, 6, 5
FILLS = 60
PAUSE_S = 0.02


def bare_commit_ms(directory: Path) -> float:
    """Give the median of a durable commit of 3 kB by SQLite alone, in milliseconds."""
    link = sqlite3.connect(directory / "bare.db", isolation_level=None)
    for line in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "CREATE TABLE t (a)"):
        link.execute(line)
    samples = []
    for _ in range(100):
        began = time.perf_counter()
        link.execute("BEGIN IMMEDIATE")
        link.execute("INSERT INTO t VALUES (?)", ("x" * 3000,))
        link.execute("COMMIT")
        samples.append((time.perf_counter() - began) * 1000)
    link.close()
    return statistics.median(samples)


async def raised(desk: Standing, key: str, wish: OpenWish) -> Raised:
    """Put a wish on the table."""
    found = await desk.parts.desk.propose(LOCAL, RequestKey(key), wish)
    assert isinstance(found, Raised), str(found)
    return found


async def said_yes(desk: Standing, one: Raised) -> Answered:
    """Say yes to it and have it carried out."""
    digest = terms_digest(one.proposal)
    given = Answer(yes=True, manner=Manner.LOCAL, by=None, name="bench", digest=digest)
    found = await desk.parts.desk.answer(one.proposal.id, given)
    assert isinstance(found, Answered), str(found)
    return found


async def far_below(desk: Standing, symbol: str = "BTCUSDT") -> OpenWish:
    """Wish for a limit order that will rest, with the default stop attached."""
    mark = (await desk.parts.seat.market.ticker(Symbol(symbol))).mark
    price = desk.parts.seat.shelf.instruments[Symbol(symbol)].round_price(mark * Decimal("0.9"), buying=True)
    return OpenWish(symbol=symbol, direction=Direction.LONG, amount="$100", kind=OrderKind.LIMIT, price=price)


async def overhead(desk: Standing, name: str) -> float:
    """Give the median milliseconds from the yes to the first byte of the order leaving, two commits included."""
    left: list[float] = []

    def notice(text: bytes) -> None:
        if b"place-order" in text:
            left.append(time.perf_counter())

    samples = []
    with bytes_leaving(notice):
        for number in range(SAMPLES):
            one = await raised(desk, f"{name}:{number}", await far_below(desk))
            await asyncio.sleep(PAUSE_S)
            left.clear()
            began = time.perf_counter()
            answered = await said_yes(desk, one)
            assert left and answered.done is not None and answered.done.orders, str(answered)
            samples.append((left[0] - began) * 1000)
            await cancel(desk.parts.seat, answered.done.orders[0].client_order_id, actor="bench", why="measured")
            await asyncio.sleep(PAUSE_S)
    return statistics.median(samples)


async def push_to_fill(desk: Standing) -> float:
    """Give the median milliseconds from an execution's frame being taken up to its row being durable."""
    heard: dict[str, float] = {}
    samples: list[float] = []
    pushed, taken = PrivateFeed._pushed, ingest.take

    def listening(self: PrivateFeed, push: Any) -> Any:
        at = time.perf_counter()
        told = pushed(self, push)
        for event in told:
            fill = event if isinstance(event, Fill) else getattr(event, "fill", None)
            if fill is not None:
                heard.setdefault(fill.trade_id, at)
        return told

    async def taking(seat: Any, event: Any) -> None:
        await taken(seat, event)
        fill = event if isinstance(event, Fill) else getattr(event, "fill", None)
        if fill is not None and heard.get(fill.trade_id, 0.0) > 0.0:
            samples.append((time.perf_counter() - heard[fill.trade_id]) * 1000)
            heard[fill.trade_id] = 0.0

    PrivateFeed._pushed, ingest.take = listening, taking  # type: ignore[method-assign]
    try:
        for number in range(FILLS):
            wish = OpenWish(symbol="ETHUSDT", direction=Direction.LONG, amount="$50")
            await said_yes(desk, await raised(desk, f"fill:{number}", wish))
            await asyncio.sleep(0.15)
    finally:
        PrivateFeed._pushed, ingest.take = pushed, taken  # type: ignore[method-assign]
    assert samples, "No execution was pushed."
    return statistics.median(samples)


async def race(desk: Standing) -> set[int]:
    """Let many intents meet a limit that admits six, several times; give how many got through each time."""
    seat = desk.parts.seat
    before = len([one for one in await desk.parts.desk.orders() if not one.intent.kind.is_guard])
    found = set()
    for number in range(RACES):
        ready = [await raised(desk, f"race:{number}:{racer}", await far_below(desk, "XRPUSDT"))
                 for racer in range(RACERS)]
        await set_limits(seat, "account", Limits(orders=before + ROOM), by=None, actor="local")
        answers = await asyncio.gather(*(said_yes(desk, one) for one in ready))
        sent = [one for answer in answers if answer.done is not None for one in answer.done.orders]
        found.add(len(sent))
        await asyncio.gather(*(cancel(seat, one.client_order_id, actor="bench", why="over") for one in sent))
        await set_limits(seat, "account", Limits(), by=None, actor="local")
        await asyncio.sleep(0.5)
    return found


async def remember(desk: Standing, count: int) -> None:
    """Put past executions into the books, half a year of them."""
    now = desk.parts.seat.clock.now()

    def some(first: int, last: int) -> Any:
        def work(tx: Tx) -> None:
            tx.fills._link.run(insert(fills), [row(number) for number in range(first, last)])  # type: ignore[attr-defined]

        return work

    def row(number: int) -> dict[str, Any]:
        one = Fill(
            trade_id=TradeId(f"past-{number}"), venue_order_id=VenueOrderId(f"old-{number // 2}"),
            client_order_id=None, symbol=Symbol("BTCUSDT"), direction=Direction.LONG, effect=Effect.OPEN,
            size=Decimal("0.01"), price=Decimal(60_000), fee=Decimal("0.1"), fee_coin="USDT", realised=Decimal(0),
            liquidity=Liquidity.TAKER, at=now - timedelta(days=180) + number * timedelta(seconds=77),
        )
        return to_row(desk.parts.seat.account, one)

    for first in range(0, count, 5_000):
        await desk.parts.seat.ledger.transact(some(first, first + 5_000))


async def _corridor(ready: dict[str, Any], directory: Path) -> list[Row]:
    disk = f"two commits of SQLite alone take {2 * bare_commit_ms(directory):.2f} ms on this disk"
    async with standing(settings_for(ready, directory / "desk", **WIDE)) as desk:
        empty = await overhead(desk, "empty")
        found = [Row(name="yes to bytes leaving, empty books", unit="ms", ours=empty, goal=3, note=f"at most; {disk}")]
        for number in range(OPEN_ORDERS):
            await said_yes(desk, await raised(desk, f"open:{number}", await far_below(desk)))
        await remember(desk, PAST_FILLS)
        full = await overhead(desk, "full")
        found.append(Row(name="the same, 20 orders, 200,000 fills", unit="ms", ours=full, goal=3,
                         note=f"at most; {full / empty:.2f} times the empty one (goal: under 1.2)"))
        found.append(Row(name="push to stored fill", unit="ms", ours=await push_to_fill(desk), goal=3, note="at most"))
        through = await race(desk)
        found.append(Row(name="50 intents against room for 6", unit="sent", ours=max(through), goal=6,
                         note=f"{RACES} rounds, each time {sorted(through)}"))
        found.append(Row(name="worst stall of the event loop", unit="ms", ours=desk.stalls.worst_s * 1000, goal=20,
                         note=f"at most; {desk.stalls.count} over 20 ms"))
    return found


def rows() -> Iterator[Row | Missing]:
    """Measure the corridor and what it does under load."""
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as directory, sandbox() as ready:
        yield from asyncio.run(_corridor(ready, Path(directory)))
