"""A served model's chances are fitted anew on what its own scores came to, and read back suspiciously."""
from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random

import pytest

from bot.adapters.advisors.artefact_shape import Misshapen
from bot.adapters.advisors.recalibrate import fitted, read, scored, spell
from bot.ports.assessor import Judged
from bot.ports.lab_rows import PredictionRow
from tests.adapters.advisors.test_assessor import IDEA, judged

BAR = timedelta(minutes=15)


def predicted(idea_number: int, score: str, side: str = "LONG") -> PredictionRow:
    at = judged(idea_number, "1")[0].at
    return PredictionRow(advisor="M-1", symbol=IDEA.symbol, timeframe="15m", bar_at=at - BAR, side=side, kernel="k1",
                         began_at=at, row="x", score=Decimal(score), distance=Decimal(1), at=at)


def history(count: int) -> tuple[list[Judged], list[PredictionRow]]:
    """Give a model that says 0.2 to 0.8 and hits half as often as it says."""
    chance = Random(3)
    outcomes, predictions = [], []
    for number in range(count):
        score = 0.2 + 0.6 * chance.random()
        outcomes.append(judged(number, "1.9" if chance.random() < score / 2 else "-1.1"))
        predictions.append(predicted(number, f"{score:.4f}"))
    return outcomes, predictions


def test_an_overconfident_model_is_told_so() -> None:
    pairs = scored(*history(800))
    assert len(pairs["LONG"]) == 800
    maps = fitted(pairs)
    assert maps.keys() == {"LONG"}
    assert maps["LONG"].chance(0.7) == pytest.approx(0.35, abs=0.06)
    assert maps["LONG"].chance(0.3) == pytest.approx(0.15, abs=0.06)


def test_what_was_not_filled_or_has_no_score_of_its_side_is_left_out() -> None:
    outcomes, predictions = history(3)
    outcomes.append(judged(3, "1.9", filled=False))
    outcomes.append(judged(4, "1.9"))
    idea, outcome = judged(5, "1.9")
    outcomes.append((replace(idea, direction="SHORT"), outcome))
    pairs = scored(outcomes, [*predictions, predicted(3, "0.5")])
    # The fourth has the newest score before it; the short has none.
    assert [len(pairs["LONG"]), len(pairs["SHORT"])] == [4, 0]
    assert pairs["LONG"][-1] == (0.5, 1)
    assert fitted(pairs) == {}


def test_it_comes_back_as_it_was_and_nothing_else_does() -> None:
    maps = fitted(scored(*history(100)))
    assert read(spell(maps)) == maps
    for wrong in ("[]", "{", '{"UP": null}', '{"LONG": {"kind": "x"}}', '{"LONG": {"kind": "platt", "fitted_on": 1, '
                  '"slope": NaN, "shift": 0, "knots": []}}'):
        with pytest.raises(Misshapen):
            read(wrong)
