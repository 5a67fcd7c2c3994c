"""Half of it, another stop, another size: a new revision with a new digest, never more than a model asked for."""
from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from bot.chat.trade_words import read_trade
from bot.desk.answer import Answered
from bot.desk.propose import Raised, propose
from bot.desk.revise import Change, revise, wish_of
from bot.desk.wish import Level, OpenWish, TargetWish
from bot.domain.events_proposals import ProposalRevised
from bot.domain.ids import RequestKey
from bot.domain.proposal import Origin, OriginKind, Proposal, ProposalState, button_digest, stop_of
from bot.domain.refusal import Refusal
from tests.desk.table import ANA, advice, at_the_table, press, raised
from tests.support.simulated import Life, World

PERSON = Origin(kind=OriginKind.PERSON, name="Ana", person=ANA)


async def change(life: Life, proposal: Proposal, wanted: Change, digest: str | None = None) -> Raised | Refusal:
    return await revise(life.seat, proposal.id, wanted, by=ANA, name="Ana", digest=digest or button_digest(proposal))


async def typed(life: Life, words: str) -> Proposal:
    wish = read_trade(words)
    assert not isinstance(wish, Refusal)
    found = await propose(life.seat, PERSON, RequestKey(words), wish)
    assert isinstance(found, Raised), str(found)
    return found.proposal


def test_half_of_a_models_proposal_is_a_new_revision_and_the_old_button_is_dead(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        proposal = await raised(life, advice())
        half = await change(life, proposal, Change(share=Decimal(50)))
        assert isinstance(half, Raised), str(half)
        was, now = proposal.terms.legs[0].intent, half.proposal.terms.legs[0].intent
        assert was.size is not None
        assert now.size is not None
        assert now.size == was.size / 2 or 0 < was.size / 2 - now.size < Decimal("0.0001")
        assert now.attached == was.attached
        assert (half.proposal.revision, half.proposal.state) == (1, ProposalState.AWAITING)
        assert button_digest(half.proposal) != button_digest(proposal)
        old = await press(life, proposal)
        assert isinstance(old, Refusal)
        assert old.code == "terms_changed"
        assert isinstance(await press(life, half.proposal), Answered)
        entries = await life.seat.ledger.read(lambda tx: tx.journal.about(str(proposal.id)))
        told = next(entry.fact for entry in entries if isinstance(entry.fact, ProposalRevised))
        assert isinstance(told, ProposalRevised)
        assert (told.by, told.why) == (ANA, "changed by Ana")
        assert told.worst_loss_percent is not None
        assert told.worst_loss_percent < Decimal("0.26")

    at_the_table(tmp_path, 1, play)


def test_a_model_may_be_tightened_and_never_enlarged(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        proposal = await raised(life, advice())
        stop, reference = stop_of(proposal.terms), proposal.reference_price
        assert stop is not None
        assert reference is not None
        for wanted in (Change(share=Decimal(150)), Change(stop=Level(price=stop - 200)), Change(amount="$9900")):
            larger = await change(life, proposal, wanted)
            assert isinstance(larger, Refusal)
            assert larger.code in ("larger_than_proposed", "order_notional"), str(larger)
        tighter = await change(life, proposal, Change(stop=Level(price=stop + 100)))
        assert isinstance(tighter, Raised), str(tighter)
        assert stop_of(tighter.proposal.terms) == stop + 100

    at_the_table(tmp_path, 1, play)


def test_a_typed_trade_can_be_changed_in_every_part(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        proposal = await typed(life, "long btc $500 5x sl 2% tp 4%")
        edited = await change(life, proposal, Change(
            amount="$800", stop=Level(percent=Decimal(1)), targets=(TargetWish(level=Level(percent=Decimal(3))),)))
        assert isinstance(edited, Raised), str(edited)
        leg = edited.proposal.terms.legs[0].intent
        assert leg.size is not None
        assert Decimal("0.0079") <= leg.size <= Decimal("0.008")
        assert edited.plan.preview is not None
        assert edited.plan.preview.targets
        assert edited.proposal.terms.leverage == Decimal(5)

    at_the_table(tmp_path, 1, play)


@pytest.mark.parametrize("words", [
    "long btc $500 5x sl 2% tp 4%", "short eth 0.5 @ 3600 sl 3700", "long btc $600 sl 2% tp 102000:50 104000:50",
])
def test_terms_written_as_a_wish_plan_the_same_terms_again(tmp_path: Path, words: str) -> None:
    async def play(world: World, life: Life) -> None:
        proposal = await typed(life, words)
        wish = wish_of(proposal.terms)
        assert isinstance(wish, OpenWish)
        again = await life.desk.preview(PERSON, wish)
        assert not isinstance(again, Refusal), str(again)
        assert again.terms == proposal.terms

    at_the_table(tmp_path, 1, play)


def test_what_cannot_be_changed_says_why(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        ladder = await typed(life, "ladder btc long $900 97000 95000 3")
        no = await change(life, ladder, Change(share=Decimal(50)))
        assert isinstance(no, Refusal)
        assert no.code == "not_editable"
        proposal = await raised(life, advice())
        stale = await change(life, proposal, Change(share=Decimal(50)), digest="00000000")
        assert isinstance(stale, Refusal)
        assert stale.code == "terms_changed"
        tiny = await change(life, proposal, Change(share=Decimal("0.001")))
        assert isinstance(tiny, Refusal)
        await press(life, proposal, yes=False)
        late = await change(life, proposal, Change(share=Decimal(50)))
        assert isinstance(late, Refusal)
        assert late.code == "proposal_decided"

    at_the_table(tmp_path, 1, play)
