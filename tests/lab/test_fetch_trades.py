"""Fetching public trades: only what is not covered is asked for, what broke off goes on, candles tell of holes."""
from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bot.domain.ids import Symbol
from bot.lab.command import run
from bot.lab.fetch_trades import FetchedTrades, fetch_trades, uncovered
from bot.ports.market import MarketSilent, Stretch, Trade
from tests.lab.test_fetch import MINUTE, QUARTER, SERIES, Tape, bar
from tests.lab.world import BTC, NOW, Bench, bench, said

HOUR = timedelta(hours=1)
UNTIL = NOW - MINUTE


class Printing(Tape):
    """An exchange with one public trade a minute, an hour to a stretch, newest first; silent after so many."""

    def __init__(self, stretches: int = 10**6, quiet: timedelta | None = None) -> None:
        super().__init__()
        self.stretches, self.quiet = stretches, quiet
        self.wanted: list[tuple[datetime, datetime]] = []

    async def trades(self, symbol: Symbol, since: datetime, until: datetime) -> AsyncIterator[Stretch]:
        self.wanted.append((since, until))
        end = until
        while end > since:
            if self.stretches == 0:
                raise MarketSilent("the exchange does not answer")
            self.stretches -= 1
            begin = max(since, end - HOUR)
            count = (end - begin) // MINUTE
            prints = [printed(end - MINUTE * step) for step in range(1, count + 1)]
            if self.quiet is not None:
                prints = [one for one in prints if NOW - one.at > self.quiet]
            yield Stretch(since=begin, until=end, trades=tuple(prints))
            end = begin


def printed(at: datetime) -> Trade:
    return Trade(id=str(int(at.timestamp())), price=Decimal(100), size=Decimal(1), bought=True, at=at)


async def fetched(place: Bench, tape: Printing, days: int = 1) -> FetchedTrades:
    return await fetch_trades(place.ledger, tape, SERIES, days=days, now=NOW,  # type: ignore[arg-type]
                              bar=lambda total: place.bar("x", total, "minutes"))


async def test_a_day_comes_once_and_what_broke_off_goes_on(tmp_path: Path) -> None:
    async with bench(tmp_path) as place:
        with pytest.raises(MarketSilent):
            await fetched(place, Printing(stretches=5))
        tape = Printing()
        found = await fetched(place, tape)
        assert (found.written, found.minutes_missing) == (19 * 60, 0)
        assert tape.wanted == [(UNTIL - timedelta(days=1), UNTIL - 5 * HOUR)]
        again = Printing()
        assert (await fetched(place, again)).written == 0
        assert again.wanted == []


async def test_candles_with_volume_and_no_trade_are_counted(tmp_path: Path) -> None:
    async with bench(tmp_path) as place:
        bars = [bar(NOW - QUARTER * step) for step in range(1, 9)]
        await place.ledger.transact(lambda tx: tx.lab_history.add_candles(SERIES, bars[::-1], NOW))
        found = await fetched(place, Printing(quiet=HOUR))
        # Four candles of the last hour; the youngest of them is not wholly inside what was asked for.
        assert found.candles_without == 3


async def test_the_step_says_what_came(tmp_path: Path) -> None:
    async with bench(tmp_path) as place:
        tape: Any = Printing()
        there = Bench(ledger=place.ledger, clock=place.clock, folder=place.folder, out=place.out, origin=place.origin,
                      market=lambda: tape)
        words = ["fetch", "--symbols", "BTCUSDT", "--days", "1", "--prices", "last", "--fills"]
        assert await run([*words, "1"], there) == 0
        assert "BTCUSDT public trades: 1,440 new, 0 minutes missing, 0 15m candles" in said(place)
        assert await run([*words, "91"], there) == 1
        assert await there.ledger.read(lambda tx: tx.lab_history.traded(BTC, UNTIL - HOUR, UNTIL))


def test_uncovered() -> None:
    at = [NOW + HOUR * step for step in range(8)]
    assert uncovered((), at[0], at[2]) == [(at[0], at[2])]
    assert uncovered(((at[1], at[2]), (at[3], at[9 - 2])), at[0], at[5]) == [(at[0], at[1]), (at[2], at[3])]
    assert uncovered(((at[0], at[7]),), at[2], at[5]) == []
    assert uncovered(((at[0], at[1]),), at[2], at[3]) == [(at[2], at[3])]
