"""Fetch public trades into the ledger: stretch by stretch, safe to break off and repeat, checked against candles."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.adapters.advisors.bar import minutes_of
from bot.lab.progress import Progress
from bot.ports.lab_rows import Series
from bot.ports.ledger import Ledger, Tx
from bot.ports.market import Market

DAYS_MOST = 90
MINUTE = timedelta(minutes=1)
MILLISECOND = timedelta(milliseconds=1)
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedTrades:
    """What came of one symbol: trades new, minutes not stored, and candles with volume in which no trade is stored."""

    written: int
    minutes_missing: int
    candles_without: int


async def fetch_trades(
    ledger: Ledger, market: Market, series: Series, *, days: int, now: datetime, bar: Callable[[int], Progress],
) -> FetchedTrades:
    """Fetch the public trades of the last `days`, 90 at most; what is stored is not asked for again.

    Each stretch is stored before the next is asked for. The last minute is left to the next time: its trades may still
    be on their way. Raises ValueError for more days, MarketSilent with what was stored so far kept.
    """
    if not 0 < days <= DAYS_MOST:
        raise ValueError(f"The exchange keeps public trades for {DAYS_MOST} days; --fills takes 1 to {DAYS_MOST}.")
    symbol, until = series.symbol, now - MINUTE
    since = until - timedelta(days=days)
    spans = await ledger.read(lambda tx: tx.lab_history.trade_spans(symbol))
    wanted = uncovered(spans, since, until)
    written, passed = 0, timedelta()
    if wanted:
        progress = bar(sum((end - begin) // MINUTE for begin, end in wanted))
        for begin, end in wanted:
            async for stretch in market.trades(symbol, begin, end):
                written += await ledger.transact(lambda tx, it=stretch: tx.lab_history.add_trades(symbol, it, now))  # type: ignore[misc]
                passed += stretch.until - stretch.since
                progress.add(passed // MINUTE)
                passed %= MINUTE
        progress.end()
    spans = await ledger.read(lambda tx: tx.lab_history.trade_spans(symbol))
    missing = sum((end - begin) // MINUTE for begin, end in uncovered(spans, since, until))
    without = await ledger.read(lambda tx: _silent_candles(tx, series, [
        (max(begin, since), min(end, until)) for begin, end in spans if begin < until and end > since]))
    return FetchedTrades(written=written, minutes_missing=missing, candles_without=without)


def uncovered(spans: tuple[Span, ...], since: datetime, until: datetime) -> list[Span]:
    """List what of a span others do not cover; `spans` do not overlap, oldest first."""
    found, at = [], since
    for begin, end in spans:
        if end <= at or begin >= until:
            continue
        if begin > at:
            found.append((at, begin))
        at = end
    return [*found, (at, until)] if at < until else found


def _silent_candles(tx: Tx, series: Series, spans: list[Span]) -> int:
    """Count stored candles with volume, wholly inside a span, in which no trade is stored."""
    length, symbol = timedelta(minutes=minutes_of(series.timeframe)), series.symbol
    return sum(
        candle.volume > 0 and not tx.lab_history.traded(symbol, candle.opened_at, candle.opened_at + length)
        for begin, end in spans
        for candle in tx.lab_history.candles(series, begin, end - length + MILLISECOND)
    )
