"""One answer counts; everybody else is told who was first (P3, I12, FF-95 to FF-97)."""
from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from bot.desk.decide import Answer, decide
from bot.desk.propose import Raised
from bot.domain.decision import Manner, Need
from bot.domain.ids import PersonId, ProposalId
from bot.domain.proposal import Proposal, ProposalState, terms_digest
from bot.domain.refusal import Refusal
from tests.desk.trade import ANA, kinds, say
from tests.support.scripted import BTC, Bench


async def raised(bench: Bench) -> Proposal:
    found = await say(bench, "long btc 0.01 sl 2%", "k", origin=ANA, yes=None)
    assert isinstance(found, Raised)
    return found.proposal


def yes(proposal: Proposal, by: int = 7) -> Answer:
    digest = terms_digest(proposal)[:8]
    return Answer(yes=True, manner=Manner.BUTTON, by=PersonId(by), name=f"p{by}", digest=digest)


async def test_fifty_presses_decide_once(bench: Bench) -> None:
    proposal = await raised(bench)
    answers = await asyncio.gather(*(decide(bench.seat, proposal.id, yes(proposal, n % 2 + 7)) for n in range(50)))
    assert sum(isinstance(one, Proposal) for one in answers) == 1
    assert (await kinds(bench)).count("ProposalDecided") == 1
    assert any("Already approved" in str(one) for one in answers if isinstance(one, Refusal))


async def test_other_terms_than_those_shown_are_not_approved(bench: Bench) -> None:
    proposal = await raised(bench)
    given = replace(yes(proposal), digest="0badf00d")
    refused = await decide(bench.seat, proposal.id, given)
    assert isinstance(refused, Refusal) and refused.code == "terms_changed"


async def test_after_its_time_nobody_can_approve(bench: Bench) -> None:
    """FF-114."""
    proposal = await raised(bench)
    await bench.clock.advance(bench.seat.rules.ticket_life_s + 1)
    assert isinstance(await decide(bench.seat, proposal.id, yes(proposal)), Refusal)
    stored = await bench.seat.ledger.read(lambda tx: tx.proposals.get(proposal.id))
    assert stored is not None and stored.state in (ProposalState.EXPIRED, ProposalState.AWAITING)


@pytest.mark.parametrize(("mark", "counts"), [("60100", True), ("61000", False), ("59000", False)])
async def test_a_price_that_moved_too_far_stops_the_yes(bench: Bench, mark: str, counts: bool) -> None:
    proposal = await raised(bench)
    bench.market.marks[BTC.symbol] = Decimal(mark)
    answer = await decide(bench.seat, proposal.id, yes(proposal))
    assert (isinstance(answer, Proposal) and answer.state is ProposalState.APPROVED) is counts


async def test_two_people_are_two_votes(bench: Bench) -> None:
    """Four eyes: the same person twice is one vote."""
    proposal = await raised(bench)
    need = Need(votes=2)
    for _ in range(2):
        lone = await decide(bench.seat, proposal.id, replace(yes(proposal), need=need))
        assert not (isinstance(lone, Proposal) and lone.state is ProposalState.APPROVED)
    second = await decide(bench.seat, proposal.id, replace(yes(proposal, 8), need=need))
    assert isinstance(second, Proposal) and second.state is ProposalState.APPROVED


async def test_an_unknown_proposal_is_said_to_be_unknown(bench: Bench) -> None:
    proposal = await raised(bench)
    refused = await decide(bench.seat, ProposalId("NOPE"), yes(proposal))
    assert isinstance(refused, Refusal) and refused.code == "proposal_unknown"
