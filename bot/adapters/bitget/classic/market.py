"""Be the Market: public facts over REST, streamed prices first where they are fresh."""
from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from bot.adapters.bitget.classic import endpoints, map_market
from bot.adapters.bitget.classic.rows import all_of, items, log, one, readable
from bot.adapters.bitget.classic.wire_market import (
    ContractRow,
    DepthData,
    FundingPaidRow,
    FundingRow,
    TickerRow,
    TierRow,
    TradeRow,
)
from bot.adapters.bitget.classic.wire_value import Unreadable
from bot.adapters.bitget.classic.words import LINE_WORDS, line_of
from bot.adapters.bitget.http import Call, Endpoint, Http, ReadFailed
from bot.adapters.bitget.throttle import Lane
from bot.domain.ids import Symbol
from bot.domain.instrument import Instrument, ProductLine, Tier
from bot.ports.clock import Clock
from bot.ports.market import Candle, Depth, Funding, MarketSilent, PriceKind, Stretch, Ticker, Trade

RECENT_MAX = 1000
HISTORY_MAX = 200
FUNDING_MAX = 100
SPAN_MAX = timedelta(days=90)
MILLISECOND = timedelta(milliseconds=1)
TRADES_MAX = 1000
TRADES_SPAN = timedelta(days=7)
TRADES_BACK = timedelta(days=90)
# The oldest moment is asked for a little late, so that it is still inside while the request travels.
ROOM = timedelta(minutes=1)
DEPTHS = (1, 5, 15, 50)
KINDS = {PriceKind.LAST: "MARKET", PriceKind.MARK: "MARK", PriceKind.INDEX: "INDEX"}
HISTORIES = {
    PriceKind.LAST: endpoints.HISTORY_CANDLES,
    PriceKind.MARK: endpoints.HISTORY_MARK_CANDLES,
    PriceKind.INDEX: endpoints.HISTORY_INDEX_CANDLES,
}


@contextmanager
def known(what: str) -> Iterator[None]:
    """Turn a read that failed into MarketSilent naming `what`."""
    try:
        yield
    except (ReadFailed, Unreadable, ValueError) as error:
        raise MarketSilent(f"{what} could not be read: {error}") from error


def no_stream(symbol: Symbol) -> Ticker | None:
    """Know no streamed prices."""
    return None


class ClassicMarket:
    """Ports.market over the v2 REST API; `streamed` gives a fresh streamed ticker of a symbol, or None."""

    def __init__(self, http: Http, clock: Clock, streamed: Callable[[Symbol], Ticker | None] = no_stream) -> None:
        self._http = http
        self._clock = clock
        self._streamed = streamed

    async def instruments(self, line: ProductLine) -> tuple[Instrument, ...]:
        """List the contracts of a product line; a contract that cannot be read is logged and left out."""
        with known(f"contracts of {line.value}"):
            data = await self._ask(endpoints.CONTRACTS, {"productType": LINE_WORDS[line]})
            return tuple(
                readable(data, ContractRow, "contracts", lambda row, notes: map_market.instrument(row, line, notes))
            )

    async def tiers(self, symbol: Symbol) -> tuple[Tier, ...]:
        """List the maintenance tiers of one symbol, smallest first; all of them or MarketSilent."""
        with known(f"tiers of {symbol}"):
            rows = items(await self._ask(endpoints.TIERS, _named(symbol)), "tiers")
            found = [map_market.tier(one(row, TierRow, "tiers")) for row in rows]
        return tuple(sorted(found, key=lambda tier: tier.floor))

    async def ticker(self, symbol: Symbol) -> Ticker:
        """Read one symbol's prices: the streamed ones while fresh, else asked for."""
        streamed = self._streamed(symbol)
        if streamed is not None:
            return streamed
        with known(f"ticker of {symbol}"):
            data = await self._ask(endpoints.TICKER, _named(symbol))
            for found in self._tickers(data):
                if found.symbol == symbol:
                    return found
            raise Unreadable(f"expected a row of {symbol}, found none that can be read")

    async def tickers(self, line: ProductLine) -> tuple[Ticker, ...]:
        """Read the prices of a product line; a row that cannot be read is logged and left out."""
        with known(f"tickers of {line.value}"):
            return tuple(self._tickers(await self._ask(endpoints.TICKERS, {"productType": LINE_WORDS[line]})))

    async def candles(
        self, symbol: Symbol, granularity: str, limit: int, price: PriceKind = PriceKind.LAST
    ) -> tuple[Candle, ...]:
        """Read the latest bars, oldest first; asks for older pages where one request may not span enough."""
        with known(f"{granularity} candles of {symbol}"):
            wire, length = map_market.granularity(granularity)
            query = _named(symbol) | {"granularity": wire, "kLineType": KINDS[price]}
            bars: dict[datetime, Candle] = {}
            until: dict[str, str] = {}
            while len(bars) < limit:
                page = {"limit": str(min(limit - len(bars), RECENT_MAX))} | until
                found = self._bars(await self._ask(endpoints.CANDLES, query | page), length)
                fresh = [bar for bar in found if bar.opened_at not in bars]
                if not fresh:
                    break
                bars |= {bar.opened_at: bar for bar in fresh}
                until = {"endTime": str(_ms(min(bars)))}
        return tuple(bars[at] for at in sorted(bars)[-limit:])

    async def history(
        self, symbol: Symbol, granularity: str, since: datetime, until: datetime, price: PriceKind = PriceKind.LAST
    ) -> AsyncIterator[tuple[Candle, ...]]:
        """Page through closed bars opening at or after `since` and before `until`, oldest page first.

        A stretch without bars, as before a listing, gives no page. Raises MarketSilent in the middle when a page
        cannot be had.
        """
        with known(f"{granularity} history of {symbol}"):
            wire, length = map_market.granularity(granularity)
        query = _named(symbol) | {"granularity": wire, "limit": str(HISTORY_MAX)}
        stride = min(length * HISTORY_MAX, SPAN_MAX)
        start = since
        while start < until:
            end = min(start + stride, until)
            times = {"startTime": str(_ms(start)), "endTime": str(_ms(end))}
            with known(f"{granularity} history of {symbol} from {start:%Y-%m-%d %H:%M}"):
                bars = self._bars(await self._ask(HISTORIES[price], query | times), length)
            page = [bar for bar in bars if start <= bar.opened_at < end and not bar.forming]
            if page:
                yield tuple(page)
            start = end

    async def trades(self, symbol: Symbol, since: datetime, until: datetime) -> AsyncIterator[Stretch]:
        """Page through public trades: a week at a time, oldest first; inside it newest first by trade id (rest.md 2.9).

        Each stretch is whole: what shares its first millisecond with trades that are still to come waits for them.
        Raises MarketSilent in the middle, also for a row that cannot be read: a hole would not be seen later.
        """
        start = since
        while start < until:
            start = max(start, self._venue_now() - TRADES_BACK + ROOM)
            end = min(start + TRADES_SPAN, until)
            async for stretch in self._week(symbol, start, end):
                yield stretch
            start = end

    async def _week(self, symbol: Symbol, start: datetime, end: datetime) -> AsyncIterator[Stretch]:
        query = _named(symbol) | {"limit": str(TRADES_MAX), "startTime": str(_ms(start)), "endTime": str(_ms(end))}
        reached, held, cursor = end, list[Trade](), dict[str, str]()
        while reached > start:
            with known(f"public trades of {symbol} before {reached:%Y-%m-%d %H:%M:%S}"):
                data = await self._ask(endpoints.TRADES_HISTORY, query | cursor)
                page = [map_market.trade(row) for row in all_of(data, TradeRow, "public trades")]
                if any(later.at < earlier.at for later, earlier in pairwise(page)):
                    raise Unreadable("expected the newest first, found them out of order")
                if page and cursor.get("idLessThan") == page[-1].id:
                    raise Unreadable("expected older trades, found the same again")
            held += [trade for trade in page if start <= trade.at < end]
            if not page or page[-1].at < start:
                yield Stretch(since=start, until=reached, trades=tuple(held))
                return
            cursor = {"idLessThan": page[-1].id}
            whole = min(page[-1].at + MILLISECOND, reached)
            if whole < reached:
                yield Stretch(since=whole, until=reached, trades=tuple(each for each in held if each.at >= whole))
            reached, held = whole, [each for each in held if each.at < whole]

    async def funding(self, symbol: Symbol) -> Funding:
        """Read the current funding rate and the next time it is paid."""
        with known(f"funding of {symbol}"):
            data = await self._ask(endpoints.FUNDING_RATE, _named(symbol))
            for found in readable(data, FundingRow, "funding", map_market.funding):
                if found.symbol == symbol:
                    return found
            raise Unreadable(f"expected a row of {symbol}, found none that can be read")

    async def funding_history(self, symbol: Symbol, limit: int = 5000) -> tuple[tuple[datetime, Decimal], ...]:
        """Read the rates that were paid, oldest first; pages are numbered, newest first (rest.md 2.17)."""
        paid: dict[datetime, Decimal] = {}
        page = 0
        while len(paid) < limit:
            page += 1
            with known(f"funding history of {symbol}, page {page}"):
                query = _named(symbol) | {"pageSize": str(FUNDING_MAX), "pageNo": str(page)}
                data = await self._ask(endpoints.FUNDING_HISTORY, query)
                fresh = dict(readable(data, FundingPaidRow, "funding history", map_market.funding_paid))
            if not fresh.keys() - paid.keys():
                break
            paid |= fresh
        return tuple(sorted(paid.items())[-limit:])

    async def depth(self, symbol: Symbol, levels: int) -> Depth:
        """Read the best levels of the book."""
        with known(f"depth of {symbol}"):
            asked = next((str(depth) for depth in DEPTHS if depth >= levels), "max")
            data = one(await self._ask(endpoints.DEPTH, _named(symbol) | {"limit": asked}), DepthData, "depth")
            return map_market.depth(data, symbol, levels, self._clock.now())

    def _tickers(self, data: object) -> Iterator[Ticker]:
        received_at = self._clock.now()
        return readable(data, TickerRow, "tickers", lambda row, notes: map_market.ticker(row, received_at, notes))

    def _venue_now(self) -> datetime:
        return datetime.fromtimestamp(self._http.venue_ms() / 1000, UTC)

    def _bars(self, data: object, length: timedelta) -> list[Candle]:
        venue_now = self._venue_now()
        bars: dict[datetime, Candle] = {}
        for raw in items(data, "candles"):
            try:
                bar = map_market.candle(raw, length, venue_now)
            except Unreadable as error:
                log.warning("candles: a row was skipped: %s", error)
                continue
            bars[bar.opened_at] = bar
        return [bars[at] for at in sorted(bars)]

    async def _ask(self, endpoint: Endpoint, query: Mapping[str, str]) -> object:
        return await self._http.read(Call(endpoint=endpoint, lane=Lane.ASK, query=query))


def _named(symbol: Symbol) -> dict[str, str]:
    return {"symbol": str(symbol), "productType": LINE_WORDS[line_of(symbol)]}


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
