"""Turn scores into chances that were true before: Platt below 1,000 outcomes, isotonic above (advisor section 6)."""
from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from math import log

from bot.adapters.advisors.logit import sigmoid

ISOTONIC_FROM = 1000
FEWEST = 30
LOWEST, HIGHEST = 0.02, 0.98
KNOTS_MAX = 200
# How much evidence, in outcomes that tell hit from miss, it takes to believe half of what scores say.
DOUBT = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """A monotone map from raw probability to chance, `fitted_on` outcomes; knots are (raw, chance), raw ascending."""

    kind: str
    fitted_on: int
    slope: float = 1.0
    shift: float = 0.0
    knots: tuple[tuple[float, float], ...] = ()

    def chance(self, raw: float) -> float:
        """Give the chance, between 2 % and 98 %."""
        if self.kind == "isotonic":
            found = _between(self.knots, raw)
        else:
            found = sigmoid(self.slope * _logit(raw) + self.shift)
        return min(HIGHEST, max(LOWEST, found))


def calibrate(raws: Sequence[float], hits: Sequence[int], weights: Sequence[float]) -> Calibration | None:
    """Fit on out-of-fold scores; None below 30 outcomes or where all ended alike."""
    count = len(raws)
    if count < FEWEST or not 0 < sum(hits) < count:
        return None
    if count < ISOTONIC_FROM:
        slope, shift = _platt(raws, hits, weights)
        return Calibration(kind="platt", fitted_on=count, slope=slope, shift=shift)
    return Calibration(kind="isotonic", fitted_on=count, knots=_isotonic(raws, hits, weights))


def _logit(probability: float) -> float:
    bounded = min(1.0 - 1e-9, max(1e-9, probability))
    return log(bounded / (1.0 - bounded))


def _platt(raws: Sequence[float], hits: Sequence[int], weights: Sequence[float]) -> tuple[float, float]:
    """Fit slope and shift by Newton's steps; little evidence gives a slope near 0, which says the base rate."""
    scores = [_logit(raw) for raw in raws]
    slope, shift = 1.0, 0.0
    for _ in range(50):
        g0 = g1 = 0.0
        h00, h01, h11 = 1e-9, 0.0, DOUBT
        g1 += DOUBT * slope
        for score, hit, weight in zip(scores, hits, weights, strict=True):
            chance = sigmoid(slope * score + shift)
            error, bend = weight * (chance - hit), weight * chance * (1.0 - chance)
            g0 += error
            g1 += error * score
            h00 += bend
            h01 += bend * score
            h11 += bend * score * score
        area = h00 * h11 - h01 * h01
        if area <= 1e-12:
            break
        down, along = (h11 * g0 - h01 * g1) / area, (h00 * g1 - h01 * g0) / area
        size = max(abs(down), abs(along))
        damp = min(1.0, 2.0 / size) if size > 0.0 else 1.0
        shift -= damp * down
        slope -= damp * along
        if size < 1e-10:
            break
    if slope >= 0.0:
        return slope, shift
    rate = sum(weight * hit for weight, hit in zip(weights, hits, strict=True)) / sum(weights)
    return 0.0, _logit(rate)


def _isotonic(raws: Sequence[float], hits: Sequence[int], weights: Sequence[float]) -> tuple[tuple[float, float], ...]:
    """Pool adjacent violators; each pool is a knot at its mean score."""
    pools: list[list[float]] = []
    for raw, hit, weight in sorted(zip(raws, hits, weights, strict=True)):
        pools.append([weight, weight * hit, weight * raw])
        while len(pools) > 1 and pools[-2][1] * pools[-1][0] >= pools[-1][1] * pools[-2][0]:
            last = pools.pop()
            pools[-1] = [left + right for left, right in zip(pools[-1], last, strict=True)]
    # A first or last pool of a few lucky outcomes would promise 0 or 1: a pool needs 30, counted in average weights.
    usual = sum(weights) / len(weights)
    merged: list[list[float]] = []
    for pool in pools:
        if merged and (merged[-1][0] < FEWEST * usual or len(merged) >= KNOTS_MAX):
            merged[-1] = [left + right for left, right in zip(merged[-1], pool, strict=True)]
        else:
            merged.append(pool)
    if len(merged) > 1 and merged[-1][0] < FEWEST * usual:
        last = merged.pop()
        merged[-1] = [left + right for left, right in zip(merged[-1], last, strict=True)]
    return tuple((raw / weight, hit / weight) for weight, hit, raw in merged)


def _between(knots: Sequence[tuple[float, float]], raw: float) -> float:
    at = bisect_left(knots, (raw,))
    if at == 0:
        return knots[0][1]
    if at == len(knots):
        return knots[-1][1]
    (left, low), (right, high) = knots[at - 1], knots[at]
    return low + (high - low) * (raw - left) / (right - left) if right > left else high
