"""Canaries on noise, small versions of A4: the future is caught, shuffled labels are noise, a shuffled split is not."""
from __future__ import annotations

import pytest

from bot.adapters.advisors.labels import parse_recipe
from bot.adapters.advisors.resolver import Costs
from bot.lab.canary import Canaries, shuffled_split_auc, sing
from bot.lab.dataset import build
from bot.lab.evaluate import judge_side
from bot.lab.folds import split
from bot.lab.train_gbt import installed
from tests.adapters.advisors.synthetic import walk

DATA = build({"BTCUSDT": walk(1600, 8, minutes=15)}, kernel="k1", timeframe="15m", recipe=parse_recipe("tb:2/1/24"),
             costs=Costs(), sides=("LONG",), warmup=300)["LONG"]


def test_both_canaries_sing() -> None:
    found = sing(DATA, split(DATA.examples, DATA.horizon_ms), 7)
    assert found.future_auc > 0.9
    assert abs(found.noise_auc - 0.5) <= 0.03
    assert found.passed
    assert not Canaries(future_auc=0.8, noise_auc=0.5, noise_spread=0.1).passed
    assert not Canaries(future_auc=0.99, noise_auc=0.54, noise_spread=0.1).passed


def test_a_shuffled_split_turns_noise_into_a_star_and_ours_does_not() -> None:
    if not installed():
        pytest.skip("The extra `lab` is not installed.")
    star = shuffled_split_auc("gbt", DATA.examples, 7, folds=3)
    cut = split(DATA.examples, DATA.horizon_ms, folds=3)
    ours = judge_side("gbt", DATA, cut, 7)
    assert star > 0.7
    assert abs(sum(fold.auc for fold in ours.folds) / len(ours.folds) - 0.5) < 0.12
