"""Fit a logistic model without any library: AdaGrad over standardised features, three passes (advisor section 4)."""
from __future__ import annotations

from collections.abc import Sequence
from math import exp, log, sqrt
from operator import mul
from random import Random

from bot.adapters.advisors.logit import Logit

PASSES = 3
# Features are bounded; beyond this many deviations a value would rule a pass.
CLIP = 5.0
RATE = 0.03
# Pulls weights towards 0, per pass over the data: weak signals must not become strong opinions.
RIDGE = 2.0
SCALE_LEAST = 1e-6


def fit_logit(
    rows: Sequence[Sequence[float]], hits: Sequence[int], weights: Sequence[float], seed: int, passes: int = PASSES
) -> Logit:
    """Fit on weighted rows; the same rows and seed give the same model, bit for bit.

    The weights are those of the average of the last pass. 100,000 rows of 45 features take under 10 s on one core.
    """
    count = len(rows)
    columns = list(zip(*rows, strict=True))
    means = [sum(column) / count for column in columns]
    scales = [max(SCALE_LEAST, sqrt(sum([(value - mean) * (value - mean) for value in column]) / count))
              for column, mean in zip(columns, means, strict=True)]
    scaled = [[(value - mean) / scale for value in column] for column, mean, scale in
              zip(columns, means, scales, strict=True)]
    tables = list(zip(*[[CLIP if each > CLIP else max(each, -CLIP) for each in column] for column in scaled],
                      strict=True))
    mass = sum(weights)
    rate = min(1 - 1e-6, max(1e-6, sum(map(mul, weights, hits)) / mass))
    usual = mass / count
    learned, bias = _descend(tables, hits, [weight / usual for weight in weights], log(rate / (1 - rate)), seed, passes)
    return Logit(means=tuple(means), scales=tuple(scales), weights=tuple(learned), bias=bias)


def _descend(
    tables: Sequence[Sequence[float]], hits: Sequence[int], weights: Sequence[float], bias: float, seed: int,
    passes: int,
) -> tuple[list[float], float]:
    count, width = len(tables), len(tables[0])
    chance = Random(seed)
    learned, averaged = [0.0] * width, [0.0] * width
    squares, bias_square = [1.0] * width, 1.0
    bias_sum = 0.0
    order = list(range(count))
    shrink = 1.0 - min(0.5, RATE * RIDGE * 32 / count)
    for turn in range(passes):
        chance.shuffle(order)
        last = turn == passes - 1
        for step, index in enumerate(order):
            row = tables[index]
            score = sum(map(mul, row, learned), bias)
            said = 1.0 / (1.0 + exp(-score)) if score > -700.0 else 0.0
            error = weights[index] * (said - hits[index])
            slopes = [error * value for value in row]
            squares = [square + slope * slope for square, slope in zip(squares, slopes, strict=True)]
            learned = [weight - RATE * slope / sqrt(square)
                       for weight, slope, square in zip(learned, slopes, squares, strict=True)]
            bias_square += error * error
            bias -= RATE * error / sqrt(bias_square)
            if step & 31 == 31:
                learned = [weight * shrink for weight in learned]
                if last:
                    averaged = [total + weight for total, weight in zip(averaged, learned, strict=True)]
                    bias_sum += bias
    kept = count // 32
    if not kept:
        return learned, bias
    return [total / kept for total in averaged], bias_sum / kept
