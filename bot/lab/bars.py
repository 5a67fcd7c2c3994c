"""Turn stored candles into bars: to floats, to a higher timeframe, with the holes counted and the whole hashed."""
from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.adapters.advisors.bar import MINUTE_MS, Bar, minutes_of
from bot.domain.record import milliseconds
from bot.ports.market import Candle


@dataclass(frozen=True, slots=True, kw_only=True)
class Hole:
    """Missing bars between two that are there: opening of the first missing one (UTC milliseconds), and how many."""

    at: int
    missing: int


def as_bars(candles: Sequence[Candle]) -> list[Bar]:
    """Read candles as floats, in their order."""
    return [Bar(milliseconds(each.opened_at), float(each.open), float(each.high), float(each.low), float(each.close),
                float(each.volume)) for each in candles]


def resample(bars: Sequence[Bar], timeframe: str, base_ms: int = MINUTE_MS) -> list[Bar]:
    """Build bars of a higher timeframe out of closed base bars; a bucket that misses its last one is left out.

    A bar is only known when it closed, and it closes with its last base bar. Raises ValueError where the timeframe is
    no multiple of the base.
    """
    length = minutes_of(timeframe) * MINUTE_MS
    if length % base_ms:
        raise ValueError(f"{timeframe} is no multiple of the stored {base_ms // MINUTE_MS}m candles.")
    if length == base_ms:
        return list(bars)
    found: list[Bar] = []
    bucket: list[Bar] = []
    for bar in bars:
        if bucket and bar.at // length != bucket[0].at // length:
            bucket = []
        bucket.append(bar)
        if (bar.at + base_ms) % length == 0:
            if (bar.at // length) * length == bucket[0].at:
                found.append(_joined(bucket))
            bucket = []
    return found


def _joined(bucket: Sequence[Bar]) -> Bar:
    return Bar(bucket[0].at, bucket[0].open, max(each.high for each in bucket), min(each.low for each in bucket),
               bucket[-1].close, sum(each.volume for each in bucket))


def holes(moments: Sequence[int], bar_ms: int) -> list[Hole]:
    """List what is missing between the first and the last of ascending openings."""
    return [Hole(at=before + bar_ms, missing=(after - before) // bar_ms - 1)
            for before, after in pairwise(moments) if after - before > bar_ms]


def bars_hash(bars: Sequence[Bar]) -> str:
    """Name bars by the SHA-256 of their exact numbers."""
    found = hashlib.sha256()
    for bar in bars:
        found.update(struct.pack("<q5d", *bar))
    return found.hexdigest()
