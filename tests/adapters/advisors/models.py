"""Make small artefacts for tests, good ones, to be served or broken."""
from __future__ import annotations

from random import Random
from typing import Any

from bot.adapters.advisors.artefact import GOLDEN, compose, sha_of
from bot.adapters.advisors.artefact_parts import head_parts, logit_parts, model_parts
from bot.adapters.advisors.calibration import Calibration
from bot.adapters.advisors.conformal import fit_ranges
from bot.adapters.advisors.gbt import read_trees
from bot.adapters.advisors.kernel import K1
from bot.adapters.advisors.logit import Logit
from bot.adapters.advisors.outlier import fit_neighbourhood
from bot.adapters.advisors.resolver import Costs

WIDTH = len(K1)
TREES = (
    f"tree\nversion=v4\nnum_class=1\nmax_feature_idx={WIDTH - 1}\nobjective=binary sigmoid:1\n"
    "\nTree=0\nnum_leaves=3\nnum_cat=0\nsplit_feature=7 12\nthreshold=0.5 -0.1\ndecision_type=2 2\nleft_child=1 -1\n"
    "right_child=-3 -2\nleaf_value=0.1 -0.2 0.3\ninternal_value=0 0.05\nis_linear=0\n\nend of trees\n"
)


def rows(count: int, seed: int) -> list[list[float]]:
    """Draw rows as wide as the kernel's."""
    chance = Random(seed)
    return [[chance.gauss(0.0, 1.0) for _ in range(WIDTH)] for _ in range(count)]


def parts(kind: str = "logit", *, spread: float = 1.0, timeframe: str = "1m") -> dict[str, Any]:
    """Make the parts of a two-sided model; `spread` widens what counts as usual."""
    seen = [[value * spread for value in row] for row in rows(300, 1)]
    logit = Logit(means=(0.0,) * WIDTH, scales=(1.0,) * WIDTH, bias=-0.4,
                  weights=tuple(0.3 if at in (7, 12) else 0.0 for at in range(WIDTH)))
    model = logit if kind == "logit" else read_trees(TREES)
    parameters = logit_parts(logit) if kind == "logit" else {"trees": TREES}
    raws = [model.predict(row) for row in seen]
    heads = [
        head_parts(side, parameters, Calibration(kind="platt", fitted_on=300, slope=0.8, shift=-0.1) if at == 0 else
                   Calibration(kind="isotonic", fitted_on=2000, knots=((0.2, 0.25), (0.8, 0.6))),
                   fit_ranges(raws, [raw * 3.0 - 1.0 for raw in raws]),
                   [(row, model.predict(row)) for row in seen[:GOLDEN]])
        for at, side in enumerate(("LONG", "SHORT"))
    ]
    return model_parts(kind=kind, kernel="k1", timeframe=timeframe, symbols=["BTCUSDT"], label="tb:2/1/48",
                       costs=Costs(), heads=heads, outlier=fit_neighbourhood(seen),
                       trained={"rows": 300, "from": 0, "to": 1, "data_sha256": "ab", "seed": 7, "warmup": 1500})


def written(kind: str = "logit", **changed: Any) -> tuple[str, str]:
    """Give text and SHA-256 of a good artefact."""
    content = compose(parts(kind, **changed))
    return content, sha_of(content)
