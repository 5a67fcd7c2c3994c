"""Candles of every granularity cut from the tape's bars (rest.md 0.6, 2.10 to 2.13)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

from bot.sandbox.exchange.bars import DAY, HOUR, MINUTE, Bar
from bot.sandbox.exchange.codes import Refused
from bot.sandbox.exchange.tape import Tape

EAST = 8 * HOUR  # Plain granularities from 6H on align to UTC+8 midnight.
_MONDAY = 4 * DAY  # 1970-01-05
WINDOW = 90 * DAY


class Granularity(NamedTuple):
    """A candle length: name, milliseconds (0 for calendar months), zone shift, look-back of ``candles`` in days."""

    name: str
    ms: int
    shift: int
    days: int

    def floor(self, at_ms: int) -> int:
        """Return the open time of the candle that holds this moment."""
        if self.ms:
            start = self.shift if self.ms < 7 * DAY else self.shift - _MONDAY
            return (at_ms + start) // self.ms * self.ms - start
        moment = datetime.fromtimestamp((at_ms + self.shift) // 1000, UTC)
        first = moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        return int(first.timestamp()) * 1000 - self.shift

    def next(self, open_ms: int) -> int:
        """Return the open time of the candle after this one."""
        return open_ms + self.ms if self.ms else self.floor(open_ms + 32 * DAY)

    def back(self, open_ms: int, count: int) -> int:
        """Return the open time ``count`` candles earlier."""
        if self.ms:
            return open_ms - count * self.ms
        for _ in range(count):
            open_ms = self.floor(open_ms - DAY)
        return open_ms


def _table() -> dict[str, Granularity]:
    plain = [("1m", MINUTE, 30), ("3m", 3 * MINUTE, 30), ("5m", 5 * MINUTE, 30), ("15m", 15 * MINUTE, 52),
             ("30m", 30 * MINUTE, 62), ("1H", HOUR, 83), ("2H", 2 * HOUR, 120), ("4H", 4 * HOUR, 240)]
    zoned = [("6H", 6 * HOUR, 360), ("12H", 12 * HOUR, 720), ("1D", DAY, 1440), ("3D", 3 * DAY, 1440),
             ("1W", 7 * DAY, 1440), ("1M", 0, 1440)]
    table = {name: Granularity(name, ms, 0, days) for name, ms, days in plain}
    table |= {name: Granularity(name, ms, EAST, days) for name, ms, days in zoned}
    table |= {name + "utc": Granularity(name + "utc", ms, 0, days) for name, ms, days in zoned}
    return table


GRANULARITIES = _table()


class Candles:
    """Answer candle queries of one tape."""

    def __init__(self, tape: Tape) -> None:
        self._tape = tape

    def bars(self, coin: str, granularity: Granularity, start_ms: int, end_ms: int) -> list[Bar]:
        """Return candles opening in [start, end), ascending; the open one is included as it stands."""
        start, end = granularity.floor(start_ms), min(end_ms, self._tape.now_ms + 1)
        if start < start_ms:
            start = granularity.next(start)
        if start >= end:
            return []
        close = granularity.next(granularity.floor(end - 1))
        fine = granularity.ms and granularity.ms < HOUR
        rows = self._tape.minutes(coin, start, close) if fine else self._tape.hours(coin, start, close)
        if granularity.ms == MINUTE:
            return rows
        return _gathered(rows, granularity)

    def open_bar(self, coin: str, granularity: Granularity) -> Bar:
        """Return the candle that is open now."""
        now = self._tape.now_ms
        return self.bars(coin, granularity, granularity.floor(now), now + 1)[-1]

    def recent(self, coin: str, granularity: Granularity, *, start_ms: int | None, end_ms: int | None,
               limit: int) -> list[Bar]:
        """Return what ``candles`` returns: newest rows, look-back by granularity, at most 90 days of them.

        Raises Refused 40707 for start after end and 40705 for a window over 90 days.
        """
        oldest = self._tape.now_ms - granularity.days * DAY
        return self._query(coin, granularity, start_ms, end_ms, limit, oldest, self._tape.now_ms + 1)

    def history(self, coin: str, granularity: Granularity, *, start_ms: int | None, end_ms: int | None,
                limit: int) -> list[Bar]:
        """Return what ``history-candles`` returns: closed candles only. Raises Refused as ``recent`` does."""
        closed = granularity.floor(self._tape.now_ms)
        return self._query(coin, granularity, start_ms, end_ms, limit, self._tape.begin_ms(coin), closed)

    def _query(self, coin: str, granularity: Granularity, start_ms: int | None, end_ms: int | None, limit: int,
               oldest: int, newest: int) -> list[Bar]:
        if start_ms is not None and end_ms is not None:
            if start_ms > end_ms:
                raise Refused("40707")
            if granularity.floor(end_ms) - granularity.floor(start_ms) > WINDOW:
                raise Refused("40705")
        end = min(newest, end_ms if end_ms is not None else newest)
        limit = min(limit, -(-WINDOW // granularity.ms) if granularity.ms else 4)
        if start_ms is None:
            start = granularity.back(granularity.floor(end - 1), limit - 1)
            return self.bars(coin, granularity, max(start, oldest), end)[-limit:]
        start = granularity.floor(start_ms)
        if end_ms is None:
            # The 90 days cap the months; other lengths end after ``limit`` rows.
            stop = start + limit * granularity.ms if granularity.ms else start + WINDOW
            end = min(end, stop, start + WINDOW)
        return self.bars(coin, granularity, max(start, oldest), end)[-limit:]


def _gathered(rows: list[Bar], granularity: Granularity) -> list[Bar]:
    candles: list[Bar] = []
    until = 0
    for bar in rows:
        if bar.ms >= until:
            opened = granularity.floor(bar.ms)
            until = granularity.next(opened)
            candles.append(Bar(opened, *bar[1:]))
        else:
            ms, open_, high, low, _, volume = candles[-1]
            candles[-1] = Bar(ms, open_, max(high, bar.high), min(low, bar.low), bar.close, volume + bar.volume)
    return candles


def rows_of(bars: list[Bar], price: Callable[[float], str], size: Callable[[float], str], *,
            volumes: bool = True) -> list[list[str]]:
    """Return REST rows of seven strings; index and mark candles carry ``"0"`` volumes."""
    rows = []
    for bar in bars:
        quote = bar.volume * (bar.high + bar.low + bar.close) / 3
        rows.append([
            str(bar.ms), price(bar.open), price(bar.high), price(bar.low), price(bar.close),
            size(bar.volume) if volumes else "0", f"{quote:.4f}" if volumes else "0",
        ])
    return rows
