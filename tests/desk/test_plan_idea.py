"""What is wrong with an idea, how its words are quoted, and how it gets its size."""
from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bot.desk.brief import brief
from bot.desk.plan_idea import Sized, flaw, plan_idea, quoted
from bot.domain.ids import Symbol
from bot.domain.intent import Direction
from bot.domain.limits import Limits
from bot.domain.proposal import Origin, OriginKind
from bot.domain.refusal import Refusal
from bot.ports.advisor import Context, Idea, Needs
from tests.desk.table import BTC, at_the_table
from tests.support.simulated import Life, World

NEEDS, LENGTH = Needs(timeframe="15m", bars=5), timedelta(minutes=15)
ORIGIN = Origin(kind=OriginKind.ADVISOR, name="scripted")


def idea(context: Context, *, stop: str = "0.99", target: str = "1.02", **other: object) -> Idea:
    fields: dict[str, object] = {
        "symbol": context.symbol, "direction": Direction.LONG, "stop": round(context.mark * Decimal(stop), 1),
        "target": round(context.mark * Decimal(target), 1), "horizon": LENGTH, "thesis": "", "against": "",
        "invalidation": "", "context_digest": context.digest, **other,
    }
    return Idea(**fields)  # type: ignore[arg-type]


async def context_of(life: Life) -> Context:
    found = await brief(life.seat, BTC, NEEDS, LENGTH)
    assert isinstance(found, Context), str(found)
    return found


def test_flaws_are_named(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        context = await context_of(life)
        assert flaw(idea(context), context) is None
        short = idea(context, stop="1.01", target="0.98", direction=Direction.SHORT)
        assert flaw(short, context) is None
        for wrong, words in (
            (idea(context, stop="1.01"), "stop is on the wrong side"),
            (idea(context, target="0.995"), "target is on the wrong side"),
            (idea(context, target="1.04"), "more than 3 times"),
            (replace(idea(context), symbol=Symbol("ETHUSDT")), "not asked about"),
            (replace(idea(context), context_digest="other"), "not asked about"),
            (replace(idea(context), stop=Decimal("NaN")), "no prices"),
            (replace(idea(context), stop=Decimal(-1)), "no prices"),
        ):
            assert words in str(flaw(wrong, context))

    at_the_table(tmp_path, 1, play)


def test_size_follows_from_the_risk_and_stays_under_the_order_limit(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        context = await context_of(life)
        sized = await plan_idea(life.seat, ORIGIN, idea(context), Decimal("0.5"))
        assert isinstance(sized, Sized), str(sized)
        assert (sized.wish.amount, sized.shrunk) == ("r0.5%", ())
        planned = await life.desk.preview(ORIGIN, sized.wish)
        assert not isinstance(planned, Refusal)
        assert planned.preview is not None
        assert planned.preview.loss_percent is not None
        assert Decimal("0.48") < planned.preview.loss_percent <= Decimal("0.5")
        await life.desk.set_limits("account", Limits(order_notional=Decimal(1000)), by=None, actor="local")
        capped = await plan_idea(life.seat, ORIGIN, idea(context), Decimal("0.5"))
        assert isinstance(capped, Sized)
        assert (capped.wish.amount, capped.shrunk) == ("$1000", ("One order may be worth 1000",))
        await life.desk.set_limits("account", Limits(order_risk=Decimal("0.2")), by=None, actor="local")
        limited = await plan_idea(life.seat, ORIGIN, idea(context, risk_percent=50), Decimal("0.5"))
        assert isinstance(limited, Sized)
        assert limited.wish.amount == "r0.2%"
        # All reasons are kept, the strictest first.
        assert limited.shrunk == ("One order may lose 0.2% of equity", "This idea may take 50% of its risk")

    at_the_table(tmp_path, 1, play)


def test_an_idea_whose_costs_eat_it_is_refused(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        context = await context_of(life)
        refused = await plan_idea(life.seat, ORIGIN, idea(context, stop="0.998", target="1.004"), Decimal("0.5"))
        assert isinstance(refused, Refusal)
        assert refused.code == "reward_risk"

    at_the_table(tmp_path, 1, play)


@pytest.mark.parametrize(("said", "shown"), [
    ("plain  words\n here", "plain words here"), ("a\u202eb\u200bc\x07", "a b c"), ("x" * 400, "x" * 299 + "…"),
])
def test_words_of_a_model_are_one_short_plain_line(said: str, shown: str) -> None:
    assert quoted(said, 300) == shown


def test_what_was_lowered_on_its_way_is_sized_lower_and_what_was_vetoed_not_at_all(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        context = await context_of(life)
        for share, amount in ((100, "r0.5%"), (50, "r0.25%"), (1, "r0.005%")):
            sized = await plan_idea(life.seat, ORIGIN, idea(context, risk_percent=share), Decimal("0.5"))
            if isinstance(sized, Sized):
                assert sized.wish.amount == amount
            else:
                assert share == 1
        vetoed = await plan_idea(life.seat, ORIGIN, idea(context, risk_percent=0, against="Critic, veto: late"),
                                 Decimal("0.5"))
        assert isinstance(vetoed, Refusal)
        assert (vetoed.code, "veto: late" in str(vetoed)) == ("vetoed", True)

    at_the_table(tmp_path, 1, play)
