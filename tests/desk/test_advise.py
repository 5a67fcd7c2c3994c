"""An idea becomes a proposal on the last closed candle, waits, is answered, missed, replaced or never asked for."""
from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bot.desk.advise import ask, life_of, look
from bot.desk.answer import Answered
from bot.desk.front import Desk
from bot.desk.missed import missed
from bot.desk.propose import Raised
from bot.domain.intent import Direction, OrderKind
from bot.domain.mandate import Rung
from bot.domain.order import OrderState
from bot.domain.proposal import OriginKind, ProposalState, button_digest, stop_of
from bot.domain.refusal import Refusal
from bot.ports.advisor import Abstained, Context, Idea
from tests.desk.table import (
    ANA,
    BTC,
    ETH,
    Scripted,
    advice,
    at_the_table,
    drag,
    facts,
    numbers_of,
    press,
    proposals,
    raised,
)
from tests.support.simulated import Life, World


def idea(context: Context, direction: Direction = Direction.LONG, **other: object) -> Idea:
    way = context.mark * Decimal("0.01") * direction.sign
    fields: dict[str, object] = {
        "symbol": context.symbol, "direction": direction, "stop": context.mark - way, "target": context.mark + 2 * way,
        "horizon": timedelta(hours=4), "thesis": "because", "against": "perhaps not", "invalidation": "lower",
        "context_digest": context.digest, **other,
    }
    return Idea(**fields)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(3))
def test_the_sandboxs_past_ends_in_a_proposal_which_approved_is_a_guarded_position(tmp_path: Path, seed: int) -> None:
    async def play(world: World, life: Life) -> None:
        began = world.clock.now()
        proposal = await raised(life, advice())
        assert (world.clock.now() - began).total_seconds() < 5
        assert proposal.state is ProposalState.AWAITING
        assert (proposal.origin.kind, proposal.origin.name, proposal.terms.symbol) == (OriginKind.ADVISOR, "rules", BTC)
        assert proposal.expires_at - proposal.raised_at == timedelta(seconds=225)
        assert proposal.thesis is not None
        assert len(proposal.reasons) == 2
        entry = proposal.terms.legs[0].intent
        assert entry.kind is OrderKind.MARKET
        assert entry.attached is not None
        assert entry.attached.target is not None
        numbers = await numbers_of(life, proposal)
        assert numbers.worst_loss_percent is not None
        assert Decimal("0.3") < numbers.worst_loss_percent <= Decimal("0.5")
        done = await press(life, proposal)
        assert isinstance(done, Answered), str(done)
        assert done.proposal.state is ProposalState.ORDERED
        await world.clock.sleep(5)
        held = await life.desk.holdings()
        assert [(one.position.symbol, one.guarded) for one in held] == [(BTC, True)]
        assert done.done is not None
        assert [order.state for order in done.done.orders] == [OrderState.OPEN]
        assert (await facts(life, str(proposal.id)))[:2] == ["ProposalRaised", "ProposalDecided"]

    at_the_table(tmp_path, seed, play)


def test_a_press_that_comes_twice_makes_one_order_and_tells_who_was_first(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        proposal = await raised(life, advice())
        first, second = await press(life, proposal), await press(life, proposal)
        assert isinstance(first, Answered)
        assert isinstance(second, Refusal)
        assert second.code == "proposal_decided"
        orders = await life.seat.ledger.read(lambda tx: tx.orders.of_proposal(proposal.id))
        assert len(orders) == 1

    at_the_table(tmp_path, 1, play)


def test_a_no_keeps_its_reason_and_a_candle_is_asked_about_once(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        plan = advice()
        proposal = await raised(life, plan)
        answered = await press(life, proposal, yes=False, reason="too late")
        assert isinstance(answered, Answered)
        assert answered.proposal.state is ProposalState.REJECTED
        decisions = await life.seat.ledger.read(lambda tx: tx.decisions.of_proposal(proposal.id))
        assert [(one.answer, one.reason, one.by) for one in decisions] == [(False, "too late", ANA)]
        await look(life.seat, plan)
        plan.seen.clear()
        await look(life.seat, plan)
        assert len(await proposals(life)) == 1

    at_the_table(tmp_path, 1, play)


def test_an_idea_waits_no_longer_than_it_lives_nor_past_the_next_funding(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        asked = Scripted(idea)
        await ask(life.seat, advice(asked, rung=Rung.SHADOW), BTC)
        (context,), now = asked.asked, life.seat.clock.now()
        plain = replace(context, funding_at=None)
        assert life_of(life.seat, plain, idea(plain)) == timedelta(seconds=225)
        assert life_of(life.seat, plain, idea(plain, horizon=timedelta(seconds=90))) == timedelta(seconds=90)
        soon = replace(context, funding_at=now + timedelta(seconds=70))
        assert life_of(life.seat, soon, idea(soon)) == timedelta(seconds=70)
        paid = replace(context, funding_at=now - timedelta(seconds=1))
        assert life_of(life.seat, paid, idea(paid)) == timedelta(seconds=225)

    at_the_table(tmp_path, 1, play)


def test_an_unanswered_idea_expires_and_the_next_candle_may_bring_another(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        scripted = Scripted(idea)
        plan = advice(scripted, cool_down_s=120)
        first = await raised(life, plan)
        await world.clock.sleep(230)
        stored = await life.seat.ledger.read(lambda tx: tx.proposals.get(first.id))
        assert stored is not None
        assert stored.state is ProposalState.EXPIRED
        assert isinstance(await press(life, first), Refusal)
        await world.venue.outside.advance(900)
        await world.clock.sleep(1)
        await look(life.seat, plan)
        assert len(scripted.asked) == 2
        assert [one.state for one in await proposals(life)] == [ProposalState.EXPIRED, ProposalState.AWAITING]

    at_the_table(tmp_path, 2, play)


@pytest.mark.parametrize("rung", [Rung.OFF, Rung.SHADOW])
def test_below_propose_nothing_reaches_the_table(tmp_path: Path, rung: Rung) -> None:
    async def play(world: World, life: Life) -> None:
        scripted = Scripted(idea)
        await look(life.seat, advice(scripted, rung=rung))
        assert await proposals(life) == []
        assert len(scripted.asked) == (0 if rung is Rung.OFF else 1)
        assert await facts(life, "BTCUSDT") == ([] if rung is Rung.OFF else ["AdvisorAbstained"])

    at_the_table(tmp_path, 1, play)


def test_one_idea_waits_at_a_time_and_none_is_raised_while_halted_or_held(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        scripted = Scripted(idea)
        both = advice(scripted, symbols=(BTC, ETH))
        proposal = await raised(life, both)
        assert [context.symbol for context in scripted.asked] == [BTC]
        assert isinstance(await press(life, proposal), Answered)
        await world.clock.sleep(5)
        both.seen.clear()
        await life.desk.halt(by=ANA, why="test", actor="person:7001")
        await look(life.seat, both)
        await life.desk.resume(by=ANA, why="test", actor="person:7001")
        both.seen.clear()
        await look(life.seat, both)
        assert [context.symbol for context in scripted.asked] == [BTC, ETH]

    at_the_table(tmp_path, 1, play)


def test_a_newer_idea_of_the_same_symbol_takes_the_place_of_the_older(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        scripted = Scripted(idea)
        plan = advice(scripted)
        first = await raised(life, plan)
        await world.venue.outside.advance(900)
        await world.clock.sleep(1)
        scripted.idea = lambda context: idea(context, Direction.SHORT)
        second = await ask(life.seat, plan, BTC)
        assert isinstance(second, Raised), str(second)
        states = {one.id: one.state for one in await proposals(life)}
        assert states == {first.id: ProposalState.SUPERSEDED, second.proposal.id: ProposalState.AWAITING}

    at_the_table(tmp_path, 1, play)


@pytest.mark.parametrize(("way", "words"), [("stop", "stop was touched"), ("target", "half the way")])
def test_an_idea_whose_moment_is_gone_is_over(tmp_path: Path, way: str, words: str) -> None:
    async def play(world: World, life: Life) -> None:
        plan = advice(Scripted(idea))
        proposal = await raised(life, plan)
        assert proposal.reference_price is not None
        stop = stop_of(proposal.terms)
        assert stop is not None
        risk = proposal.reference_price - stop
        there = stop - 50 if way == "stop" else proposal.reference_price + risk * Decimal("1.2")
        assert words in str(missed(proposal, there))
        assert missed(proposal, proposal.reference_price) is None
        await drag(world, BTC, round(there, 1))
        await look(life.seat, plan)
        assert [one.state for one in await proposals(life)] == [ProposalState.EXPIRED]

    at_the_table(tmp_path, 1, play)


def test_a_flawed_idea_is_noted_as_a_failure_and_makes_no_proposal(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        plan = advice(Scripted(lambda context: idea(context, stop=context.mark * 2)))
        answer = await ask(life.seat, plan, BTC)
        assert isinstance(answer, Abstained)
        assert await proposals(life) == []
        assert await facts(life, "BTCUSDT") == ["AdvisorFailed"]

    at_the_table(tmp_path, 1, play)


def test_after_a_restart_the_same_candle_makes_no_second_proposal(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> Life:
        proposal = await raised(life, advice(cool_down_s=0))
        await life.die()
        again = await world.life()
        await look(again.seat, advice(cool_down_s=0))
        assert [one.id for one in await proposals(again)] == [proposal.id]
        answered = await press(again, proposal)
        assert isinstance(answered, Answered), str(answered)
        assert button_digest(proposal) == button_digest(answered.proposal)
        return again

    at_the_table(tmp_path, 1, play)


def test_an_advisor_knows_whether_a_person_asked(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        scripted = Scripted(lambda context: Abstained(reason="no"))
        plan = advice(scripted)
        await look(life.seat, plan)
        await Desk(life.seat, (plan,)).idea(BTC)
        assert [context.asked for context in scripted.asked] == [False, True]

    at_the_table(tmp_path, 1, play)
