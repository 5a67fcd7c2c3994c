"""Measure how far a market is from what a model was trained on: Mahalanobis by a stored triangular factor."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from math import sqrt
from operator import mul

ROWS_MAX = 4000
# Pulls the covariance towards its diagonal, so that features that move together keep a factor.
SHRINK = 0.05


class Place(Enum):
    """How usual a market is: inside 99 % of training, beyond it (the card says so), beyond 99.9 % (abstain)."""

    USUAL = "USUAL"
    UNUSUAL = "UNUSUAL"
    OUTSIDE = "OUTSIDE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbourhood:
    """Centre, lower triangular factor of the covariance by rows, and the training quantiles of the distance."""

    centre: tuple[float, ...]
    factor: tuple[tuple[float, ...], ...]
    limit_99: float
    limit_999: float

    def distance(self, row: Sequence[float]) -> float:
        """Give the distance in standard deviations of the whole row."""
        solved: list[float] = []
        for value, middle, line in zip(row, self.centre, self.factor, strict=True):
            # `map` ends with the shorter: the columns before the diagonal.
            solved.append((value - middle - sum(map(mul, solved, line))) / line[-1])
        return sqrt(sum(map(mul, solved, solved)))

    def place(self, distance: float) -> Place:
        """Say how usual a distance is."""
        if distance <= self.limit_99:
            return Place.USUAL
        return Place.UNUSUAL if distance <= self.limit_999 else Place.OUTSIDE


def fit_neighbourhood(rows: Sequence[Sequence[float]]) -> Neighbourhood:
    """Fit on training rows, evenly thinned to 4,000; raises ValueError below 10 rows."""
    if len(rows) < 10:
        raise ValueError(f"An outlier distance needs 10 rows, there are {len(rows)}.")
    stride = -(-len(rows) // ROWS_MAX)
    used = rows[::stride]
    count = len(used)
    columns = list(zip(*used, strict=True))
    centre = [sum(column) / count for column in columns]
    centred = [[value - middle for value in column] for column, middle in zip(columns, centre, strict=True)]
    cover = [[sum(map(mul, left, right)) / count for right in centred[: at + 1]] for at, left in enumerate(centred)]
    for at, line in enumerate(cover):
        line[:at] = [value * (1.0 - SHRINK) for value in line[:at]]
        line[at] = max(line[at], 1e-8)
    found = Neighbourhood(centre=tuple(centre), factor=_triangle(cover), limit_99=0.0, limit_999=0.0)
    ordered = sorted(map(found.distance, used))
    at_99, at_999 = (ordered[min(count - 1, int(count * share))] for share in (0.99, 0.999))
    return Neighbourhood(centre=found.centre, factor=found.factor, limit_99=at_99, limit_999=at_999)


def _triangle(cover: Sequence[Sequence[float]]) -> tuple[tuple[float, ...], ...]:
    """Factor a symmetric matrix, given by its lower rows (Cholesky)."""
    factor: list[list[float]] = []
    for at, line in enumerate(cover):
        row: list[float] = []
        for before in range(at):
            row.append((line[before] - sum(map(mul, row, factor[before]))) / factor[before][before])
        row.append(sqrt(max(line[at] - sum(map(mul, row, row)), 1e-10)))
        factor.append(row)
    return tuple(tuple(row) for row in factor)
