"""Write a model as one JSON and read it back, suspiciously: no pickle, no code, no path (advisor section 6, A3).

A file is refused by size, by SHA-256, by its structure before it is parsed, by every number in it, and at the end by
its own golden vectors: rows with the scores the trainer saw, which must come out bit for bit.
"""
from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.adapters.advisors.artefact_shape import (
    Misshapen,
    ascending,
    exact_keys,
    listed,
    number,
    numbers,
    text,
    whole,
)
from bot.adapters.advisors.calibration import KNOTS_MAX, Calibration
from bot.adapters.advisors.conformal import BUCKETS, KEPT, Bucket, Ranges
from bot.adapters.advisors.gbt import NotTrees, Trees, read_trees
from bot.adapters.advisors.kernel import KERNELS, features_hash
from bot.adapters.advisors.labels import SIDES, parse_recipe
from bot.adapters.advisors.logit import Logit
from bot.adapters.advisors.outlier import Neighbourhood

FORMAT = "wiredesk-model-1"
SIZE_MAX = 5_000_000
GOLDEN = 20
# Counted before parsing, because a parser builds first and complains later.
STRUCTURE_MAX = {"{": 400, "[": 2_000, ",": 20_000, '"': 8_000, "\\": 60_000}
TOP = ("format", "kind", "kernel", "timeframe", "symbols", "features", "features_hash", "label", "costs", "heads",
       "outlier", "trained")
HEAD = ("side", "parameters", "calibration", "ranges", "golden")
TRAINED = ("rows", "from", "to", "data_sha256", "seed", "warmup")


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """One side of a model: the scorer, its calibration (None: nothing to calibrate on) and its ranges."""

    side: str
    model: Logit | Trees
    calibration: Calibration | None
    ranges: Ranges


@dataclass(frozen=True, slots=True, kw_only=True)
class Artefact:
    """A model that passed every check, ready to serve; `sha256` is of its text, `trained` says on what."""

    sha256: str
    kind: str
    kernel: str
    timeframe: str
    symbols: tuple[str, ...]
    features: tuple[str, ...]
    label: str
    costs: tuple[float, float]
    heads: tuple[Head, ...]
    outlier: Neighbourhood
    trained: Mapping[str, int | str]


class NotServed(ValueError):
    """The file is refused; the text says why."""


def sha_of(content: str) -> str:
    """Give the SHA-256 of an artefact's text."""
    return hashlib.sha256(content.encode()).hexdigest()


def compose(parts: Mapping[str, Any]) -> str:
    """Write an artefact's text: sorted keys, shortest exact numbers; raises ValueError for what is not finite."""
    return json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def load_artefact(content: str, sha256: str) -> Artefact:
    """Read an artefact whose SHA-256 the registry holds; raises NotServed within 100 ms, whatever the file holds."""
    if len(content) > SIZE_MAX:
        raise NotServed(f"The model is {len(content)} characters long, at most {SIZE_MAX} are read.")
    found = sha_of(content)
    if found != sha256:
        raise NotServed(f"The model's SHA-256 is {found[:12]}…, the registry says {sha256[:12]}…; it was changed.")
    for mark, most in STRUCTURE_MAX.items():
        if content.count(mark) > most:
            raise NotServed(f"The model holds more than {most} of {mark!r}; no trainer of ours writes that.")
    try:
        return _artefact(json.loads(content, parse_constant=_no_constant), found)
    except RecursionError:
        raise NotServed("The model is nested too deeply.") from None
    except (Misshapen, NotTrees) as fault:
        raise NotServed(str(fault)) from fault
    except (ValueError, OverflowError) as fault:
        raise NotServed(f"The model is no JSON of ours: {str(fault)[:120]}") from None


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no number.")


def _artefact(tree: Any, sha256: str) -> Artefact:
    top = exact_keys("model", tree, TOP)
    if top["format"] != FORMAT:
        raise Misshapen(f"format: expected {FORMAT}.")
    kernel = text("kernel", top["kernel"], 20)
    if kernel not in KERNELS:
        raise Misshapen(f"kernel: {kernel!r} is not known here; this program has {', '.join(KERNELS)}.")
    features = KERNELS[kernel]
    if top["features"] != list(features) or top["features_hash"] != features_hash(features):
        raise Misshapen(f"features: they are not those of kernel {kernel}.")
    kind = text("kind", top["kind"], 10)
    label = text("label", top["label"], 40)
    recipe = parse_recipe(label)
    reach = recipe.target_r + 10.0
    costs = exact_keys("costs", top["costs"], ("fee", "half_spread"))
    heads = tuple(_head(each, kind, len(features), reach) for each in listed("heads", top["heads"], 1, 2))
    if len({head.side for head in heads}) != len(heads):
        raise Misshapen("heads: a side appears twice.")
    return Artefact(
        sha256=sha256, kind=kind, kernel=kernel, timeframe=text("timeframe", top["timeframe"], 8),
        symbols=tuple(text("symbols", each, 40) for each in listed("symbols", top["symbols"], 1, 50)),
        features=features, label=label, heads=heads, outlier=_outlier(top["outlier"], len(features)),
        costs=(number("costs", costs["fee"], 0.0, 0.1), number("costs", costs["half_spread"], 0.0, 0.1)),
        trained=_trained(top["trained"]),
    )


def _trained(value: Any) -> Mapping[str, int | str]:
    found = exact_keys("trained", value, TRAINED)
    times: dict[str, int | str] = {name: whole(f"trained.{name}", found[name], 0, 10**15)
                                   for name in TRAINED if name != "data_sha256"}
    return {**times, "data_sha256": text("trained.data_sha256", found["data_sha256"], 64)}


def _head(value: Any, kind: str, features: int, reach: float) -> Head:
    found = exact_keys("head", value, HEAD)
    side = found["side"]
    if not isinstance(side, str) or side not in SIDES:
        raise Misshapen("side: expected LONG or SHORT.")
    head = Head(side=side, model=_model(kind, found["parameters"], features),
                calibration=read_calibration(found["calibration"]), ranges=_ranges(found["ranges"], reach))
    for each in listed("golden", found["golden"], GOLDEN, GOLDEN):
        golden = exact_keys("golden", each, ("row", "score"))
        row = numbers("golden.row", golden["row"], features, -1e6, 1e6)
        wanted = number("golden.score", golden["score"], 0.0, 1.0)
        if head.model.predict(row) != wanted:
            raise Misshapen("golden: a golden vector does not come out; this model is not what was trained.")
    return head


def _model(kind: str, value: Any, features: int) -> Logit | Trees:
    if kind == "logit":
        found = exact_keys("parameters", value, ("means", "scales", "weights", "bias"))
        return Logit(means=numbers("means", found["means"], features),
                     scales=numbers("scales", found["scales"], features, 1e-9, 1e12),
                     weights=numbers("weights", found["weights"], features, -1e6, 1e6),
                     bias=number("bias", found["bias"], -1e6, 1e6))
    if kind == "gbt":
        trees = read_trees(text("trees", exact_keys("parameters", value, ("trees",))["trees"], SIZE_MAX))
        if trees.features != features:
            raise Misshapen(f"trees: they take {trees.features} features, the kernel gives {features}.")
        return trees
    raise Misshapen("kind: expected logit or gbt.")


def read_calibration(value: Any) -> Calibration | None:
    """Read a calibration as `artefact_parts` spells it, None for none; raises Misshapen for anything else."""
    if value is None:
        return None
    found = exact_keys("calibration", value, ("kind", "fitted_on", "slope", "shift", "knots"))
    kind = text("calibration.kind", found["kind"], 10)
    pairs = [numbers("knots", each, 2, 0.0, 1.0) for each in listed("knots", found["knots"], 0, KNOTS_MAX)]
    if kind not in ("platt", "isotonic") or (kind == "isotonic" and not pairs):
        raise Misshapen("calibration: expected platt, or isotonic with knots.")
    ascending("knots", [raw for raw, _ in pairs])
    ascending("knots", [chance for _, chance in pairs])
    return Calibration(kind=kind, fitted_on=whole("fitted_on", found["fitted_on"], 0, 10**9),
                       slope=number("slope", found["slope"], 0.0, 1e6),
                       shift=number("shift", found["shift"], -1e6, 1e6),
                       knots=tuple((raw, chance) for raw, chance in pairs))


def _ranges(value: Any, reach: float) -> Ranges:
    found = exact_keys("ranges", value, ("edges", "buckets"))
    buckets = []
    for each in listed("buckets", found["buckets"], 1, BUCKETS):
        bucket = exact_keys("bucket", each, ("outcomes", "count"))
        given = listed("outcomes", bucket["outcomes"], 0, KEPT)
        outcomes = numbers("outcomes", given, len(given), -1000.0, reach)
        ascending("outcomes", outcomes)
        buckets.append(Bucket(outcomes=outcomes, count=whole("count", bucket["count"], len(outcomes), 10**9)))
        if outcomes == () and bucket["count"]:
            raise Misshapen("bucket: it counts outcomes and holds none.")
    edges = numbers("edges", found["edges"], len(buckets) - 1, 0.0, 1.0)
    ascending("edges", edges)
    return Ranges(edges=edges, buckets=tuple(buckets))


def _outlier(value: Any, features: int) -> Neighbourhood:
    found = exact_keys("outlier", value, ("centre", "factor", "limit_99", "limit_999"))
    factor = tuple(numbers("factor", row, at + 1)
                   for at, row in enumerate(listed("factor", found["factor"], features, features)))
    for row in factor:
        number("factor", row[-1], 1e-12, 1e12)
    return Neighbourhood(centre=numbers("centre", found["centre"], features), factor=factor,
                         limit_99=number("limit_99", found["limit_99"], 0.0), limit_999=number(
                             "limit_999", found["limit_999"], 0.0))
