"""Give models one closed bar as floats, and tell how long a timeframe is."""
from __future__ import annotations

import re
from typing import NamedTuple

MINUTE_MS = 60_000
UNITS = {"m": 1, "h": 60, "d": 1440}
TIMEFRAME = re.compile(r"([1-9]\d{0,3})([mhd])")


class Bar(NamedTuple):
    """One closed bar; `at` is its opening in UTC milliseconds, prices in quote units, volume in base units."""

    at: int
    open: float
    high: float
    low: float
    close: float
    volume: float


def minutes_of(timeframe: str) -> int:
    """Count the minutes of a timeframe such as 15m, 4h or 1d; raises ValueError with what was expected."""
    found = TIMEFRAME.fullmatch(timeframe)
    if found is None:
        raise ValueError(f"A timeframe is a number and m, h or d (15m, 4h, 1d), not {timeframe!r}.")
    return int(found[1]) * UNITS[found[2]]
