"""The voices of the settings' model: named by version, bound to the desk, closed again; and what the doctor says."""
from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from bot.adapters.advisors.llm.critic import Criticised
from bot.adapters.advisors.llm.proposer import LlmAdvisor
from bot.compose.advice import advices_of
from bot.compose.language import Voices, main_model, provider_of, voices
from bot.compose.language_check import model_findings
from bot.desk.advise import look
from bot.domain.events_proposals import AdvisorAbstained, AdvisorFailed
from bot.domain.mandate import Rung
from bot.domain.proposal import ProposalState
from bot.sandbox import model as stub
from bot.settings import Settings
from tests.adapters.advisors.llm.in_process import InProcessLine
from tests.desk.table import at_the_table, proposals
from tests.support.simulated import Life, World

KEY = "sk-canary-4711"


def settings(**changed: Any) -> Settings:
    given = {"environment": "sandbox", "advisors": "rules,llm", "model_url": "http://127.0.0.1:9",
             "model_name": stub.NAME, "model_key": KEY, **changed}
    return Settings(_env_file=None, **given)


@contextmanager
def served(mood: str = "good", **given: Any) -> Iterator[str]:
    """Serve the stub on a loop of its own: the desk's is virtual, and the doctor opens another."""
    model, ready, done = stub.Model(lambda: 0), Event(), Event()
    model.moods.set({"name": mood, **given})
    found: list[str] = []

    async def serve() -> None:
        async with stub.serve(model) as root:
            found.append(root)
            ready.set()
            await asyncio.get_running_loop().run_in_executor(None, done.wait)

    thread = Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    try:
        assert ready.wait(10)
        yield found[0]
    finally:
        done.set()
        thread.join(10)


def test_each_part_of_the_model_is_a_version_that_changes_with_it(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        async def names(**changed: Any) -> tuple[str | None, str | None]:
            async with voices(life.seat, settings(**changed)) as found:
                proposer, critic = found.proposer, found.critic
                return proposer.advisor if proposer else None, critic.advisor if critic else None

        first = await names(model_critic=True)
        assert first[0] is not None
        assert first[1] is not None
        assert first[0].startswith("llm-")
        assert first[1].startswith("critic-")
        assert await names(model_critic=True, model_url="http://127.0.0.1:10") == first
        for changed in ({"model_name": "other"}, {"model_wire": "anthropic"}, {"model_temperature": "0.2"}):
            assert (await names(**changed))[0] not in (first[0], None)
        assert await names(advisors="rules") == (None, None)
        stored = await life.seat.ledger.read(lambda tx: tx.lab_record.advisors())
        assert sorted(one.kind for one in stored) == ["critic"] + ["llm"] * 4 + ["reader"] * 4
        assert KEY not in str(stored)

    at_the_table(tmp_path, 1, play)


def test_a_new_version_starts_in_the_shadow_and_the_critic_stands_behind_everybody_else(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        given = settings(model_critic=True)
        async with voices(life.seat, given) as found:
            advices = await advices_of(life.seat.ledger, given, found)
            assert [type(one.advisor) for one in advices] == [Criticised, LlmAdvisor]
            assert [one.rung for one in advices] == [Rung.PROPOSE, Rung.SHADOW]
            assert advices[0].advisor.name == "rules"
            bold = await advices_of(life.seat.ledger, settings(rung="PROPOSE"), found)
            assert bold[1].rung is Rung.PROPOSE
        plain = await advices_of(life.seat.ledger, settings(advisors="rules"), Voices())
        assert [one.advisor.name for one in plain] == ["rules"]

    at_the_table(tmp_path, 1, play)


TABLE = """
[[model]]
name = "claude"
wire = "anthropic"
url = "http://127.0.0.1:9"
model = "{claude}"
deadline_s = 4
cutoff = 2026-01-31
note = "nothing leaves this machine"

[[model]]
name = "unasked"
url = "http://127.0.0.1:8"
model = "never"
"""


def test_further_models_of_the_table_are_advisors_of_their_own(tmp_path: Path) -> None:
    table = tmp_path / "models.toml"

    async def play(world: World, life: Life) -> None:
        async def asked(claude: str) -> list[str]:
            table.write_text(TABLE.format(claude=claude))
            given = settings(advisors="llm,claude", models_file=str(table))
            async with voices(life.seat, given) as found:
                assert sorted(found.proposers) == ["claude", "llm"]
                assert found.proposers["claude"].provider.deadline_s == 4
                advices = await advices_of(life.seat.ledger, given, found)
                assert [one.rung for one in advices] == [Rung.SHADOW, Rung.SHADOW]
                return [one.advisor.name for one in advices]

        first, second = await asked("opus"), await asked("sonnet")
        assert first[0] == second[0]
        assert first[0].startswith("llm-")
        assert first[1].startswith("claude-")
        # Another model under the same name is another version, and its evidence begins anew.
        assert first[1] != second[1]
        assert await life.seat.ledger.read(lambda tx: tx.lab_record.evidence(second[1], "all")) is None

    at_the_table(tmp_path, 1, play)


@pytest.mark.parametrize(("mood", "raised"), [("good", True), ("hostile", False), ("cut", False)])
def test_a_desk_with_a_model_raises_what_is_sound_and_records_what_is_not(
    tmp_path: Path, mood: str, raised: bool
) -> None:
    async def play(world: World, life: Life) -> None:
        given = settings(advisors="llm", rung="PROPOSE", model_asks="candle")
        async with voices(life.seat, given) as found:
            assert found.proposer is not None
            found.proposer.line = InProcessLine(mood)  # type: ignore[assignment]
            (advice, *_) = await advices_of(life.seat.ledger, given, found)
            await look(life.seat, advice)
        waiting = await proposals(life)
        rows = await life.seat.ledger.read(lambda tx: tx.llm_calls.since(world.clock.now().replace(year=2000)))
        assert rows
        if raised:
            assert [one.state for one in waiting] == [ProposalState.AWAITING]
            assert waiting[0].origin.name == advice.advisor.name
            return
        assert waiting == []
        lines = await life.seat.ledger.read(lambda tx: tx.journal.latest(20))
        quiet = [one.fact for one in lines if isinstance(one.fact, AdvisorAbstained)]
        assert len(quiet) == len(rows) == len(advice.symbols)
        assert not any(isinstance(one.fact, AdvisorFailed) for one in lines)

    at_the_table(tmp_path, 1, play)


def test_prices_and_limits_are_those_of_the_settings() -> None:
    given = settings(model_price_in="3", model_price_out="15", model_deadline_s="7", model_form="object")
    made = provider_of(main_model(given), given)
    assert (made.price_in, made.price_out, made.deadline_s, made.form.value) == (3, 15, 7.0, "object")


@pytest.mark.parametrize(("changed", "mark", "words"), [
    ({"advisors": "rules"}, "note", "No language model is asked"),
    ({"model_mode": "replay"}, "note", "never asked"),
    ({}, "WRONG", "127.0.0.1 cannot be reached"),
])
def test_the_doctor_says_what_is_missing(changed: dict[str, Any], mark: str, words: str) -> None:
    (found,) = model_findings(settings(**changed))
    assert found[0] == mark
    assert words in found[1]


@pytest.mark.parametrize(("mood", "name", "mark", "words"), [
    ("good", stub.NAME, "ok", "sandbox-model at 127.0.0.1 answers; all together may cost 1 a day"),
    ("good", "gpt-9", "WRONG", "knows no model gpt-9; it has sandbox-model"),
    ("unauthorized", stub.NAME, "WRONG", "does not take the key"),
    ("failing", stub.NAME, "note", "does not list its models"),
    ("html", stub.NAME, "ok", "answers"),
])
def test_the_doctor_asks_which_models_there_are(mood: str, name: str, mark: str, words: str) -> None:
    with ExitStack() as stack:
        root = stack.enter_context(served(mood))
        (found,) = model_findings(settings(model_url=root, model_name=name))
    assert found[0] == mark
    assert words in found[1]
    assert KEY not in found[1]
