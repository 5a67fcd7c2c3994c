"""The fake clock: by hand on a real loop, by itself on a virtual one; never backwards."""
from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.clock import START, FakeClock
from tests.support.virtual_loop import run


async def test_sleepers_wake_in_the_order_of_their_deadlines() -> None:
    clock, woken = FakeClock(), []

    async def sleeper(seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((seconds, clock.monotonic()))

    async with asyncio.TaskGroup() as group:
        for seconds in (3, 1, 2):
            group.create_task(sleeper(seconds))
        await clock.advance(0.5)
        assert woken == [] and clock.sleeping == 3
        await clock.advance(10)
    assert woken == [(1, 1.0), (2, 2.0), (3, 3.0)]
    assert clock.now() == START + timedelta(seconds=10.5)


async def test_a_sleeper_that_sleeps_again_is_woken_within_one_advance() -> None:
    clock, ticks = FakeClock(), []

    async def ticking() -> None:
        for _ in range(5):
            await clock.sleep(1)
            ticks.append(clock.monotonic())

    async with asyncio.TaskGroup() as group:
        group.create_task(ticking())
        await clock.advance(5)
    assert ticks == [1, 2, 3, 4, 5]


async def test_a_cancelled_sleeper_is_forgotten() -> None:
    clock = FakeClock()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.001):
            await clock.sleep(5)
    assert clock.sleeping == 0
    await clock.advance(10)


def test_it_follows_a_virtual_loop() -> None:
    async def main() -> None:
        clock = FakeClock()
        await clock.sleep(60)
        assert clock.now() == START + timedelta(seconds=60)
        await clock.advance(60)
        assert clock.monotonic() == asyncio.get_running_loop().time() == 120

    run(main)


def test_a_jump_moves_the_wall_alone() -> None:
    clock = FakeClock()
    clock.jump(-3600)
    assert clock.now() == START - timedelta(hours=1)
    assert clock.monotonic() == 0


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf")])
async def test_time_never_goes_back(seconds: float) -> None:
    with pytest.raises(ValueError, match="forward"):
        await FakeClock().advance(seconds)


@given(st.lists(st.floats(0, 1e6), max_size=20), st.integers(0, 2**32))
def test_any_sleeps_add_up_in_virtual_time(naps: list[float], seed: int) -> None:
    async def main() -> list[float]:
        clock, seen = FakeClock(), [0.0]

        async def nap(seconds: float) -> None:
            await clock.sleep(seconds)
            seen.append(clock.monotonic())

        async with asyncio.TaskGroup() as group:
            for seconds in naps:
                group.create_task(nap(seconds))
        return seen

    seen = run(main, seed)
    assert seen == sorted(seen)
    assert seen[-1] == max(naps, default=0.0)
