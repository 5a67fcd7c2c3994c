"""Spell the parts of an artefact as plain data, the way `load_artefact` reads them."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.adapters.advisors.artefact import FORMAT
from bot.adapters.advisors.calibration import Calibration
from bot.adapters.advisors.conformal import Ranges
from bot.adapters.advisors.kernel import KERNELS, features_hash
from bot.adapters.advisors.logit import Logit
from bot.adapters.advisors.outlier import Neighbourhood
from bot.adapters.advisors.resolver import Costs


def logit_parts(model: Logit) -> dict[str, Any]:
    """Spell a logistic model."""
    return {"means": list(model.means), "scales": list(model.scales), "weights": list(model.weights),
            "bias": model.bias}


def calibration_parts(calibration: Calibration) -> dict[str, Any]:
    """Spell a calibration."""
    return {"kind": calibration.kind, "fitted_on": calibration.fitted_on, "slope": calibration.slope,
            "shift": calibration.shift, "knots": [list(knot) for knot in calibration.knots]}


def head_parts(
    side: str, parameters: Mapping[str, Any], calibration: Calibration | None, ranges: Ranges,
    golden: Sequence[tuple[Sequence[float], float]],
) -> dict[str, Any]:
    """Spell one side."""
    return {
        "side": side, "parameters": dict(parameters),
        "calibration": None if calibration is None else calibration_parts(calibration),
        "ranges": {"edges": list(ranges.edges),
                   "buckets": [{"outcomes": list(each.outcomes), "count": each.count} for each in ranges.buckets]},
        "golden": [{"row": list(row), "score": score} for row, score in golden],
    }


def model_parts(
    *, kind: str, kernel: str, timeframe: str, symbols: Sequence[str], label: str, costs: Costs,
    heads: Sequence[Mapping[str, Any]], outlier: Neighbourhood, trained: Mapping[str, int | str],
) -> dict[str, Any]:
    """Spell a whole model."""
    names = KERNELS[kernel]
    return {
        "format": FORMAT, "kind": kind, "kernel": kernel, "timeframe": timeframe, "symbols": list(symbols),
        "features": list(names), "features_hash": features_hash(names), "label": label,
        "costs": {"fee": costs.fee, "half_spread": costs.half_spread}, "heads": list(heads),
        "outlier": {"centre": list(outlier.centre), "factor": [list(row) for row in outlier.factor],
                    "limit_99": outlier.limit_99, "limit_999": outlier.limit_999},
        "trained": dict(trained),
    }
