"""Why: the lines behind any id, in order (architecture 6)."""
from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from bot.desk.advise import ask
from bot.desk.enter import enter_fill
from bot.desk.explain import explain
from bot.desk.propose import Raised
from bot.domain.events_proposals import AdvisorAbstained
from bot.domain.refusal import Refusal
from tests.desk.table import BTC, ETH, Scripted, advice, at_the_table
from tests.desk.test_advise import idea
from tests.desk.trade import sent
from tests.support.scripted import Bench
from tests.support.simulated import Life, World

WHOLE = ["ProposalRaised", "ProposalDecided", "OrderPlanned", "OrderAccepted"]


@pytest.mark.parametrize("by", ["order", "proposal", "small letters", "beginning", "end"])
async def test_a_story_is_found_by_any_id_of_it(bench: Bench, by: str) -> None:
    order = await sent(bench, "long btc 0.01 sl 2%")
    one = bench.fill(order, "0.01")
    await bench.seat.ledger.transact(lambda tx: enter_fill(tx, bench.seat.shelf, one, bench.clock.now()))
    name = str(order.client_order_id)
    words = {"order": name, "proposal": str(order.proposal_id), "small letters": f" {order.proposal_id} ".lower(),
             "beginning": name[:12], "end": name[-8:]}[by]
    story = await explain(bench.seat, words)
    assert story is not None and story.proposal is not None and story.proposal.id == order.proposal_id
    assert [len(story.decisions), len(story.orders), len(story.fills)] == [1, 1, 1]
    lines = [line.kind for line in story.lines]
    assert [kind for kind in lines if kind in WHOLE] == WHOLE
    assert [line.seq for line in story.lines] == sorted(line.seq for line in story.lines)


async def test_only_its_own_lines_are_told(bench: Bench) -> None:
    first = await sent(bench, "long btc 0.01 sl 2%", "a")
    other = await sent(bench, "long eth 0.1 sl 2%", "b")
    story = await explain(bench.seat, first.client_order_id)
    assert story is not None
    assert not {other.client_order_id, other.proposal_id} & {line.subject for line in story.lines}


@pytest.mark.parametrize("words", ["nobody", "", "wd", "x"])
async def test_what_nobody_knows_has_no_story(bench: Bench, words: str) -> None:
    await sent(bench, "long btc 0.01 sl 2%")
    assert await explain(bench.seat, words) is None


def test_why_not_an_idea_that_never_reached_the_table(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        poor = Scripted(lambda context: idea(context, target=context.mark * Decimal("1.005")))
        assert isinstance(await ask(life.seat, advice(poor), BTC), Refusal)
        (row,) = await life.seat.ledger.read(lambda tx: tx.lab_record.ideas())
        story = await explain(life.seat, row.id.lower())
        assert story is not None
        said = [one.fact.reason for one in story.lines if isinstance(one.fact, AdvisorAbstained)]
        assert len(said) == 1
        assert said[0].startswith("blocked: After costs it could gain")
        raised = await ask(life.seat, advice(Scripted(idea)), ETH)
        assert isinstance(raised, Raised)
        told = await explain(life.seat, f"P-{raised.proposal.id}")
        assert told is not None
        assert told.proposal is not None
        assert told.proposal.id == raised.proposal.id

    at_the_table(tmp_path, 1, play)
