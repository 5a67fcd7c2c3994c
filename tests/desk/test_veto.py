"""The veto window: a no in time counts, silence is consent only while somebody is there, over a restart too."""
from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.desk.advise import ask
from bot.desk.mandate import ACTIVE
from bot.desk.propose import Raised
from bot.desk.rules import Rules
from bot.desk.veto import act_unvetoed, window_of
from bot.domain.proposal import Proposal, ProposalState
from bot.domain.record import milliseconds
from bot.domain.refusal import Refusal
from bot.ports.ledger import Tx
from tests.desk.leased import granted
from tests.desk.table import BTC, Scripted, advice, press
from tests.desk.test_advise import idea
from tests.support import virtual_loop
from tests.support.simulated import Life, World


def with_window(directory: Path, play: Callable[[World, Life], Awaitable[Life | None]]) -> None:
    async def main() -> None:
        world = World(directory, 1, rules=replace(Rules(), veto_window_s=60.0))
        world.begin()
        life = await world.life()
        life = await play(world, life) or life
        life.check()
        await life.die()
        await world.end()

    virtual_loop.run(main, 1)


async def held_back(life: Life) -> Proposal:
    plan = advice(Scripted(idea))
    await granted(life, plan)
    raised = await ask(life.seat, plan, BTC)
    assert isinstance(raised, Raised), str(raised)
    assert raised.proposal.state is ProposalState.AWAITING
    assert await life.seat.ledger.read(lambda tx: window_of(tx, raised.proposal)) is not None
    return raised.proposal


async def state(life: Life, proposal: Proposal) -> ProposalState:
    stored = await life.seat.ledger.read(lambda tx: tx.proposals.get(proposal.id))
    assert stored is not None
    return stored.state


def test_after_the_window_it_is_sent_over_a_restart_too(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> Life:
        proposal = await held_back(life)
        await world.clock.sleep(10)
        assert await act_unvetoed(life.seat, proposal.origin) == 0
        await life.die()
        again = await world.life()
        await world.clock.sleep(55)
        assert await act_unvetoed(again.seat, proposal.origin) == 1
        assert await state(again, proposal) is ProposalState.ORDERED
        return again

    with_window(tmp_path, play)


def test_a_no_inside_the_window_counts(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        proposal = await held_back(life)
        assert not isinstance(await press(life, proposal, yes=False), Refusal)
        await world.clock.sleep(70)
        assert await act_unvetoed(life.seat, proposal.origin) == 0
        assert await state(life, proposal) is ProposalState.REJECTED

    with_window(tmp_path, play)


def test_silence_is_no_consent_when_nobody_was_there_for_twelve_hours(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        proposal = await held_back(life)
        mandate = (await life.seat.ledger.read(lambda tx: tx.desk.mandates()))[0]
        long_ago = life.seat.clock.now() - timedelta(hours=13)

        def work(tx: Tx) -> None:
            tx.desk.set_value(ACTIVE, {"at": milliseconds(long_ago)}, life.seat.clock.now())
            tx.desk.save_mandate(mandate, replace(mandate, granted_at=long_ago, version=1))

        await life.seat.ledger.transact(work)
        await world.clock.sleep(70)
        assert await act_unvetoed(life.seat, proposal.origin) == 0
        assert await state(life, proposal) is ProposalState.AWAITING

    with_window(tmp_path, play)
