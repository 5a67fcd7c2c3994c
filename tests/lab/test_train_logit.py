from __future__ import annotations

import subprocess
import sys

import pytest

from bot.adapters.advisors.scores import auc
from bot.lab.fit import fit_logit, weights_of
from bot.lab.train_gbt import fit_gbt, installed
from tests.adapters.advisors.synthetic import learnable
from tests.house.tree import ROOT


def test_it_learns_what_there_is_and_the_same_again() -> None:
    rows, hits = learnable(4000, 12, 1)
    model = fit_logit(rows, hits, [0.3] * 4000, 7)
    assert fit_logit(rows, hits, [0.3] * 4000, 7) == model
    assert fit_logit(rows, hits, [0.3] * 4000, 8) != model
    fresh, ended = learnable(4000, 12, 2)
    truth = auc([sum(row[:5]) for row in fresh], ended)
    assert auc([model.raw(row) for row in fresh], ended) > truth - 0.01
    assert sum(weights_of(model, 12)[:5]) > 0.6


def test_noise_leaves_small_weights() -> None:
    rows, hits = learnable(3000, 12, 3, strength=0.0)
    model = fit_logit(rows, hits, [1.0] * 3000, 7)
    assert max(map(abs, model.weights)) < 0.12


def test_dead_features_and_few_rows_do_not_break_it() -> None:
    model = fit_logit([[1.0, float(at % 2)] for at in range(20)], [at % 2 for at in range(20)], [1.0] * 20, 7)
    assert model.predict((1.0, 1.0)) > model.predict((1.0, 0.0))


def test_trees_refit_identically_and_are_served_as_trained() -> None:
    if not installed():
        pytest.skip("The extra `lab` is not installed.")
    rows, hits = learnable(1500, 10, 4, strength=0.4)
    trees, text = fit_gbt(rows, hits, [1.0] * 1500, 7, trees=30)
    assert fit_gbt(rows, hits, [1.0] * 1500, 7, trees=30)[1] == text
    fresh, ended = learnable(1500, 10, 5, strength=0.4)
    assert auc([trees.predict(row) for row in fresh], ended) > 0.62
    assert sum(weights_of(trees, 10)) == pytest.approx(1.0)


def test_the_serving_rooms_load_no_ml_library() -> None:
    """A18: whatever serves a model imports neither numpy nor a trainer, and no room of the desk imports the lab."""
    rooms = ", ".join(f"bot.adapters.advisors.{name}" for name in (
        "artefact", "attribution", "calibration", "conformal", "evidence", "kernel", "labels", "ladder", "local",
        "outlier", "resolver", "rules", "scores"))
    code = (f"import sys, {rooms}; heavy = {{'numpy', 'lightgbm', 'scipy', 'matplotlib', 'sklearn', 'pickle'}}; "
            "print(sorted(heavy & set(sys.modules)))")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"
