"""Turn pushed prices and candles into values."""
from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.adapters.bitget.classic.stream_events import Pushed
from bot.adapters.bitget.classic.topic import ALL
from bot.adapters.bitget.classic.wire_push import TickerRow
from bot.adapters.bitget.classic.wire_value import (
    Notes,
    Unreadable,
    figures,
    moment,
    need_number,
    need_text,
    recurring_figures,
    shown,
    text,
)
from bot.adapters.bitget.mint import mint
from bot.domain.numbers import ZERO
from bot.ports.market import Candle, Ticker

# REST rows carry seven values, pushed ones eight: the seventh is the turnover in quote units in both.
CANDLE_VALUES = 6
OPEN_TICKER = mint(Ticker)
PRICES = recurring_figures(
    "lastPr", "markPrice", "indexPrice", "bidPr", "askPr", "high24h", "low24h", "fundingRate"
)
AMOUNTS = figures("change24h", "baseVolume", "quoteVolume", "holdingAmount")


def ticker(row: TickerRow, pushed: Pushed, notes: Notes) -> Ticker:
    """Read one `ticker` row; raises Unreadable where symbol, last or mark price is off."""
    name = row.instId
    if type(name) is not str or not name:
        subscribed = pushed.topic.symbol
        name = need_text("instId", text(name) or text(row.symbol) or (subscribed if subscribed != ALL else None))
    value: Any = OPEN_TICKER()
    (
        last, mark, value.index, value.bid, value.ask, value.high_24h, value.low_24h, value.funding_rate,
    ) = PRICES(row, notes)  # fmt: skip
    value.change_24h, value.volume_24h, value.turnover_24h, value.open_interest = AMOUNTS(row, notes)
    value.symbol = name
    value.last = last or need_number("lastPr", row.lastPr)
    value.mark = mark or need_number("markPrice", row.markPrice)
    value.next_funding_at = notes.recurring_moment("nextFundingTime", row.nextFundingTime)
    value.at = moment(row.ts) or notes.moment("ts", row.ts) or pushed.sent_at
    value.received_at = pushed.received_at
    value.__class__ = Ticker
    finished: Ticker = value
    return finished


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
