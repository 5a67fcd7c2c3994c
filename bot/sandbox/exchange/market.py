"""Public market data: quotes, depth, trades and candles of every symbol, priced from the tape."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any

from bot.sandbox.exchange.bars import DAY, HOUR, MINUTE, Bar
from bot.sandbox.exchange.candles import Candles, Granularity, rows_of
from bot.sandbox.exchange.codes import Refused
from bot.sandbox.exchange.engine import Engine
from bot.sandbox.exchange.specs import SPECS, Spec, contract_row, limit_row, tier_rows
from bot.sandbox.exchange.state import Trade
from bot.sandbox.exchange.tape import Moment, Tape

Level = tuple[str, str]
Row = dict[str, Any]

# What a product's contract trades away from the index.
_BASIS = {"USDT-FUTURES": 0.00004, "USDC-FUTURES": -0.00006, "COIN-FUTURES": 0.00009}
FAR = 1 << 43  # Later than any trade, in ms.
_TRADES_KEPT = 500
_TRADES_A_MINUTE = 4


@dataclass(slots=True, kw_only=True)
class Listing:
    """A symbol: its rules, its coin on the tape, its prices now and its latest trades."""

    spec: Spec
    symbol: str
    product: str
    coin: str
    basis: float
    tick: Decimal
    step: Decimal
    last: Decimal = Decimal(0)
    mark: Decimal = Decimal(0)
    index: Decimal = Decimal(0)
    ts: int = 0
    trades: deque[Row] = field(default_factory=lambda: deque(maxlen=_TRADES_KEPT))

    def price_text(self, price: float) -> str:
        """Return a price on the tick."""
        return str(round(price / float(self.tick)) * self.tick)

    def size_text(self, size: float) -> str:
        """Return a size on the step."""
        return str(round(size / float(self.step)) * self.step)


@dataclass(slots=True)
class _Day:
    minute: int
    open: float
    high: float
    low: float
    base: float
    quote: float
    open_utc: float


class Market:
    """Quote every listed symbol. ``told`` hears of new public trades: symbol and rows, newest first."""

    def __init__(self, tape: Tape, engine: Engine, *, seed: int, stamp: Callable[[], int]) -> None:
        self.tape, self.candles = tape, Candles(tape)
        self.told: Callable[[str, list[Row]], None] = lambda _symbol, _rows: None
        self.stale: Callable[[], bool] = lambda: False
        self._frozen: dict[str, Row] = {}
        self._engine = engine
        self._rng = Random(f"{seed}:trades")
        self._stamp = stamp
        self._days: dict[str, _Day] = {}
        self._trade_count = 0
        self.listings = {symbol: _listing(spec) for symbol, spec in SPECS.items()}
        now = tape.now_ms
        self.apply(Moment(now, {coin: tape.price(coin) for coin in tape.coins()}, {}))

    # Movement

    def apply(self, moment: Moment) -> None:
        """Let the engine and the trade list know the prices of a moment."""
        for listing in self.listings.values():
            price = moment.prices.get(listing.coin)
            if price is None:
                continue
            before = listing.last
            listing.index = Decimal(f"{price:.6f}")
            listing.last = round(price * (1 + listing.basis) / float(listing.tick)) * listing.tick
            listing.mark = round(price * (1 + listing.basis / 2) / float(listing.tick)) * listing.tick
            listing.ts = moment.ms
            volume = moment.volumes.get(listing.coin, 0.0)
            if volume > 0:
                self._print(listing, before, volume)
            self._engine.price(listing.symbol, listing.last, listing.mark, listing.index)

    def own_trade(self, trade: Trade) -> None:
        """Add a trade made by an order on this exchange to the public list."""
        self._add(self.listings[trade.symbol], [{
            "tradeId": trade.trade_id, "price": trade.price, "size": trade.size, "side": trade.side,
            "ts": str(trade.ms), "symbol": trade.symbol,
        }])

    def _print(self, listing: Listing, before: Decimal, volume: float) -> None:
        size = listing.size_text(volume)
        if Decimal(size) <= 0:
            return
        rising = listing.last > before or (listing.last == before and self._rng.random() < 0.5)
        side = "buy" if rising else "sell"
        self._add(listing, [self._trade(listing, str(listing.last), size, side, listing.ts)])

    def _add(self, listing: Listing, rows: list[Row]) -> None:
        listing.trades.extendleft(rows)
        self.told(listing.symbol, rows)

    def _trade(self, listing: Listing, price: str, size: str, side: str, ms: int) -> Row:
        self._trade_count += 1
        trade_id = str((ms << 20) | (self._trade_count & 0xFFFFF))
        return {"tradeId": trade_id, "price": price, "size": size, "side": side, "ts": str(ms),
                "symbol": listing.symbol}

    # Questions

    def stamp(self) -> int:
        """Return the server's clock in ms, for stamps that are not market time."""
        return self._stamp()

    def shown_ticker(self, symbol: str) -> Row:
        """Return the ticker as the outside sees it: frozen while the fault ``stale_ticker`` lasts."""
        if not self.stale():
            self._frozen.clear()
            return self.ticker(symbol)
        if symbol not in self._frozen:
            self._frozen[symbol] = self.ticker(symbol)
        return self._frozen[symbol]

    def next_funding(self, symbol: str) -> int:
        """Return the market time of the next settlement in ms."""
        return self._engine.next_funding_ms(symbol)

    def funding_rate(self, symbol: str) -> str:
        """Return the rate that settles next."""
        return f"{self._engine.funding_rate(symbol):f}"

    def past_funding(self, listing: Listing, skip: int, count: int) -> list[tuple[int, str]]:
        """Return settled rates newest first: settlement time in ms and rate, back to the tape's beginning."""
        step = listing.spec.fund_hours * HOUR
        last = self.next_funding(listing.symbol) - step
        begin = self.tape.begin_ms(listing.coin)
        times = (last - i * step for i in range(skip, skip + count))
        return [(ms, f"{self._engine.funding_rate(listing.symbol, ms - 1):f}") for ms in times if ms >= begin]

    @staticmethod
    def contract(listing: Listing) -> Row:
        """Return the symbol's row of ``contracts``."""
        return contract_row(listing.spec)

    @staticmethod
    def tiers(listing: Listing) -> list[Row]:
        """Return the symbol's maintenance tiers."""
        return list(tier_rows(listing.spec))

    @staticmethod
    def notional_limit(listing: Listing) -> Row:
        """Return the symbol's row of ``oi-limit``."""
        return dict(limit_row(listing.spec))

    def product_of(self, symbol: str) -> str:
        """Return the product type of a symbol, or ""."""
        listing = self.listings.get(symbol)
        return listing.product if listing else ""

    def listing(self, symbol: str, product: str) -> Listing:
        """Return a symbol of a product. Raises Refused 40034 for an unknown one, 22012 for another product's."""
        listing = self.listings.get(symbol)
        if listing is None:
            raise Refused("40034", f"Parameter {symbol} does not exist")
        if listing.product != product:
            raise Refused("22012", "The current symbol does not belong to this product type")
        return listing

    def of_product(self, product: str) -> list[Listing]:
        """Return the symbols of a product type."""
        return [listing for listing in self.listings.values() if listing.product == product]

    def depth(self, symbol: str, levels: int) -> tuple[list[Level], list[Level]]:
        """Return the best bids and asks, best first, own resting orders included."""
        return self._engine.depth(symbol, levels)

    def trade_rows(self, symbol: str, count: int) -> list[Row]:
        """Return recent trades as the stream sends them, newest first; the past fills up what is missing."""
        rows = self.trades(self.listings[symbol], count, before_id=None, start_ms=0, end_ms=FAR)
        return [{k: v for k, v in row.items() if k != "symbol"} for row in rows]

    def trades(self, listing: Listing, count: int, *, before_id: int | None, start_ms: int,
               end_ms: int) -> list[Row]:
        """Return public trades newest first: the printed ones, then ones made from older minutes."""
        most = before_id if before_id is not None else end_ms << 20
        rows = [row for row in listing.trades
                if int(row["tradeId"]) < most and start_ms <= int(row["ts"]) < end_ms][:count]
        oldest = int(listing.trades[-1]["ts"]) if listing.trades else self.tape.minute_ms
        until = min(end_ms, (most >> 20) + 1, oldest // MINUTE * MINUTE)
        while len(rows) < count and until > start_ms:
            begin = max(start_ms, until - -(-count // _TRADES_A_MINUTE) * MINUTE)
            bars = self.tape.minutes(listing.coin, begin // MINUTE * MINUTE, until)
            if not bars:
                break
            made = (row for bar in reversed(bars) for row in self._made(listing, bar))
            rows += [row for row in made if int(row["tradeId"]) < most and start_ms <= int(row["ts"]) < until]
            until = begin
        return rows[:count]

    @staticmethod
    def _made(listing: Listing, bar: Bar) -> list[Row]:
        rising = bar.close >= bar.open
        points = (bar.open, bar.low, bar.high, bar.close) if rising else (bar.open, bar.high, bar.low, bar.close)
        rows = []
        for k, price in enumerate(points):
            ms = bar.ms + (k * MINUTE + MINUTE // 2) // _TRADES_A_MINUTE
            rows.append({
                "tradeId": str((ms << 20) | k), "price": listing.price_text(price * (1 + listing.basis)),
                "size": listing.size_text(max(bar.volume / _TRADES_A_MINUTE, float(listing.step))),
                "side": "buy" if rising == (k in (2, 3)) else "sell", "ts": str(ms), "symbol": listing.symbol,
            })
        rows.reverse()
        return rows

    def candle_rows(self, symbol: str, granularity: Granularity, count: int) -> list[list[str]]:
        """Return the newest candles as the stream sends them: eight strings, ascending."""
        listing = self.listings[symbol]
        now = self.tape.now_ms
        start = granularity.back(granularity.floor(now), count - 1)
        bars = self.candles.bars(listing.coin, granularity, start, now + 1)
        return [[*row, row[6]] for row in self.rest_candles(listing, bars)]

    def rest_candles(self, listing: Listing, bars: list[Bar], kind: str = "MARKET") -> list[list[str]]:
        """Return candles as REST sends them: seven strings; MARK and INDEX carry no volume."""
        factor = 1 + {"MARKET": listing.basis, "MARK": listing.basis / 2, "INDEX": 0.0}[kind]
        text = listing.price_text
        return rows_of(bars, lambda price: text(price * factor), listing.size_text, volumes=kind == "MARKET")

    def ticker(self, symbol: str) -> Row:
        """Return the ticker channel's row (websocket.md 6.2)."""
        listing = self.listings[symbol]
        bids, asks = self.depth(symbol, 1)
        day = self._day(listing)
        bid, ask = (bids or [("0", "0")])[0], (asks or [("0", "0")])[0]
        last = float(listing.last)
        return {
            "instId": symbol, "symbol": symbol, "lastPr": str(listing.last), "bidPr": bid[0], "bidSz": bid[1],
            "askPr": ask[0], "askSz": ask[1], "open24h": listing.price_text(day.open),
            "high24h": listing.price_text(max(day.high, last)), "low24h": listing.price_text(min(day.low, last)),
            "change24h": f"{last / day.open - 1:.5f}", "openUtc": listing.price_text(day.open_utc),
            "baseVolume": listing.size_text(day.base), "quoteVolume": f"{day.quote:.4f}",
            "holdingAmount": self.open_interest(listing), "fundingRate": self.funding_rate(symbol),
            "nextFundingTime": str(self.next_funding(symbol)), "markPrice": str(listing.mark),
            "indexPrice": str(listing.index), "symbolType": 1, "deliveryPrice": "0", "ts": str(listing.ts),
        }

    def open_interest(self, listing: Listing) -> str:
        """Return the platform's open interest in base coin."""
        return f"{self._engine.open_interest(listing.symbol):f}"

    def _day(self, listing: Listing) -> _Day:
        minute = self.tape.now_ms // MINUTE
        day = self._days.get(listing.symbol)
        if day is None or day.minute != minute:
            end = (minute + 1) * MINUTE
            bars = self.tape.minutes(listing.coin, end - DAY, end)
            midnight = self.tape.minutes(listing.coin, minute * MINUTE // DAY * DAY, end)
            factor = 1 + listing.basis
            base = sum(bar.volume for bar in bars)
            quote = sum(bar.volume * (bar.high + bar.low + bar.close) / 3 for bar in bars)
            day = self._days[listing.symbol] = _Day(
                minute, bars[0].open * factor, max(b.high for b in bars) * factor, min(b.low for b in bars) * factor,
                base, quote, midnight[0].open * factor,
            )
        return day


def _listing(spec: Spec) -> Listing:
    return Listing(spec=spec, symbol=spec.symbol, product=spec.product, coin=spec.base, basis=_BASIS[spec.product],
                   tick=spec.tick, step=spec.step)
