"""See the market: instruments, prices with their age, candles, depth."""
from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Protocol

from bot.domain.ids import Symbol
from bot.domain.instrument import Instrument, ProductLine, Tier


class MarketSilent(Exception):
    """A price or instrument could not be read; the text says which and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticker:
    """Prices of one symbol; `at` is the venue's stamp, `received_at` ours: age counts from receipt."""

    symbol: Symbol
    last: Decimal
    mark: Decimal
    index: Decimal | None
    bid: Decimal | None
    ask: Decimal | None
    high_24h: Decimal | None
    low_24h: Decimal | None
    change_24h: Decimal | None
    volume_24h: Decimal | None
    turnover_24h: Decimal | None
    open_interest: Decimal | None
    funding_rate: Decimal | None
    next_funding_at: datetime | None
    at: datetime
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Candle:
    """One bar; `volume` in base units, `turnover` in quote units; closed unless `forming`."""

    opened_at: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    turnover: Decimal
    forming: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Funding:
    """The funding rate of one symbol: a fraction per interval of `hours`."""

    symbol: Symbol
    rate: Decimal
    hours: int | None
    next_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Depth:
    """Best levels (price, size), best first."""

    symbol: Symbol
    bids: tuple[tuple[Decimal, Decimal], ...]
    asks: tuple[tuple[Decimal, Decimal], ...]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """A print on the public tape: somebody's deal; `bought` where the taker bought, `size` in base units."""

    id: str
    price: Decimal
    size: Decimal
    bought: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """All public trades from `since` on and before `until`, newest first; none is missing inside it."""

    since: datetime
    until: datetime
    trades: tuple[Trade, ...]


class PriceKind(Enum):
    """Which series a candle is of: what traded, the mark or the index."""

    LAST = "LAST"
    MARK = "MARK"
    INDEX = "INDEX"


class Market(Protocol):
    """Public facts of one exchange; every method raises MarketSilent when it cannot know."""

    async def instruments(self, line: ProductLine) -> tuple[Instrument, ...]:
        """List the contracts of a product line."""
        ...

    async def tiers(self, symbol: Symbol) -> tuple[Tier, ...]:
        """List the maintenance tiers of one symbol, smallest first."""
        ...

    async def ticker(self, symbol: Symbol) -> Ticker:
        """Read one symbol's prices: the streamed ones while fresh, else asked for."""
        ...

    async def tickers(self, line: ProductLine) -> tuple[Ticker, ...]:
        """Read the prices of a whole product line."""
        ...

    async def candles(
        self, symbol: Symbol, granularity: str, limit: int, price: PriceKind = PriceKind.LAST
    ) -> tuple[Candle, ...]:
        """Read the latest bars, oldest first; the last one may be forming."""
        ...

    def history(
        self, symbol: Symbol, granularity: str, since: datetime, until: datetime, price: PriceKind = PriceKind.LAST
    ) -> AsyncIterator[tuple[Candle, ...]]:
        """Page through closed bars from `since` to `until`, a page at a time, oldest page first."""
        ...

    def trades(self, symbol: Symbol, since: datetime, until: datetime) -> AsyncIterator[Stretch]:
        """Page through public trades; stretches do not overlap and come in no order that counts.

        What is older than the exchange keeps is in no stretch. Raises MarketSilent in the middle.
        """
        ...

    async def funding(self, symbol: Symbol) -> Funding:
        """Read the current funding rate and the next time it is paid."""
        ...

    async def funding_history(self, symbol: Symbol, limit: int = 5000) -> tuple[tuple[datetime, Decimal], ...]:
        """Read the rates that were paid and when, oldest first, as far back as the exchange tells."""
        ...

    async def depth(self, symbol: Symbol, levels: int) -> Depth:
        """Read the best levels of the book."""
        ...
