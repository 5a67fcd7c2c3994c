"""The signs of life: each bound just kept and just broken, and no flapping."""
from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from bot.domain.trading import Readiness
from bot.runtime.readiness import ReadinessGate
from bot.runtime.vitals import MEGABYTE, Bounds, Vitals, judge, watch_vitals
from tests.support.virtual_loop import run

BOUNDS = Bounds(silence_max_s=40, clock_off_max_s=2, commit_max_s=1, disk_free_min=200 * MEGABYTE)


@pytest.mark.parametrize(("vitals", "words"), [
    ({"streams": {"private": None}}, "the private stream is down"),
    ({"streams": {"public": 1.0, "private": 40.1}}, "the private stream has been silent for 40 s"),  # FF-63
    ({"clock_off_s": 2.1}, "the clock may be 2.1 s away"),
    ({"clock_off_s": -2.1}, "the clock may be 2.1 s away"),
    ({"commit_s": 1.5}, "the ledger needs 1.5 s for a commit"),
    ({"disk_free": 199 * MEGABYTE}, "199 MB of disk are left, 200 MB are wanted"),
])
def test_each_bad_sign_has_its_sentence(vitals: dict[str, Any], words: str) -> None:
    found = judge(Vitals(**vitals), BOUNDS)
    assert len(found) == 1
    assert words in next(iter(found.values()))


@pytest.mark.parametrize("vitals", [
    {}, {"streams": {"private": 40.0}, "clock_off_s": 2.0, "commit_s": 1.0, "disk_free": 200 * MEGABYTE},
    {"clock_off_s": -2.0},
])
def test_a_bound_just_kept_is_fine(vitals: dict[str, Any]) -> None:
    assert judge(Vitals(**vitals), BOUNDS) == {}


def test_it_degrades_at_once_and_recovers_after_two_good_signs() -> None:
    offs: Iterator[float] = iter([0, 3, 0, 3, 0, 0, 0])
    seen: list[str] = []

    async def main() -> None:
        gate = ReadinessGate()
        gate.advance(Readiness.RECONCILING)
        gate.advance(Readiness.READY)

        async def sleep(seconds: float) -> None:
            seen.append(gate.readiness().value)
            await asyncio.sleep(seconds)

        with pytest.raises((StopIteration, RuntimeError)):
            await watch_vitals(gate, lambda: Vitals(clock_off_s=next(offs)), BOUNDS, sleep)

    run(main)
    assert seen == ["READY", *["DEGRADED"] * 4, "READY", "READY"]
