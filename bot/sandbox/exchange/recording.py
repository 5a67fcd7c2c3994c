"""Recorded candles: a CSV file, plain or gzipped, with open_time_ms, open, high, low, close, volume."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

from bot.sandbox.exchange.bars import MINUTE, Bar

PAST_MINUTES = 2_000
_COLUMNS = ("open_time_ms", "open", "high", "low", "close", "volume")


def read_recording(path: Path) -> list[Bar]:
    """Return the file's minute bars, ascending, gaps filled flat.

    Raises ValueError with a sentence when the file is not what it should be.
    """
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        if rows.fieldnames is None or any(name not in rows.fieldnames for name in _COLUMNS):
            raise ValueError(f"Expected the columns {', '.join(_COLUMNS)} in {path.name}, found {rows.fieldnames}.")
        try:
            bars = [Bar(int(row["open_time_ms"]), *(float(row[name]) for name in _COLUMNS[1:])) for row in rows]
        except (TypeError, ValueError) as error:
            raise ValueError(f"A row of {path.name} is not a candle: {error}.") from error
    if len(bars) <= PAST_MINUTES:
        raise ValueError(
            f"A tape needs more than {PAST_MINUTES} minutes (they become the past); {path.name} has {len(bars)}."
        )
    return _without_gaps(bars, path)


def leader_of(path: Path) -> str:
    """Return the coin whose recording this is, by the file's name; BTC when it says nothing known."""
    name = path.name.upper()
    return next((coin for coin in ("BTC", "ETH", "SOL", "XRP", "DOGE") if name.startswith(coin)), "BTC")


def _without_gaps(bars: list[Bar], path: Path) -> list[Bar]:
    whole = [bars[0]]
    for bar in bars[1:]:
        if bar.ms <= whole[-1].ms:
            raise ValueError(f"{path.name} is not ascending at {bar.ms}.")
        while bar.ms - whole[-1].ms > MINUTE:
            flat = whole[-1].close
            whole.append(Bar(whole[-1].ms + MINUTE, flat, flat, flat, flat, 0.0))
        whole.append(bar)
    return whole
