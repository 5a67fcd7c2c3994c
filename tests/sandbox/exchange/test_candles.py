"""Candles: alignment, look-back, row caps, paging (rest.md 0.6, 2.10, 2.11)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from bot.sandbox.exchange.bars import DAY, HOUR, MINUTE
from bot.sandbox.exchange.candles import EAST, GRANULARITIES, Candles
from bot.sandbox.exchange.codes import Refused
from bot.sandbox.exchange.tape import Tape

START = 1_795_557_600_000 + 17 * MINUTE + 23_456
CAPS = {"4H": 540, "6H": 360, "12H": 180, "1D": 90, "3D": 30, "1W": 13, "1M": 4}


@pytest.fixture(scope="module")
def candles() -> Candles:
    return Candles(Tape(start_ms=START, seed=1))


@pytest.mark.parametrize("name", GRANULARITIES)
def test_every_granularity_is_full_and_gapless(candles: Candles, name: str) -> None:
    granularity = GRANULARITIES[name]
    rows = candles.recent("BTC", granularity, start_ms=None, end_ms=None, limit=1000)
    assert len(rows) == min(1000, CAPS.get(name.removesuffix("utc"), 1000))
    assert all(granularity.next(a.ms) == b.ms for a, b in pairwise(rows))
    assert all(granularity.floor(row.ms) == row.ms for row in rows)
    assert rows[-1].ms == granularity.floor(START)


def test_long_lengths_align_to_midnight_in_the_east_unless_utc() -> None:
    def moment(name: str) -> datetime:
        return datetime.fromtimestamp(GRANULARITIES[name].floor(START) / 1000, UTC)

    east = timedelta(milliseconds=EAST)
    assert (moment("1D") + east).hour == 0
    assert moment("1Dutc").hour == 0
    assert (moment("6H") + east).hour % 6 == 0
    assert moment("6H").hour % 6 != 0
    assert moment("6Hutc").hour % 6 == 0
    assert (moment("1W") + east).weekday() == 0
    assert moment("1Wutc").weekday() == 0
    assert (moment("1M") + east).day == 1
    assert moment("1Mutc").day == 1
    assert moment("1M").day != 1


def test_coarse_candles_are_made_of_fine_ones(candles: Candles) -> None:
    quarter, minute = GRANULARITIES["15m"], GRANULARITIES["1m"]
    for whole in candles.history("ETH", quarter, start_ms=None, end_ms=START - 3 * DAY, limit=20):
        parts = candles.bars("ETH", minute, whole.ms, whole.ms + 15 * MINUTE)
        assert len(parts) == 15
        assert whole.open == parts[0].open
        assert whole.close == parts[-1].close
        assert whole.high == max(part.high for part in parts)
        assert whole.low == min(part.low for part in parts)


def test_history_holds_closed_candles_only_and_pages_backwards(candles: Candles) -> None:
    hour = GRANULARITIES["1H"]
    page = candles.history("BTC", hour, start_ms=None, end_ms=None, limit=200)
    assert page[-1].ms == START // HOUR * HOUR - HOUR
    older = candles.history("BTC", hour, start_ms=None, end_ms=page[0].ms, limit=200)
    assert older[-1].ms == page[0].ms - HOUR
    assert len(older) == 200


def test_recent_candles_end_at_the_look_back(candles: Candles) -> None:
    minute = GRANULARITIES["1m"]
    old = START // HOUR * HOUR - 40 * DAY
    assert candles.recent("BTC", minute, start_ms=old, end_ms=old + HOUR, limit=100) == []
    assert len(candles.history("BTC", minute, start_ms=old, end_ms=old + HOUR, limit=100)) == 60


def test_bounds_select_open_times_from_start_to_before_end(candles: Candles) -> None:
    five = GRANULARITIES["5m"]
    base = START // HOUR * HOUR - 5 * HOUR
    rows = candles.recent("BTC", five, start_ms=base + 1, end_ms=base + 20 * MINUTE, limit=100)
    assert [row.ms for row in rows] == [base + i * 5 * MINUTE for i in range(4)]
    rows = candles.recent("BTC", five, start_ms=base, end_ms=None, limit=3)
    assert [row.ms for row in rows] == [base + i * 5 * MINUTE for i in range(3)]


@pytest.mark.parametrize(("start", "end", "code"), [(START, START - 1, "40707"), (START - 100 * DAY, START, "40705")])
def test_impossible_windows_are_refused(candles: Candles, start: int, end: int, code: str) -> None:
    with pytest.raises(Refused) as refused:
        candles.recent("BTC", GRANULARITIES["1D"], start_ms=start, end_ms=end, limit=100)
    assert refused.value.code == code
