"""Rising is an owner's act that lists what is unmet; no layer gives more than another allows (A10)."""
from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bot.desk import grant as grants
from bot.desk.grant import Bounds, Grant, lower, renewed, shrunk, since_last, spoken, weigh
from bot.desk.layers import lowest
from bot.domain.mandate import Rung
from bot.domain.refusal import Refusal
from tests.desk.leased import JUDGE, MOST, granted, lease, rung
from tests.desk.table import ANA, BTC, Scripted, advice, at_the_table
from tests.desk.test_advise import idea
from tests.support.simulated import Life, World

AMOUNTS = st.decimals(min_value=1, max_value=10**6, places=2)
BOUNDS = st.builds(Bounds, **dict.fromkeys(grants.AMOUNTS, AMOUNTS),
                   trades_per_day=st.integers(1, 100), hours=st.integers(1, 72))


@given(asked=BOUNDS, most=BOUNDS, first=st.booleans(), overridden=st.booleans())
def test_what_is_granted_never_exceeds_what_was_asked_or_what_the_settings_allow(
    asked: Bounds, most: Bounds, first: bool, overridden: bool
) -> None:
    found = shrunk(asked, most, first_time=first, overridden_live=overridden)
    for layer in (asked, most):
        assert all(getattr(found, name) <= getattr(layer, name) for name in grants.AMOUNTS)
        assert found.trades_per_day <= layer.trades_per_day
        assert found.hours <= layer.hours
    if overridden:
        assert all(getattr(found, name) <= getattr(most, name) / 4 for name in grants.AMOUNTS)
    if first or overridden:
        assert found.hours <= 24


@given(limits=st.lists(st.none() | AMOUNTS))
def test_the_effective_limit_is_below_every_layer(limits: list[Decimal | None]) -> None:
    found = lowest(*limits)
    given_ones = [one for one in limits if one is not None]
    assert (found is None) == (not given_ones)
    assert all(found is not None and found <= one for one in given_ones)


def test_what_is_unmet_is_listed_and_nothing_is_granted(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        plan = advice(Scripted(idea))
        refused = await granted(life, plan, rung=Rung.SEMI, override=None)
        assert isinstance(refused, Refusal)
        assert any("100" in one.sentence for one in refused.reasons)
        assert (await rung(life, plan), await lease(life, plan)) == (Rung.PROPOSE, None)

    at_the_table(tmp_path, 1, play)


def test_an_override_with_a_reason_grants_a_day_at_first_and_a_newer_mandate_replaces_the_older(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        plan = advice(Scripted(idea))
        await granted(life, plan, hours=72, notional_per_trade=Decimal(10**9))
        first = await lease(life, plan)
        assert first is not None
        assert first.expires_at - first.granted_at == timedelta(hours=24)
        assert first.notional_per_trade == MOST.notional_per_trade
        await granted(life, plan, trades_per_day=1)
        second = await lease(life, plan)
        assert second is not None
        assert (second.id != first.id, second.trades_per_day) == (True, 1)
        old = await life.seat.ledger.read(lambda tx: tx.desk.mandate(first.id))
        assert old is not None
        assert old.revoked_at is not None

    at_the_table(tmp_path, 1, play)


def test_lowering_needs_nothing_and_ends_the_mandate(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        plan = advice(Scripted(idea))
        await granted(life, plan)
        assert await lower(life.seat, plan.origin, plan.rung, Rung.SHADOW, ANA, "enough") is Rung.AUTO
        assert (await rung(life, plan), await lease(life, plan)) == (Rung.SHADOW, None)
        await lower(life.seat, plan.origin, plan.rung, Rung.PROPOSE, ANA, "never upwards")
        assert await rung(life, plan) is Rung.SHADOW

    at_the_table(tmp_path, 1, play)


def test_a_grant_can_be_looked_at_before_and_renewed_after(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        plan = advice(Scripted(idea))
        await granted(life, plan, trades_per_day=3)
        mandate = await lease(life, plan)
        assert mandate is not None
        said = await life.seat.ledger.read(lambda tx: since_last(tx, mandate))
        assert said.endswith("0 trades over, +0.00R, 0 of 200 risked; 0 ideas ended, +0.00R each")
        assert renewed(mandate, MOST) == replace(MOST, trades_per_day=3)
        assert renewed(mandate, replace(MOST, trades_per_day=2)).trades_per_day == 2
        assert spoken(MOST) == (
            "2000 a trade, 5000 and 4 trades a day, for 24 h; at risk 60 a trade, 200 in all, and after 100 lost in a "
            "day it asks")
        wanted = Grant(origin=plan.origin, first=plan.rung, rung=Rung.AUTO, symbols=(BTC,), bounds=MOST)
        found = await life.seat.ledger.read(lambda tx: weigh(tx, life.seat, JUDGE, wanted, MOST))
        assert (found.was, found.unmet, found.bounds) == (Rung.AUTO, (), MOST)

    at_the_table(tmp_path, 1, play)
