"""The ladder: every row of the falling table, every unmet condition, and limits that only shrink (A10)."""
from __future__ import annotations

from dataclasses import fields, replace
from decimal import Decimal
from math import inf, log, nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.advisors.ladder import FALLS, ORDER, Fall, Standing, fall, shrink, suspended, unmet, volatility_scale
from bot.domain.mandate import Rung
from bot.ports.assessor import Circumstances

READY = Standing(
    about=Circumstances(rung=Rung.AUTO, since=None, fell_at=None, version=None), report=True,
    gates_passed=True, outcomes=150, blocks=12, regimes=2, executed=40,
    executed_on_rung=40, log_evidence=log(25.0), log_harm=0.0, brier_skill=0.05, shortfall=-0.05, deflated_sharpe=0.97,
)
KNOWN = {field.name for field in fields(Circumstances)}


def but(standing: Standing = READY, **what: Any) -> Standing:
    """Change what is measured or what the desk knows."""
    about = replace(standing.about, **{name: value for name, value in what.items() if name in KNOWN})
    return replace(standing, about=about, **{name: value for name, value in what.items() if name not in KNOWN})


TRIGGERS: list[tuple[dict[str, Any], Rung]] = [
    ({"protection_unverified": True}, Rung.OFF), ({"log_harm": log(20.0)}, Rung.SHADOW),
    ({"outliers": Decimal("0.22")}, Rung.SHADOW), ({"skew": True}, Rung.SHADOW), ({"expired": True}, Rung.SHADOW),
    ({"drawdown_r": 8.0}, Rung.PROPOSE), ({"daily_loss_hit": True}, Rung.PROPOSE), ({"lease_over": True}, Rung.PROPOSE),
    ({"nobody_active_24h": True}, Rung.PROPOSE), ({"brier_skill_60": -0.01}, Rung.PROPOSE),
    ({"misses_50": 0.32}, Rung.PROPOSE), ({"shortfall_20": -0.26}, Rung.PROPOSE),
    ({"rejections_in_row": 2}, Rung.PROPOSE), ({"drift": True}, Rung.PROPOSE),
    ({"circuit_open": True}, Rung.PROPOSE),
]


def test_nothing_wrong_nothing_falls() -> None:
    assert fall(READY) is None
    almost = but(log_harm=log(19.9), outliers=Decimal("0.2"), drawdown_r=7.99, misses_50=0.30, brier_skill_60=0.0,
                     shortfall_20=-0.25, rejections_in_row=1)
    assert fall(almost) is None


@pytest.mark.parametrize(("what", "to"), TRIGGERS, ids=lambda each: "-".join(each) if isinstance(each, dict) else "")
def test_each_trigger_falls_to_its_rung_from_every_rung_above(what: dict[str, Any], to: Rung) -> None:
    for rung in ORDER:
        found = fall(but(rung=rung, **what))
        if ORDER.index(rung) <= ORDER.index(to):
            assert found is None
        else:
            assert isinstance(found, Fall)
            assert found.to is to


def test_every_row_of_the_table_has_its_trigger_here() -> None:
    assert len(TRIGGERS) == len(FALLS)
    for what, _ in TRIGGERS:
        assert sum(applies(but(**what)) for _, _, _, applies in FALLS) == 1


@pytest.mark.parametrize(("what", "to", "trigger"), [
    ({"halted": True}, Rung.OFF, "halt or account breaker"),
    ({"stream_trouble": True}, Rung.PROPOSE, "stream or clock trouble"),
    ({"halted": True, "stream_trouble": True}, Rung.OFF, "halt or account breaker"),
])
def test_what_passes_keeps_it_lower_without_a_fall(what: dict[str, Any], to: Rung, trigger: str) -> None:
    assert suspended(READY.about) is None
    for rung in ORDER:
        changed = but(rung=rung, **what)
        assert fall(changed) is None
        found = suspended(changed.about)
        if ORDER.index(rung) <= ORDER.index(to):
            assert found is None
        else:
            assert found is not None
            assert (found.to, found.trigger) == (to, trigger)


def test_the_lowest_of_several_wins() -> None:
    found = fall(but(circuit_open=True, skew=True, drawdown_r=9.0))
    assert found is not None
    assert (found.to, found.trigger) == (Rung.SHADOW, "features differ between live and replay")


@pytest.mark.parametrize(("rung", "wanted", "what", "words"), [
    (Rung.OFF, Rung.SHADOW, {"report": False}, "report is missing"),
    (Rung.SHADOW, Rung.PROPOSE, {"gates_passed": False, "outcomes": 29}, "there are 29"),
    (Rung.SHADOW, Rung.PROPOSE, {"gates_passed": False, "brier_skill": None}, "skill none"),
    (Rung.PROPOSE, Rung.SEMI, {"log_evidence": log(19.0)}, "Evidence is 19.0"),
    (Rung.PROPOSE, Rung.SEMI, {"outcomes": 99}, "99 outcomes"),
    (Rung.PROPOSE, Rung.SEMI, {"blocks": 9}, "9 blocks"),
    (Rung.PROPOSE, Rung.SEMI, {"regimes": 1}, "1 volatility"),
    (Rung.PROPOSE, Rung.SEMI, {"executed": 19}, "19 executed"),
    (Rung.PROPOSE, Rung.SEMI, {"shortfall": -0.16}, "-0.16R"),
    (Rung.PROPOSE, Rung.SEMI, {"shortfall": None}, "not measured"),
    (Rung.PROPOSE, Rung.SEMI, {"deflated_sharpe": 0.94}, "0.94"),
    (Rung.PROPOSE, Rung.SEMI, {"outcomes_since_fall": 29}, "since it fell"),
    (Rung.PROPOSE, Rung.SEMI, {"skew": True}, "fall at once to SHADOW"),
    (Rung.SEMI, Rung.AUTO, {"executed_on_rung": 29}, "29 executed"),
    (Rung.SEMI, Rung.AUTO, {"log_harm": log(5.1)}, "harm is 5.1"),
    (Rung.SEMI, Rung.AUTO, {"log_evidence": 0.0}, "Evidence is 1.0"),
])
def test_what_is_missing_is_said(rung: Rung, wanted: Rung, what: dict[str, Any], words: str) -> None:
    assert unmet(wanted, but(rung=rung)) == ()
    (missing,) = unmet(wanted, but(rung=rung, **what))
    assert words in missing


def test_rungs_are_climbed_one_at_a_time_and_going_down_needs_nothing() -> None:
    assert "one at a time" in unmet(Rung.SEMI, but(rung=Rung.SHADOW))[0]
    assert unmet(Rung.SHADOW, but(log_evidence=-9.0)) == ()
    shadow = but(rung=Rung.SHADOW, gates_passed=False, outcomes=30, brier_skill=0.01)
    assert unmet(Rung.PROPOSE, shadow) == ()
    assert unmet(Rung.SEMI, but(rung=Rung.PROPOSE, local=False, deflated_sharpe=None)) == ()


@given(st.lists(st.floats(allow_nan=False), min_size=1, max_size=8))
def test_no_layer_ever_raises_a_limit(limits: list[float]) -> None:
    effective = shrink(*limits)
    assert all(effective <= max(0.0, limit) for limit in limits)
    assert shrink(effective, *limits) == effective


def test_a_limit_that_is_no_number_is_an_error() -> None:
    for bad in ((), (1.0, nan)):
        with pytest.raises(ValueError, match="needs limits"):
            shrink(*bad)


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.booleans())
def test_unrest_only_lowers(target: float, realised: float, unusual: bool) -> None:
    scale = volatility_scale(target, realised, unusual)
    assert 0.0 <= scale <= 1.0
    assert volatility_scale(target, realised, True) <= volatility_scale(target, realised, False)


def test_infinite_evidence_is_printed_as_a_number() -> None:
    (missing,) = unmet(Rung.SEMI, but(rung=Rung.PROPOSE, log_evidence=-inf))
    assert "Evidence is 0.0" in missing
