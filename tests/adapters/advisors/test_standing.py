"""An advisor's standing is read from its outcomes: executed ones, shortfall, drawdown since promotion, regimes."""
from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from bot.adapters.advisors.evidence import Account
from bot.adapters.advisors.standing import of, regimes
from bot.ports.assessor import Judged
from tests.adapters.advisors.test_assessor import MINUTE, STANDS, T0, judged, many
from tests.adapters.store.test_lab import version


def done(number: int, net_r: str, executed_r: str) -> Judged:
    idea, outcome = judged(number, net_r)
    return idea, replace(outcome, executed_r=Decimal(executed_r))


def test_executed_ones_give_shortfall_and_drawdown() -> None:
    found = of(STANDS, Account(), [done(0, "1.0", "0.9"), done(1, "-1.0", "-1.3"), judged(2, "1.0")])
    assert (found.executed, found.shortfall, found.shortfall_20) == (2, -0.2, None)
    assert found.drawdown_r == 1.3
    later = of(replace(STANDS, since=T0 + 11 * MINUTE), Account(), [done(0, "-1.0", "-1.0"), done(2, "1.0", "1.0")])
    assert (later.executed, later.executed_on_rung, later.drawdown_r) == (2, 1, 0.0)


def test_outcomes_since_a_fall_count_from_it() -> None:
    assert of(STANDS, Account(), many(5, 1)).outcomes_since_fall is None
    assert of(replace(STANDS, fell_at=T0 + 61 * MINUTE), Account(), many(5, 1)).outcomes_since_fall == 3


def test_skill_is_measured_where_something_was_claimed() -> None:
    # The first 30 claims of a model that is not ours only fit its map (advisor section 8): 60 are left to judge.
    claims = of(STANDS, Account(), many(90, 3))
    assert claims.brier_skill is not None
    assert claims.brier_skill_60 == claims.brier_skill
    assert of(STANDS, Account(), many(89, 3)).brier_skill_60 is None
    silent = [(replace(idea, claim_bp=None), outcome) for idea, outcome in many(60, 3)]
    assert of(STANDS, Account(), silent).brier_skill is None


def test_a_registered_version_brings_its_report() -> None:
    stored = replace(version(), report="<p>", metrics='{"may_propose": true, "deflated_sharpe": 0.97}')
    found = of(replace(STANDS, version=stored), Account(), [])
    assert (found.local, found.report, found.gates_passed, found.deflated_sharpe) == (True, True, True, 0.97)
    assert not of(STANDS, Account(), []).local


def test_two_regimes_are_stops_of_very_different_width() -> None:
    same = many(9, 1)
    assert regimes([]) == 0
    assert regimes(same) == 1
    wide = [(replace(idea, stop=Decimal(60)), outcome) for idea, outcome in same[:4]]
    assert regimes([*wide, *same[4:]]) == 2
