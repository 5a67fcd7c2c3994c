"""Gather what a decision needs from outside before its transaction begins: prices with their age, settings, funding."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from bot.desk.seat import Seat
from bot.desk.wish import symbol_words
from bot.domain.ids import Symbol
from bot.domain.instrument import Instrument, Tier
from bot.domain.intent import MarginMode
from bot.domain.numbers import ONE
from bot.domain.refusal import Refusal, refuse
from bot.ports.ledger import Tx
from bot.ports.market import MarketSilent, Ticker
from bot.ports.venue import SymbolSettings, VenueSilent

NEVER = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The outside of one symbol at one moment; `marks` values what else is held."""

    instrument: Instrument
    ticker: Ticker
    settings: SymbolSettings
    tiers: tuple[Tier, ...]
    marks: dict[Symbol, Decimal]
    at: datetime

    @property
    def mark(self) -> Decimal:
        """Give the mark price."""
        return self.ticker.mark


def find_instrument(seat: Seat, words: str) -> Instrument | Refusal:
    """Find the contract a person means: the full symbol, or a base coin on the first product line in use that has it.

    Never guesses (security section 2): no near match, only exact names. Gives a Refusal that shows the nearest forms.
    """
    shelf = seat.shelf.instruments
    name = symbol_words(words)
    found = shelf.get(name)
    if found is None:
        for line in seat.lines:
            of_base = [one for one in shelf.values() if one.line is line and one.base == name]
            perpetual = [one for one in of_base if one.funding_hours is not None] or of_base
            if perpetual:
                found = perpetual[0]
                break
    if found is None:
        near = sorted(str(symbol) for symbol in shelf if name and str(symbol).startswith(name[:2]))[:3]
        hint = f"Known ones that begin alike: {', '.join(near)}." if near else "Write it as btc, ETH/USDT or BTCUSDT."
        return refuse("unknown_symbol", f"{words} is no contract at the exchange.", hint, value=words)
    if not found.tradable:
        return refuse(
            "not_tradable", f"{found.symbol} is not tradable now.", "Try later or another symbol.", value=found.symbol
        )
    return found


async def gather(
    seat: Seat, instrument: Instrument, *, opening: bool = True, carried: frozenset[Symbol] | None = None
) -> Facts | Refusal:
    """Read prices and settings of one contract; a Refusal when the market or the account cannot be read now.

    Only what opens has to value everything else that is held; `opening` False leaves that out. `carried` are the
    symbols carried, where the caller has just read them.
    """
    symbol = instrument.symbol
    try:
        ticker = await seat.market.ticker(symbol)
        settings = await current_settings(seat, symbol)
        if symbol not in seat.shelf.tiers:
            seat.shelf.tiers[symbol] = await seat.market.tiers(symbol)
    except (MarketSilent, VenueSilent) as silent:
        return refuse(
            "no_price", f"{symbol} cannot be read at the exchange: {silent}", "Nothing was sent. Try again shortly."
        )
    marks = {symbol: ticker.mark}
    try:
        if carried is None:
            carried = await seat.ledger.read(symbols_carried) if opening else frozenset()
        for other in carried:
            if other not in marks:
                marks[other] = (await seat.market.ticker(other)).mark
    except MarketSilent as silent:
        # Counting what has no price as nothing would let a limit pass that it should not (FF-76).
        return refuse(
            "no_price", f"What is held cannot be valued: {silent}", "Nothing was sent. Try again shortly."
        )
    seat.shelf.marks |= marks
    return Facts(
        instrument=instrument,
        ticker=ticker,
        settings=settings,
        tiers=seat.shelf.tiers[symbol],
        marks=marks,
        at=seat.clock.now(),
    )


async def gather_exit(seat: Seat, instrument: Instrument) -> Facts:
    """Read what a closing order needs; getting out never waits for a price or a setting that is silent (FF-16).

    The price is then the last one known, else the entry, and bears no date by which anything would open.
    """
    found = await gather(seat, instrument, opening=False)
    if isinstance(found, Facts):
        return found
    symbol = instrument.symbol
    price = seat.shelf.marks.get(symbol)
    if price is None:
        price = await seat.ledger.read(lambda tx: _entry(tx, symbol))
    ticker = Ticker(
        symbol=symbol, last=price, mark=price, index=None, bid=None, ask=None, high_24h=None, low_24h=None,
        change_24h=None, volume_24h=None, turnover_24h=None, open_interest=None, funding_rate=None,
        next_funding_at=None, at=NEVER, received_at=NEVER,
    )
    settings = seat.shelf.settings.get(symbol) or SymbolSettings(
        symbol=symbol, margin_mode=MarginMode.CROSSED, leverage_long=ONE, leverage_short=ONE
    )
    return Facts(
        instrument=instrument, ticker=ticker, settings=settings, tiers=(), marks={symbol: price},
        at=seat.clock.now(),
    )


def _entry(tx: Tx, symbol: Symbol) -> Decimal:
    return next((one.entry for one in tx.positions.held() if one.symbol == symbol), ONE)


def symbols_carried(tx: Tx) -> frozenset[Symbol]:
    """Name every symbol that is held or may become so."""
    return tx.orders.opening_symbols().union(position.symbol for position in tx.positions.held())


async def current_settings(seat: Seat, symbol: Symbol) -> SymbolSettings:
    """Give margin mode and leverage of a symbol, asked for once and kept until something changes them."""
    kept = seat.shelf.settings.get(symbol)
    if kept is None:
        kept = await seat.venue.settings(symbol)
        seat.shelf.settings[symbol] = kept
    return kept
