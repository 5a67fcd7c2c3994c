"""Every layer only lowers: whatever they say, what is left is at most each of them (A10)."""
from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bot.desk.layers import Layer, effective, layers_for, lowest, shrinking
from bot.desk.scale import hear
from bot.domain.limits import Limits
from bot.domain.refusal import Refusal
from bot.ports.advisor import Scale
from tests.desk.table import BTC, at_the_table
from tests.desk.test_plan_idea import context_of, idea
from tests.support.simulated import Life, World

RISKS = st.decimals(min_value="-5", max_value="20", places=4)
LAYERS = st.lists(st.builds(Layer, name=st.text(max_size=3), risk=RISKS, words=st.just("x")), max_size=6)


@given(RISKS, LAYERS)
def test_no_layer_can_raise_another(granted: Decimal, layers: list[Layer]) -> None:
    found = effective(granted, layers)
    assert found >= 0
    assert all(found <= max(Decimal(0), one) for one in (granted, *(layer.risk for layer in layers)))
    less = shrinking(granted, layers)
    assert {id(one) for one in less} == {id(one) for one in layers if one.risk < granted}
    assert [one.risk for one in less] == sorted(one.risk for one in less)
    # One more layer never leaves more.
    assert effective(granted, [*layers, Layer(name="x", risk=Decimal(20), words="")]) == found


@given(st.lists(st.none() | RISKS, max_size=6))
def test_the_lowest_of_what_there_is(limits: list[Decimal | None]) -> None:
    found = lowest(*limits)
    there = [one for one in limits if one is not None]
    assert found is None if not there else found == min(there)


def test_every_layer_is_read_and_says_what_it_allows(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        context = await context_of(life)
        granted = Decimal("0.5")
        calm = await layers_for(life.seat, "rules", idea(context), granted)
        assert not isinstance(calm, Refusal)
        assert {one.name for one in calm} >= {"idea", "model", "volatility"}
        await hear(life.seat, "rules", context, Scale(percent=40, why="wild"))
        await life.desk.set_limits("account", Limits(order_risk=Decimal("0.1")), by=None, actor="local")
        wild = replace(life.seat, rules=replace(life.seat.rules, day_move_percent=Decimal("0.0001")))
        found = await layers_for(wild, "rules", idea(context, risk_percent=50), granted)
        assert not isinstance(found, Refusal)
        said = {one.name: one for one in found}
        assert (said["idea"].risk, said["model"].risk) == (Decimal("0.25"), Decimal("0.2"))
        assert said["limit"].risk == Decimal("0.1")
        assert said["volatility"].risk < Decimal("0.01")
        assert "in a day" in said["volatility"].words
        assert effective(granted, found) == said["volatility"].risk
        # A market that is driven faster than the wall has candles that look as if they were forming: they count.
        await world.venue.outside.advance(22 * 3600)
        ahead = await layers_for(life.seat, "rules", idea(context), granted)
        assert not isinstance(ahead, Refusal)
        assert "in a day" in next(one.words for one in ahead if one.name == "volatility")
        other = await layers_for(life.seat, "other", idea(context), granted)
        assert not isinstance(other, Refusal)
        assert next(one for one in other if one.name == "model").risk == granted
        assert context.symbol == BTC

    at_the_table(tmp_path, 1, play)
