"""A yes that a stop of the desk left unsent leaves while it is fresh and the price near, never later (FF-80, FF-91)."""
from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from bot.desk.decide import Answer, decide
from bot.desk.execute import carry_on
from bot.desk.lapse import moved_on
from bot.desk.propose import Raised
from bot.domain.decision import Manner
from bot.domain.ids import PersonId, ProposalId
from bot.domain.proposal import Proposal, ProposalState, terms_digest
from tests.desk.test_execute import fill
from tests.desk.trade import ANA, kinds, say, sent
from tests.support.scripted import BTC, Bench


async def approved(bench: Bench, words: str = "long btc 0.01 sl 2%") -> ProposalId:
    """Decide a ticket and stop there, as a process does that is killed between the yes and the order."""
    raised = await say(bench, words, "late", origin=ANA, yes=None)
    assert isinstance(raised, Raised)
    given = Answer(yes=True, manner=Manner.BUTTON, by=PersonId(7), name="Ana", digest=terms_digest(raised.proposal))
    assert isinstance(await decide(bench.seat, raised.proposal.id, given), Proposal)
    return raised.proposal.id


async def state(bench: Bench, proposal: ProposalId) -> ProposalState:
    """Read how a proposal stands."""
    found = await bench.seat.ledger.read(lambda tx: tx.proposals.get(proposal))
    assert found is not None
    return found.state


@pytest.mark.parametrize(("late_s", "mark", "leaves", "why"), [
    (-1, "60000", True, ""), (1, "60000", False, "yes_late"),
    (-1, "60120", True, ""), (-1, "60400", False, "price_left"),
])
async def test_an_unsent_yes_is_carried_on_while_fresh_and_near(
    bench: Bench, late_s: int, mark: str, leaves: bool, why: str
) -> None:
    proposal = await approved(bench)
    await bench.clock.advance(bench.seat.rules.yes_life_s + late_s)
    bench.market.marks[BTC.symbol] = Decimal(mark)
    for _ in range(3):
        await carry_on(bench.seat)
    assert len(bench.venue.sent) == int(leaves)
    assert await state(bench, proposal) is (ProposalState.ORDERED if leaves else ProposalState.REFUSED)
    assert (await kinds(bench)).count("ProposalRefused") == int(not leaves)
    if why:
        entries = await bench.seat.ledger.read(lambda tx: tx.journal.about(proposal))
        assert [one.fact.reasons[0].code for one in entries if one.kind == "ProposalRefused"] == [why]  # type: ignore[union-attr]


async def test_what_only_reduces_is_sent_at_any_price(bench: Bench) -> None:
    """Reliability 5.2: reducing always runs, against the state of that moment."""
    order = await sent(bench, "long btc 0.01 sl 2%")
    await fill(bench, order, "0.01", "t1")
    closing = await say(bench, "close btc", "c", origin=ANA, yes=None)
    opening = await say(bench, "long eth 0.1 sl 2%", "o", origin=ANA, yes=None)
    assert isinstance(closing, Raised) and isinstance(opening, Raised)
    gone = Decimal("50000")
    assert closing.proposal.state is ProposalState.APPROVED and moved_on(closing.proposal, gone) is None
    unsent = replace(opening.proposal, state=ProposalState.APPROVED)
    assert moved_on(unsent, gone) is not None and moved_on(unsent, unsent.reference_price or gone) is None
    begun = replace(unsent, state=ProposalState.ORDERED)
    assert moved_on(begun, gone) is None, "what was begun is carried on by its own rules"
