"""A model that changes under one name is noticed by what it answers to fixed questions."""
from __future__ import annotations

import hashlib
from pathlib import Path

from bot.adapters.advisors.llm.client import Mode
from bot.adapters.advisors.llm.failure import Failure
from bot.adapters.advisors.llm.probe import SHAPES, Probed, due, probe, questions
from bot.adapters.advisors.llm.prompt import decision
from tests.adapters.advisors.llm.voices import voice

FIXED = "ba1e2909428e65dfd7461cfdd66b8357b3f7507552c160b3cdd11ffdb5705d1b"


def test_the_questions_are_fixed_and_differ() -> None:
    users = [decision(one).user for one in questions()]
    assert len(set(users)) == len(SHAPES) == 5
    fixed = hashlib.sha256("\n".join(users).encode()).hexdigest()
    assert fixed == FIXED, "Another question is another probe: every model would seem to have changed."


async def test_the_same_model_answers_the_same_and_another_does_not(tmp_path: Path) -> None:
    async with voice(tmp_path) as found:
        assert await due(found.client)
        assert await probe(found.client) == Probed(asked=5, changed=0)
        assert not await due(found.client)
        again = await probe(found.client)
        assert again == Probed(asked=5, changed=0)
        assert len(found.model.calls) == 10
        found.mood("declining")
        other = await probe(found.client)
        assert other == Probed(asked=5, changed=5)
        assert isinstance(other, Probed)
        assert other.drifted
        assert other.sentence == "5 of 5 fixed questions are answered otherwise than on the first day"
        assert not Probed(asked=5, changed=2).drifted
        assert {row.purpose for row in await found.rows()} == {"probe"}


async def test_a_probe_that_fails_says_so_and_in_replay_nobody_is_asked(tmp_path: Path) -> None:
    async with voice(tmp_path) as found:
        found.mood("failing")
        failed = await probe(found.client)
        assert isinstance(failed, Failure)
        assert failed.code == "http_500"
        assert len(found.model.calls) == 1
        found.client.mode = Mode.REPLAY
        missed = await probe(found.client)
        assert isinstance(missed, Failure)
        assert missed.code == "replay_miss"
        assert len(found.model.calls) == 1
