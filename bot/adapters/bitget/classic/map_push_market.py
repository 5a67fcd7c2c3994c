"""Turn pushed prices and candles into values."""
from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.adapters.bitget.classic.topic import ALL
from bot.adapters.bitget.classic.wire_push import TickerRow
from bot.adapters.bitget.classic.wire_value import Notes, Unreadable, moment, need_number, need_text, shown, text
from bot.domain.ids import Symbol
from bot.domain.numbers import ZERO
from bot.ports.market import Candle, Ticker

# REST rows carry seven values, pushed ones eight: the seventh is the turnover in quote units in both.
CANDLE_VALUES = 6


def ticker(row: TickerRow, subscribed: str, sent_at: datetime, received_at: datetime, notes: Notes) -> Ticker:
    """Read one `ticker` row; raises Unreadable where symbol, last or mark price is off."""
    number = notes.number
    name = text(row.instId) or text(row.symbol) or (subscribed if subscribed != ALL else None)
    return Ticker(
        symbol=Symbol(need_text("instId", name)),
        last=need_number("lastPr", row.lastPr),
        mark=need_number("markPrice", row.markPrice),
        index=number("indexPrice", row.indexPrice),
        bid=number("bidPr", row.bidPr),
        ask=number("askPr", row.askPr),
        high_24h=number("high24h", row.high24h),
        low_24h=number("low24h", row.low24h),
        change_24h=number("change24h", row.change24h),
        volume_24h=number("baseVolume", row.baseVolume),
        turnover_24h=number("quoteVolume", row.quoteVolume),
        open_interest=number("holdingAmount", row.holdingAmount),
        funding_rate=number("fundingRate", row.fundingRate),
        next_funding_at=notes.moment("nextFundingTime", row.nextFundingTime),
        at=notes.moment("ts", row.ts) or sent_at,
        received_at=received_at,
    )


def candle(row: list[object], notes: Notes) -> Candle:
    """Read one candle row of seven or eight values, still forming; raises Unreadable for a shorter or broken one."""
    if len(row) < CANDLE_VALUES:
        raise Unreadable(f"candle: expected at least {CANDLE_VALUES} values, found {shown(row)}")
    opened_at = moment(row[0])
    if opened_at is None:
        raise Unreadable(f"candle time: expected milliseconds, found {shown(row[0])}")
    return Candle(
        opened_at=opened_at,
        open=need_number("open", row[1]),
        high=need_number("high", row[2]),
        low=need_number("low", row[3]),
        close=need_number("close", row[4]),
        volume=need_number("volume", row[5]),
        turnover=(notes.number("turnover", row[6]) if len(row) > CANDLE_VALUES else None) or ZERO,
        forming=True,
    )


def close_all_but_latest(bars: dict[datetime, Candle]) -> None:
    """Mark every bar but the latest as closed: a newer one proves that it is."""
    latest = max(bars, default=None)
    for opened_at, bar in bars.items():
        if bar.forming and opened_at != latest:
            bars[opened_at] = replace(bar, forming=False)
