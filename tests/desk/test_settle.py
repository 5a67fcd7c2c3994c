"""An answer is settled once; a model's terms count while the price is where they were thought out (advisor 10)."""
from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from bot.desk.settle import Answer, price_for, settle, still_holds
from bot.domain.decision import Manner, Need
from bot.domain.ids import PersonId, ProposalId
from bot.domain.proposal import Proposal, ProposalState, button_digest, stop_of
from bot.domain.refusal import Refusal
from tests.desk.table import ANA, advice, at_the_table, raised
from tests.support.simulated import Life, World


def at(proposal: Proposal, r: str) -> Decimal:
    stop, reference = stop_of(proposal.terms), proposal.reference_price
    assert stop is not None
    assert reference is not None
    return round(reference + Decimal(r) * (reference - stop), 1)


def yes(proposal: Proposal, person: int = ANA, need: Need | None = None) -> Answer:
    return Answer(
        yes=True, manner=Manner.BUTTON, by=PersonId(person), name="x", digest=button_digest(proposal),
        need=need or Need(),
    )


@pytest.mark.parametrize(("r", "holds"), [
    ("0", True), ("0.24", True), ("0.27", False), ("-0.45", True), ("-0.51", False), ("-1.2", False),
])
def test_drift_is_measured_in_units_of_the_risk(tmp_path: Path, r: str, holds: bool) -> None:
    async def play(world: World, life: Life) -> None:
        proposal = await raised(life, advice())
        assert (proposal.drift_in_r, proposal.drift_allowed) == (True, Decimal("0.25"))
        assert still_holds(life.seat, proposal, at(proposal, r)) is holds
        settled = await life.seat.ledger.transact(
            lambda tx: settle(tx, life.seat, proposal.id, yes(proposal), at(proposal, r))
        )
        assert isinstance(settled, Proposal)
        assert settled.state is (ProposalState.APPROVED if holds else ProposalState.CLAIMED)
        votes = await life.seat.ledger.read(lambda tx: tx.decisions.of_proposal(proposal.id))
        assert len(votes) == (1 if holds else 0)

    at_the_table(tmp_path, 1, play)


def test_a_lone_vote_is_kept_and_the_price_is_looked_at_with_the_last_one(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        proposal = await raised(life, advice())
        two = Need(votes=2)

        async def vote(person: int, r: str) -> Proposal | Refusal:
            return await life.seat.ledger.transact(
                lambda tx: settle(tx, life.seat, proposal.id, yes(proposal, person, two), at(proposal, r))
            )

        first = await vote(7001, "0.5")
        assert isinstance(first, Proposal)
        assert first.state is ProposalState.AWAITING
        again = await vote(7001, "0")
        assert isinstance(again, Proposal)
        assert again.state is ProposalState.AWAITING
        last = await vote(7002, "0")
        assert isinstance(last, Proposal)
        assert last.state is ProposalState.APPROVED

    at_the_table(tmp_path, 1, play)


def test_what_is_unknown_has_no_price_and_no_answer(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        proposal = await raised(life, advice())
        nobody = ProposalId("nothing")
        assert await price_for(life.seat, nobody) is None
        refused = await life.seat.ledger.transact(lambda tx: settle(tx, life.seat, nobody, yes(proposal), None))
        assert isinstance(refused, Refusal)
        assert refused.code == "proposal_unknown"

    at_the_table(tmp_path, 1, play)
