"""Sharpe ratios against published numbers, and luck that must look like luck."""
from __future__ import annotations

from math import sqrt
from random import Random
from statistics import NormalDist

import pytest

from bot.lab.significance import (
    deflated_sharpe,
    expected_best,
    overfitting,
    permutation_p,
    probabilistic_sharpe,
    sharpe,
)


def test_the_best_of_many_worthless_trials() -> None:
    """Bailey and Lopez de Prado (2014): with variance 1 the expected maximum of 10 trials is about 1.57."""
    assert expected_best(10, 1.0) == pytest.approx(1.5746, abs=2e-3)
    assert expected_best(1, 1.0) == 0.0
    chance, trials = Random(1), 50
    seen = sum(max(chance.gauss(0.0, 1.0) for _ in range(trials)) for _ in range(3000)) / 3000
    assert expected_best(trials, 1.0) == pytest.approx(seen, abs=0.06)


def test_the_published_deflated_example() -> None:
    """The same paper, numerical example: yearly 2.5 over 1,250 days, skew -3, kurtosis 10, 100 trials of variance
    one half: a daily hurdle of 0.1132 and a deflated ratio of 0.9004."""
    hurdle = expected_best(100, 0.5 / 250)
    assert hurdle == pytest.approx(0.1132, abs=2e-4)
    daily = 2.5 / sqrt(250)
    spread = 1 + 3 * daily + 9 / 4 * daily * daily
    assert NormalDist().cdf((daily - hurdle) * sqrt(1249) / sqrt(spread)) == pytest.approx(0.9004, abs=1e-3)


def test_normal_returns_are_judged_as_by_the_t_test() -> None:
    values = [NormalDist(0.1, 1.0).inv_cdf((at + 0.5) / 1000) for at in range(1000)]
    found = sharpe(values)
    assert found == pytest.approx(0.1, abs=2e-3)
    assert probabilistic_sharpe(values) == pytest.approx(NormalDist().cdf(found * sqrt(999)), abs=2e-3)


def test_more_trials_lower_the_deflated_ratio() -> None:
    chance = Random(2)
    values = [chance.gauss(0.15, 1.0) for _ in range(300)]
    found = [deflated_sharpe(values, trials) for trials in (1, 5, 50, 500)]
    assert found == sorted(found, reverse=True)
    assert found[0] == probabilistic_sharpe(values)
    assert deflated_sharpe(values, 5, [0.5, -0.5, 0.9]) < found[1]
    assert (deflated_sharpe([1.0], 3), sharpe([1.0, 1.0]), probabilistic_sharpe([1.0, 2.0])) == (0.0, 0.0, 0.0)


def test_overfitting_is_even_odds_on_noise_and_nothing_on_a_true_best() -> None:
    chance, noise, real = Random(3), [], []
    for _ in range(40):
        configs = [[chance.gauss(0.0, 1.0) for _ in range(8)] for _ in range(9)]
        noise.append(overfitting(configs) or 0.0)
        real.append(overfitting([*configs, [value + 9.0 for value in configs[0]]]) or 0.0)
    assert 0.35 < sum(noise) / 40 < 0.7
    assert max(real) == 0.0
    assert overfitting([[1.0] * 8]) is None


def test_a_permutation_knows_skill_from_none() -> None:
    chance = Random(4)
    hits = [int(chance.random() < 0.4) for _ in range(800)]
    assert permutation_p([hit + chance.gauss(0.0, 2.0) for hit in hits], hits, 10, 1) < 0.03
    assert permutation_p([chance.random() for _ in hits], hits, 10, 1) > 0.05
    assert permutation_p([0.5] * 800, hits, 10, 1) == 1.0
