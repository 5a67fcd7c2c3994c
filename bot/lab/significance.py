"""Say how much of a result is luck: probabilistic and deflated Sharpe ratio, overfitting, permutation (advisor 3.4, 7).

Formulas: Bailey and Lopez de Prado (2012, 2014) for the Sharpe ratios; Bailey et al. (2017) for the probability of
backtest overfitting by combinatorially symmetric cross-validation.
"""
from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from math import e, sqrt
from random import Random
from statistics import NormalDist

NORMAL = NormalDist()
EULER = 0.5772156649015329


def sharpe(values: Sequence[float]) -> float:
    """Give mean over deviation per trade, not annualised; 0 below two trades or without spread."""
    count = len(values)
    if count < 2:
        return 0.0
    mean = sum(values) / count
    spread = sqrt(sum((value - mean) ** 2 for value in values) / (count - 1))
    return mean / spread if spread > 0.0 else 0.0


def _moments(values: Sequence[float]) -> tuple[float, float]:
    count = len(values)
    mean = sum(values) / count
    second = sum((value - mean) ** 2 for value in values) / count
    if second <= 0.0:
        return 0.0, 3.0
    third = sum((value - mean) ** 3 for value in values) / count
    fourth = sum((value - mean) ** 4 for value in values) / count
    return third / second**1.5, fourth / second**2


def probabilistic_sharpe(values: Sequence[float], above: float = 0.0) -> float:
    """Give the chance that the true Sharpe ratio per trade lies above a value, allowing for skew and fat tails."""
    count = len(values)
    if count < 3:
        return 0.0
    found = sharpe(values)
    skew, kurtosis = _moments(values)
    spread = 1.0 - skew * found + (kurtosis - 1.0) / 4.0 * found * found
    return NORMAL.cdf((found - above) * sqrt(count - 1) / sqrt(max(spread, 1e-12)))


def expected_best(trials: int, variance: float) -> float:
    """Give the Sharpe ratio that the best of so many worthless trials is expected to show."""
    if trials < 2:
        return 0.0
    high, higher = NORMAL.inv_cdf(1.0 - 1.0 / trials), NORMAL.inv_cdf(1.0 - 1.0 / (trials * e))
    return sqrt(variance) * ((1.0 - EULER) * high + EULER * higher)


def deflated_sharpe(values: Sequence[float], trials: int, tried: Sequence[float] = ()) -> float:
    """Give the chance that the result is better than the best of `trials` worthless ones would look.

    The spread of what trials show is that of `tried` (their Sharpe ratios), and at least what chance alone gives.
    """
    count = len(values)
    if count < 3:
        return 0.0
    spread = 1.0 / (count - 1)
    if len(tried) > 1:
        mean = sum(tried) / len(tried)
        spread = max(spread, sum((each - mean) ** 2 for each in tried) / (len(tried) - 1))
    return probabilistic_sharpe(values, expected_best(max(1, trials), spread))


def overfitting(blocks: Sequence[Sequence[float]]) -> float | None:
    """Give how often the best configuration of one half of time is below the median of the other half (PBO).

    `blocks[c][t]` is what configuration c earned in block t. None below two configurations or four blocks.
    """
    if len(blocks) < 2 or len(blocks[0]) < 4:
        return None
    count = len(blocks[0]) - len(blocks[0]) % 2
    bad = whole = 0
    for chosen in combinations(range(count), count // 2):
        others = [block for block in range(count) if block not in chosen]
        inside = [sum(each[block] for block in chosen) for each in blocks]
        outside = [sum(each[block] for block in others) for each in blocks]
        best = max(range(len(blocks)), key=inside.__getitem__)
        below = sum(value < outside[best] for value in outside) + 0.5 * (outside.count(outside[best]) - 1)
        bad += below < (len(blocks) - 1) / 2
        whole += 1
    return bad / whole


def permutation_p(
    scores: Sequence[float], hits: Sequence[int], block: int, seed: int, times: int = 200
) -> float:
    """Give how often scores fit labels shuffled in blocks at least as well as the real ones, by ranks."""
    count = len(scores)
    order = sorted(range(count), key=scores.__getitem__)
    ranks = [0.0] * count
    at = 0
    while at < count:
        end = at
        while end + 1 < count and scores[order[end + 1]] == scores[order[at]]:
            end += 1
        for place in range(at, end + 1):
            ranks[order[place]] = (at + end) / 2.0
        at = end + 1
    real = sum(rank for rank, hit in zip(ranks, hits, strict=True) if hit)
    chance = Random(seed)
    starts = list(range(0, count, max(1, block)))
    as_good = 1
    for _ in range(times):
        chance.shuffle(starts)
        shuffled = [hit for start in starts for hit in hits[start:start + max(1, block)]]
        as_good += sum(rank for rank, hit in zip(ranks, shuffled, strict=True) if hit) >= real
    return as_good / (times + 1)
