"""Gather what an evaluation shows into one plain object: gates judge it, the report prints it (advisor section 7)."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate, combinations
from typing import Any

from bot.adapters.advisors.conformal import SHOWN_FROM, fit_ranges
from bot.adapters.advisors.kernel import KERNELS
from bot.adapters.advisors.labels import Recipe
from bot.adapters.advisors.scores import auc, brier, mean_interval, reliability, worst_drawdown
from bot.lab.dataset import HOUR_MS
from bot.lab.evaluate import SideResult
from bot.lab.significance import deflated_sharpe, overfitting, permutation_p, probabilistic_sharpe, sharpe
from bot.lab.trades import Choice, at_cost, by_coin, by_rule, take

MARGINS = (-0.04, -0.02, 0.0, 0.02, 0.04, 0.06)
BLOCKS = 8
POINTS = 300
COSTS = (0.5, 1.0, 1.5, 2.0)
REGIME = "volatility_24_288"
NAMES = KERNELS["k1"]


def measure(
    results: Sequence[SideResult], recipe: Recipe, *, trials: int, tried: Sequence[float], seed: int
) -> dict[str, Any]:
    """Measure the chosen kind over both sides; numbers are plain floats, times UTC milliseconds."""
    choices = sorted((one for result in results for one in result.choices), key=lambda one: one.example.at)
    taken = take(choices, recipe)
    net = at_cost(taken, 1.0)
    hits = [one.example.hit for one in choices]
    return {
        "folds": [_fold(result, number, recipe) for result in results for number in range(len(result.folds))],
        "auc": sum(fold.auc for result in results for fold in result.folds) / sum(len(one.folds) for one in results),
        "brier_skill": pooled_skill(results),
        "examples": len(choices),
        "trades": _trades(taken, net),
        "costs": {f"{times:g}": _mean(at_cost(taken, times)) for times in COSTS},
        "equity": {f"{times:g}": _curve(taken, times) for times in (0.5, 1.0, 2.0)},
        "reliability": [[one.said, one.count, one.hits, one.low, one.high]
                        for one in reliability([one.chance for one in choices], hits)],
        "histogram": _histogram([one.example.net for one in choices]),
        "coverage": _coverage(results),
        "slices": _slices(taken),
        "sharpe": sharpe(net), "probabilistic_sharpe": probabilistic_sharpe(net),
        "deflated_sharpe": deflated_sharpe(net, trials, tried), "trials": trials,
        "overfitting": overfitting(_blocks(choices, recipe)),
        "permutation_p": max(_permuted(result, recipe, seed) for result in results),
        "features": _features(results),
        "baselines": _baselines(choices, len(taken), recipe, seed),
    }


def pooled_skill(results: Sequence[SideResult]) -> float:
    """Give the Brier skill over all folds, against the base rate each fold knew beforehand."""
    ours = usual = 0.0
    for fold in (fold for result in results for fold in result.folds):
        hits = [one.example.hit for one in fold.choices]
        ours += brier([one.chance for one in fold.choices], hits) * len(hits)
        usual += brier([fold.base] * len(hits), hits) * len(hits)
    return 1.0 - ours / usual if usual > 0.0 else 0.0


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _fold(result: SideResult, number: int, recipe: Recipe) -> dict[str, Any]:
    fold = result.folds[number]
    net = at_cost(take(fold.choices, recipe), 1.0)
    return {
        "side": result.side, "number": fold.number, "train_from": fold.train_from, "train_to": fold.train_to,
        "test_from": fold.test_from, "test_to": fold.test_to, "train_rows": fold.train_rows,
        "test_rows": fold.test_rows, "base": fold.base, "auc": fold.auc, "brier_skill": fold.brier_skill,
        "trades": len(net), "mean_r": _mean(net), "drawdown": worst_drawdown(net),
    }


def _trades(taken: Sequence[Choice], net: Sequence[float]) -> dict[str, Any]:
    mean, low, high = mean_interval(net) if len(net) > 1 else (_mean(net), 0.0, 0.0)
    gross = sum(one.example.gross for one in taken)
    costs = sum(one.example.cost for one in taken)
    won, lost = sum(value for value in net if value > 0), -sum(value for value in net if value < 0)
    return {
        "count": len(net), "mean_r": mean, "low": low, "high": high, "drawdown": worst_drawdown(net),
        "won": sum(value > 0 for value in net), "profit_factor": won / lost if lost > 0 else 0.0,
        "gross_r": gross, "cost_r": costs, "cost_share": costs / gross if gross > 0 else None,
        "break_even_costs": gross / costs if costs > 0 else None,
    }


def _curve(taken: Sequence[Choice], times: float) -> list[list[float]]:
    """Give moments and running R, thinned; the last point is always there."""
    ordered = sorted(taken, key=lambda one: one.example.ends)
    points = list(zip((one.example.ends for one in ordered), accumulate(at_cost(ordered, times)), strict=True))
    stride = max(1, -(-len(points) // POINTS))
    kept = points[::stride]
    return [[at, total] for at, total in (kept if not points or kept[-1] == points[-1] else [*kept, points[-1]])]


def _histogram(values: Sequence[float], width: float = 0.25) -> list[list[float]]:
    """Count R in steps of a quarter: [from, how many], only filled ones."""
    counted: dict[int, int] = {}
    for value in values:
        place = int(value // width)
        counted[place] = counted.get(place, 0) + 1
    return [[place * width, count] for place, count in sorted(counted.items())]


def _coverage(results: Sequence[SideResult]) -> dict[str, Any]:
    """Say how often outcomes fell into ranges fitted on earlier folds only."""
    inside = count = 0
    for result in results:
        for later in range(1, len(result.folds)):
            known = [one for fold in result.folds[:later] for one in fold.choices]
            ranges = fit_ranges([one.raw for one in known], [one.example.net for one in known])
            for one in result.folds[later].choices:
                found = ranges.range_of(one.raw)
                if found is not None:
                    count += 1
                    inside += found[0] <= one.example.net <= found[1]
    return {"count": count, "share": inside / count if count else None, "wanted": 0.8, "shown_from": SHOWN_FROM}


def _slices(taken: Sequence[Choice]) -> dict[str, list[list[Any]]]:
    at = NAMES.index(REGIME)

    def regime(one: Choice) -> str:
        calm = one.example.row[at]
        return "calm" if calm < -0.3 else "wild" if calm > 0.1 else "usual"

    def hours(one: Choice) -> str:
        begin = one.example.at // HOUR_MS % 24 // 4 * 4
        return f"{begin:02d}–{begin + 4:02d}"

    keys: dict[str, Callable[[Choice], str]] = {
        "regime": regime,
        "hour (UTC)": hours,
        "symbol": lambda one: one.example.symbol,
        "side": lambda one: one.side,
    }
    found: dict[str, list[list[Any]]] = {}
    for name, key in keys.items():
        filled: dict[str, list[float]] = {}
        for one in taken:
            filled.setdefault(key(one), []).append(one.example.net)
        found[name] = [[label, len(values), _mean(values)] for label, values in sorted(filled.items())]
    return found


def _blocks(choices: Sequence[Choice], recipe: Recipe) -> list[list[float]]:
    """Give what each margin over break-even would have earned in each block of time, for the overfitting measure."""
    if not choices:
        return []
    first, last = choices[0].example.at, choices[-1].example.at + 1
    found = []
    for margin in MARGINS:
        earned = [0.0] * BLOCKS
        for one in take(choices, recipe, margin):
            earned[(one.example.at - first) * BLOCKS // (last - first)] += one.example.net
        found.append(earned)
    return found


def _permuted(result: SideResult, recipe: Recipe, seed: int) -> float:
    choices = result.choices
    return permutation_p([one.chance for one in choices], [one.example.hit for one in choices], recipe.horizon, seed)


def _features(results: Sequence[SideResult]) -> dict[str, Any]:
    """Give the strongest features with their weight per fold, and how alike the folds rank them (Spearman)."""
    rows = [fold.weights for result in results for fold in result.folds]
    means = [sum(column) / len(rows) for column in zip(*rows, strict=True)]
    order = sorted(range(len(means)), key=lambda at: -means[at])[:15]
    alike = [_rank_correlation(left, right) for left, right in combinations(rows, 2)]
    return {"rank_stability": _mean(alike), "top": [[NAMES[at], [row[at] for row in rows]] for at in order]}


def _rank_correlation(left: Sequence[float], right: Sequence[float]) -> float:
    count = len(left)
    ranks = [{place: rank for rank, place in enumerate(sorted(range(count), key=side.__getitem__))}
             for side in (left, right)]
    apart = sum((ranks[0][at] - ranks[1][at]) ** 2 for at in range(count))
    return 1.0 - 6.0 * apart / (count * (count * count - 1))


def _baselines(choices: Sequence[Choice], count: int, recipe: Recipe, seed: int) -> dict[str, Any]:
    rule, coin = at_cost(by_rule(choices, NAMES, recipe), 1.0), at_cost(by_coin(choices, count, recipe, seed), 1.0)
    return {"rules": [len(rule), _mean(rule)], "coin": [len(coin), _mean(coin)]}


def tail_metrics(choices: Sequence[Choice], recipe: Recipe, bases: dict[str, float]) -> dict[str, Any]:
    """Measure the untouched tail: trades, mean R, and Brier skill against the base rates known before it."""
    net = at_cost(take(choices, recipe), 1.0)
    hits = [one.example.hit for one in choices]
    ours = brier([one.chance for one in choices], hits)
    usual = brier([bases[one.side] for one in choices], hits)
    return {"examples": len(choices), "count": len(net), "mean_r": _mean(net), "drawdown": worst_drawdown(net),
            "auc": auc([one.raw for one in choices], hits), "brier_skill": 1.0 - ours / usual if usual > 0 else 0.0}
