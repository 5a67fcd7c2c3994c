"""Start, lease and stop: nothing is called open before it is proven, and no two desks act (9(d), I18, FF-74, FF-75)."""
from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from bot.desk.ingest import take
from bot.desk.life import Opening, beat, close_desk, doubt_sent, give_lease_up, open_desk, probe, take_lease
from bot.desk.protect import Watched
from bot.desk.watch import Diary
from bot.domain.account import World as AccountWorld
from bot.domain.ids import RequestKey
from bot.domain.order import OrderState
from bot.domain.refusal import Refusal, refuse
from bot.domain.reports import Profile
from bot.domain.trading import Readiness
from bot.ports.venue import KeyRefused, StreamUp, VenueSilent
from tests.desk.test_corridor import say as order_it
from tests.desk.test_protect import held, stop_at
from tests.desk.trade import ANA, LOCAL, journal, kinds, say, sent, stored
from tests.support import virtual_loop
from tests.support.scripted import Bench
from tests.support.simulated import World


def opening() -> Opening:
    return Opening(ready=asyncio.Event(), trouble=[])


def anything(profile: Profile) -> Refusal | None:
    return None


async def opened(bench: Bench, state: Opening) -> asyncio.Task[Refusal | None]:
    bench.seat.shelf.profile = None
    return asyncio.create_task(open_desk(bench.seat, state, anything, Diary(), Watched()))


async def stream(bench: Bench) -> None:
    for line in bench.seat.lines:
        await take(bench.seat, StreamUp(line=line, at=bench.clock.now()))


async def test_a_second_desk_is_refused_and_told_who_holds_the_lease(bench: Bench) -> None:
    """FF-74."""
    refused = await take_lease(bench.seat, "other", dead=lambda _: False)
    assert isinstance(refused, Refusal) and refused.code == "lease_held" and "bench" in str(refused)


async def test_a_lease_is_kept_by_beats_and_given_up_in_order(bench: Bench) -> None:
    task = asyncio.create_task(beat(bench.seat, "bench"))
    await bench.clock.advance(60)
    assert not task.done() and bench.seat.fence.epoch is not None
    task.cancel()
    await give_lease_up(bench.seat, "bench")
    assert bench.seat.fence.epoch is None
    assert await take_lease(bench.seat, "next", dead=lambda _: False) is None


async def test_a_lost_lease_ends_the_beat_and_closes_the_fence(bench: Bench) -> None:
    """I18: what is fenced sends nothing."""
    def steal(tx: object) -> None:
        tx.lease.take("other", bench.clock.now(), timedelta(seconds=60), dead=lambda _: True,  # type: ignore[attr-defined]
                      validity=timedelta(0))

    await bench.seat.ledger.transact(steal)
    task = asyncio.create_task(beat(bench.seat, "bench"))
    await bench.clock.advance(6)
    assert task.done() and bench.seat.fence.epoch is None and "LeaseLost" in await kinds(bench)


async def test_probing_reads_and_switches_nothing(bench: Bench) -> None:
    """FF-47."""
    bench.seat.shelf.instruments.clear()
    profile = await probe(bench.seat)
    assert profile.world is AccountWorld.CLASSIC and len(bench.seat.shelf.instruments) == 3
    assert not bench.venue.modes and not bench.venue.sent


async def test_an_exchange_that_is_silent_is_waited_for_and_said(bench: Bench) -> None:
    """FF-75: no openings, but a process that lives."""
    state = opening()
    bench.venue.silent = {"profile"}
    task = await opened(bench, state)
    await bench.clock.advance(5)
    assert not task.done() and "cannot be read" in state.trouble[0]
    bench.venue.silent = set()
    await bench.clock.advance(1)
    assert "streams" in state.trouble[0] and not state.ready.is_set()
    await stream(bench)
    await bench.clock.advance(2)
    assert await task is None and state.ready.is_set() and not state.trouble
    assert (await kinds(bench))[-1] == "DeskOpened"


async def test_nothing_is_ready_before_the_stops_are_read_back(bench: Bench) -> None:
    entry = await held(bench)
    bench.venue.plans = [stop_at(bench, entry, "59000")]
    bench.venue.silent = {"open_plans"}
    state = opening()
    task = await opened(bench, state)
    await bench.clock.advance(1)
    for line in bench.seat.lines:
        bench.seat.streams[line] = bench.clock.now()
    await bench.clock.advance(3)
    assert not state.ready.is_set() and "stops" in state.trouble[0]
    bench.venue.silent = set()
    await bench.clock.advance(2)
    assert await task is None and state.ready.is_set() and "ProtectionVerified" in await kinds(bench)


async def test_a_dangerous_key_ends_the_start(bench: Bench) -> None:
    bench.seat.shelf.profile = None
    refused = await open_desk(bench.seat, opening(), lambda profile: refuse("key", "It may withdraw.", "Make another."),
                              Diary(), Watched())
    assert isinstance(refused, Refusal) and "KeyTrouble" in await kinds(bench)


@pytest.mark.parametrize(("answers", "ends"), [("kkk", True), ("ksk", False), ("kk", False)])
async def test_ff53_a_key_that_is_turned_away_again_and_again_ends_the_start(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, answers: str, ends: bool
) -> None:
    """Once may be a gateway that stumbles; a wrong key is no reason to try for ever."""
    bench.seat.shelf.profile, left, real = None, list(answers), bench.venue.profile

    async def profile() -> Profile:
        if not left:
            return await real()
        raise KeyRefused("Invalid ACCESS_KEY") if left.pop(0) == "k" else VenueSilent("no answer")

    monkeypatch.setattr(bench.venue, "profile", profile)
    task = asyncio.create_task(open_desk(bench.seat, opening(), lambda profile: None, Diary(), Watched()))
    for line in bench.seat.lines:
        bench.seat.streams[line] = bench.clock.now()
    await bench.clock.advance(5)
    refused = await task
    assert (isinstance(refused, Refusal) and "Invalid ACCESS_KEY" in str(refused)) == ends
    assert ("KeyTrouble" in await kinds(bench)) == ends


async def test_what_a_predecessor_was_sending_is_in_doubt(bench: Bench) -> None:
    """R2, FF-25, FF-26: neither sent again nor taken for done."""
    bench.venue.gate = asyncio.Event()
    task = asyncio.create_task(sent(bench, "long btc 0.01 sl 2%"))
    for _ in range(100):
        await asyncio.sleep(0)
    order = bench.venue.sent[0]
    await bench.seat.ledger.transact(lambda tx: doubt_sent(tx, bench.seat))
    assert (await stored(bench, order.client_order_id)).state is OrderState.SUBMITTING, "it is being sent right now"
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await bench.seat.ledger.transact(lambda tx: doubt_sent(tx, bench.seat))
    assert (await stored(bench, order.client_order_id)).state is OrderState.IN_DOUBT
    assert len(bench.venue.sent) == 1


async def test_opening_tells_what_is_there(bench: Bench) -> None:
    await held(bench)
    await say(bench, "long btc 0.01 sl 2%", "waiting", origin=ANA, yes=None)
    await sent(bench, "long eth 0.1 @2900 sl 2%", "e")
    await bench.clock.advance(600)
    assert await take_lease(bench.seat, "bench", dead=lambda _: True) is None
    state = opening()
    task = await opened(bench, state)
    for line in bench.seat.lines:
        bench.seat.streams[line] = bench.clock.now()
    for _ in range(40):
        await bench.clock.advance(0.5)
    await task
    fact = next(line.fact for line in await journal(bench) if line.kind == "DeskOpened")
    assert fact.positions == 1 and 600 <= fact.away_s < 620  # type: ignore[union-attr, operator]
    assert "ProposalExpired" in await kinds(bench), "what waited for an answer meanwhile is over"


async def test_closing_leaves_orders_and_stops_where_they_are(bench: Bench) -> None:
    order = await sent(bench, "long btc 0.01 @59000 sl 2%")
    await close_desk(bench.seat, "test")
    assert not bench.venue.canceled and (await kinds(bench))[-1] == "DeskClosed"
    assert (await stored(bench, order.client_order_id)).state is OrderState.OPEN


@pytest.mark.parametrize("seed", range(3))
def test_a_new_life_finds_what_the_old_one_left(tmp_path: Path, seed: int) -> None:
    """FF-25, FF-80, FF-118: killed between the request and its answer; one position, guarded, nothing doubled."""

    async def main() -> None:
        world = World(tmp_path, seed)
        world.begin()
        life = await world.life()
        world.venue.faults.add("accept_then_silence")
        task = asyncio.create_task(order_it(life, "long btc $500 sl 2%", "one"))
        await world.clock.sleep(1 + seed)
        await life.die()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        second = await world.life()
        assert second.gate.now is Readiness.READY
        await world.clock.sleep(20)
        second.check()
        holding = await second.desk.holdings()
        assert [(one.position.symbol, one.guarded) for one in holding] == [("BTCUSDT", True)]
        live = await second.desk.orders()
        assert not [one for one in live if one.state.unresolved]
        flat = await second.desk.flat(LOCAL, RequestKey("flat"), "local")
        assert flat.flat, flat
        await second.die()
        await world.end()

    virtual_loop.run(main, seed)


async def test_silence_while_probing_is_told_to_the_caller(bench: Bench) -> None:
    bench.venue.silent = {"profile"}
    with pytest.raises(VenueSilent):
        await probe(bench.seat)
