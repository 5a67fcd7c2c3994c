"""What answers, rules and second opinions were worth, from ideas resolved whatever became of them."""
from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from bot.adapters.advisors.llm.answers import CriticAnswer
from bot.adapters.advisors.llm.critic import judged as criticised
from bot.desk.advise import ask
from bot.desk.propose import Raised
from bot.desk.score import Tape
from bot.desk.score import look as follow
from bot.desk.tally import drift_of, tallies
from bot.domain.refusal import Refusal
from bot.ports.advisor import Context, Idea
from bot.ports.ledger import Tx
from tests.adapters.advisors.test_assessor import judged
from tests.desk.leased import JUDGE
from tests.desk.table import ANA, BTC, Scripted, advice, at_the_table, drag, press
from tests.desk.test_advise import idea
from tests.desk.test_score import SHORT
from tests.support.simulated import Life, World


def test_a_no_is_worth_what_the_idea_would_have_brought_and_has_its_time(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        plan = advice(Scripted(lambda context: idea(context, horizon=SHORT)))
        raised = await ask(life.seat, plan, BTC)
        assert isinstance(raised, Raised)
        await world.clock.sleep(20)
        await press(life, raised.proposal, yes=False)
        await world.clock.sleep(190)
        assert await follow(life.seat, JUDGE, Tape()) == 1
        found = await tallies(life.seat, JUDGE, (plan,))
        ((who, what, said),) = found.approvers
        assert (who, what) == (ANA, "rejected")
        assert said.startswith("1: ")
        assert said.endswith("not significant; answered in 20 s")
        assert [fate for fate, _ in found.fates] == ["rejected"]
        assert (found.guards, found.critic) == ((), ())
        assert found.advisors[0].head == "scripted: 1 outcomes"

    at_the_table(tmp_path, 1, play)


def test_waiting_costs_what_the_entry_was_worse_than_the_idea(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        raised = await ask(life.seat, advice(Scripted(idea)), BTC)
        assert isinstance(raised, Raised)
        assert await life.seat.ledger.read(lambda tx: drift_of(tx, raised.proposal)) is None
        reference = raised.proposal.reference_price
        assert reference is not None
        await drag(world, BTC, round(reference * Decimal("1.001"), 1))
        await press(life, raised.proposal)
        await world.clock.sleep(5)
        drift = await life.seat.ledger.read(lambda tx: drift_of(tx, raised.proposal))
        assert drift is not None
        # A tenth of the way to the stop, and the half spread beside it.
        assert Decimal("0.08") < drift < Decimal("0.2")

    at_the_table(tmp_path, 1, play)


def test_each_rule_and_the_critic_have_their_own_line(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        def vetoed(context: Context) -> Idea:
            return criticised(idea(context, horizon=SHORT), CriticAnswer(
                verdict="veto", reasons=["late"], missing_evidence=[]))

        plan = advice(Scripted(vetoed))
        refused = await ask(life.seat, plan, BTC)
        assert isinstance(refused, Refusal)

        def others(tx: Tx) -> None:
            for number, (fate, against) in enumerate((
                ("blocked:reward_risk", ""), ("blocked:reward_risk", ""), ("shadow", "Critic, half the risk: wide"))):
                said, ended = judged(number, "-1.0")
                tx.lab_record.add_idea(replace(said, fate=fate, against=against))
                tx.lab_record.add_outcome(ended)

        await life.seat.ledger.transact(others)
        await world.clock.sleep(190)
        assert await follow(life.seat, JUDGE, Tape()) == 1
        found = await tallies(life.seat, JUDGE, (plan,))
        assert [(rule, said.split(":")[0]) for rule, said in found.guards] == [("reward_risk", "2"), ("vetoed", "1")]
        assert [(word, said.split(":")[0]) for word, said in found.critic] == [("half the risk", "1"), ("vetoed", "1")]
        assert [(fate, said.split(":")[0]) for fate, said in found.fates] == [("blocked", "3"), ("shadow", "1")]

    at_the_table(tmp_path, 1, play)
