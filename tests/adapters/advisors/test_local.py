"""Serving: warm-up, silence with a reason, calibrated chances, replay bit for bit, under a millisecond a candle."""
from __future__ import annotations

import time

import pytest

from bot.adapters.advisors.artefact import Artefact, load_artefact
from bot.adapters.advisors.kernel import WARMUP
from bot.adapters.advisors.local import Local, Prediction, Silent
from bot.adapters.advisors.outlier import Place
from tests.adapters.advisors.models import written
from tests.adapters.advisors.synthetic import walk

BARS = walk(WARMUP + 60, 31)


def model(kind: str = "logit", spread: float = 3.0) -> Artefact:
    return load_artefact(*written(kind, spread=spread))


@pytest.fixture(scope="module")
def predictions() -> list[tuple[Prediction, ...]]:
    local = Local(model())
    local.warm_up(BARS[:WARMUP - 1])
    found = []
    for bar in BARS[WARMUP - 1:]:
        answer = local.push(bar)
        assert isinstance(answer, tuple), answer
        found.append(answer)
    return found


def test_cold_models_say_so() -> None:
    local = Local(model())
    found = local.push(BARS[0])
    assert found == Silent(reason="warm_up", words=f"1 of {WARMUP} bars were seen.")
    assert local.last_at == BARS[0].at
    assert local.push(BARS[0]) == Silent(reason="bad_bar", words=found_words(local))


def found_words(local: Local) -> str:
    answer = local.push(BARS[0])
    assert isinstance(answer, Silent)
    return answer.words


def test_both_sides_are_judged(predictions: list[tuple[Prediction, ...]]) -> None:
    for long, short in predictions:
        assert (long.side, short.side) == ("LONG", "SHORT")
        assert long.raw == short.raw
        assert long.chance is not None
        assert 0.02 <= long.chance <= 0.98
        assert long.target == pytest.approx(2.0 * long.stop)
        assert 1 / 3 < long.break_even < 1.0
        assert long.row == short.row
        assert long.began == BARS[0].at
        assert long.place in (Place.USUAL, Place.UNUSUAL)
        assert sum(abs(share) for _, share in long.reasons) <= 1001


def test_the_same_bars_give_the_same_predictions(predictions: list[tuple[Prediction, ...]]) -> None:
    local = Local(model())
    local.warm_up(BARS[:WARMUP - 1])
    assert [local.push(bar) for bar in BARS[WARMUP - 1:]] == predictions


def test_a_market_unlike_the_training_is_left_alone() -> None:
    local = Local(model(spread=0.01))
    local.warm_up(BARS[:WARMUP])
    found = local.push(BARS[WARMUP])
    assert isinstance(found, Silent)
    assert found.reason == "outside"


def test_a_candle_costs_under_a_millisecond() -> None:
    local = Local(model("gbt"))
    local.warm_up(BARS[:WARMUP])
    begun = time.process_time()
    for bar in BARS[WARMUP:]:
        local.push(bar)
    assert (time.process_time() - begun) / 60 < 0.001
