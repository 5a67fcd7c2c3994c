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
from unittest import mock

from sqlalchemy import insert

from bot.adapters.bitget.classic.private_feed import PrivateFeed
from bot.adapters.store.fills import to_row
from bot.adapters.store.tables_trading import fills
from bot.desk import answer as answering
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
POSITIONS, RESTING, RECOVERED_FILLS = 20, 200, 10_000
PAUSE_S = 0.02
PATIENCE = 20


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
    for attempt in range(PATIENCE):
        found = await desk.parts.desk.propose(LOCAL, RequestKey(f"{key}:{attempt}"), wish)
        if isinstance(found, Raised):
            return found
        # A stop may have been hit: nothing opens in a symbol while a close is under way.
        await asyncio.sleep(0.5)
    raise AssertionError(str(found))


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


async def overhead(desk: Standing, name: str) -> tuple[float, float]:
    """Give median milliseconds to the first byte of the order leaving: from the recorded decision, and from the yes.

    One commit lies between the decision and the bytes, two between the yes and the bytes.
    """
    left: list[float] = []
    recorded: list[float] = []
    plain = answering.decide

    async def noted(*given: Any) -> Any:
        found = await plain(*given)
        recorded.append(time.perf_counter())
        return found

    def notice(text: bytes) -> None:
        if b"place-order" in text:
            left.append(time.perf_counter())

    samples: tuple[list[float], list[float]] = ([], [])
    with bytes_leaving(notice), mock.patch.object(answering, "decide", noted):
        for number in range(SAMPLES):
            one = await raised(desk, f"{name}:{number}", await far_below(desk))
            await asyncio.sleep(PAUSE_S)
            left.clear()
            recorded.clear()
            began = time.perf_counter()
            answered = await said_yes(desk, one)
            assert left and answered.done is not None and answered.done.orders, str(answered)
            samples[0].append((left[0] - recorded[0]) * 1000)
            samples[1].append((left[0] - began) * 1000)
            await cancel(desk.parts.seat, answered.done.orders[0].client_order_id, actor="bench", why="measured")
            await asyncio.sleep(PAUSE_S)
    return statistics.median(samples[0]), statistics.median(samples[1])


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
            tx.fills._link.run_many(insert(fills), [row(number) for number in range(first, last)])  # type: ignore[attr-defined]

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
    await asyncio.sleep(PAUSE_S)
    assert desk.culprits is not None
    desk.culprits.forget()


async def _corridor(ready: dict[str, Any], directory: Path) -> list[Row]:
    bare = bare_commit_ms(directory)
    async with standing(settings_for(ready, directory / "desk", **WIDE)) as desk:
        empty, whole = await overhead(desk, "empty")
        found = [
            Row(name="decision to bytes leaving", unit="ms", ours=empty, goal=3,
                note=f"at most; a bare commit of SQLite takes {bare:.2f} ms here"),
            Row(name="yes to bytes leaving", unit="ms", ours=whole, note="two commits and the price looked at again"),
        ]
        for number in range(OPEN_ORDERS):
            await said_yes(desk, await raised(desk, f"open:{number}", await far_below(desk)))
        await remember(desk, PAST_FILLS)
        full, _ = await overhead(desk, "full")
        found.append(Row(name="the same, 20 orders, 200,000 fills", unit="ms", ours=full, goal=3,
                         note=f"at most; {full / empty:.2f} times the empty one (goal: under 1.2)"))
        found.append(Row(name="push to stored fill", unit="ms", ours=await push_to_fill(desk), goal=3, note="at most"))
        through = await race(desk)
        found.append(Row(name="50 intents against room for 6", unit="sent", ours=max(through), goal=6,
                         note=f"{RACES} rounds, each time {sorted(through)}"))
        found.append(stall(desk, "corridor"))
    return found


def stall(desk: Standing, what: str) -> Row:
    """Say how long the event loop stood still by our own doing, and where it was found then."""
    assert desk.culprits is not None
    note = f"at most; {desk.culprits.count} over 20 ms of our own; {desk.culprits.words}"
    return Row(name=f"worst stall, {what}", unit="ms", ours=desk.culprits.worst_ms, goal=20, note=note)


async def _recovery(ready: dict[str, Any], directory: Path) -> list[Row]:
    settings = settings_for(ready, directory / "recovered", product_lines="USDT,USDC,COIN", **WIDE)
    async with standing(settings) as desk:
        found = [Row(name="first start to READY", unit="s", ours=desk.ready_after_s, goal=3, note="empty books")]
        await remember(desk, RECOVERED_FILLS)
        symbols = list(desk.parts.seat.shelf.instruments)
        names = [(symbol, side) for symbol in symbols for side in Direction][:POSITIONS]
        for number, (symbol, side) in enumerate(names):
            await said_yes(desk, await raised(desk, f"hold:{number}", OpenWish(
                symbol=symbol, direction=side, amount="$150")))
        for number in range(RESTING):
            await said_yes(desk, await raised(desk, f"rest:{number}", await far_below(desk)))
        await asyncio.sleep(1)
        before = await _books(desk)
    async with standing(settings) as desk:
        held, resting = after = await _books(desk)
        note = f"at most; {len(held)} positions, {len(resting)} orders" + ("" if after == before else ", NOT AS BEFORE")
        found.append(Row(name="recovery: start to READY", unit="s", ours=desk.ready_after_s, goal=5, note=note))
        found.append(stall(desk, "recovery"))
    return found


async def _books(desk: Standing) -> tuple[set[object], set[object]]:
    holdings = [one.position for one in await desk.parts.desk.holdings()]
    held = {(one.symbol, one.direction, one.size) for one in holdings}
    return held, {one.client_order_id for one in await desk.parts.desk.orders() if not one.intent.kind.is_guard}


def rows() -> Iterator[Row | Missing]:
    """Measure the corridor, what it does under load, and recovery."""
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as directory, sandbox() as ready:
        yield from asyncio.run(_corridor(ready, Path(directory)))
    with tempfile.TemporaryDirectory() as directory, sandbox() as ready:
        yield from asyncio.run(_recovery(ready, Path(directory)))
