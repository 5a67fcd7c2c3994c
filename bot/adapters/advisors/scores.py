"""Score chances and outcomes the way the scorecards print them (advisor sections 7, 11)."""
from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

SHOWN_FROM = 30
Z_90 = NormalDist().inv_cdf(0.95)


def wilson(hits: int, count: int, z: float = Z_90) -> tuple[float, float]:
    """Give the interval (90 % by default) of a rate; (0, 1) without outcomes."""
    if count == 0:
        return 0.0, 1.0
    rate, square = hits / count, z * z
    middle = (rate + square / (2 * count)) / (1 + square / count)
    half = z * sqrt(rate * (1 - rate) / count + square / (4 * count * count)) / (1 + square / count)
    return max(0.0, middle - half), min(1.0, middle + half)


def brier(chances: Sequence[float], hits: Sequence[int]) -> float:
    """Give the mean squared error of chances; raises ZeroDivisionError without outcomes."""
    return sum((chance - hit) ** 2 for chance, hit in zip(chances, hits, strict=True)) / len(hits)


def brier_skill(chances: Sequence[float], hits: Sequence[int], base: float | None = None) -> float:
    """Give how much better than always saying the base rate: 1 perfect, 0 no better; 0 where all ended alike.

    `base` is the rate known beforehand; without one, the rate of these outcomes, which is harder to beat.
    """
    rate = sum(hits) / len(hits) if base is None else base
    usual = brier([rate] * len(hits), hits)
    return 1.0 - brier(chances, hits) / usual if usual > 0.0 else 0.0


def mean_interval(values: Sequence[float], z: float = Z_90) -> tuple[float, float, float]:
    """Give mean, low and high (90 % by default, normal); the interval is everything below two values."""
    count = len(values)
    if count < 2:
        return (values[0] if values else 0.0), float("-inf"), float("inf")
    mean = sum(values) / count
    half = z * sqrt(sum((value - mean) ** 2 for value in values) / (count - 1) / count)
    return mean, mean - half, mean + half


def auc(scores: Sequence[float], hits: Sequence[int]) -> float:
    """Give the chance that a hit scored above a miss, ties counting half; 0.5 where all ended alike."""
    misses = sorted(score for score, hit in zip(scores, hits, strict=True) if not hit)
    won = [score for score, hit in zip(scores, hits, strict=True) if hit]
    if not misses or not won:
        return 0.5
    beaten = sum(bisect_left(misses, score) + bisect_right(misses, score) for score in won)
    return beaten / 2.0 / len(misses) / len(won)


def worst_drawdown(values: Sequence[float]) -> float:
    """Give the deepest fall of the running sum below its height, in R, as a positive number."""
    total = top = deepest = 0.0
    for value in values:
        total += value
        top = max(top, total)
        deepest = max(deepest, top - total)
    return deepest


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliable:
    """One bucket of a reliability diagram: mean chance said, how many, how many hit, and the interval of the rate."""

    said: float
    count: int
    hits: int
    low: float
    high: float


def reliability(chances: Sequence[float], hits: Sequence[int], buckets: int = 10) -> tuple[Reliable, ...]:
    """Sort outcomes into buckets of equal width that are not empty."""
    filled: dict[int, list[tuple[float, int]]] = {}
    for chance, hit in zip(chances, hits, strict=True):
        filled.setdefault(min(buckets - 1, int(chance * buckets)), []).append((chance, hit))
    found = []
    for _, pairs in sorted(filled.items()):
        won = sum(hit for _, hit in pairs)
        low, high = wilson(won, len(pairs))
        found.append(Reliable(said=sum(chance for chance, _ in pairs) / len(pairs), count=len(pairs), hits=won,
                              low=low, high=high))
    return tuple(found)


def spoken_chance(hits: int, count: int) -> str:
    """Say a chance as the card does: a range from 30 outcomes on, before that "no record yet"."""
    if count < SHOWN_FROM:
        return f"no record yet ({count})"
    low, high = wilson(hits, count)
    return f"{round(low * 100)}–{round(high * 100)}% ({count} like this: {hits} hit)"
