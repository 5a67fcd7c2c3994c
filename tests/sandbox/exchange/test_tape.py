"""The tape: deterministic, complete from the first second, draggable, and true to a recording."""

from __future__ import annotations

import gzip
import math
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from bot.sandbox.exchange.bars import DAY, HOUR, MINUTE, Bar, Series, merge
from bot.sandbox.exchange.past import split_hour
from bot.sandbox.exchange.recording import PAST_MINUTES, leader_of, read_recording
from bot.sandbox.exchange.tape import Tape

START = 1_795_557_600_000 + 17 * MINUTE + 23_456


def _recorded(count: int = PAST_MINUTES + 30) -> list[Bar]:
    bars, price = [], 23_000.0
    for i in range(count):
        close = price * (1 + 0.0004 * math.sin(i / 9))
        high, low = max(price, close) + 3, min(price, close) - 2
        bars.append(Bar(1_677_628_800_000 + i * MINUTE, price, high, low, close, 2.5))
        price = close
    return bars


def test_the_same_seed_gives_the_same_tape() -> None:
    one, two, other = (Tape(start_ms=START, seed=seed) for seed in (7, 7, 8))
    assert one.minutes("ETH", START - DAY, START) == two.minutes("ETH", START - DAY, START)
    assert one.step(START + 90_000) == two.step(START + 90_000)
    assert one.minutes("ETH", START - DAY, START) != other.minutes("ETH", START - DAY, START)


def test_minutes_and_hours_agree_across_the_join_of_past_and_tape() -> None:
    tape = Tape(start_ms=START, seed=3)
    end = START // HOUR * HOUR
    for hour in tape.hours("SOL", end - 60 * HOUR, end):
        whole = merge(hour.ms, tape.minutes("SOL", hour.ms, hour.ms + HOUR))
        assert whole is not None
        assert whole[:5] == hour[:5]
        assert whole.volume == pytest.approx(hour.volume)


def test_history_has_no_gaps_and_continuous_prices() -> None:
    tape = Tape(start_ms=START, seed=3)
    rows = tape.minutes("BTC", START - 5 * DAY, START)
    assert all(b.ms - a.ms == MINUTE for a, b in pairwise(rows))
    assert all(a.close == pytest.approx(b.open, rel=1e-9) for a, b in pairwise(rows))
    assert tape.begin_ms("BTC") < START - 4 * 365 * DAY
    assert all(0 < b.low <= min(b.open, b.close) <= max(b.open, b.close) <= b.high for b in rows)


def test_a_split_hour_touches_its_extremes() -> None:
    whole = Bar(0, 100.0, 103.0, 98.5, 101.0, 600.0)
    bars = split_hour(whole, Random(5))
    assert len(bars) == 60
    again = merge(0, bars)
    assert again is not None
    assert again[:5] == whole[:5]


def test_coins_move_together() -> None:
    tape = Tape(start_ms=START, seed=4)

    def returns(coin: str) -> list[float]:
        rows = tape.hours(coin, START - 90 * DAY, START)
        return [math.log(b.close / a.close) for a, b in zip(rows[::24], rows[24::24], strict=False)]

    x, y = returns("BTC"), returns("ETH")
    mx, my = sum(x) / len(x), sum(y) / len(y)
    both = sum((a - mx) * (b - my) for a, b in zip(x, y, strict=True))
    correlation = both / math.sqrt(sum((a - mx) ** 2 for a in x) * sum((b - my) ** 2 for b in y))
    assert correlation > 0.4


@pytest.mark.parametrize("length", [5, 15, 60])
def test_the_past_ends_in_a_breakout_of_the_last_closed_candle(length: int) -> None:
    tape = Tape(start_ms=START, seed=1)
    step = length * MINUTE
    end = START // step * step
    candles = [merge(t, tape.minutes("BTC", t, t + step)) for t in range(end - 21 * step, end, step)]
    closes = [candle.close for candle in candles if candle]
    assert closes[-1] > max(closes[:-1])


def test_played_minutes_are_remembered_as_they_came_out() -> None:
    tape = Tape(start_ms=START, seed=2)
    first = tape.minute_ms
    seen = [moment.prices["BTC"] for ms in range(START, START + 3 * MINUTE, 1000) for moment in tape.step(ms)]
    bars = tape.minutes("BTC", first + MINUTE, first + 3 * MINUTE)
    assert len(bars) == 2
    assert max(bar.high for bar in bars) <= max(seen)
    assert min(bar.low for bar in bars) >= min(seen)
    assert all(bar.volume > 0 for bar in bars)


def test_a_recording_plays_through_its_own_prices(tmp_path: Path) -> None:
    bars = _recorded()
    path = tmp_path / "BTCUSDT-1m.csv.gz"
    with gzip.open(path, "wt") as file:
        file.write("open_time_ms,open,high,low,close,volume\n")
        file.writelines(",".join(map(str, bar)) + "\n" for bar in bars)
    recording = read_recording(path)
    assert recording == bars
    assert leader_of(path) == "BTC"
    tape = Tape(start_ms=START, seed=1, recording=recording)
    past = tape.minutes("BTC", tape.minute_ms - PAST_MINUTES * MINUTE, tape.minute_ms)
    assert [bar[1:] for bar in past] == [bar[1:] for bar in bars[:PAST_MINUTES]]
    before = tape.minutes("BTC", past[0].ms - 10 * MINUTE, past[0].ms)
    assert before[-1].close == pytest.approx(past[0].open)
    began = tape.minute_ms
    tape.step(began + 5 * MINUTE)
    played = tape.minutes("BTC", began, began + 5 * MINUTE)
    for bar, said in zip(played[1:], bars[PAST_MINUTES + 1 :], strict=False):
        assert bar[1:5] == pytest.approx(said[1:5])
        assert bar.volume == pytest.approx(said.volume)
    tape.step(began + 60 * MINUTE)
    assert tape.price("BTC") == pytest.approx(bars[-1].close, rel=0.05)


@pytest.mark.parametrize("content", ["a,b\n1,2\n", "open_time_ms,open,high,low,close,volume\n1,2,3,4,5,x\n",
                                     "open_time_ms,open,high,low,close,volume\n1,2,3,4,5,6\n"])
def test_a_file_that_is_no_recording_is_refused_with_a_sentence(tmp_path: Path, content: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(content)
    with pytest.raises(ValueError, match=r"x\.csv"):
        read_recording(path)


def test_a_drag_reaches_its_target_at_once_or_over_time() -> None:
    tape = Tape(start_ms=START, seed=2)
    moment = tape.drag("BTC", 90_000.0)
    assert moment is not None
    assert moment.prices == {"BTC": 90_000.0}
    assert tape.price("BTC") == 90_000.0
    assert tape.minutes("BTC", tape.minute_ms, tape.minute_ms + 1)[0].low == 90_000.0
    tape.drag("BTC", 99_000.0, 10_000)
    halfway = tape.step(START + 5_000)[-1].prices["BTC"]
    assert 93_000 < halfway < 96_000
    assert tape.step(START + 10_000)[-1].prices["BTC"] == 99_000.0
    assert tape.step(START + 11_000)[-1].prices["BTC"] == pytest.approx(99_000, rel=0.01)


def test_series_forgets_its_oldest() -> None:
    series = Series(0, MINUTE)
    for i in range(5):
        series.append(Bar(i * MINUTE, i, i, i, i, i))
    series.drop(2)
    assert [bar.ms for bar in series.between(0, 10 * MINUTE)] == [2 * MINUTE, 3 * MINUTE, 4 * MINUTE]
    assert [bar.open for bar in series.between(3 * MINUTE, 4 * MINUTE)] == [3.0]
