"""What a model's questions cost is charged to its own ideas, in units of what they risk (decision 9)."""
from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from bot.desk.advise import look
from bot.desk.ai_cost import ai_cost, cost_in_r, paid_between
from bot.domain.proposal import stop_of
from bot.ports.ledger import Tx
from bot.ports.llm_calls import LlmCallRow
from tests.desk.table import BTC, Scripted, advice, at_the_table, numbers_of, proposals
from tests.desk.test_advise import idea
from tests.support.simulated import Life, World


def test_a_question_is_charged_once_with_those_that_brought_nothing_before_it(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        await look(life.seat, advice(Scripted(idea)))
        proposal = (await proposals(life))[0]
        stop = stop_of(proposal.terms)
        assert proposal.reference_price is not None
        assert stop is not None
        risk = proposal.terms.legs[0].intent.size * abs(proposal.reference_price - stop)
        instrument = life.seat.shelf.instruments[BTC]

        def work(tx: Tx) -> tuple[Decimal, ...]:
            (first,) = tx.lab_record.ideas()
            later = replace(first, id="I-2", context="c3", at=first.at + timedelta(hours=1), proposal=None)
            tx.lab_record.add_idea(later)

            def asked(name: str, context: str, minutes: int, advisor: str = "scripted", cost: str = "0.05") -> None:
                call = LlmCallRow(
                    id=name, advisor=advisor, purpose="propose", model="m", context=context, digest=name, request="{}",
                    reserved=Decimal(cost), at=first.at + timedelta(minutes=minutes),
                )
                tx.llm_calls.reserve(call)

            nothing = cost_in_r(tx, first, proposal, instrument)
            asked("own", first.context, 0)
            asked("abstained", "c2", 30)
            asked("other", "c2", 30, advisor="somebody else")
            asked("second", "c3", 60)
            asked("after", "c4", 90)
            return nothing, cost_in_r(tx, first, proposal, instrument), cost_in_r(tx, later, None, instrument)

        nothing, own, later = await life.seat.ledger.transact(work)
        assert nothing == 0
        assert own == (Decimal("0.05") / risk).quantize(Decimal("0.0001"))
        # Nobody sized the second: half a percent of the wallet, 50 of 10,000, is what it would have risked.
        assert later == Decimal("0.0020")

    at_the_table(tmp_path, 1, play)


def test_what_models_cost_stands_on_their_cards_and_adds_up_by_day_and_month(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        now = life.seat.clock.now()

        def asked(tx: Tx) -> None:
            for name, advisor, ago, cost in (("a", "scripted", 60, "0.08"), ("b", "scripted", 30, None),
                                             ("c", "other", 30, "0.5"), ("d", "other", 2 * 86_400, "1")):
                call = LlmCallRow(
                    id=name, advisor=advisor, purpose="propose", model="m", context=name, digest=name, request="{}",
                    reserved=Decimal("0.03") if cost is None else Decimal(cost), at=now - timedelta(seconds=ago))
                tx.llm_calls.reserve(call)
                if cost is not None:
                    tx.llm_calls.settle(replace(call, result="ok", cost=Decimal(cost), settled_at=now))

        await life.seat.ledger.transact(asked)
        found = await life.seat.ledger.read(lambda tx: ai_cost(tx, now))
        assert found.today == {"other": Decimal("0.5"), "scripted": Decimal("0.11")}
        assert found.day == Decimal("0.61")
        assert found.month >= found.day
        day = await life.seat.ledger.read(lambda tx: paid_between(tx, now - timedelta(days=3), now))
        assert day == Decimal("1.61")
        await look(life.seat, advice(Scripted(idea)))
        (proposal,) = await proposals(life)
        assert (await numbers_of(life, proposal)).record[-1] == "AI cost today 0.11"

    at_the_table(tmp_path, 1, play)
