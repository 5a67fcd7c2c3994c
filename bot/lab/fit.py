"""Fit either kind of model by one call, and give what the artefact stores of it."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.adapters.advisors.artefact_parts import logit_parts
from bot.adapters.advisors.gbt import Trees
from bot.adapters.advisors.logit import Logit
from bot.lab.dataset import Example
from bot.lab.train_gbt import fit_gbt
from bot.lab.train_logit import fit_logit

KINDS = ("logit", "gbt")


@dataclass(frozen=True, slots=True)
class Fitted:
    """A fitted model and its parameters as an artefact spells them."""

    model: Logit | Trees
    parameters: dict[str, Any]


def fit(kind: str, examples: Sequence[Example], seed: int) -> Fitted:
    """Fit on examples; raises NotInstalled for `gbt` without the extra, ValueError for an unknown kind."""
    rows, hits, weights = [e.row for e in examples], [e.hit for e in examples], [e.weight for e in examples]
    if kind == "logit":
        logit = fit_logit(rows, hits, weights, seed)
        return Fitted(logit, logit_parts(logit))
    if kind == "gbt":
        trees, text = fit_gbt(rows, hits, weights, seed)
        return Fitted(trees, {"trees": text})
    raise ValueError(f"A model is one of {', '.join(KINDS)}, not {kind!r}.")


def weights_of(model: Logit | Trees, features: int) -> list[float]:
    """Give how much each feature weighs: the size of its weight, or how often trees split on it (shares of 1)."""
    if isinstance(model, Logit):
        sizes = [abs(weight) for weight in model.weights]
    else:
        sizes = [0.0] * features
        for tree in model.trees:
            for feature in tree.features:
                sizes[feature] += 1.0
    whole = sum(sizes) or 1.0
    return [size / whole for size in sizes]
