"""An answer that completes the yes is carried out; any other only recorded (9(a), 9(c), P3)."""
from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.desk.answer import Answered, answer
from bot.desk.decide import Answer
from bot.desk.propose import Raised
from bot.domain.decision import Manner, Need
from bot.domain.ids import PersonId
from bot.domain.order import OrderState
from bot.domain.proposal import Proposal, ProposalState, terms_digest
from bot.domain.refusal import Refusal
from bot.ports.venue import Unknown
from tests.desk.trade import ANA, kinds, say
from tests.support.scripted import Bench


async def waiting(bench: Bench) -> Proposal:
    raised = await say(bench, "long btc 0.01 sl 2%", "k", origin=ANA, yes=None)
    assert isinstance(raised, Raised)
    return raised.proposal


def given(proposal: Proposal, *, yes: bool = True) -> Answer:
    return Answer(yes=yes, manner=Manner.BUTTON, by=PersonId(7), name="Ana", digest=terms_digest(proposal))


async def test_a_yes_sends_the_order(bench: Bench) -> None:
    proposal = await waiting(bench)
    done = await answer(bench.seat, proposal.id, given(proposal))
    assert isinstance(done, Answered) and done.done is not None
    assert (done.proposal.state, len(done.done.orders)) == (ProposalState.ORDERED, 1)


async def test_the_books_are_asked_once_between_a_yes_and_its_order(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What carrying out begins with is read with the decision; only the verdict's own transaction comes after it."""
    proposal = await waiting(bench)
    asked: list[str] = []
    ledger, submit = type(bench.seat.ledger), type(bench.venue).submit
    for name in ("read", "transact"):
        monkeypatch.setattr(ledger, name, _noted(asked, name, getattr(ledger, name)))
    monkeypatch.setattr(type(bench.venue), "submit", _noted(asked, "submit", submit))
    await answer(bench.seat, proposal.id, given(proposal))
    assert asked[: asked.index("submit")][-2:] == ["transact", "transact"]


def _noted(asked: list[str], name: str, act: Callable[..., Any]) -> Callable[..., Any]:
    def noted(*given: Any, **more: Any) -> Any:
        asked.append(name)
        return act(*given, **more)

    return noted


async def test_a_no_sends_nothing(bench: Bench) -> None:
    proposal = await waiting(bench)
    done = await answer(bench.seat, proposal.id, given(proposal, yes=False))
    assert isinstance(done, Answered) and done.done is None
    assert done.proposal.state is ProposalState.REJECTED and not bench.venue.sent


async def test_a_lone_vote_sends_nothing(bench: Bench) -> None:
    proposal = await waiting(bench)
    done = await answer(bench.seat, proposal.id, replace(given(proposal), need=Need(votes=2)))
    assert isinstance(done, Answered) and done.done is None and not bench.venue.sent


async def test_a_race_of_yes_and_no_has_one_winner(bench: Bench) -> None:
    """FF-97: whoever is first; sent is exactly what was decided."""
    proposal = await waiting(bench)
    said = [given(proposal, yes=n % 2 == 0) for n in range(20)]
    answers = await asyncio.gather(*(answer(bench.seat, proposal.id, one) for one in said))
    won = [one for one in answers if isinstance(one, Answered)]
    assert len(won) == 1 and sum(isinstance(one, Refusal) for one in answers) == 19
    assert len(bench.venue.sent) == (won[0].done is not None)
    assert (await kinds(bench)).count("ProposalDecided") == 1


async def test_an_answer_nobody_knows_is_told_as_it_is(bench: Bench) -> None:
    """FF-01: unknown is not failed and not done."""
    bench.venue.answers.append(Unknown(why="timeout"))
    proposal = await waiting(bench)
    done = await answer(bench.seat, proposal.id, given(proposal))
    assert isinstance(done, Answered) and done.done is not None
    assert [one.state for one in done.done.orders] == [OrderState.IN_DOUBT] and not done.done.refusals
