"""Cut time into an expanding purged walk-forward with embargo, and a tail nobody looks at (advisor section 6)."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.lab.dataset import Example

FOLDS = 5
TAIL = 0.15
FIRST_TRAIN = 0.4
FEWEST = 60


class TooShort(ValueError):
    """There are too few examples to judge anything; the text says how many and what to do."""


@dataclass(frozen=True, slots=True)
class Fold:
    """Indexes of training and test examples; between them lies the embargo."""

    train: list[int]
    test: list[int]


@dataclass(frozen=True, slots=True)
class Split:
    """The folds, what may be trained on in the end, and the untouched tail."""

    folds: list[Fold]
    before_tail: list[int]
    tail: list[int]


def purged(examples: Sequence[Example], candidates: Sequence[int], starts: int, embargo_ms: int) -> list[int]:
    """Keep the candidates whose label ended at or before `starts` less the embargo."""
    return [index for index in candidates if examples[index].ends <= starts - embargo_ms]


def split(examples: Sequence[Example], horizon_ms: int, folds: int = FOLDS, tail: float = TAIL) -> Split:
    """Cut examples in the order of time; the embargo is the label's horizon. Raises TooShort."""
    count = len(examples)
    begin = _moment_edge(examples, round(count * (1.0 - tail)))
    first = round(begin * FIRST_TRAIN)
    edges = [_moment_edge(examples, first + (begin - first) * part // folds) for part in range(folds + 1)]
    made = []
    for start, end in pairwise(edges):
        if start >= end:
            continue
        train = purged(examples, range(start), examples[start].at, horizon_ms)
        if len(train) >= FEWEST:
            made.append(Fold(train=train, test=list(range(start, end))))
    if len(made) < min(2, folds) or begin >= count:
        raise TooShort(f"{count} examples are too few for {folds} folds of at least {FEWEST} training rows each after "
                       "purging. Import or fetch a longer history, or take a shorter timeframe or horizon.")
    return Split(folds=made, before_tail=purged(examples, range(begin), examples[begin].at, horizon_ms),
                 tail=list(range(begin, count)))


def calibration_split(
    examples: Sequence[Example], train: Sequence[int], horizon_ms: int, share: float = 0.2
) -> tuple[list[int], list[int]]:
    """Cut a training set in two by time, purged: one part to fit on, the later one to calibrate on."""
    at = round(len(train) * (1.0 - share))
    later = list(train[at:])
    return purged(examples, train[:at], examples[later[0]].at, horizon_ms) or list(train[:at]), later


def _moment_edge(examples: Sequence[Example], index: int) -> int:
    """Move a cut back to the first example of its moment: symbols of one moment stay together."""
    while 0 < index < len(examples) and examples[index - 1].at == examples[index].at:
        index -= 1
    return index
