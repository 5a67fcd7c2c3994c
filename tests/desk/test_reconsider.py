"""What a tap meets: drift in R, too little to gain, a missed move, and a model that took its word back (A12)."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from bot.desk.advise import Advice, look
from bot.desk.missed import missed
from bot.desk.settle import still_holds
from bot.domain.events_proposals import ProposalWithdrawn
from bot.domain.intent import Direction
from bot.domain.proposal import Drift, Proposal, ProposalState, drift
from bot.domain.refusal import Refusal
from bot.ports.advisor import Abstained, Context, Idea
from tests.desk.table import BTC, Scripted, advice, at_the_table, press, proposals, raised
from tests.desk.test_advise import idea
from tests.desk.test_keep import Keeping, cut
from tests.support.simulated import Life, World

Says = Callable[[Context], Idea | Abstained]


def claiming(context: Context, direction: Direction = Direction.LONG) -> Idea:
    return idea(context, direction, probability_bp=6000)


def watched(says: Says) -> tuple[Scripted, Advice]:
    """Ask a model of ours: it keeps its trades, and costs nothing to ask again."""
    scripted = Scripted(says)
    return scripted, replace(advice(scripted, cool_down_s=0), keeper=Keeping(cut))


async def after_a_candle(world: World, life: Life, later: Says, first: Says = claiming) -> list[Proposal]:
    scripted, plan = watched(first)
    await raised(life, plan)
    scripted.idea = later
    await world.venue.outside.advance(900)
    await world.clock.sleep(1)
    await look(life.seat, plan)
    return await proposals(life)


@pytest.mark.parametrize(("later", "state", "words"), [
    (claiming, ProposalState.AWAITING, None),
    (lambda context: Abstained(reason="no side above its break-even"), ProposalState.WITHDRAWN, "break-even"),
    (lambda context: claiming(context, Direction.SHORT), ProposalState.WITHDRAWN, "the other side"),
])
def test_a_model_takes_back_what_it_would_not_say_of_the_next_candle(
    tmp_path: Path, later: Says, state: ProposalState, words: str | None
) -> None:
    async def play(world: World, life: Life) -> None:
        first = (await after_a_candle(world, life, later))[0]
        assert first.state is state
        entries = await life.seat.ledger.read(lambda tx: tx.journal.about(str(first.id)))
        withdrawn = [entry.fact.why for entry in entries if isinstance(entry.fact, ProposalWithdrawn)]
        assert (words in withdrawn[0]) if words is not None else withdrawn == []
        if state is ProposalState.WITHDRAWN:
            late = await press(life, first)
            assert isinstance(late, Refusal)

    at_the_table(tmp_path, 1, play)


def test_an_idea_without_a_claim_waits_for_its_answer(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        found = await after_a_candle(world, life, lambda context: Abstained(reason="no trend"), first=idea)
        assert found[0].state is ProposalState.AWAITING

    at_the_table(tmp_path, 1, play)


def test_the_table_of_drifts(tmp_path: Path) -> None:
    """In R of the stop's distance: -0.5 < d <= 0.25 passes, above is chasing, below is against the idea."""
    async def play(world: World, life: Life) -> None:
        proposal = await raised(life, advice(Scripted(idea)))
        reference = proposal.reference_price
        assert reference is not None
        risk = reference * Decimal("0.01")

        def at(share: str) -> tuple[Drift, bool]:
            price = reference + risk * Decimal(share)
            return drift(proposal, price), still_holds(life.seat, proposal, price)

        assert {share: at(share) for share in ("-0.49", "0", "0.10")} == dict.fromkeys(
            ("-0.49", "0", "0.10"), (Drift.WITHIN, True))
        for share in ("0.26", "0.5"):
            assert at(share) == (Drift.CHASING, False)
        for share in ("-0.5", "-0.9"):
            assert at(share) == (Drift.AGAINST, False)
        # Within the drift, yet too little is left to gain after costs: a requote as well.
        nearer = replace(life.seat, rules=replace(life.seat.rules, reward_risk_least=Decimal("1.6")))
        assert still_holds(nearer, proposal, reference)
        assert not still_holds(nearer, proposal, reference + risk * Decimal("0.2"))
        for share, gone in (("-1", True), ("-0.99", False), ("0.99", False), ("1.01", True)):
            found = missed(proposal, reference + risk * Decimal(share))
            assert (found is not None) is gone, (share, found)
        assert proposal.terms.symbol == BTC

    at_the_table(tmp_path, 1, play)
