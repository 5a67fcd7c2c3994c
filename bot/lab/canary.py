"""Prove that leaks would be seen: a feature from the future must shine, shuffled labels must not (advisor 7)."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from bot.adapters.advisors.scores import auc
from bot.lab.dataset import Dataset, Example
from bot.lab.fit import fit
from bot.lab.folds import Split

CAUGHT = 0.9
NOISE = 0.03
SHUFFLES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Canaries:
    """What the two canaries showed; `noise_spread` is how far shuffled runs lay apart."""

    future_auc: float
    noise_auc: float
    noise_spread: float

    @property
    def passed(self) -> bool:
        """Tell whether the future was caught and noise stayed noise."""
        return self.future_auc > CAUGHT and abs(self.noise_auc - 0.5) <= NOISE


def sing(data: Dataset, cut: Split, seed: int, kind: str = "logit") -> Canaries:
    """Run both canaries over the folds of a data set."""
    leaking = [_with(example, example.gross) for example in data.examples]
    future = _auc(kind, leaking, cut, seed)
    noise = []
    for turn in range(SHUFFLES):
        chance = Random(seed * 1000 + turn)
        hits = [example.hit for example in data.examples]
        chance.shuffle(hits)
        shuffled = [replace(example, hit=hit) for example, hit in zip(data.examples, hits, strict=True)]
        noise.append(_auc(kind, shuffled, cut, seed))
    return Canaries(future_auc=future, noise_auc=sum(noise) / len(noise), noise_spread=max(noise) - min(noise))


def shuffled_split_auc(kind: str, examples: Sequence[Example], seed: int, folds: int = 5) -> float:
    """Give the AUC of shuffled cross-validation, the mistake the canaries are there for (advisor section 3.4)."""
    order = list(range(len(examples)))
    Random(seed).shuffle(order)
    scores, hits = [], []
    for part in range(folds):
        test = order[part::folds]
        held = set(test)
        model = fit(kind, [examples[index] for index in order if index not in held], seed).model
        scores += [model.predict(examples[index].row) for index in test]
        hits += [examples[index].hit for index in test]
    return auc(scores, hits)


def _with(example: Example, extra: float) -> Example:
    """Put a value in the place of the first feature."""
    return replace(example, row=[extra, *example.row[1:]])


def _auc(kind: str, examples: Sequence[Example], cut: Split, seed: int) -> float:
    found = []
    for fold in cut.folds:
        model = fit(kind, [examples[index] for index in fold.train], seed).model
        found.append(auc([model.predict(examples[index].row) for index in fold.test],
                         [examples[index].hit for index in fold.test]))
    return sum(found) / len(found)
