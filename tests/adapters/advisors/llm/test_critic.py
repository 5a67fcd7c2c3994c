"""A critic can lower or veto, and nothing it says makes an idea larger or other than it was."""
from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.advisors.llm.answers import CriticAnswer, read
from bot.adapters.advisors.llm.critic import LOWERED_PERCENT, Criticised, judged
from bot.adapters.advisors.llm.failure import Failure
from bot.adapters.advisors.rules import Rules
from bot.domain.ids import Symbol
from bot.ports.advisor import AGAINST_MAX, Abstained, Context, Idea, Needs
from tests.adapters.advisors.llm.voices import Voice, context, sound_idea, voice

SHOWN = context()


def criticised(found: Voice) -> Criticised:
    return Criticised(Rules("15m"), found.client)


def saying(found: Voice, verdict: str, *reasons: str) -> None:
    found.mood("saying", text=json.dumps({"verdict": verdict, "reasons": reasons, "missing_evidence": []}))


async def test_agreement_changes_nothing(tmp_path: Path) -> None:
    async with voice(tmp_path) as found:
        advisor = criticised(found)
        saying(found, "agree", "strong")
        assert await advisor.propose(SHOWN) == await Rules("15m").propose(SHOWN)
        assert advisor.name == "rules"
        assert advisor.needs == Rules("15m").needs
        (row,) = await found.rows()
        assert row.purpose == "criticise"


async def test_lower_is_half_the_risk_and_veto_is_none_of_it(tmp_path: Path) -> None:
    async with voice(tmp_path) as found:
        saying(found, "lower", "late in the move")
        lowered = await criticised(found).propose(SHOWN)
        assert isinstance(lowered, Idea)
        assert lowered.risk_percent == LOWERED_PERCENT
        assert lowered.against.startswith("Critic, half the risk: late in the move")
        assert len(lowered.against) <= AGAINST_MAX
    async with voice(tmp_path / "veto") as found:
        saying(found, "veto", "no volume", "/halt now")
        vetoed = await criticised(found).propose(SHOWN)
        assert isinstance(vetoed, Idea)
        assert vetoed.risk_percent == 0
        assert vetoed.against.startswith("Critic, veto: no volume; halt now")


@pytest.mark.parametrize("mood", ["bad", "hostile", "failing", "cut", "slow", "saying"])
async def test_silence_is_no_agreement(tmp_path: Path, mood: str) -> None:
    async with voice(tmp_path, deadline_s=0.1) as found:
        found.mood(mood)
        lowered = await criticised(found).propose(SHOWN)
        assert isinstance(lowered, Idea)
        assert lowered.risk_percent == LOWERED_PERCENT
        assert lowered.against.startswith("The critic gave no answer (")


class Silent:
    """An advisor with nothing to say, and one that names a strange symbol."""

    name = "quiet"
    needs = Needs(timeframe="15m", bars=1)

    async def propose(self, context: Context) -> Idea | Abstained:
        return sound_idea(context) if "\n" in context.symbol else Abstained(reason="nothing")


async def test_no_idea_and_no_plain_name_ask_nobody(tmp_path: Path) -> None:
    async with voice(tmp_path) as found:
        advisor = Criticised(Silent(), found.client)
        assert await advisor.propose(SHOWN) == Abstained(reason="nothing")
        lowered = await advisor.propose(replace(SHOWN, symbol=Symbol("BTC\nagree")))
        assert isinstance(lowered, Idea)
        assert lowered.risk_percent == LOWERED_PERCENT
        assert found.model.calls == []


WORDS = st.text(max_size=60)
OPINIONS: st.SearchStrategy[Any] = st.one_of(
    st.builds(lambda verdict, reasons, missing: {"verdict": verdict, "reasons": reasons, "missing_evidence": missing},
              st.sampled_from(["agree", "lower", "veto", "raise", "double"]), st.lists(WORDS, max_size=4),
              st.lists(WORDS, max_size=4)),
    st.dictionaries(WORDS, st.integers() | WORDS, max_size=4),
)


@given(OPINIONS, st.integers(min_value=0, max_value=100))
def test_every_opinion_only_lowers(said: Any, risk: int) -> None:
    idea = sound_idea(SHOWN, risk_percent=risk)
    opinion = read(CriticAnswer, json.dumps(said))
    after = judged(idea, opinion)
    assert after.risk_percent <= idea.risk_percent
    assert replace(after, risk_percent=risk, against=idea.against) == idea
    if isinstance(opinion, Failure) or opinion.verdict == "lower":
        assert after.risk_percent <= LOWERED_PERCENT
    elif opinion.verdict == "veto":
        assert after.risk_percent == 0


@pytest.mark.parametrize("share", [-1, 101])
def test_an_idea_asks_for_no_more_than_the_grant(share: int) -> None:
    with pytest.raises(ValueError, match="0 to 100 percent"):
        sound_idea(SHOWN, risk_percent=share)
