"""An advisor falls by itself, at once and told, and what it may do alone ends in the same transaction."""
from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.desk.advise import ask, look
from bot.desk.enter import write
from bot.desk.ladder import reaches, standing_of, stands_on, step
from bot.desk.mandate import ACTIVE
from bot.desk.score import GROUP
from bot.domain.events_holdings import DriftFound
from bot.domain.events_proposals import RungChanged
from bot.domain.mandate import Rung
from bot.domain.proposal import ProposalState
from bot.domain.protection import ProtectionState
from bot.domain.record import milliseconds
from bot.ports.assessor import Circumstances
from bot.ports.lab_rows import VersionState
from bot.ports.ledger import Tx
from tests.adapters.advisors.test_assessor import judged
from tests.adapters.store.test_lab import version
from tests.desk.leased import JUDGE, fallen, granted, lease, rung
from tests.desk.table import ANA, BTC, Scripted, advice, at_the_table, proposals
from tests.desk.test_advise import idea
from tests.support.simulated import Life, World


async def around(life: Life, name: str = "scripted") -> Circumstances:
    plan = advice(Scripted(idea))
    origin = replace(plan.origin, name=name)
    return await life.seat.ledger.read(lambda tx: standing_of(tx, life.seat, origin, plan.rung))


@pytest.mark.parametrize(("first", "stands"), [
    (Rung.OFF, Rung.OFF), (Rung.SHADOW, Rung.SHADOW), (Rung.PROPOSE, Rung.PROPOSE), (Rung.AUTO, Rung.PROPOSE)])
def test_settings_alone_let_nobody_act_alone(tmp_path: Path, first: Rung, stands: Rung) -> None:
    async def play(world: World, life: Life) -> None:
        now = life.seat.clock.now()
        assert await life.seat.ledger.read(lambda tx: stands_on(tx, "x", first)) is stands
        await life.seat.ledger.transact(lambda tx: step(tx, "x", first, Rung.AUTO, ANA, "test", now))
        assert await life.seat.ledger.read(lambda tx: stands_on(tx, "x", first)) is Rung.AUTO
        assert await life.seat.ledger.read(lambda tx: reaches(tx, "x", first, now)) is Rung.PROPOSE

    at_the_table(tmp_path, 1, play)


def test_history_is_kept_with_who_and_why(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        plan, now = advice(Scripted(idea)), life.seat.clock.now()
        await granted(life, plan)
        await life.seat.ledger.transact(
            lambda tx: step(tx, "scripted", plan.rung, Rung.SHADOW, None, "skew", now, back="a person"))
        rows = await life.seat.ledger.read(lambda tx: tx.lab_record.rungs("scripted"))
        assert [(one.edition, one.rung, one.by, one.reason) for one in rows] == [
            (1, Rung.AUTO, "7001", "overridden: a test"), (2, Rung.SHADOW, "auto", "skew")]
        assert await lease(life, plan) is None
        told = [one.fact for one in await life.seat.ledger.read(lambda tx: tx.journal.about("scripted"))]
        assert RungChanged(advisor="scripted", group=GROUP, was=Rung.AUTO, now=Rung.SHADOW, by=None, why="skew",
                           back="a person") in told

    at_the_table(tmp_path, 1, play)


def test_harm_falls_to_shadow_and_evidence_begins_anew(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        plan, now = advice(Scripted(idea)), life.seat.clock.now()
        losing = [judged(number, "-1.1", every=300) for number in range(60)]
        row = JUDGE.weigh(None, "scripted", GROUP, losing, now)
        await life.seat.ledger.transact(lambda tx: tx.lab_record.save_evidence(row))
        falls = await fallen(life, plan)
        assert falls is not None
        assert (falls.to, await rung(life, plan)) == (Rung.SHADOW, Rung.SHADOW)
        after = await life.seat.ledger.read(lambda tx: tx.lab_record.evidence("scripted", GROUP))
        assert after is not None
        assert (after.log_harm, after.outcomes) == (0, 0)
        assert await fallen(life, plan) is None

    at_the_table(tmp_path, 1, play)


def test_two_rejections_in_a_row_end_it(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        plan = advice(Scripted(idea), cool_down_s=0)
        await granted(life, plan)
        for count in (1, 2):
            world.venue.outside.fault("reject_next", {"code": 40762, "path": "place-order"}, 1, None)
            await ask(life.seat, plan, BTC)
            assert (await around(life)).rejections_in_row == count
            await world.venue.outside.advance(900)
            await world.clock.sleep(1)
        falls = await fallen(life, plan)
        assert falls is not None
        assert (falls.to, falls.why) == (Rung.PROPOSE, "two rejections of the exchange in a row")

    at_the_table(tmp_path, 3, play)


def test_a_drift_in_its_symbol_and_a_naked_position_are_seen(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        plan = advice(Scripted(idea))
        await granted(life, plan)
        await ask(life.seat, plan, BTC)
        await world.clock.sleep(5)
        quiet = await around(life)
        assert (quiet.drift, quiet.protection_unverified, quiet.lease_over) == (False, False, False)
        fact = DriftFound(subject=str(BTC), symbol=BTC, local="1", venue="2", words="they differ")

        def work(tx: Tx) -> None:
            write(tx, fact, life.seat.clock.now(), "venue")
            (guard,) = tx.protections.all()
            tx.protections.save(guard, replace(guard, state=ProtectionState.NAKED, stop=None, stop_order=None))

        await life.seat.ledger.transact(work)
        seen = await around(life)
        assert (seen.drift, seen.protection_unverified) == (True, True)
        falls = await fallen(life, plan)
        assert falls is not None
        assert (falls.to, falls.why) == (Rung.OFF, "unverified protection")

    at_the_table(tmp_path, 1, play)


def test_a_day_without_anybody_and_an_old_model_are_seen(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        plan = advice(Scripted(idea))
        await granted(life, plan)
        old = milliseconds(life.seat.clock.now() - timedelta(hours=30))
        made = replace(version("M-1"), state=VersionState.REGISTERED,
                       created_at=life.seat.clock.now() - timedelta(days=46))

        def work(tx: Tx) -> None:
            tx.desk.set_value(ACTIVE, {"at": old}, life.seat.clock.now())
            tx.lab_models.add_version(made)

        await life.seat.ledger.transact(work)
        assert not (await around(life)).nobody_active_24h
        assert (await around(life, "M-1")).expired

    at_the_table(tmp_path, 1, play)


def test_fallen_to_propose_it_asks_and_to_off_it_is_not_asked(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        scripted = Scripted(idea)
        plan, now = advice(scripted), life.seat.clock.now()
        await life.seat.ledger.transact(lambda tx: step(tx, "scripted", plan.rung, Rung.OFF, None, "test", now))
        await look(life.seat, plan)
        assert scripted.asked == []
        await life.seat.ledger.transact(lambda tx: step(tx, "scripted", plan.rung, Rung.PROPOSE, ANA, "test", now))
        await look(life.seat, plan)
        assert [one.state for one in await proposals(life)] == [ProposalState.AWAITING]

    at_the_table(tmp_path, 1, play)
