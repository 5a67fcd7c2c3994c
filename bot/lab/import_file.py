"""Import candles from a file of an exchange or an archive: CSV, plain or gzipped; safe to repeat, gaps counted."""
from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from bot.adapters.advisors.bar import MINUTE_MS, minutes_of
from bot.domain.ids import Symbol
from bot.domain.record import moment_of
from bot.lab.bars import holes
from bot.lab.progress import Progress
from bot.ports.lab_rows import Series
from bot.ports.ledger import Ledger
from bot.ports.market import Candle

BATCH = 2000
NAME = re.compile(r"([A-Z0-9]{4,20})[-_](\d{1,4}[mhd])(?:[-_.].*)?")
MOMENT_COLUMNS = ("open_time_ms", "open_time", "opened_at", "timestamp", "time", "ts")
ROWS_MAX = 20_000_000


class NotImported(Exception):
    """The file was not imported; the text says which line, what was expected and what was found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What came of it: rows read, rows new, and the holes between them."""

    series: Series
    read: int
    written: int
    missing: int
    first: datetime
    last: datetime


def series_of(file: Path, symbol: str | None, timeframe: str | None) -> Series:
    """Take symbol and timeframe as said, else from the name (`BTCUSDT-1m-….csv.gz`); raises NotImported."""
    found = NAME.fullmatch(file.name)
    if (symbol is None or timeframe is None) and found is None:
        raise NotImported(f"{file.name} does not begin with symbol and timeframe such as BTCUSDT-1m-; say --symbol and "
                          "--tf.")
    try:
        minutes_of(timeframe or (found[2] if found else ""))
    except ValueError as fault:
        raise NotImported(str(fault)) from fault
    named = (found[1], found[2]) if found else ("", "")
    return Series(symbol=Symbol((symbol or named[0]).upper()), timeframe=timeframe or named[1])


def candles_in(file: Path, bar_ms: int) -> Iterator[Candle]:
    """Yield the candles of a file in its order; raises NotImported naming the line."""
    try:
        with (gzip.open(file, "rt", newline="") if file.suffix == ".gz" else file.open(newline="")) as lines:
            rows = csv.reader(lines)
            columns = _columns(file, next(rows, []))
            before = None
            for number, row in enumerate(rows, 2):
                if number > ROWS_MAX:
                    raise NotImported(f"{file.name} has more than {ROWS_MAX:,} lines; cut it in pieces.")
                candle = _candle(file, number, row, columns, bar_ms)
                if before is not None and candle.opened_at <= before:
                    raise NotImported(f"{file.name}:{number}: {candle.opened_at.isoformat()} is not after the line "
                                      "before; sort the file by time, each candle once.")
                before = candle.opened_at
                yield candle
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as fault:
        raise NotImported(f"{file} cannot be read: {fault}.") from fault


def _columns(file: Path, header: Sequence[str]) -> dict[str, int]:
    names = [name.strip().lower() for name in header]
    moment = next((name for name in MOMENT_COLUMNS if name in names), None)
    wanted = ("open", "high", "low", "close", "volume")
    if moment is None or any(name not in names for name in wanted):
        raise NotImported(f"{file.name}:1: expected a header with {MOMENT_COLUMNS[0]}, {', '.join(wanted)}; found "
                          f"{', '.join(names)[:120] or 'nothing'}.")
    return {"at": names.index(moment), **{name: names.index(name) for name in wanted},
            **({"turnover": names.index("turnover")} if "turnover" in names else {})}


def _candle(file: Path, number: int, row: Sequence[str], columns: dict[str, int], bar_ms: int) -> Candle:
    try:
        stamp = int(row[columns["at"]])
        values = {name: Decimal(row[at]) for name, at in columns.items() if name != "at"}
    except (ValueError, IndexError, InvalidOperation):
        raise NotImported(f"{file.name}:{number}: expected a moment in milliseconds and numbers, found "
                          f"{','.join(row)[:80]!r}.") from None
    if not all(value.is_finite() for value in values.values()):
        raise NotImported(f"{file.name}:{number}: a number is not finite.")
    low, high = values["low"], values["high"]
    if not 0 < low <= min(values["open"], values["close"]) <= max(values["open"], values["close"]) <= high:
        raise NotImported(f"{file.name}:{number}: the prices contradict each other ({','.join(row)[:80]}).")
    if stamp % bar_ms or not 0 < stamp < 10**14:
        raise NotImported(f"{file.name}:{number}: {stamp} is not when a candle of {bar_ms // MINUTE_MS} minutes opens, "
                          "in milliseconds.")
    return Candle(opened_at=moment_of(stamp), open=values["open"], high=high, low=low, close=values["close"],
                  volume=values["volume"], turnover=values.get("turnover", Decimal(0)))


async def import_file(ledger: Ledger, file: Path, series: Series, at: datetime, progress: Progress) -> Imported:
    """Store the candles of a file; what is stored already is skipped, so a broken run is simply repeated."""
    bar_ms = minutes_of(series.timeframe) * MINUTE_MS
    moments: list[datetime] = []
    written, batch = 0, list[Candle]()

    async def store() -> int:
        kept = tuple(batch)
        batch.clear()
        return await ledger.transact(lambda tx: tx.lab_history.add_candles(series, kept, at))

    for candle in candles_in(file, bar_ms):
        moments.append(candle.opened_at)
        batch.append(candle)
        if len(batch) == BATCH:
            written += await store()
            progress.add(BATCH)
    progress.add(len(batch))
    written += await store()
    if not moments:
        raise NotImported(f"{file.name} holds a header and no candles.")
    stamps = [round(moment.timestamp() * 1000) for moment in moments]
    return Imported(series=series, read=len(moments), written=written, first=moments[0], last=moments[-1],
                    missing=sum(hole.missing for hole in holes(stamps, bar_ms)))
