"""Judge a kind of model out of fold: nothing is scored by a model that saw it, nor calibrated by itself (advisor 6)."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.adapters.advisors.calibration import calibrate
from bot.adapters.advisors.gbt import Trees
from bot.adapters.advisors.logit import Logit
from bot.adapters.advisors.scores import auc, brier_skill
from bot.lab.dataset import Dataset, Example
from bot.lab.fit import fit, weights_of
from bot.lab.folds import Split, calibration_split
from bot.lab.trades import Choice


@dataclass(frozen=True, slots=True)
class FoldResult:
    """One fold: spans in UTC milliseconds, how many rows, how well it ranked and how good its chances were."""

    number: int
    train_from: int
    train_to: int
    test_from: int
    test_to: int
    train_rows: int
    test_rows: int
    base: float
    auc: float
    brier_skill: float
    weights: list[float]
    choices: list[Choice]


@dataclass(frozen=True, slots=True)
class SideResult:
    """One side out of fold."""

    side: str
    folds: list[FoldResult]

    @property
    def choices(self) -> list[Choice]:
        """Give all scored examples in the order of time."""
        return [choice for fold in self.folds for choice in fold.choices]


Chance = Callable[[float], float]


def judge_side(kind: str, data: Dataset, cut: Split, seed: int, step: Callable[[], None] = lambda: None) -> SideResult:
    """Fit, calibrate and score fold by fold; calls `step` after each."""
    found = []
    for number, fold in enumerate(cut.folds, 1):
        fitting, calibrating = calibration_split(data.examples, fold.train, data.horizon_ms)
        model, chance_of = fit_calibrated(
            kind, [data.examples[index] for index in fitting], [data.examples[index] for index in calibrating], seed)
        tests = [data.examples[index] for index in fold.test]
        raws = [model.predict(example.row) for example in tests]
        choices = [Choice(example, data.side, raw, chance_of(raw)) for example, raw in zip(tests, raws, strict=True)]
        hits = [example.hit for example in tests]
        # The rate known beforehand is the opponent: the rate of the test itself could not have been known.
        base = sum(data.examples[index].hit for index in fold.train) / len(fold.train)
        found.append(FoldResult(
            number=number, train_from=data.examples[fold.train[0]].at, train_to=data.examples[fold.train[-1]].ends,
            test_from=tests[0].at, test_to=tests[-1].ends, train_rows=len(fold.train), test_rows=len(tests),
            base=base, auc=auc(raws, hits), brier_skill=brier_skill([one.chance for one in choices], hits, base),
            weights=weights_of(model, len(tests[0].row)), choices=choices,
        ))
        step()
    return SideResult(data.side, found)


def fit_calibrated(
    kind: str, fitting: Sequence[Example], calibrating: Sequence[Example], seed: int
) -> tuple[Logit | Trees, Chance]:
    """Fit on one part and calibrate on the other; where that cannot be done the chance is the base rate."""
    model = fit(kind, fitting, seed).model
    calibration = calibrate([model.predict(one.row) for one in calibrating], [one.hit for one in calibrating],
                            [one.weight for one in calibrating])
    if calibration is None:
        base = sum(one.hit for one in fitting) / len(fitting)
        return model, lambda _: base
    return model, calibration.chance
