"""A yes after the price left: new numbers once, then over; nothing is sent by either (advisor section 10)."""
from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from bot.desk.answer import Answered
from bot.domain.proposal import Proposal, ProposalState, button_digest, stop_of
from bot.domain.proposal_table import Move, move
from bot.domain.refusal import Refusal
from tests.desk.table import BTC, advice, at_the_table, drag, facts, press, raised
from tests.support.simulated import Life, World


def at(proposal: Proposal, r: str) -> Decimal:
    stop, reference = stop_of(proposal.terms), proposal.reference_price
    assert stop is not None
    assert reference is not None
    return round(reference + Decimal(r) * (reference - stop), 1)


async def stored(life: Life, proposal: Proposal) -> Proposal:
    found = await life.seat.ledger.read(lambda tx: tx.proposals.get(proposal.id))
    assert found is not None
    return found


@pytest.mark.parametrize("r", ["0.27", "-0.6"])
def test_the_first_drift_requotes_and_the_new_button_works(tmp_path: Path, r: str) -> None:
    async def play(world: World, life: Life) -> None:
        proposal = await raised(life, advice())
        await drag(world, BTC, at(proposal, r))
        told = await press(life, proposal)
        assert isinstance(told, Refusal)
        assert told.code == "requoted", str(told)
        fresh = await stored(life, proposal)
        assert (fresh.state, fresh.revision) == (ProposalState.AWAITING, 1)
        assert button_digest(fresh) != button_digest(proposal)
        was, now = proposal.terms.legs[0].intent, fresh.terms.legs[0].intent
        assert was.size is not None
        assert now.size is not None
        assert now.size <= was.size
        assert now.attached == was.attached
        assert await life.seat.ledger.read(lambda tx: tx.orders.of_proposal(proposal.id)) == ()
        assert await life.seat.ledger.read(lambda tx: tx.decisions.of_proposal(proposal.id)) == ()
        assert isinstance(await press(life, fresh), Answered)
        kinds = await facts(life, str(proposal.id))
        assert kinds[:3] == ["ProposalRaised", "ProposalRevised", "ProposalDecided"]

    at_the_table(tmp_path, 1, play)


def test_the_second_drift_ends_the_idea(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        proposal = await raised(life, advice())
        await drag(world, BTC, at(proposal, "-0.6"))
        await press(life, proposal)
        fresh = await stored(life, proposal)
        await drag(world, BTC, at(fresh, "0.5"))
        told = await press(life, fresh)
        assert isinstance(told, Refusal)
        assert told.code == "idea_over"
        assert "second time" in str(told)
        assert (await stored(life, proposal)).state is ProposalState.EXPIRED
        assert await life.seat.ledger.read(lambda tx: tx.orders.of_proposal(proposal.id)) == ()

    at_the_table(tmp_path, 1, play)


def test_an_idea_that_no_longer_pays_is_over_at_once(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        proposal = await raised(life, advice())
        await drag(world, BTC, at(proposal, "1.1"))
        told = await press(life, proposal)
        assert isinstance(told, Refusal)
        assert told.code == "idea_over"
        assert "to gain for 1 at risk" in str(told)

    at_the_table(tmp_path, 1, play)


def test_what_was_being_checked_when_the_process_ended_lies_on_the_table_again(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> Life:
        proposal = await raised(life, advice())
        claimed = move(proposal, Move.CLAIM)
        assert isinstance(claimed, Proposal)
        await life.seat.ledger.transact(lambda tx: tx.proposals.save(proposal, claimed))
        blocked = await press(life, proposal)
        assert isinstance(blocked, Refusal)
        await life.die()
        again = await world.life()
        assert (await stored(again, proposal)).state is ProposalState.AWAITING
        assert isinstance(await press(again, proposal), Answered)
        return again

    at_the_table(tmp_path, 1, play)


def test_without_a_price_a_models_terms_are_not_approved(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        proposal = await raised(life, advice())
        world.venue.faults.add("maintenance")
        life.seat.market._streamed = lambda symbol: None  # type: ignore[attr-defined]
        told = await press(life, proposal)
        assert isinstance(told, Refusal)
        assert told.code == "no_price"
        assert (await stored(life, proposal)).state is ProposalState.AWAITING
        world.venue.faults.clear()

    at_the_table(tmp_path, 1, play)
