"""Every position has a stop read back or a dated waiver; else place, alarm, close (I8, I9, FF-35 to FF-39)."""
from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.desk.enter import enter_fill
from bot.desk.protect import Watched, protect
from bot.desk.reconcile import reconcile
from bot.desk.rules import NakedPolicy, Rules
from bot.domain.ids import VenueOrderId
from bot.domain.intent import Direction, Effect, MarginMode, OrderKind, Trigger
from bot.domain.order import Order
from bot.domain.protection import Protection, ProtectionState
from bot.domain.reports import OrderReport, PositionReport, VenueState
from bot.ports.venue import Rejected
from tests.desk.trade import kinds, say, sent
from tests.support.scripted import BTC, Bench


async def held(bench: Bench, words: str = "long btc 0.01 sl 59000") -> Order:
    order = await sent(bench, words)
    one = bench.fill(order, "0.01")
    await bench.seat.ledger.transact(lambda tx: enter_fill(tx, bench.seat.shelf, one, bench.clock.now()))
    return order


def stop_at(bench: Bench, entry: Order, price: str, size: str | None = "0.01", **more: object) -> OrderReport:
    """Build the guard that the venue made of an attached stop."""
    values: dict[str, object] = {
        "venue_order_id": VenueOrderId(f"stop-{price}"), "client_order_id": None, "kind": OrderKind.STOP,
        "effect": Effect.CLOSE, "trigger": Trigger(price=Decimal(price)),
        "size": None if size is None else Decimal(size), "attached": None,
    }
    return bench.report(entry, VenueState.LIVE, **{**values, **more})  # type: ignore[arg-type]


async def look(bench: Bench, watched: Watched, seconds: float = 4) -> None:
    """Look once, letting time pass for its questions."""
    task = asyncio.create_task(protect(bench.seat, watched))
    for _ in range(int(seconds * 5)):
        if task.done():
            break
        await bench.clock.advance(0.2)
    await task


async def guard_of(bench: Bench) -> Protection:
    found = await bench.seat.ledger.read(lambda tx: tx.protections.get(BTC.symbol, Direction.LONG))
    assert found is not None
    return found


async def test_the_attached_stop_is_verified_by_reading_it_back(bench: Bench) -> None:
    entry = await held(bench)
    bench.venue.plans = [stop_at(bench, entry, "59000")]
    await look(bench, Watched())
    guard = await guard_of(bench)
    assert (guard.state, guard.stop) == (ProtectionState.VERIFIED, Decimal(59_000))
    assert "ProtectionVerified" in await kinds(bench) and "ForeignOrderSeen" not in await kinds(bench)


async def test_a_missing_stop_is_told_and_placed_where_it_was_wanted(bench: Bench) -> None:
    """FF-35, FF-118: the plan is stored, not remembered."""
    await held(bench)
    await look(bench, Watched())
    last = bench.venue.sent[-1].intent
    assert (last.kind, last.effect) == (OrderKind.STOP, Effect.CLOSE)
    assert last.trigger is not None and last.trigger.price == Decimal(59_000)
    assert "PositionNaked" in await kinds(bench)


async def _elsewhere(bench: Bench, entry: str, mark: str) -> None:
    """Let the venue show a position that was opened elsewhere, at this entry, while the mark stands there."""
    bench.market.marks[BTC.symbol] = Decimal(mark)
    size = Decimal("0.01")
    report = PositionReport(
        symbol=BTC.symbol, direction=Direction.LONG, size=size, available=size, entry=Decimal(entry), mark=None,
        margin_mode=MarginMode.CROSSED, leverage=Decimal(10), margin=None, unrealised=None, realised=None,
        funding=None, liquidation=Decimal(40_000), margin_ratio=None, margin_coin="USDT", as_of=bench.clock.now(),
    )
    bench.venue.held = [report]
    task = asyncio.create_task(reconcile(bench.seat, "test", (bench.seat.lines[0],)))
    while not task.done():
        await bench.clock.advance(0.1)
    await task


async def test_a_stop_of_an_earlier_position_guards_no_later_one(bench: Bench) -> None:
    """FF-39: a stop above the mark would be refused, and the stranger's position closed for want of one."""
    entry = await held(bench)
    close = await sent(bench, "close btc", "c")
    one = bench.fill(close, "0.01", "60000", "t2")
    await bench.seat.ledger.transact(lambda tx: enter_fill(tx, bench.seat.shelf, one, bench.clock.now()))
    await bench.clock.advance(60)
    await look(bench, Watched())
    assert entry.intent.stop == Decimal(59_000)
    await _elsewhere(bench, "50000", "50100")
    await look(bench, Watched())
    last = bench.venue.sent[-1].intent
    assert last.kind is OrderKind.STOP and last.trigger is not None and last.trigger.price == Decimal(49_000)


async def test_a_position_of_elsewhere_that_has_lost_already_is_guarded_from_the_mark(bench: Bench) -> None:
    await _elsewhere(bench, "60000", "55000")
    await look(bench, Watched())
    last = bench.venue.sent[-1].intent
    assert last.kind is OrderKind.STOP and last.trigger is not None and last.trigger.price == Decimal(53_900)


async def test_silence_concludes_nothing(bench: Bench) -> None:
    """FF-37, FF-38: a list that cannot be read is not an empty one."""
    await held(bench)
    bench.venue.silent = {"open_plans"}
    await look(bench, Watched())
    assert len(bench.venue.sent) == 1


@pytest.mark.parametrize("policy", list(NakedPolicy), ids=lambda one: one.value)
async def test_a_naked_position_is_dealt_with_by_policy_after_twenty_seconds(
    bench: Bench, policy: NakedPolicy
) -> None:
    seat = replace(bench.seat, rules=replace(Rules(), naked_policy=policy))
    bench.seat = seat
    await held(bench)
    watched = Watched()
    for _ in range(8):
        bench.venue.answers.append(Rejected(code="40917", words="trigger price"))
        await look(bench, watched)
        await bench.clock.advance(4)
        bench.venue.answers.clear()
    closes = [one.intent for one in bench.venue.sent if one.intent.effect is Effect.CLOSE]
    closed = any(one.kind is OrderKind.MARKET for one in closes)
    assert closed is (policy is NakedPolicy.CLOSE)
    assert (await kinds(bench)).count("PositionNaked") >= 2


async def test_a_waiver_is_dated_and_ends(bench: Bench) -> None:
    await held(bench)
    await say(bench, "sl btc off", "waive")
    await look(bench, Watched())
    assert (await guard_of(bench)).state is ProtectionState.WAIVED and len(bench.venue.sent) == 1
    await bench.clock.advance(bench.seat.rules.waiver_life_s + 1)
    bench.market.age = timedelta(0)
    await look(bench, Watched())
    assert "WaiverEnded" in await kinds(bench) and (await guard_of(bench)).state is not ProtectionState.WAIVED


async def test_an_orphan_of_ours_is_cancelled_after_two_looks(bench: Bench) -> None:
    """FF-39: a left-over stop would close the next position."""
    entry = await held(bench)
    bench.venue.plans = [stop_at(bench, entry, "59000")]
    watched = Watched()
    await look(bench, watched)
    close = await sent(bench, "close btc", "c")
    one = bench.fill(close, "0.01", trade="t2")
    await bench.seat.ledger.transact(lambda tx: enter_fill(tx, bench.seat.shelf, one, bench.clock.now()))
    await look(bench, watched)
    assert not bench.venue.canceled
    await look(bench, watched)
    assert [key.venue_order_id for key in bench.venue.canceled] == ["stop-59000"]
    assert "OrphanStopFound" in await kinds(bench)


async def test_a_strangers_orphan_is_offered_and_left(bench: Bench) -> None:
    entry = await held(bench)
    watched = Watched()
    close = await sent(bench, "close btc", "c")
    one = bench.fill(close, "0.01", trade="t2")
    await bench.seat.ledger.transact(lambda tx: enter_fill(tx, bench.seat.shelf, one, bench.clock.now()))
    bench.venue.plans = [stop_at(bench, entry, "55000")]
    for _ in range(3):
        await look(bench, watched)
    assert not bench.venue.canceled and (await kinds(bench)).count("OrphanStopFound") == 1


async def test_a_stop_too_small_for_the_position_is_completed(bench: Bench) -> None:
    entry = await held(bench)
    bench.venue.plans = [stop_at(bench, entry, "59000", "0.004")]
    await look(bench, Watched())
    assert (await guard_of(bench)).state is not ProtectionState.VERIFIED
    assert bench.venue.sent[-1].intent.kind is OrderKind.STOP or bench.venue.amended


@pytest.mark.parametrize(
    ("rule", "marks", "stops"),
    [
        # 60,000 times 1.0006 over 0.9994, up to the tick: both taker fees are paid.
        ({"break_even_at": Decimal(61_000)}, ["60900", "61100", "63000"], ["59000", "60072.1", "60072.1"]),
        ({"trail": Decimal(1)}, ["60100", "61000", "60500"], ["59499", "60390", "60390"]),
    ],
    ids=["break-even", "trail"],
)
async def test_a_stop_follows_its_rule_and_never_loosens(
    bench: Bench, rule: dict[str, Decimal], marks: list[str], stops: list[str]
) -> None:
    entry = await held(bench)
    bench.venue.plans = [stop_at(bench, entry, "59000")]
    watched, seen = Watched(), []
    await look(bench, watched)
    before = await guard_of(bench)
    await bench.seat.ledger.transact(lambda tx: tx.protections.save(before, replace(before, **rule)))  # type: ignore[arg-type]
    name = bench.venue.plans[0].venue_order_id

    async def obey() -> None:
        """Show the stop where it was last moved to, as a venue that obeys does."""
        if bench.venue.amended:
            price = bench.venue.amended[-1].intent.trigger
            assert price is not None
            bench.venue.plans = [stop_at(bench, entry, str(price.price), venue_order_id=name)]
        bench.venue.known[name] = bench.venue.plans[0]

    for mark in marks:
        bench.market.marks[BTC.symbol] = Decimal(mark)
        await bench.clock.advance(1)
        for _ in range(2):
            await look(bench, watched)
            await obey()
        seen.append(str((await guard_of(bench)).stop))
    assert seen == stops


async def test_a_mark_nobody_can_read_moves_no_stop(bench: Bench) -> None:
    entry = await held(bench)
    bench.venue.plans = [stop_at(bench, entry, "59000")]
    await look(bench, Watched())
    before = await guard_of(bench)
    after = replace(before, trail=Decimal(1))
    await bench.seat.ledger.transact(lambda tx: tx.protections.save(before, after))
    bench.market.silent = True
    await look(bench, Watched())
    assert not bench.venue.amended


async def test_an_oversized_guard_is_told_once_over_lives(bench: Bench) -> None:
    """FF-40, I21: the exchange caps it; a new life tells it no second time."""
    entry = await held(bench)
    bench.venue.plans = [stop_at(bench, entry, "59000", "0.05")]
    for _ in range(2):
        watched = Watched()
        await look(bench, watched)
        await look(bench, watched)
    assert (await kinds(bench)).count("GuardWrong") == 1


async def test_a_guard_waits_for_an_entry_on_its_way(bench: Bench) -> None:
    """FF-39: a stop may be seen before its entry's fill."""
    entry = await sent(bench, "long btc 0.01 @59900 sl 59000")
    bench.venue.plans = [stop_at(bench, entry, "59000")]
    watched = Watched()
    for _ in range(3):
        await look(bench, watched)
    assert not bench.venue.canceled and "OrphanStopFound" not in await kinds(bench)
