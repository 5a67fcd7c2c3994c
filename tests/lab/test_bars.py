from __future__ import annotations

import pytest

from bot.adapters.advisors.bar import MINUTE_MS
from bot.adapters.advisors.kernel import Kernel
from bot.lab.bars import Hole, as_bars, bars_hash, holes, resample
from tests.adapters.advisors.synthetic import real_minutes, walk
from tests.lab.world import candles


def test_candles_become_the_bars_they_were() -> None:
    bars = walk(50, 1)
    assert as_bars(candles(bars)) == bars


def test_fifteen_minutes_out_of_minutes() -> None:
    minutes = walk(62, 2)
    found = resample(minutes, "15m")
    assert len(found) == 4
    first, part = found[1], minutes[15:30]
    assert (first.at, first.open, first.close) == (part[0].at, part[0].open, part[-1].close)
    assert (first.high, first.low) == (max(bar.high for bar in part), min(bar.low for bar in part))
    assert first.volume == pytest.approx(sum(bar.volume for bar in part))
    assert resample(minutes, "1m") == minutes


def test_a_bucket_without_its_last_minute_is_not_known() -> None:
    minutes = walk(30, 3)
    assert [bar.at for bar in resample(minutes[:14] + minutes[15:], "15m")] == [minutes[15].at]
    assert resample(minutes[1:15], "15m") == []


def test_minutes_cannot_be_made_of_hours() -> None:
    with pytest.raises(ValueError, match="no multiple"):
        resample([], "1m", 5 * MINUTE_MS)


def test_holes_are_counted() -> None:
    assert holes([0, 60_000, 240_000], 60_000) == [Hole(at=120_000, missing=2)]


def test_a_hash_knows_every_bit() -> None:
    bars = walk(10, 4)
    assert bars_hash(bars) != bars_hash([*bars[:9], bars[9]._replace(volume=bars[9].volume + 1e-9)])


def test_real_minutes_have_no_holes_and_a_kernel_eats_them() -> None:
    minutes = real_minutes()
    assert holes([bar.at for bar in minutes], MINUTE_MS) == []
    quarters = resample(minutes, "15m")
    assert len(quarters) == len(minutes) // 15 == 1344
    kernel = Kernel("k1", "15m")
    assert len([kernel.push(bar) for bar in quarters][-1]) == len(kernel.names)
