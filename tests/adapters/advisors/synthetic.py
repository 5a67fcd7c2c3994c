"""Make bars and rows for tests: seeded walks, with or without something to learn."""
from __future__ import annotations

import gzip
from math import exp
from pathlib import Path
from random import Random

import pytest

from bot.adapters.advisors.bar import MINUTE_MS, Bar

REAL = Path("/work/shared/data/BTCUSDT-1m-2023-03-01..2023-03-14.csv.gz")
BEGIN = 1_677_628_800_000


def walk(count: int, seed: int, *, minutes: int = 1, drift: float = 0.0, spread: float = 0.001) -> list[Bar]:
    """Make a random walk of bars with wicks; `drift` is how much of the last move carries on."""
    chance = Random(seed)
    price, move, bars = 20_000.0, 0.0, []
    for number in range(count):
        opened = price
        steps = []
        for _ in range(4):
            move = drift * move + chance.gauss(0.0, spread / 2.0)
            price *= exp(move)
            steps.append(price)
        bars.append(Bar(BEGIN + number * minutes * MINUTE_MS, opened, max(opened, *steps), min(opened, *steps), price,
                        round(abs(chance.gauss(0.0, 1.0)) * 10.0, 6)))
    return bars


def real_minutes(count: int | None = None) -> list[Bar]:
    """Read real minutes of BTCUSDT, or skip where they are not here."""
    if not REAL.is_file():
        pytest.skip("The real minutes are not on this machine.")
    with gzip.open(REAL, "rt") as lines:
        next(lines)
        rows = [line.split(",") for _, line in zip(range(count or 10**9), lines, strict=False)]
    return [Bar(int(row[0]), *(float(word) for word in row[1:6])) for row in rows]


def learnable(count: int, width: int, seed: int, strength: float = 0.15) -> tuple[list[list[float]], list[int]]:
    """Make rows and hits by a known logistic law over the first five features."""
    chance = Random(seed)
    rows = [[chance.gauss(0.0, 1.0) for _ in range(width)] for _ in range(count)]
    hits = [int(chance.random() < 1.0 / (1.0 + exp(0.5 - strength * sum(row[:5])))) for row in rows]
    return rows, hits
