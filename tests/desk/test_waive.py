"""A stop is waived by a named person, for a time, once (I8)."""
from __future__ import annotations

from datetime import timedelta

from bot.desk.enter import enter_fill
from bot.desk.protect import Watched
from bot.desk.waive import holds, waive_by_entry
from bot.domain.intent import Direction, OrderKind
from bot.domain.order import Order
from bot.domain.protection import Protection, ProtectionState
from tests.desk.test_protect import guard_of, held, look, stop_at
from tests.desk.trade import ANA, kinds, say, sent
from tests.support.scripted import BTC, Bench


async def filled(bench: Bench, order: Order, trade: str) -> None:
    one = bench.fill(order, str(order.intent.size), trade=trade)
    await bench.seat.ledger.transact(lambda tx: enter_fill(tx, bench.seat.shelf, one, bench.clock.now()))


async def test_an_opening_without_a_stop_is_waived_and_not_given_one(bench: Bench) -> None:
    await say(bench, "long btc 0.01 sl off", "k", origin=ANA)
    await filled(bench, bench.venue.sent[0], "t1")
    await look(bench, Watched())
    guard = await guard_of(bench)
    assert guard.state is ProtectionState.WAIVED and guard.waiver is not None
    life = timedelta(seconds=bench.seat.rules.waiver_life_s)
    assert (guard.waiver.by, guard.waiver.until - guard.waiver.at) == (ANA.person, life)
    assert len(bench.venue.sent) == 1, "no stop was forced on it"
    assert (await kinds(bench)).count("WaiverGranted") == 1 and "PositionNaked" not in await kinds(bench)


async def test_a_waiver_that_ended_is_not_granted_again(bench: Bench) -> None:
    await sent(bench, "long btc 0.01 sl off")
    await filled(bench, bench.venue.sent[0], "t1")
    await look(bench, Watched())
    await bench.clock.advance(bench.seat.rules.waiver_life_s + 1)
    for _ in range(2):
        await look(bench, Watched())
    assert (await kinds(bench)).count("WaiverGranted") == 1 and "WaiverEnded" in await kinds(bench)
    assert bench.venue.sent[-1].intent.kind is OrderKind.STOP, "from then on it is naked and gets one"


async def test_adding_without_a_stop_leaves_a_guarded_position_guarded(bench: Bench) -> None:
    entry = await held(bench)
    bench.venue.plans = [stop_at(bench, entry, "59000", None)]
    await look(bench, Watched())
    await filled(bench, await sent(bench, "long btc 0.02 sl off", "add"), "t2")
    await look(bench, Watched())
    assert (await guard_of(bench)).state is ProtectionState.VERIFIED


async def test_a_position_of_strangers_inherits_no_waiver(bench: Bench) -> None:
    await filled(bench, await sent(bench, "long btc 0.01 sl off"), "t1")
    await look(bench, Watched())
    await filled(bench, await sent(bench, "close btc", "c"), "t2")
    await look(bench, Watched())
    one = bench.fill(bench.venue.sent[0], "0.03", trade="t3", client_order_id=None, venue_order_id="x9")

    def work(tx: object) -> None:
        enter_fill(tx, bench.seat.shelf, one, bench.clock.now())  # type: ignore[arg-type]
        position = tx.positions.get(BTC.symbol, Direction.LONG)  # type: ignore[attr-defined]
        waive_by_entry(tx, bench.seat, position, bench.clock.now())  # type: ignore[arg-type]

    await bench.clock.advance(1)
    await bench.seat.ledger.transact(work)
    assert (await guard_of(bench)).state is ProtectionState.NAKED


async def test_only_a_waiver_holds(bench: Bench) -> None:
    naked = Protection(account=bench.seat.account, symbol=BTC.symbol, direction=Direction.LONG,
                       state=ProtectionState.NAKED)
    assert not await bench.seat.ledger.transact(lambda tx: holds(tx, naked, bench.clock.now()))
