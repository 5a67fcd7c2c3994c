"""A model that is left alone for a while is told of once, to the owners."""
from __future__ import annotations

from pathlib import Path

from bot.desk.silence import model_changed, model_silent
from bot.domain.alert import Severity, alert_for
from bot.domain.events_proposals import AdvisorFailed
from bot.domain.mandate import Rung
from bot.domain.refusal import Refusal
from tests.desk.leased import granted, lease, rung
from tests.desk.table import Scripted, advice, at_the_table
from tests.desk.test_advise import idea
from tests.support.simulated import Life, World


def test_a_model_that_fell_silent_is_a_line_that_warns(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        await model_silent(life.seat, "llm-1a2b3c", "timeout: no whole answer within 20 s", 3)
        lines = await life.seat.ledger.read(lambda tx: tx.journal.latest(5))
        fact = next(one.fact for one in lines if isinstance(one.fact, AdvisorFailed))
        assert (fact.advisor, fact.failures_in_a_row) == ("llm-1a2b3c", 3)
        told = alert_for(fact)
        assert told is not None
        assert told.severity is Severity.WARNING

    at_the_table(tmp_path, 1, play)


def test_a_model_that_acted_alone_asks_from_now_on(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        plan = advice(Scripted(idea))
        assert not isinstance(await granted(life, plan), Refusal)
        assert (await rung(life, plan), await lease(life, plan) is not None) == (Rung.AUTO, True)
        await model_silent(life.seat, plan.advisor.name, "http_500: the provider answers with status 500", 3)
        assert (await rung(life, plan), await lease(life, plan)) == (Rung.PROPOSE, None)
        history = await life.seat.ledger.read(lambda tx: tx.lab_record.rungs(plan.advisor.name))
        assert [(one.rung, one.by) for one in history] == [(Rung.AUTO, "7001"), (Rung.PROPOSE, "auto")]
        assert "its model is silent: http_500" in history[-1].reason
        await model_silent(life.seat, plan.advisor.name, "http_500", 4)
        assert len(await life.seat.ledger.read(lambda tx: tx.lab_record.rungs(plan.advisor.name))) == 2

    at_the_table(tmp_path, 1, play)


def test_a_model_that_changed_under_its_name_asks_from_now_on(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        plan = advice(Scripted(idea))
        await granted(life, plan)
        await model_changed(life.seat, plan.advisor.name, "3 of 5 fixed questions are answered otherwise than before")
        assert await rung(life, plan) is Rung.PROPOSE
        history = await life.seat.ledger.read(lambda tx: tx.lab_record.rungs(plan.advisor.name))
        assert history[-1].reason == "3 of 5 fixed questions are answered otherwise than before"

    at_the_table(tmp_path, 1, play)
