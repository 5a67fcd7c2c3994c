"""Stalls are counted and said, sleep of the machine and jumps of its clock are gaps."""
from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime

import pytest

from bot.runtime.stalls import Stalls, watch_stalls
from tests.support.clock import FakeClock


class Scripted:
    """A clock that oversleeps by the next number of a list, or whose wall jumps; then ends the watch."""

    def __init__(self, late: list[float], jumps: dict[int, float] | None = None) -> None:
        self.clock, self.late, self.jumps, self.naps = FakeClock(), late, jumps or {}, 0

    async def sleep(self, seconds: float) -> None:
        if self.naps == len(self.late):
            raise EOFError
        await self.clock.advance(seconds + self.late[self.naps])
        self.clock.jump(self.jumps.get(self.naps, 0))
        self.naps += 1

    async def watch(self) -> tuple[Stalls, list[str]]:
        stalls, gaps = Stalls(), []
        with pytest.raises(EOFError):
            await watch_stalls(stalls, monotonic=self.clock.monotonic, now=self.clock.now, sleep=self.sleep,
                               on_gap=gaps.append)
        return stalls, gaps


async def test_late_wake_ups_are_counted(caplog: pytest.LogCaptureFixture) -> None:
    stalls, gaps = await Scripted([0, 0.019, 0.021, 0.5, 0]).watch()
    assert (stalls.count, stalls.worst_s, gaps) == (2, pytest.approx(0.5), [])
    assert caplog.text.count("stalled") == 1


async def test_a_machine_that_slept_is_a_gap_and_no_stall() -> None:
    stalls, gaps = await Scripted([0, 600]).watch()
    assert (stalls.count, stalls.gaps, gaps) == (0, 1, ["everything stood still for 600.0 s"])


@pytest.mark.parametrize("jump", [-3600.0, 60.0])
async def test_a_wall_clock_that_jumps_is_a_gap(jump: float) -> None:
    stalls, gaps = await Scripted([0, 0, 0], {1: jump}).watch()
    assert (stalls.gaps, gaps) == (1, [f"the wall clock jumped by {jump:+.1f} s"])


async def test_a_real_stall_is_noticed() -> None:
    stalls = Stalls()
    async with asyncio.TaskGroup() as group:
        watching = group.create_task(watch_stalls(stalls, monotonic=time.monotonic, now=lambda: datetime.now(UTC),
                                                  sleep=asyncio.sleep, period_s=0.005))
        await asyncio.sleep(0.01)
        time.sleep(0.045)  # noqa: ASYNC251 (the stall is the point)
        await asyncio.sleep(0.01)
        watching.cancel()
    assert stalls.count >= 1
    assert stalls.worst_s > 0.02
