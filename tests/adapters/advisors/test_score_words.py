"""A scorecard says what was said and what was hit, and what executing it brought."""
from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from bot.adapters.advisors.evidence import Account
from bot.adapters.advisors.score_words import score
from tests.adapters.advisors.test_assessor import judged


def test_said_and_hit_stand_side_by_side() -> None:
    outcomes = [judged(number, "1.9" if number % 4 == 0 else "-1.1") for number in range(40)]
    rows = dict(score("M-1", Account(), outcomes).rows)
    assert rows["Said"] == "60%, hit 25%"
    assert rows["Hit"].startswith("10 of 40 (")
    assert rows["Mean"].startswith("-0.35R (")
    assert "Executed" not in rows


def test_execution_shortfall_is_named() -> None:
    idea, outcome = judged(0, "1.0")
    rows = dict(score("M-1", Account(), [(idea, replace(outcome, executed_r=Decimal("0.75")))]).rows)
    assert (rows["Executed"], rows["Shortfall"]) == ("1, +0.75R", "-0.25R each")
