"""Fit trees with LightGBM (extra `lab`), in a way that refits identically and that plain Python can serve exactly."""
from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from typing import Any

from bot.adapters.advisors.gbt import Trees, read_trees

TREES = 200


class NotInstalled(Exception):
    """The extra is missing; the text says how to get it."""


def installed() -> bool:
    """Tell whether LightGBM is here."""
    return importlib.util.find_spec("lightgbm") is not None


def fit_gbt(
    rows: Sequence[Sequence[float]], hits: Sequence[int], weights: Sequence[float], seed: int, trees: int = TREES
) -> tuple[Trees, str]:
    """Fit and give the evaluator and LightGBM's text it was read from; raises NotInstalled without the extra."""
    booster = _booster(rows, hits, weights, seed, trees)
    text = served_text(booster.model_to_string())
    return read_trees(text), text


def served_text(text: str) -> str:
    """Cut LightGBM's text to what is served: header and trees, without importances and parameters."""
    head, _, _ = text.partition("\nend of trees")
    return head + "\nend of trees\n"


def booster_of(text: str) -> Any:
    """Give LightGBM's own predictor of a served text, to compare with (`lab verify`); raises NotInstalled."""
    if not installed():
        raise NotInstalled("LightGBM is not installed; run: pip install 'wiredesk[lab]'")
    import lightgbm

    return lightgbm.Booster(model_str=text)


def need_trainer() -> None:
    """Raise NotInstalled without the extra."""
    if not installed():
        raise NotInstalled("Trees need the extra `lab`; run: pip install 'wiredesk[lab]', or use --kind logit")


def _booster(rows: Any, hits: Any, weights: Any, seed: int, trees: int) -> Any:
    need_trainer()
    import lightgbm
    import numpy

    settings = {
        "objective": "binary", "num_leaves": 15 if len(rows) < 20_000 else 31, "learning_rate": 0.03,
        "min_data_in_leaf": max(20, len(rows) // 100), "lambda_l2": 10.0, "feature_fraction": 0.7,
        "num_threads": 1, "deterministic": True, "force_row_wise": True, "seed": seed, "use_missing": False,
        "verbosity": -1,
    }
    table = lightgbm.Dataset(numpy.asarray(rows, dtype=float), label=numpy.asarray(hits, dtype=float),
                             weight=numpy.asarray(weights, dtype=float), params={"verbosity": -1})
    return lightgbm.train(settings, table, num_boost_round=trees)
