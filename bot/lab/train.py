"""Train one model: count the trial, judge out of fold, choose against the logistic baseline, store a candidate."""
from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from math import sqrt
from typing import Any

from bot.adapters.advisors.artefact import GOLDEN, compose, load_artefact, sha_of
from bot.adapters.advisors.artefact_parts import head_parts, model_parts
from bot.adapters.advisors.calibration import calibrate
from bot.adapters.advisors.conformal import fit_ranges
from bot.adapters.advisors.labels import parse_recipe
from bot.adapters.advisors.outlier import fit_neighbourhood
from bot.adapters.advisors.resolver import Costs
from bot.domain.record import moment_of
from bot.lab.bars import bars_hash
from bot.lab.canary import sing
from bot.lab.dataset import Dataset, build
from bot.lab.evaluate import SideResult, judge_side
from bot.lab.fit import KINDS, fit
from bot.lab.folds import Split, split
from bot.lab.history import History
from bot.lab.measure import measure

KERNEL = "k1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be trained; `sides` LONG, SHORT or both."""

    kind: str
    symbols: tuple[str, ...]
    timeframe: str
    label: str
    sides: tuple[str, ...]
    seed: int
    costs: Costs = field(default_factory=Costs)
    warmup: int | None = None

    @property
    def family(self) -> str:
        """Name what trials are counted by: recipe, timeframe and symbols."""
        return f"{self.label} {self.timeframe} {','.join(self.symbols)}"

    def settings(self) -> dict[str, Any]:
        """Spell the order for the trial counter."""
        return {**asdict(self), "kernel": KERNEL}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """A candidate: its artefact's text and SHA-256, kind, rows and span (UTC milliseconds) it saw, and metrics."""

    content: str
    sha256: str
    kind: str
    rows: int
    data_from: int
    data_to: int
    data_sha256: str
    metrics: dict[str, Any]


Step = Callable[[str], None]


def train(order: Order, histories: Sequence[History], *, trials: int, tried: Sequence[float], step: Step) -> Trained:
    """Train and judge on histories whose trial is already counted; calls `step` with words as it goes.

    The tail stays untouched: it is neither fitted nor scored here. Raises TooShort, NotInstalled, ValueError.
    """
    recipe = parse_recipe(order.label)
    bars = {each.symbol: each.bars for each in histories}
    data = build(bars, kernel=KERNEL, timeframe=order.timeframe, recipe=recipe, costs=order.costs, sides=order.sides,
                 funding={each.symbol: each.funding for each in histories}, warmup=order.warmup)
    step(f"{sum(len(side.examples) for side in data.values()):,} examples")
    cuts = {side: split(found.examples, found.horizon_ms) for side, found in data.items()}
    judged = {kind: [judge_side(kind, found, cuts[side], order.seed, lambda: step("fold"))
                     for side, found in data.items()]
              for kind in KINDS if kind == "logit" or kind == order.kind}
    kind, contest = choose(judged, order.kind)
    first = order.sides[0]
    canaries = sing(data[first], cuts[first], order.seed)
    step("canaries")
    results = judged[kind]
    whole = "".join(bars_hash(each) for each in bars.values())
    data_sha = sha_of(whole)
    metrics = {
        **measure(results, recipe, trials=trials, tried=tried, seed=order.seed),
        "kind": kind, "asked_kind": order.kind, "contest": contest, "timeframe": order.timeframe,
        "symbols": list(order.symbols), "label": order.label, "sides": list(order.sides), "seed": order.seed,
        "fee": order.costs.fee, "half_spread": order.costs.half_spread, "warmup": data[first].warmup,
        "canaries": {"future_auc": canaries.future_auc, "noise_auc": canaries.noise_auc,
                     "noise_spread": canaries.noise_spread},
        "data": [{"symbol": each.symbol, "bars": len(each.bars), "from": each.bars[0].at, "to": each.bars[-1].at,
                  "missing": each.missing, "source": each.source, "funding": len(each.funding)} for each in histories],
        "buy_and_hold": {each.symbol: _held(each, cuts[first], data[first]) for each in histories},
        "data_sha256": data_sha, "bases": {side: _base(found, cuts[side]) for side, found in data.items()},
        "tail_from": {side: found.examples[cuts[side].tail[0]].at for side, found in data.items()},
        "family": order.family,
    }
    rows = sum(len(cut.before_tail) for cut in cuts.values())
    begin, end = min(each[0].at for each in bars.values()), max(each[-1].at for each in bars.values())
    trained: dict[str, int | str] = {"rows": rows, "from": begin, "to": end, "data_sha256": data_sha,
                                     "seed": order.seed, "warmup": data[first].warmup}
    content = _artefact(order, kind, data, cuts, results, trained)
    step("artefact")
    found_sha = sha_of(content)
    load_artefact(content, found_sha)
    return Trained(content=content, sha256=found_sha, kind=kind, rows=rows, data_from=begin, data_to=end,
                   data_sha256=data_sha, metrics=metrics)


def choose(judged: Mapping[str, Sequence[SideResult]], asked: str) -> tuple[str, dict[str, Any]]:
    """Choose trees only where they beat the logistic baseline out of fold by more than one standard error of AUC."""
    if asked == "logit":
        return "logit", {}
    pairs = [(simple.auc, rich.auc) for left, right in zip(judged["logit"], judged[asked], strict=True)
             for simple, rich in zip(left.folds, right.folds, strict=True)]
    gains = [rich - simple for simple, rich in pairs]
    count = len(gains)
    gain = sum(gains) / count
    error = sqrt(sum((each - gain) ** 2 for each in gains) / max(1, count - 1) / count)
    chosen = asked if gain > error else "logit"
    return chosen, {"logit_auc": sum(simple for simple, _ in pairs) / count,
                    f"{asked}_auc": sum(rich for _, rich in pairs) / count, "gain": gain, "standard_error": error,
                    "chosen": chosen}


def _base(data: Dataset, cut: Split) -> float:
    return sum(data.examples[index].hit for index in cut.before_tail) / len(cut.before_tail)


def _held(each: History, cut: Split, data: Dataset) -> float:
    """Give what holding would have returned over the test folds, as a fraction."""
    begin, end = data.examples[cut.folds[0].test[0]].at, data.examples[cut.folds[-1].test[-1]].ends
    inside = [bar for bar in each.bars if begin <= bar.at < end]
    return inside[-1].close / inside[0].open - 1.0 if inside else 0.0


def _artefact(
    order: Order, kind: str, data: Mapping[str, Dataset], cuts: Mapping[str, Split], results: Sequence[SideResult],
    trained: Mapping[str, int | str],
) -> str:
    heads = []
    for (side, found), result in zip(data.items(), results, strict=True):
        examples = [found.examples[index] for index in cuts[side].before_tail]
        fitted = fit(kind, examples, order.seed)
        choices = result.choices
        raws = [one.raw for one in choices]
        calibration = calibrate(raws, [one.example.hit for one in choices], [one.example.weight for one in choices])
        rows = [examples[at * (len(examples) - 1) // (GOLDEN - 1)].row for at in range(GOLDEN)]
        heads.append(head_parts(side, fitted.parameters, calibration,
                                fit_ranges(raws, [one.example.net for one in choices]),
                                [(row, fitted.model.predict(row)) for row in rows]))
    side = order.sides[0]
    outlier = fit_neighbourhood([data[side].examples[index].row for index in cuts[side].before_tail])
    return compose(model_parts(
        kind=kind, kernel=KERNEL, timeframe=order.timeframe, symbols=order.symbols, label=order.label,
        costs=order.costs, heads=heads, outlier=outlier, trained=trained))


def spell(metrics: Mapping[str, Any]) -> str:
    """Write metrics as JSON text for the ledger."""
    return json.dumps(metrics, sort_keys=True, separators=(",", ":"), allow_nan=False)


def span_of(trained: Trained) -> tuple[Any, Any]:
    """Give first and last moment of the data."""
    return moment_of(trained.data_from), moment_of(trained.data_to)
