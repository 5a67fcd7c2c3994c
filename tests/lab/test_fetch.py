"""Fetching: only what is missing is asked for, page after page, and what broke off goes on."""
from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bot.domain.ids import Symbol
from bot.lab.command import run
from bot.lab.fetch import fetch, missing_spans
from bot.lab.progress import Progress, pace, spoken
from bot.ports.lab_rows import Series
from bot.ports.market import Candle, MarketSilent, PriceKind
from tests.lab.world import BTC, NOW, Bench, bench, said

MINUTE = timedelta(minutes=1)
QUARTER = timedelta(minutes=15)
SERIES = Series(symbol=BTC, timeframe="15m")


class Tape:
    """An exchange that gives bars in pages of 20, falls silent after so many, and notes what it was asked."""

    def __init__(self, pages: int = 10**6) -> None:
        self.pages = pages
        self.asked: list[tuple[datetime, datetime, PriceKind]] = []

    async def history(
        self, symbol: Symbol, granularity: str, since: datetime, until: datetime, price: PriceKind = PriceKind.LAST
    ) -> AsyncIterator[tuple[Candle, ...]]:
        self.asked.append((since, until, price))
        at = since
        while at < until:
            if self.pages == 0:
                raise MarketSilent("the exchange does not answer")
            self.pages -= 1
            count = min(20, (until - at) // QUARTER)
            yield tuple(bar(at + QUARTER * step) for step in range(count))
            at += QUARTER * count

    async def funding_history(self, symbol: Symbol, limit: int = 5000) -> tuple[tuple[datetime, Decimal], ...]:
        return ((NOW - timedelta(hours=8), Decimal("0.0001")), (NOW, Decimal("-0.0001")))

    async def ticker(self, symbol: Symbol) -> Any:
        return SimpleNamespace(open_interest=Decimal("5000"), at=NOW)

    async def __aenter__(self) -> Tape:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None


def bar(at: datetime) -> Candle:
    one = Decimal(100)
    return Candle(opened_at=at, open=one, high=one, low=one, close=one, volume=one, turnover=one)


async def fetched(place: Bench, tape: Tape, days: int = 1) -> Any:
    return await fetch(place.ledger, tape, SERIES, days=days, now=NOW, bar=lambda total: place.bar("x", total))  # type: ignore[arg-type]


async def test_a_day_comes_once_and_only_what_is_missing_is_asked_for_again(tmp_path: Path) -> None:
    async with bench(tmp_path) as place:
        tape = Tape()
        found = await fetched(place, tape)
        assert (found.written, found.count, found.missing) == (96, 96, 0)
        again = await fetched(place, tape)
        assert (again.written, again.count) == (0, 96)
        assert len(tape.asked) == 1
        more = await fetched(place, tape, days=2)
        assert (more.written, more.count) == (96, 192)
        assert tape.asked[-1][:2] == (NOW - timedelta(days=2), NOW - timedelta(days=1))


async def test_what_broke_off_goes_on_where_it_was(tmp_path: Path) -> None:
    async with bench(tmp_path) as place:
        with pytest.raises(MarketSilent):
            await fetched(place, Tape(pages=2))
        tape = Tape()
        found = await fetched(place, tape)
        assert (found.written, found.count, found.missing) == (56, 96, 0)
        assert tape.asked == [(NOW - timedelta(days=1) + 40 * QUARTER, NOW, PriceKind.LAST)]


def test_missing_spans() -> None:
    at = [NOW + QUARTER * step for step in range(8)]
    assert missing_spans([], at[0], at[2], QUARTER) == [(at[0], at[2])]
    assert missing_spans([at[0], at[1], at[4]], at[0], at[7], QUARTER) == [(at[2], at[4]), (at[5], at[7])]
    assert missing_spans(at, at[0], at[7], QUARTER) == []


async def test_the_step_brings_all_prices_funding_and_interest(tmp_path: Path) -> None:
    async with bench(tmp_path) as place:
        tape = Tape()
        there = Bench(ledger=place.ledger, clock=place.clock, folder=place.folder, out=place.out, origin=place.origin,
                      market=lambda: tape)  # type: ignore[arg-type,return-value]
        assert await run(["fetch", "--symbols", "BTCUSDT", "--days", "1"], there) == 0
        assert {price for _, _, price in tape.asked} == set(PriceKind)
        assert "BTCUSDT 15m index: 96 new, 96 stored, 0 missing" in said(place)
        assert "2 new funding rates" in said(place)
        assert "open interest 5000 noted" in said(place)
        assert await run(["fetch", "--prices", "best"], there) == 1


def test_progress_tells_rate_and_time_left() -> None:
    import io

    moments = iter((0.0, 1.0, 1.0))
    bar_ = Progress("read", 100, lambda: next(moments), io.StringIO())
    bar_.add(25)
    line = bar_.line(1.0)
    assert " 25%" in line
    assert "25/s" in line
    assert "3.0 s left" in line
    assert [pace(rate) for rate in (0.0, 0.4, 1.0, 4815.2)] == ["0/s", "2.5 s each", "1/s", "4,815/s"]
    assert [spoken(value) for value in (8.24, 185, 7800)] == ["8.2 s", "3:05", "2:10:00"]
