"""A mandate's yes counts inside its bounds, is spent with the order, survives a restart and ends as said."""
from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bot.desk.advise import ask, raise_idea
from bot.desk.mandate import active, end_mandates, nobody_for
from bot.desk.propose import Raised, propose
from bot.desk.wish import Level, OpenWish
from bot.domain.decision import Manner
from bot.domain.events_proposals import MandateSpent
from bot.domain.ids import RequestKey
from bot.domain.intent import Direction
from bot.domain.mandate import Permits, Rung
from bot.domain.order import Order
from bot.domain.proposal import ProposalState
from bot.domain.refusal import Refusal
from bot.ports.lab_rows import RungRow
from tests.desk.leased import fallen, granted, lease, rung, usage
from tests.desk.table import BTC, Scripted, advice, at_the_table, facts, proposals
from tests.desk.test_advise import idea
from tests.support.simulated import Life, World


async def orders(life: Life) -> list[Order]:
    found = await proposals(life)
    return [order for one in found for order in await life.seat.ledger.read(
        lambda tx, one=one: tx.orders.of_proposal(one.id))]  # type: ignore[misc]


async def next_candle(world: World) -> None:
    await world.venue.outside.advance(900)
    await world.clock.sleep(1)


def test_under_a_lease_an_idea_becomes_an_order_with_the_mandates_own_yes(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        plan = advice(Scripted(idea))
        await granted(life, plan)
        mandate = await lease(life, plan)
        assert mandate is not None
        raised = await ask(life.seat, plan, BTC)
        assert isinstance(raised, Raised), str(raised)
        assert raised.done is not None
        (order,) = await orders(life)
        (yes,) = await life.seat.ledger.read(lambda tx: tx.decisions.of_proposal(raised.proposal.id))
        assert (yes.manner, yes.reason, yes.by) == (Manner.MANDATE, mandate.id, None)
        assert (await facts(life, str(raised.proposal.id)))[:3] == ["ProposalRaised", "ProposalDecided", "MandateSpent"]
        used = await usage(life, mandate)
        assert used.trades == 1
        assert order.intent.size is not None
        assert 0 < used.notional <= mandate.notional_per_trade
        assert order.intent.stop is not None

    at_the_table(tmp_path, 1, play)


def test_without_a_lease_the_rung_alone_lets_nobody_act(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        raised = await ask(life.seat, advice(Scripted(idea), rung=Rung.AUTO), BTC)
        assert isinstance(raised, Raised)
        assert raised.proposal.state is ProposalState.AWAITING
        assert await orders(life) == []

    at_the_table(tmp_path, 1, play)


def test_auto_shrinks_to_its_trade_and_semi_asks_about_what_is_larger(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        plan = advice(Scripted(idea))
        await granted(life, plan, notional_per_trade=Decimal(600))
        raised = await ask(life.seat, plan, BTC)
        assert isinstance(raised, Raised), str(raised)
        mandate = await lease(life, plan)
        assert mandate is not None
        assert 0 < (await usage(life, mandate)).notional <= 600

    async def semi(world: World, life: Life) -> None:
        plan = advice(Scripted(idea))
        await granted(life, plan, rung=Rung.SEMI, notional_per_trade=Decimal(600))
        raised = await ask(life.seat, plan, BTC)
        assert isinstance(raised, Raised)
        assert raised.proposal.state is ProposalState.AWAITING

    at_the_table(tmp_path / "auto", 1, play)
    at_the_table(tmp_path / "semi", 1, semi)


def test_auto_shrinks_to_what_a_trade_may_lose_and_the_budget_is_spent_with_the_limits(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        plan = advice(Scripted(idea), cool_down_s=0)
        await granted(life, plan, risk_per_trade=Decimal(10), risk_budget=Decimal(19))
        raised = await ask(life.seat, plan, BTC)
        assert isinstance(raised, Raised), str(raised)
        mandate = await lease(life, plan)
        assert mandate is not None
        used = await usage(life, mandate)
        assert 8 < used.risk <= 10
        (order,) = await orders(life)
        lines = await life.seat.ledger.read(lambda tx: tx.journal.about(str(raised.proposal.id)))
        spent = next(one for one in lines if isinstance(one.fact, MandateSpent))
        assert (spent.fact.risk_used, spent.fact.risk_budget) == (used.risk, 19)  # type: ignore[union-attr]
        assert order.intent.stop is not None
        assert await fallen(life, plan) is None
        await next_candle(world)
        second = await ask(life.seat, plan, BTC)
        assert isinstance(second, Raised), str(second)
        assert (await usage(life, mandate)).risk > used.risk
        await next_candle(world)
        third = await ask(life.seat, plan, BTC)
        assert isinstance(third, Raised), str(third)
        assert third.proposal.state is ProposalState.AWAITING
        assert (await usage(life, mandate)).risk <= 19
        assert len(await orders(life)) == 2
        falls = await fallen(life, plan)
        assert falls is not None
        assert (falls.to, falls.why) == (Rung.PROPOSE, "lease used up or ended")

    at_the_table(tmp_path, 1, play)


def test_a_side_outside_is_forbidden(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        plan = advice(Scripted(idea))
        await granted(life, plan)
        mandate = await lease(life, plan)
        assert mandate is not None
        only = replace(mandate, directions=frozenset({Direction.SHORT}), version=mandate.version + 1)
        await life.seat.ledger.transact(lambda tx: tx.desk.save_mandate(mandate, only))
        refused = await ask(life.seat, plan, BTC)
        assert isinstance(refused, Refusal)
        assert refused.code == "mandate_direction"
        assert await orders(life) == []

    at_the_table(tmp_path, 1, play)


def test_a_symbol_outside_is_forbidden_and_noted(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        plan = advice(Scripted(idea))
        await granted(life, plan)
        refused = await ask(life.seat, replace(plan, symbols=(BTC,)), type(BTC)("ETHUSDT"))
        assert isinstance(refused, Refusal)
        assert refused.code == "mandate_symbol"
        rows = await life.seat.ledger.read(lambda tx: tx.lab_record.ideas())
        assert [one.fate for one in rows] == ["blocked:mandate_symbol"]

    at_the_table(tmp_path, 1, play)


def test_a_yes_whose_mandate_ended_before_the_order_left_sends_nothing(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        plan = advice(Scripted(idea))
        await granted(life, plan)
        mandate = await lease(life, plan)
        assert mandate is not None
        now = life.seat.clock.now()
        await life.seat.ledger.transact(lambda tx: end_mandates(tx, plan.advisor.name, None, "test", now, "local"))
        mark = (await life.seat.market.ticker(BTC)).mark
        stop = Level(price=round(mark * 99 / 100, 1))
        wish = OpenWish(symbol=str(BTC), direction=Direction.LONG, amount="$300", stop=stop)
        raised = await propose(life.seat, plan.origin, RequestKey("late"), wish,
                               alone=lambda tx, planned: Permits(mandate_id=mandate.id))
        assert isinstance(raised, Raised)
        stored = await life.seat.ledger.read(lambda tx: tx.proposals.get(raised.proposal.id))
        assert stored is not None
        assert stored.state is ProposalState.REFUSED
        assert await orders(life) == []

    at_the_table(tmp_path, 1, play)


def test_a_lease_is_spent_over_a_restart_and_used_up_it_falls_to_asking(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> Life:
        plan = advice(Scripted(idea), cool_down_s=0)
        await granted(life, plan, trades_per_day=2)
        assert isinstance(await ask(life.seat, plan, BTC), Raised)
        mandate = await lease(life, plan)
        assert mandate is not None
        await life.die()
        again = await world.life()
        assert (await usage(again, mandate)).trades == 1
        assert await fallen(again, plan) is None
        await next_candle(world)
        assert isinstance(await ask(again.seat, plan, BTC), Raised)
        assert len(await orders(again)) == 2
        falls = await fallen(again, plan)
        assert falls is not None
        assert falls.why == "lease used up or ended"
        assert (await rung(again, plan), await lease(again, plan)) == (Rung.PROPOSE, None)
        assert "RungChanged" in await facts(again, "scripted")
        await next_candle(world)
        third = await ask(again.seat, plan, BTC)
        assert isinstance(third, Raised), str(third)
        assert third.proposal.state is ProposalState.AWAITING
        assert len(await orders(again)) == 2
        return again

    at_the_table(tmp_path, 3, play)


def test_an_idea_beyond_the_days_notional_becomes_a_card_and_uses_the_lease_up(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        plan = advice(Scripted(idea), cool_down_s=0)
        await granted(life, plan, notional_per_trade=Decimal(600), notional_per_day=Decimal(900))
        assert isinstance(await ask(life.seat, plan, BTC), Raised)
        await next_candle(world)
        second = await ask(life.seat, plan, BTC)
        assert isinstance(second, Raised), str(second)
        assert second.proposal.state is ProposalState.AWAITING
        assert len(await orders(life)) == 1
        assert await fallen(life, plan) is not None

    at_the_table(tmp_path, 3, play)


def test_time_ends_a_lease_and_nobody_being_there_too(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        plan = advice(Scripted(idea))
        now = life.seat.clock.now()
        assert not await life.seat.ledger.read(lambda tx: nobody_for(tx, timedelta(hours=1), now))
        await life.seat.ledger.transact(lambda tx: active(tx, now))
        later = now + timedelta(hours=2)
        assert await life.seat.ledger.read(lambda tx: nobody_for(tx, timedelta(hours=1), later))
        await granted(life, plan, hours=1)
        mandate = await lease(life, plan)
        assert mandate is not None
        assert not mandate.live(now + timedelta(hours=1, seconds=60))

    at_the_table(tmp_path, 1, play)


def test_the_same_candle_is_not_traded_twice(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        scripted = Scripted(idea)
        plan = advice(scripted, cool_down_s=0)
        await granted(life, plan)
        await ask(life.seat, plan, BTC)
        context = scripted.asked[0]
        again = await raise_idea(life.seat, plan, context, idea(context))
        assert isinstance(again, Raised)
        assert again.again
        assert len(await orders(life)) == 1

    at_the_table(tmp_path, 1, play)


@pytest.mark.parametrize("lower", [Rung.PROPOSE, Rung.SHADOW])
def test_a_lower_rung_counts_at_once_even_where_nobody_ended_the_mandate(tmp_path: Path, lower: Rung) -> None:
    async def play(world: World, life: Life) -> None:
        plan = advice(Scripted(idea))
        await granted(life, plan)
        row = RungRow(advisor="scripted", group="all", edition=2, rung=lower, by="auto", reason="skew",
                      at=life.seat.clock.now())
        await life.seat.ledger.transact(lambda tx: tx.lab_record.set_rung(row))
        assert await lease(life, plan) is None
        await ask(life.seat, plan, BTC)
        assert await orders(life) == []
        assert [one.state for one in await proposals(life)] == (
            [ProposalState.AWAITING] if lower is Rung.PROPOSE else [])

    at_the_table(tmp_path, 1, play)
