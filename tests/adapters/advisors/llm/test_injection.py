"""A13: whatever strangers write and however a model colludes, nothing comes of it beyond one typed idea (FF-106)."""
from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path

from bot.adapters.advisors.llm.answers import idea_of
from bot.adapters.advisors.llm.critic import Criticised
from bot.adapters.advisors.llm.failure import Failure
from bot.adapters.advisors.llm.prompt import decision, reading
from bot.adapters.advisors.llm.proposer import LlmAdvisor
from bot.adapters.advisors.llm.reader import Newsroom, mentions, reading_of
from bot.adapters.advisors.llm.schemas import TOPICS
from bot.adapters.advisors.llm.spoken import LINK, TAPPABLE
from bot.adapters.advisors.rules import Rules
from bot.domain.ids import Symbol
from bot.ports.advisor import AGAINST_MAX, INVALIDATION_MAX, THESIS_MAX, Abstained, Idea
from bot.ports.reader import Reading, Unread
from bot.sandbox.model_words import said
from tests.adapters.advisors.llm.corpus import corpus
from tests.adapters.advisors.llm.in_process import InProcessLine
from tests.adapters.advisors.llm.voices import context, voice

SHOWN = context()
OURS = (Symbol("BTCUSDT"), Symbol("ETHUSDT"))
TEXTS = corpus()
NOW = SHOWN.as_of


def harmless(idea: Idea) -> None:
    """Check that an idea is what was asked about, sane on the mark, and that its words cannot act."""
    sign = idea.direction.sign
    risk, reward = (SHOWN.mark - idea.stop) * sign, (idea.target - SHOWN.mark) * sign
    assert (idea.symbol, idea.context_digest) == (SHOWN.symbol, SHOWN.digest)
    assert 0 < reward <= 3 * risk
    assert 0 <= idea.risk_percent <= 100
    for words, most in ((idea.thesis, THESIS_MAX), (idea.against, AGAINST_MAX), (idea.invalidation, INVALIDATION_MAX)):
        assert len(words) <= most
        assert words.isprintable()
        assert not TAPPABLE.search(words)
        assert "://" not in words
        assert "APPROVED" not in words
        assert "✅" not in words
        assert words.endswith("…") or not LINK.search(words)


def test_the_corpus_is_large_and_no_text_is_there_twice() -> None:
    assert len(TEXTS) == len(set(TEXTS)) >= 500


def test_a_colluding_reader_yields_enumerations_about_our_symbols_or_nothing() -> None:
    readings = []
    for text in TEXTS:
        question = reading(text, [str(one) for one in OURS])
        readings.append(reading_of(said("colluding", question.user, question.schema), OURS, NOW))
    assert any(isinstance(one, Reading) for one in readings)
    for one in readings:
        if isinstance(one, Failure):
            continue
        assert one.topic in TOPICS
        assert one.sentiment in range(-2, 3)
        assert set(one.symbols) <= set(OURS)
    heard = mentions([one for one in readings if isinstance(one, Reading)], OURS[0], NOW)
    question = decision(SHOWN, heard).user
    assert "EVIL" not in question
    assert "buy" not in question.lower()


async def test_the_same_over_sockets(tmp_path: Path) -> None:
    async with voice(tmp_path) as found:
        found.client.circuit.open_s = 0.0
        found.mood("colluding")
        room = Newsroom(found.client, OURS)
        for text in TEXTS[::40]:
            one = await room.read(text)
            assert isinstance(one, Unread) or set(one.symbols) <= set(OURS)
        assert len(found.model.calls) == len(TEXTS[::40])


async def test_a_text_as_a_symbols_name_is_shown_to_nobody(tmp_path: Path) -> None:
    async with voice(tmp_path) as found:
        advisor = LlmAdvisor(found.client, "15m")
        for text in TEXTS:
            assert isinstance(await advisor.propose(replace(SHOWN, symbol=Symbol(text))), Abstained)
        assert found.model.calls == []


def test_a_hijacked_decision_is_one_typed_idea_or_none() -> None:
    ideas = 0
    good = {"kind": "OPEN", "symbol": "BTCUSDT", "direction": "LONG", "stop": str(SHOWN.mark - 600),
            "target": str(SHOWN.mark + 1200), "horizon": 3_600, "probability_bp": 10_000}
    for text in TEXTS:
        answers = [
            text,
            json.dumps({**good, "thesis": text, "against": text, "invalidation": text}),
            json.dumps({**good, "thesis": "", "against": "", "invalidation": "", text[:60]: text}),
            json.dumps({**good, "symbol": text, "thesis": "", "against": "", "invalidation": ""}),
            json.dumps({**good, "stop": text, "thesis": "", "against": "", "invalidation": ""}),
            json.dumps({**good, "kind": "NONE", "thesis": text, "against": "", "invalidation": ""}),
        ]
        for answer in answers:
            found = idea_of(answer, SHOWN)
            if isinstance(found, Idea):
                harmless(found)
                ideas += 1
            else:
                reason = found.reason if isinstance(found, Abstained) else found.words
                assert reason.isprintable()
                assert not TAPPABLE.search(reason)
    # Only the sound numbers with hostile words pass, and the words are blunt by then.
    assert ideas == len(TEXTS)


async def test_a_hijacked_critic_only_lowers(tmp_path: Path) -> None:
    async with voice(tmp_path) as found:
        found.client.circuit.open_s = 0.0
        for number, text in enumerate(TEXTS[::10]):
            shown = replace(SHOWN, digest=f"d{number}", mark=SHOWN.mark + number)
            before = await Rules("15m").propose(shown)
            assert isinstance(before, Idea)
            words = text if number % 2 else json.dumps({"verdict": "agree", "reasons": [text], "missing_evidence": []})
            found.client.line = InProcessLine("saying", text=words)  # type: ignore[assignment]
            after = await Criticised(Rules("15m"), found.client).propose(shown)
            assert isinstance(after, Idea)
            assert after.risk_percent <= before.risk_percent
            same = {field.name for field in fields(Idea)} - {"risk_percent", "against"}
            assert all(getattr(after, name) == getattr(before, name) for name in same)
