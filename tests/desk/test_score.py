"""Every idea is followed to its barrier whatever became of it, over a restart, and the evidence recomputes."""
from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from bot.adapters.advisors.assessor import LadderAssessor
from bot.desk.advise import look as ask_all
from bot.desk.score import GROUP, Tape, look
from bot.domain.events_proposals import IdeaResolved
from bot.domain.mandate import Rung
from bot.ports.lab_rows import IdeaRow, OutcomeRow
from tests.desk.table import BTC, Scripted, advice, at_the_table, drag, facts, press, proposals
from tests.desk.test_advise import idea
from tests.support.simulated import Life, World

JUDGE = LadderAssessor()
SHORT = timedelta(minutes=1)


async def outcomes(life: Life) -> tuple[tuple[IdeaRow, OutcomeRow], ...]:
    return await life.seat.ledger.read(lambda tx: tx.lab_record.outcomes())


async def follow(life: Life, tape: Tape | None = None) -> int:
    return await look(life.seat, JUDGE, tape or Tape())


def test_a_shadow_ends_at_its_horizon_and_weighs_the_same_anew(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        tape = Tape()
        await ask_all(life.seat, advice(Scripted(lambda context: idea(context, horizon=SHORT)), rung=Rung.SHADOW))
        assert await follow(life, tape) == 0
        await world.clock.sleep(190)
        assert await follow(life, tape) == 1
        assert await follow(life, tape) == 0
        ((_, found),) = await outcomes(life)
        assert (found.filled, found.exit, found.executed_r) == (True, "TIME", None)
        stored = await life.seat.ledger.read(lambda tx: tx.lab_record.evidence("scripted", GROUP))
        assert stored is not None
        assert stored == JUDGE.weigh(None, "scripted", GROUP, await outcomes(life), stored.at)
        assert (stored.outcomes, tape.bars.keys()) == (1, set())

    at_the_table(tmp_path, 1, play)


def test_an_approved_idea_brings_its_real_r_beside_the_simulated_one(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        await ask_all(life.seat, advice(Scripted(idea)))
        proposal = (await proposals(life))[0]
        await press(life, proposal)
        await world.clock.sleep(5)
        assert proposal.reference_price is not None
        await world.clock.sleep(70)
        assert await follow(life) == 0
        await drag(world, BTC, round(proposal.reference_price * Decimal("1.021"), 1))
        await world.clock.sleep(125)
        assert await follow(life) == 1
        ((row, found),) = await outcomes(life)
        assert (row.fate, found.exit) == ("ordered", "TARGET")
        assert found.executed_r is not None
        assert Decimal("1.4") < found.net_r < found.gross_r < Decimal("2.4")
        assert abs(found.executed_r - found.net_r) < Decimal("0.5")
        assert "IdeaResolved" in await facts(life, str(proposal.id))

    at_the_table(tmp_path, 1, play)


def test_a_rejected_idea_is_followed_over_a_restart(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> Life:
        await ask_all(life.seat, advice(Scripted(idea)))
        proposal = (await proposals(life))[0]
        await press(life, proposal, yes=False)
        await life.die()
        again = await world.life()
        assert proposal.reference_price is not None
        await world.clock.sleep(70)
        await drag(world, BTC, round(proposal.reference_price * Decimal("0.985"), 1))
        await world.clock.sleep(125)
        assert await follow(again) == 1
        ((row, found),) = await outcomes(again)
        assert (row.fate, found.exit, found.executed_r) == ("rejected", "STOP", None)
        assert found.gross_r <= -Decimal("0.9")
        entries = await again.seat.ledger.read(lambda tx: tx.journal.about(str(proposal.id)))
        told = entries[-1].fact
        assert isinstance(told, IdeaResolved)
        assert (told.idea, told.outcome, told.result_r) == (row.id, "STOP", found.net_r)
        return again

    at_the_table(tmp_path, 1, play)
