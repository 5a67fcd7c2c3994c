"""A bench for tests: a real ledger, a clock that stands still, minutes with or without something to learn."""
from __future__ import annotations

import io
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from bot.adapters.advisors.bar import Bar
from bot.adapters.store.ledger import StoreLedger
from bot.domain.ids import Symbol
from bot.domain.record import moment_of
from bot.lab.command import Bench
from bot.lab.registry import Origin
from bot.ports.lab_rows import Series
from bot.ports.market import Candle, Market
from tests.support.ledgers import inline, sqlite

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BTC = Symbol("BTCUSDT")
ORIGIN = Origin(revision="abc123", versions="wiredesk 0, python 3")


class StandingClock:
    """Says one moment; durations are real."""

    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("The lab does not sleep.")


def candles(bars: Sequence[Bar]) -> list[Candle]:
    """Spell bars as the ledger's candles."""
    return [Candle(opened_at=moment_of(bar.at), open=_text(bar.open), high=_text(bar.high), low=_text(bar.low),
                   close=_text(bar.close), volume=_text(bar.volume), turnover=Decimal(0)) for bar in bars]


def _text(value: float) -> Decimal:
    return Decimal(repr(value))


@asynccontextmanager
async def no_market() -> AsyncIterator[Market]:
    """The exchange is not there, and nobody may ask for it."""
    raise AssertionError("This step needs no exchange.")
    yield


@asynccontextmanager
async def bench(folder: Path, bars: Sequence[Bar] = (), timeframe: str = "15m") -> AsyncIterator[Bench]:
    """Set up a bench whose ledger holds some candles."""
    async with inline(sqlite(folder / "desk")) as ledger:
        if bars:
            await fill(ledger, bars, timeframe)
        yield Bench(ledger=ledger, clock=StandingClock(), folder=folder / "lab", out=io.StringIO(), origin=ORIGIN,
                    market=no_market)


async def fill(ledger: StoreLedger, bars: Sequence[Bar], timeframe: str) -> None:
    """Store bars."""
    series = Series(symbol=BTC, timeframe=timeframe)
    await ledger.transact(lambda tx: tx.lab_history.add_candles(series, candles(bars), NOW))


def said(bench: Bench) -> str:
    """Give all that was printed."""
    assert isinstance(bench.out, io.StringIO)
    return bench.out.getvalue()
