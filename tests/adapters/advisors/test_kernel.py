"""The kernel: finite, prefix and restart invariant, golden, fast; what comes later cannot change a row (A1)."""
from __future__ import annotations

import json
import time
from math import isfinite
from pathlib import Path
from statistics import pstdev

import pytest

from bot.adapters.advisors.bar import Bar
from bot.adapters.advisors.kernel import HOLE_MAX, K1, WARMUP, Kernel, NotABar, features_hash, row_hash
from tests.adapters.advisors.synthetic import BEGIN, real_minutes, walk

GOLDEN = Path(__file__).parents[2] / "data" / "kernel_k1.json"


def rows_of(bars: list[Bar], timeframe: str = "1m") -> list[list[float]]:
    kernel = Kernel("k1", timeframe)
    return [kernel.push(bar) for bar in bars]


def test_golden_vectors_come_out_bit_for_bit() -> None:
    """The kernel named k1 is never edited: whoever needs another adds one."""
    golden = json.loads(GOLDEN.read_text())
    assert golden["features_hash"] == features_hash(K1)
    rows = rows_of(walk(2000, 11))
    for at, row in golden["rows"].items():
        found = rows[int(at)]
        assert all(abs(mine - theirs) <= 1e-9 for mine, theirs in zip(found, row, strict=True)), at


def test_a_cut_history_gives_the_same_rows() -> None:
    """Prefix invariance, exactly: no feature looks ahead (trap of field projects, advisor section 2)."""
    bars = walk(1200, 3, minutes=15)
    whole = rows_of(bars, "15m")
    for cut in (1, 17, 400, 999):
        assert rows_of(bars[:cut], "15m") == whole[:cut]


def test_what_comes_later_changes_nothing() -> None:
    bars = walk(600, 4)
    other = bars[:500] + [bar._replace(close=bar.close * 1.5, high=bar.high * 2.0) for bar in bars[500:]]
    assert rows_of(other)[:500] == rows_of(bars)[:500]


def test_after_the_warm_up_it_does_not_matter_where_the_stream_began() -> None:
    bars = walk(6000, 5)
    whole = rows_of(bars)
    spreads = [pstdev(column) for column in zip(*whole[WARMUP:], strict=True)]
    for start in (700, 2048, 4400):
        row = rows_of(bars[start:start + WARMUP + 1])[-1]
        apart = [abs(mine - theirs) / spread for mine, theirs, spread in
                 zip(row, whole[start + WARMUP], spreads, strict=True)]
        assert max(apart) <= 1e-6


def test_real_minutes_restart_alike() -> None:
    bars = real_minutes(6000)
    whole = rows_of(bars)
    spreads = [pstdev(column) for column in zip(*whole[WARMUP:], strict=True)]
    row = rows_of(bars[3000:3001 + WARMUP])[-1]
    assert max(abs(mine - theirs) / spread for mine, theirs, spread in
               zip(row, whole[3000 + WARMUP], spreads, strict=True)) <= 1e-6


def test_features_are_finite_and_bounded_in_a_dead_and_in_a_mad_market() -> None:
    flat = [Bar(BEGIN + at * 60_000, 100.0, 100.0, 100.0, 100.0, 0.0) for at in range(700)]
    mad = [Bar(BEGIN + at * 60_000, 100.0, 100.0 * 10.0 ** (at % 5), 0.001, 100.0, 1e12) for at in range(700)]
    for bars in (flat, mad):
        for row in rows_of(bars):
            assert len(row) == len(K1)
            assert all(isfinite(value) and abs(value) <= 20.0 for value in row)


def test_features_do_not_know_the_price_level() -> None:
    bars = walk(700, 6)
    scaled = [Bar(bar.at, *(value * 8.0 for value in bar[1:5]), bar.volume) for bar in bars]
    for mine, theirs in zip(rows_of(bars)[-1], rows_of(scaled)[-1], strict=True):
        assert mine == pytest.approx(theirs, abs=1e-8)


def test_a_short_hole_is_bridged_a_long_one_begins_anew() -> None:
    bars = walk(400, 7)
    kernel = Kernel("k1", "1m")
    for bar in bars[:300]:
        kernel.push(bar)
    kernel.push(bars[300 + HOLE_MAX])
    assert (kernel.seen, kernel.began_at) == (301, BEGIN)
    kernel.push(bars[300 + 2 * HOLE_MAX + 2])
    assert (kernel.seen, kernel.began_at) == (1, bars[300 + 2 * HOLE_MAX + 2].at)
    assert not kernel.warm


@pytest.mark.parametrize(("bad", "words"), [
    ({"at": BEGIN}, "not newer"),
    ({"at": BEGIN + 90_000}, "does not begin on a multiple"),
    ({"close": float("nan")}, "not finite"),
    ({"low": 30_000.0}, "contradicts itself"),
    ({"low": 0.0}, "contradicts itself"),
    ({"volume": -1.0}, "contradicts itself"),
])
def test_a_bar_that_cannot_be_is_refused_and_leaves_no_trace(bad: dict[str, float], words: str) -> None:
    bars = walk(3, 8)
    kernel = Kernel("k1", "1m")
    kernel.push(bars[0])
    with pytest.raises(NotABar, match=words):
        kernel.push(bars[1]._replace(**bad))
    assert kernel.push(bars[1]) == rows_of(bars[:2])[1]


def test_an_unknown_kernel_is_said() -> None:
    with pytest.raises(ValueError, match="this program has k1"):
        Kernel("k9", "1m")
    with pytest.raises(ValueError, match="A timeframe is a number"):
        Kernel("k1", "soon")


def test_a_row_has_a_name_that_changes_with_its_last_bit() -> None:
    assert row_hash([1.0, 2.0]) == row_hash((1.0, 2.0)) != row_hash([1.0, 2.0000000000000004])


def test_a_candle_costs_well_under_a_millisecond() -> None:
    bars = walk(2000, 9)
    kernel = Kernel("k1", "1m")
    begun = time.process_time()
    for bar in bars:
        kernel.push(bar)
    assert (time.process_time() - begun) / len(bars) < 0.0005
