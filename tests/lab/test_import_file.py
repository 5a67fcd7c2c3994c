from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from bot.lab.command import run
from bot.lab.import_file import NotImported, candles_in, series_of
from tests.adapters.advisors.synthetic import REAL, walk
from tests.lab.world import bench, said

HEADER = "open_time_ms,open,high,low,close,volume\n"


def written(folder: Path, name: str = "BTCUSDT-1m-2023.csv", count: int = 50, skip: int = -1) -> Path:
    lines = [",".join(map(repr, bar)) + "\n" for at, bar in enumerate(walk(count, 1)) if at != skip]
    file = folder / name
    text = HEADER + "".join(lines)
    if name.endswith(".gz"):
        file.write_bytes(gzip.compress(text.encode()))
    else:
        file.write_text(text)
    return file


async def test_a_file_is_imported_once_however_often(tmp_path: Path) -> None:
    file = written(tmp_path, "BTCUSDT-1m-2023.csv.gz", skip=20)
    async with bench(tmp_path) as place:
        assert await run(["import", str(file)], place) == 0
        assert await run(["import", str(file)], place) == 0
        assert "49 candles" in said(place)
        assert "49 new, 1 missing" in said(place)
        assert "0 new, 1 missing" in said(place)


async def test_a_broken_run_is_simply_repeated(tmp_path: Path) -> None:
    async with bench(tmp_path) as place:
        assert await run(["import", str(written(tmp_path, count=30))], place) == 0
        assert await run(["import", str(written(tmp_path, count=50))], place) == 0
        assert "50 candles" in said(place)
        assert "20 new, 0 missing" in said(place)


async def test_real_minutes_come_in_whole(tmp_path: Path) -> None:
    if not REAL.is_file():
        pytest.skip("The real minutes are not on this machine.")
    async with bench(tmp_path) as place:
        assert await run(["import", str(REAL)], place) == 0
        assert "20,160 candles from 2023-03-01 00:00 to 2023-03-14 23:59, 20,160 new, 0 missing" in said(place)


def test_the_name_says_what_it_is() -> None:
    found = series_of(Path("ETHUSDT-15m-2023-03-01..2023-03-14.csv.gz"), None, None)
    assert (found.symbol, found.timeframe) == ("ETHUSDT", "15m")
    assert series_of(Path("x.csv"), "BTCUSDT", "1m").symbol == "BTCUSDT"
    with pytest.raises(NotImported, match="say --symbol and --tf"):
        series_of(Path("x.csv"), None, "1m")
    with pytest.raises(NotImported, match="A timeframe"):
        series_of(Path("x.csv"), "BTCUSDT", "soon")


@pytest.mark.parametrize(("text", "words"), [
    ("", "expected a header"),
    ("time,open,high,low,close\n", "expected a header"),
    (HEADER + "60000,1,2,1,2\n", "x.csv:2: expected a moment"),
    (HEADER + "60000,1,2,1,two,1\n", "x.csv:2: expected a moment"),
    (HEADER + "60000,1,2,1,NaN,1\n", "not finite"),
    (HEADER + "60000,1,2,1,3,1\n", "contradict"),
    (HEADER + "60001,1,2,1,2,1\n", "is not when a candle of 1 minutes opens"),
    (HEADER + "120000,1,2,1,2,1\n60000,1,2,1,2,1\n", "x.csv:3: .* is not after the line before"),
])
def test_a_bad_line_is_named(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "x.csv"
    file.write_text(text)
    with pytest.raises(NotImported, match=words):
        list(candles_in(file, 60_000))


def test_a_file_that_is_no_archive_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "x.csv.gz"
    file.write_bytes(b"not gzip")
    with pytest.raises(NotImported, match="cannot be read"):
        list(candles_in(file, 60_000))
    with pytest.raises(NotImported, match="cannot be read"):
        list(candles_in(tmp_path / "absent.csv", 60_000))
