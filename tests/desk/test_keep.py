"""A model looks after its own trade: it cuts or tightens at once, never widens, and leaves everybody else's alone."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bot.adapters.advisors.assessor import LadderAssessor
from bot.desk.advise import Advice, look
from bot.desk.keep import Asked, flaw, keep, own_trade
from bot.desk.score import Tape
from bot.desk.score import look as follow
from bot.desk.tally import tallies
from bot.desk.wish import CloseWish, Level, OpenWish, ProtectWish, Which
from bot.domain.decision import Manner
from bot.domain.ids import RequestKey
from bot.domain.intent import Direction
from bot.domain.mandate import Rung
from bot.domain.proposal import Origin, OriginKind, ProposalState
from bot.domain.refusal import Refusal
from bot.ports.advisor import Abstained, Close, Context, Held, Tighten
from tests.adapters.advisors.test_rules import START, bars, shown
from tests.desk.table import ANA, BTC, Scripted, advice, at_the_table, drag, facts, press, proposals, raised
from tests.desk.test_advise import idea
from tests.support.simulated import Life, World

JUDGE = LadderAssessor()
Says = Callable[[Context, Held], Close | Tighten | Abstained]
PERSON = Origin(kind=OriginKind.PERSON, name="Ana", person=ANA)


class Keeping:
    """A keeper that says what a test wrote."""

    def __init__(self, says: Says) -> None:
        self.says = says
        self.asked: list[Held] = []

    async def review(self, context: Context, held: Held) -> Close | Tighten | Abstained:
        """Say it."""
        self.asked.append(held)
        return self.says(context, held)


def cut(context: Context, held: Held, share: int = 100) -> Close:
    return Close(symbol=held.symbol, direction=held.direction, share=share, why="it turned",
                 context_digest=context.digest)


def to_entry(context: Context, held: Held) -> Tighten:
    return Tighten(symbol=held.symbol, direction=held.direction, stop=held.entry - Decimal(20), why="it gained",
                   context_digest=context.digest)


async def holding(world: World, life: Life, plan: Advice) -> None:
    """Let the plan's idea be approved, fill and be guarded, and let the next candle close."""
    await press(life, await raised(life, plan))
    await world.clock.sleep(5)
    await next_candle(world)


async def next_candle(world: World) -> None:
    await world.venue.outside.advance(900)
    await world.clock.sleep(1)


def kept(says: Says, **more: object) -> tuple[Keeping, Advice]:
    keeper = Keeping(says)
    return keeper, replace(advice(Scripted(idea)), keeper=keeper, **more)  # type: ignore[arg-type]


def test_a_turned_trade_is_closed_at_once_and_nobody_is_asked(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        keeper, plan = kept(cut)
        await holding(world, life, plan)
        await look(life.seat, plan)
        await world.clock.sleep(5)
        assert await life.desk.holdings() == ()
        opening, closing = await proposals(life)
        assert closing.state is ProposalState.ORDERED
        decisions = await life.seat.ledger.read(lambda tx: tx.decisions.of_proposal(closing.id))
        assert [(one.manner, one.by) for one in decisions] == [(Manner.SYSTEM, None)]
        (held,) = keeper.asked
        assert held.risk == abs((opening.reference_price or 0) - held.stop)
        assert held.until == opening.raised_at + timedelta(hours=4)
        noted = await life.seat.ledger.read(lambda tx: tx.lab_record.of_proposal(closing.id))
        assert noted is not None and (noted[0].kind, noted[0].percent) == ("CLOSE", 100)
        plan.seen.clear()
        await look(life.seat, plan)
        assert len(await proposals(life)) == 2

    at_the_table(tmp_path, 1, play)


def test_a_part_is_cut_and_the_rest_stays_guarded(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        _, plan = kept(lambda context, held: cut(context, held, 50))
        await holding(world, life, plan)
        (before,) = await life.desk.holdings()
        await look(life.seat, plan)
        await world.clock.sleep(8)
        (after,) = await life.desk.holdings()
        assert after.guarded
        assert Decimal("0.4") < after.position.size / before.position.size < Decimal("0.6")

    at_the_table(tmp_path, 1, play)


def test_a_stop_is_moved_nearer_once(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        _, plan = kept(to_entry)
        await holding(world, life, plan)
        (before,) = await life.desk.holdings()
        await drag(world, BTC, round(before.position.entry * Decimal("1.012"), 1))
        await look(life.seat, plan)
        await world.clock.sleep(8)
        held = await life.seat.ledger.read(lambda tx: own_trade(tx, plan.origin, BTC, world.clock.now()))
        assert held is not None
        assert held.stop == before.position.entry - Decimal(20)
        assert held.risk > Decimal(100)
        (after,) = await life.desk.holdings()
        assert after.guarded
        await next_candle(world)
        await look(life.seat, plan)
        # The same stop again would not be tighter: noted as a flaw, nothing was changed.
        assert "AdvisorFailed" in await facts(life, "BTCUSDT")
        assert len(await proposals(life)) == 2

    at_the_table(tmp_path, 1, play)


@pytest.mark.parametrize(("changed", "words"), [
    ({"stop": Decimal(90)}, "would not be tighter"),
    ({"stop": Decimal(89)}, "would not be tighter"),
    ({"stop": Decimal(105)}, "wrong side"),
    ({"stop": Decimal("NaN")}, "no price"),
    ({"stop": Decimal("-1")}, "no price"),
    ({"share": 0}, "0 percent"),
    ({"share": 101}, "101 percent"),
    ({"direction": Direction.SHORT}, "not asked about"),
    ({"context_digest": "other"}, "not asked about"),
    ({"symbol": "ETHUSDT"}, "not asked about"),
])
def test_what_does_not_reduce_is_refused(changed: dict[str, object], words: str) -> None:
    held = Held(symbol=BTC, direction=Direction.LONG, entry=Decimal(100), stop=Decimal(90), target=None,
                risk=Decimal(10), until=START)
    seen = shown(bars([104.0] * 5))
    sound: Close | Tighten = cut(seen, held) if "share" in changed else to_entry(seen, held)
    assert flaw(replace(cut(seen, held), share=1), seen, held) is None
    assert flaw(replace(to_entry(seen, held), stop=Decimal(91)), seen, held) is None
    assert words in str(flaw(replace(sound, **changed), seen, held))  # type: ignore[arg-type]


def test_a_flaw_is_noted_and_changes_nothing(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        _, plan = kept(lambda context, held: replace(to_entry(context, held), stop=held.stop - 50))
        await holding(world, life, plan)
        await look(life.seat, plan)
        assert len(await proposals(life)) == 1
        ideas = await life.seat.ledger.read(lambda tx: tx.lab_record.ideas(advisor="scripted"))
        assert "would not be tighter" in str(ideas[-1].abstained)

    at_the_table(tmp_path, 1, play)


def test_a_stop_that_a_person_moved_nearer_meanwhile_is_not_widened(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        _, plan = kept(lambda context, held: replace(to_entry(context, held), stop=held.stop + 5))
        await holding(world, life, plan)
        now = world.clock.now()
        held = await life.seat.ledger.read(lambda tx: own_trade(tx, plan.origin, BTC, now))
        assert held is not None
        nearer = ProtectWish(symbol="BTCUSDT", direction=held.direction, stop=Level(price=held.stop + 40))
        await life.desk.propose(PERSON, RequestKey("sl"), nearer)
        await world.clock.sleep(8)

        # The model was asked before that, and answers with what was tighter then.
        stale = Asked(keeper=Keeping(lambda context, seen: replace(to_entry(context, seen), stop=seen.stop + 5)),
                      origin=plan.origin, needs=plan.advisor.needs, length=plan.length, rung=Rung.PROPOSE)
        refused = await keep(life.seat, stale, held)
        assert isinstance(refused, Refusal) and refused.code == "wider_stop"
        after = await life.seat.ledger.read(lambda tx: own_trade(tx, plan.origin, BTC, now))
        assert after is not None and after.stop == held.stop + 40

    at_the_table(tmp_path, 1, play)


def test_in_the_shadow_it_is_only_noted(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        _, plan = kept(cut)
        await holding(world, life, plan)
        await look(life.seat, replace(plan, rung=Rung.SHADOW))
        assert len(await life.desk.holdings()) == 1
        assert len(await proposals(life)) == 1
        ideas = await life.seat.ledger.read(lambda tx: tx.lab_record.ideas(advisor="scripted"))
        assert (ideas[-1].kind, ideas[-1].fate) == ("CLOSE", "shadow")

    at_the_table(tmp_path, 1, play)


def test_trades_of_people_and_mixed_ones_are_left_alone(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        keeper, plan = kept(cut)
        await holding(world, life, plan)
        more = OpenWish(symbol="BTCUSDT", direction=Direction.LONG, amount="$100")
        await life.desk.propose(PERSON, RequestKey("more"), more, yes=Manner.COMMAND)
        await world.clock.sleep(5)
        plan.seen.clear()
        await look(life.seat, plan)
        assert keeper.asked == []
        await life.desk.propose(PERSON, RequestKey("out"), CloseWish(which=Which.ALL), yes=Manner.COMMAND)
        await world.clock.sleep(5)
        await life.desk.propose(PERSON, RequestKey("own"), more, yes=Manner.COMMAND)
        await world.clock.sleep(5)
        plan.seen.clear()
        await look(life.seat, plan)
        assert keeper.asked == []

    at_the_table(tmp_path, 1, play)


def test_what_a_cut_was_worth_is_followed_apart_from_the_evidence(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        _, plan = kept(cut)
        await press(life, await raised(life, plan))
        await world.clock.sleep(5)
        plan.seen.clear()
        await look(life.seat, plan)
        assert len(await proposals(life)) == 2
        await world.clock.sleep(70)
        opening = (await proposals(life))[0]
        assert opening.reference_price is not None
        await drag(world, BTC, round(opening.reference_price * Decimal("0.985"), 1))
        await world.clock.sleep(125)
        assert await follow(life.seat, JUDGE, Tape()) == 2
        ((row, found),) = await life.seat.ledger.read(lambda tx: tx.lab_record.exits("scripted"))
        assert (row.kind, found.exit, found.executed_r) == ("CLOSE", "STOP", None)
        # Staying would have been stopped out: closing saved about what was at risk from there.
        assert Decimal("0.5") < found.net_r < Decimal("1.8")
        found_tallies = await tallies(life.seat, JUDGE, (plan,))
        assert [(who, kind) for who, kind, _ in found_tallies.exits] == [("scripted", "CLOSE")]
        openings = await life.seat.ledger.read(lambda tx: tx.lab_record.outcomes("scripted"))
        assert [idea_.kind for idea_, _ in openings] == ["OPEN"]

    at_the_table(tmp_path, 1, play)
