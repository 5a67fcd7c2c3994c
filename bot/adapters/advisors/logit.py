"""Serve a logistic model: standardised features, one weight each."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp
from operator import mul


def sigmoid(score: float) -> float:
    """Turn a score into a probability, without overflow."""
    if score >= -700.0:
        return 1.0 / (1.0 + exp(-score))
    return 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Logit:
    """Weights over standardised features; means and scales are those of the training rows."""

    means: tuple[float, ...]
    scales: tuple[float, ...]
    weights: tuple[float, ...]
    bias: float

    def raw(self, row: Sequence[float]) -> float:
        """Give the score before the sigmoid."""
        scaled = [(value - mean) / scale for value, mean, scale in zip(row, self.means, self.scales, strict=True)]
        total: float = sum(map(mul, scaled, self.weights), self.bias)
        return total

    def predict(self, row: Sequence[float]) -> float:
        """Give the raw probability of the target before the stop; not calibrated, never shown."""
        return sigmoid(self.raw(row))

    def credits(self, row: Sequence[float]) -> list[float]:
        """Give what each feature adds to the score; with the bias they add up to it."""
        return [(value - mean) / scale * weight for value, mean, scale, weight in
                zip(row, self.means, self.scales, self.weights, strict=True)]
