"""Fetch history from the exchange into the ledger: pages in order, safe to break off and repeat, holes counted."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from bot.adapters.advisors.bar import MINUTE_MS, minutes_of
from bot.domain.ids import Symbol
from bot.domain.record import milliseconds
from bot.lab.bars import holes
from bot.lab.progress import Progress
from bot.ports.lab_rows import Series
from bot.ports.ledger import Ledger
from bot.ports.market import Candle, Market, MarketSilent, PriceKind

PRICES = {"last": PriceKind.LAST, "mark": PriceKind.MARK, "index": PriceKind.INDEX}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What came of one series: rows new, how many there are now, and how many are missing between them."""

    series: Series
    written: int
    count: int
    missing: int


async def fetch(
    ledger: Ledger, market: Market, series: Series, *, days: int, now: datetime,
    bar: Callable[[int], Progress],
) -> Fetched:
    """Fetch the last `days` of one series; what is stored is skipped, the holes in it are asked for again.

    Each page is stored before the next is asked for. Raises MarketSilent with what was stored so far kept.
    """
    length = timedelta(minutes=minutes_of(series.timeframe))
    since = _floor(now - timedelta(days=days), length)
    stored = await ledger.read(lambda tx: tx.lab_history.candles(series, since, now))
    written = 0
    wanted = missing_spans([each.opened_at for each in stored], since, _floor(now, length), length)
    if wanted:
        progress = bar(sum((end - begin) // length for begin, end in wanted))
        for begin, end in wanted:
            async for page in market.history(series.symbol, series.timeframe, begin, end, series.price):
                written += await _store(ledger, series, page, now)
                progress.add(len(page))
        progress.end()
    found = await ledger.read(lambda tx: tx.lab_history.candles(series, since, now))
    gaps = holes([milliseconds(each.opened_at) for each in found], minutes_of(series.timeframe) * MINUTE_MS)
    return Fetched(series=series, written=written, count=len(found), missing=sum(hole.missing for hole in gaps))


async def fetch_interest(ledger: Ledger, market: Market, symbol: Symbol, now: datetime) -> str:
    """Note today's open interest and funding rate; the exchange gives no history of the first. Gives a sentence."""
    try:
        ticker = await market.ticker(symbol)
    except MarketSilent as fault:
        return f"{symbol}: open interest was not read: {fault}"
    size = ticker.open_interest
    if size is None:
        return f"{symbol}: the exchange says no open interest."
    await ledger.transact(lambda tx: tx.lab_history.add_interest(symbol, [(ticker.at, size)], now))
    return f"{symbol}: open interest {size} noted."


async def store_funding(
    ledger: Ledger, symbol: Symbol, rates: list[tuple[datetime, Decimal]], now: datetime
) -> int:
    """Store funding rates; known ones are skipped."""
    return await ledger.transact(lambda tx: tx.lab_history.add_funding(symbol, rates, now))


def missing_spans(
    moments: list[datetime], since: datetime, until: datetime, length: timedelta
) -> list[tuple[datetime, datetime]]:
    """List the spans from `since` to before `until` in which openings are missing."""
    spans, expected = [], since
    for moment in moments:
        if moment > expected:
            spans.append((expected, moment))
        expected = max(expected, moment + length)
    if expected < until:
        spans.append((expected, until))
    return spans


async def _store(ledger: Ledger, series: Series, page: tuple[Candle, ...], now: datetime) -> int:
    return await ledger.transact(lambda tx: tx.lab_history.add_candles(series, page, now))


def _floor(moment: datetime, length: timedelta) -> datetime:
    begin = datetime(1970, 1, 1, tzinfo=UTC)
    return begin + (moment - begin) // length * length
