"""Calibrate a served model anew on its own resolved ideas: a small map of its own, beside the artefact (advisor 6)."""
from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.adapters.advisors.artefact import read_calibration
from bot.adapters.advisors.artefact_parts import calibration_parts
from bot.adapters.advisors.artefact_shape import Misshapen
from bot.adapters.advisors.bar import minutes_of
from bot.adapters.advisors.calibration import Calibration, calibrate
from bot.adapters.advisors.labels import SIDES
from bot.ports.assessor import Judged
from bot.ports.lab_rows import PredictionRow

# The score behind an idea is that of the newest bar that had closed.
Scored = tuple[float, int]


def scored(outcomes: Sequence[Judged], predictions: Sequence[PredictionRow]) -> dict[str, list[Scored]]:
    """Pair what the model scored with whether the target was hit, by side; ideas without a stored score are left out.

    `predictions` come oldest first.
    """
    found: dict[str, list[Scored]] = {side: [] for side in SIDES}
    by_key: dict[tuple[str, str], tuple[list[datetime], list[float]]] = {}
    for one in predictions:
        closed, scores = by_key.setdefault((str(one.symbol), one.side), ([], []))
        closed.append(one.bar_at + timedelta(minutes=minutes_of(one.timeframe)))
        scores.append(float(one.score))
    for idea, outcome in outcomes:
        if not outcome.filled or idea.direction is None:
            continue
        closed, scores = by_key.get((str(idea.symbol), idea.direction), ([], []))
        at = bisect_right(closed, idea.at)
        if at:
            found[idea.direction].append((scores[at - 1], int(outcome.exit == "TARGET")))
    return found


def fitted(pairs: Mapping[str, Sequence[Scored]]) -> dict[str, Calibration]:
    """Fit each side that has 30 outcomes, hits and misses among them; empty where none has."""
    found = {}
    for side, each in pairs.items():
        made = calibrate([raw for raw, _ in each], [hit for _, hit in each], [1.0] * len(each))
        if made is not None:
            found[side] = made
    return found


def spell(found: Mapping[str, Calibration]) -> str:
    """Spell calibrations by side as the text that is stored."""
    return json.dumps({side: calibration_parts(each) for side, each in found.items()}, sort_keys=True)


def read(body: str) -> dict[str, Calibration]:
    """Read them back; raises Misshapen for what is none."""
    try:
        tree = json.loads(body)
    except ValueError as fault:
        raise Misshapen(f"calibrations: {str(fault)[:80]}") from None
    if not isinstance(tree, dict) or not tree.keys() <= SIDES.keys():
        raise Misshapen("calibrations: expected sides.")
    return {side: made for side, value in tree.items() if (made := read_calibration(value)) is not None}
