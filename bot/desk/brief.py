"""Write down for an advisor what it may see of a symbol: closed candles, the price, the contract; data only."""
from __future__ import annotations

import hashlib
from datetime import timedelta

from bot.desk.facts import find_instrument
from bot.desk.seat import Seat
from bot.domain.ids import Symbol
from bot.domain.record import canonical_json, to_plain
from bot.domain.refusal import Refusal, refuse
from bot.ports.advisor import Context, Needs
from bot.ports.market import Candle, MarketSilent


async def closed_bars(seat: Seat, symbol: Symbol, needs: Needs) -> tuple[Candle, ...]:
    """Read the latest closed candles, oldest first; empty where the market is silent."""
    try:
        bars = await seat.market.candles(symbol, needs.timeframe, needs.bars + 1)
    except MarketSilent:
        return ()
    if not bars:
        return ()
    # Only the newest can still be forming; its own mark for that goes by the wall, which a replayed market is not on.
    closed = bars[:-1] if bars[-1].forming else bars
    return closed[-needs.bars:]


async def brief(seat: Seat, symbol: Symbol, needs: Needs, length: timedelta) -> Context | Refusal:
    """Give the context of one symbol now; a Refusal where the market cannot be read or the price is too old."""
    instrument = find_instrument(seat, str(symbol))
    if isinstance(instrument, Refusal):
        return instrument
    bars = await closed_bars(seat, instrument.symbol, needs)
    try:
        ticker = await seat.market.ticker(instrument.symbol)
    except MarketSilent as silent:
        return refuse("no_price", f"{symbol} cannot be read at the exchange: {silent}", "Nothing was asked.")
    now = seat.clock.now()
    if not bars:
        return refuse("no_candles", f"There are no closed candles of {symbol} to look at.", "Nothing was asked.")
    if (now - ticker.received_at).total_seconds() > seat.rules.price_age_max_s:
        return refuse("price_old", f"The price of {symbol} is too old to look at.", "Nothing was asked.")
    shown = {"symbol": symbol, "timeframe": needs.timeframe, "mark": to_plain(ticker.mark), "bars": to_plain(bars)}
    return Context(
        as_of=now,
        symbol=instrument.symbol,
        timeframe=needs.timeframe,
        length=length,
        bars=bars,
        mark=ticker.mark,
        instrument=instrument,
        digest=hashlib.sha256(canonical_json(shown).encode()).hexdigest(),
        funding_at=ticker.next_funding_at,
    )
