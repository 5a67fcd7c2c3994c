"""Every idea and abstention is a row: once per candle, with its context and raw claim, whatever becomes of it."""
from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from bot.desk.advise import ask, look
from bot.desk.note import fate_of, idea_id
from bot.domain.mandate import Rung
from bot.domain.record import canonical_json, to_plain
from bot.ports.advisor import Abstained
from bot.ports.lab_rows import IdeaRow
from tests.desk.table import BTC, Scripted, advice, at_the_table, press, proposals, raised
from tests.desk.test_advise import idea
from tests.support.simulated import Life, World


async def noted(life: Life) -> list[IdeaRow]:
    return list(await life.seat.ledger.read(lambda tx: tx.lab_record.ideas()))


async def fate(life: Life) -> str:
    row = (await noted(life))[0]
    return await life.seat.ledger.read(lambda tx: fate_of(tx, row))


def test_a_proposed_idea_is_tied_to_its_proposal_and_shares_its_fate(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        scripted = Scripted(lambda context: idea(context, probability_bp=6100))
        proposal = await raised(life, advice(scripted))
        row = (await noted(life))[0]
        seen = scripted.asked[0]
        assert row.id == idea_id("scripted", BTC, "15m", seen.bars[-1].opened_at, "OPEN")
        assert (row.context, row.claim_bp, row.proposal, row.fate) == (seen.digest, 6100, proposal.id, "proposed")
        assert (row.direction, row.stop, row.horizon_s) == ("LONG", seen.mark * Decimal("0.99"), 4 * 3600)
        await press(life, proposal, yes=False)
        assert await fate(life) == "rejected"

    at_the_table(tmp_path, 1, play)


def test_a_shadow_is_noted_and_a_candle_makes_one_idea_however_often_it_is_asked(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> Life:
        plan = advice(Scripted(idea), rung=Rung.SHADOW)
        await look(life.seat, plan)
        first = await noted(life)
        assert [(one.fate, one.proposal) for one in first] == [("shadow", None)]
        await ask(life.seat, plan, BTC)
        await life.die()
        again = await world.life()
        await ask(again.seat, advice(Scripted(idea), rung=Rung.SHADOW), BTC)
        assert await noted(again) == first
        return again

    at_the_table(tmp_path, 1, play)


def test_abstentions_and_flaws_are_rows_that_nobody_follows(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        await ask(life.seat, advice(Scripted(lambda context: Abstained(reason="no trend"))), BTC)
        row = (await noted(life))[0]
        assert (row.kind, row.fate, row.abstained, row.stop) == ("ABSTAINED", "abstained", "no trend", None)
        await world.venue.outside.advance(900)
        await world.clock.sleep(1)
        await ask(life.seat, advice(Scripted(lambda context: idea(context, stop=context.mark * 2))), BTC)
        assert [one.fate for one in await noted(life)] == ["abstained", "flawed"]
        assert await life.seat.ledger.read(lambda tx: tx.lab_record.unresolved()) == ()

    at_the_table(tmp_path, 1, play)


def test_what_our_rules_refuse_is_noted_as_blocked(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        poor = Scripted(lambda context: idea(context, target=context.mark * Decimal("1.005")))
        await ask(life.seat, advice(poor), BTC)
        assert [(one.fate, one.horizon_s) for one in await noted(life)] == [
            ("blocked:reward_risk", int(timedelta(hours=4).total_seconds()))]

    at_the_table(tmp_path, 1, play)


def replayed(directory: Path, seed: int) -> str:
    """Play the same stretch of candles with the shipped rules and write down every idea and proposal."""
    written: list[str] = []

    async def play(world: World, life: Life) -> None:
        plan = advice(cool_down_s=0)
        for _ in range(5):
            await look(life.seat, plan)
            await world.venue.outside.advance(900)
            await world.clock.sleep(1)
        ideas = await noted(life)
        written.append(canonical_json(to_plain([tuple(ideas), tuple(await proposals(life))])))

    at_the_table(directory, seed, play)
    return written[0]


def test_a_stretch_played_twice_gives_the_same_ideas_and_proposals_byte_for_byte(tmp_path: Path) -> None:
    """A8."""
    first = replayed(tmp_path / "a", 4)
    assert first.count("I-") >= 4
    assert "PLACE" in first
    assert replayed(tmp_path / "b", 4) == first
