"""Pictures of the right size and colours, whatever is drawn; in a process of their own."""
from __future__ import annotations

import math
import struct
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal as D
from pathlib import Path

import pytest

from bot.charts import candles, curves, style
from bot.charts.candles import Bar
from bot.charts.studio import NoPicture, Studio

START = datetime(2026, 11, 21, 2, tzinfo=UTC)


def bars(count: int, price: str = "60000", step: str = "15") -> tuple[Bar, ...]:
    found = []
    for number in range(count):
        opened = D(price) + D(step) * round(20 * math.sin(number / 9))
        close = opened + D(step) * (1 if number % 3 else -2)
        found.append((START + timedelta(minutes=15 * number), opened, max(opened, close) + D(step),
                      min(opened, close) - D(step), close))
    return tuple(found)


def size_of(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


LEVELS = (("entry", D(60100), "entry"), ("stop", D(59600), "stop"), ("target", D(60900), "target"),
          ("liq.", D(48000), "liquidation"))


@pytest.mark.parametrize("drawn", [
    lambda: candles.draw("BTCUSDT 15m", "SANDBOX", bars(120), LEVELS, ((START + timedelta(hours=3), D(60000), True),)),
    lambda: candles.draw("PEPEUSDT", "LIVE", bars(30, "0.0000123", "0.0000001")),
    lambda: candles.draw("$x$ <b> \u202e 币安", "💥", bars(500), (("a" * 200, D(1), "other"),)),
    lambda: candles.draw("one bar", "LIVE", bars(1)),
    lambda: candles.draw("flat", "LIVE", ((START, D(1), D(1), D(1), D(1)),) * 3),
    lambda: candles.draw("none", "LIVE", ()),
    lambda: curves.equity("Equity", "DEMO", [(START + timedelta(hours=n), D(10000 + n)) for n in range(50)]),
    lambda: curves.equity("Equity", "DEMO", []),
    lambda: curves.days("Days", "DEMO", [(f"{n} Nov", D(n - 9)) for n in range(40)]),
    lambda: curves.days("Days", "DEMO", []),
])  # type: ignore[misc]
def test_every_picture_has_the_size_a_phone_wants(drawn: object) -> None:
    assert size_of(drawn()) == (style.WIDTH, style.HEIGHT) == (1280, 800)  # type: ignore[operator]


def test_labels_never_cover_each_other_and_keep_their_order() -> None:
    found = style.spread([5.0, 5.1, 5.2, 9.0], 1.0)
    assert found == [5.0, 6.0, 7.0, 9.0]
    assert style.spread([3.0, 1.0], 1.0) == [3.0, 1.0]


def test_labels_are_large_enough_after_the_phone_shrank_the_picture() -> None:
    shrunk = 290 / style.WIDTH
    assert style.LARGE / 72 * style.DPI * shrunk >= 9.9 and style.SMALL / 72 * style.DPI * shrunk >= 7.2
    assert style.LINE / 72 * style.DPI >= 5


def test_the_trading_process_never_loads_the_drawing_library() -> None:
    words = "import sys, bot.charts.studio; sys.exit('matplotlib' in sys.modules)"
    root = Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", words], cwd=root, check=False).returncode == 0


async def test_a_picture_is_drawn_in_a_process_of_its_own_and_a_broken_one_is_replaced() -> None:
    studio = Studio()
    try:
        assert size_of(await studio.candles("BTCUSDT 15m", "SANDBOX", bars(40), LEVELS)) == (1280, 800)
        with pytest.raises(NoPicture):
            await studio.days("Days", "SANDBOX", [("x", "not a number")])  # type: ignore[list-item]
        assert studio._pool is not None
        for process in studio._pool._processes.values():
            process.kill()
        with pytest.raises(NoPicture):
            await studio.days("Days", "SANDBOX", [("1 Nov", D(1))])
        assert size_of(await studio.days("Days", "SANDBOX", [("1 Nov", D(1))])) == (1280, 800)
    finally:
        studio.close()
