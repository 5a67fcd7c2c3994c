"""Read what the ledger holds as bars of the wanted timeframe: stored as such, or built out of stored minutes."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.adapters.advisors.bar import MINUTE_MS, Bar, minutes_of
from bot.domain.ids import Symbol
from bot.domain.record import milliseconds
from bot.lab.bars import as_bars, holes, resample
from bot.ports.lab_rows import Series
from bot.ports.ledger import Ledger, Tx


class NoHistory(Exception):
    """The ledger holds no such candles; the text says what to run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Bars of one symbol with where they come from, the bars that are missing between them, and funding."""

    symbol: str
    bars: list[Bar]
    source: str
    missing: int
    funding: list[tuple[int, float]]


async def history(
    ledger: Ledger, symbol: str, timeframe: str, *, days: int | None = None, since: datetime | None = None,
    until: datetime | None = None,
) -> History:
    """Read the bars of one symbol, all of them, the last `days`, or a span; raises NoHistory."""
    wanted = minutes_of(timeframe)

    def look(tx: Tx) -> History:
        stored = [one for one in tx.lab_history.series() if one.symbol == symbol and one.price.value == "LAST"]
        base = best_base([one.timeframe for one in stored], wanted)
        if base is None:
            known = ", ".join(sorted({f"{one.symbol} {one.timeframe}" for one in stored})) or "nothing of it"
            raise NoHistory(f"There are no candles for {symbol} {timeframe} (stored: {known}). Run: wiredesk lab fetch "
                            f"--symbols {symbol} --tf {timeframe}, or wiredesk lab import FILE.")
        series = Series(symbol=Symbol(symbol), timeframe=base)
        span = tx.lab_history.span(series)
        begin = span.last - timedelta(days=days) if span is not None and days is not None else since
        found = as_bars(tx.lab_history.candles(series, begin, until))
        base_ms = minutes_of(base) * MINUTE_MS
        bars = resample(found, timeframe, base_ms)
        missing = sum(hole.missing for hole in holes([bar.at for bar in bars], wanted * MINUTE_MS))
        rates = [(milliseconds(at), float(rate)) for at, rate in tx.lab_history.funding(Symbol(symbol))]
        return History(symbol=symbol, bars=bars, source=base, missing=missing, funding=rates)

    return await ledger.read(look)


def best_base(stored: Sequence[str], wanted: int) -> str | None:
    """Choose what to build from: the longest stored timeframe that divides the wanted one of so many minutes."""
    fitting = [(minutes_of(one), one) for one in stored if wanted % minutes_of(one) == 0]
    return max(fitting)[1] if fitting else None
