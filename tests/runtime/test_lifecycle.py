"""The lifecycle: in order, in reverse, in time, whatever a single part does."""
from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from bot.runtime.lifecycle import Lifecycle, TookTooLong
from tests.support.virtual_loop import run


@asynccontextmanager
async def part(name: str, said: list[str], *, start_s: float = 0, stop_s: float = 0,
               breaks: bool = False) -> AsyncIterator[str]:
    await asyncio.sleep(start_s)
    said.append("+" + name)
    try:
        yield name.upper()
    finally:
        await asyncio.sleep(stop_s)
        said.append("-" + name)
        if breaks:
            raise OSError(name)


def test_parts_are_left_in_reverse() -> None:
    said: list[str] = []

    async def main() -> None:
        async with Lifecycle() as life:
            assert await life.enter("ledger", part("ledger", said)) == "LEDGER"
            await life.enter("http", part("http", said))
            await life.enter("chat", part("chat", said))
            assert life.running == ("ledger", "http", "chat")

    run(main)
    assert said == ["+ledger", "+http", "+chat", "-chat", "-http", "-ledger"]


def test_a_part_that_fails_or_hangs_while_stopping_hinders_nobody() -> None:
    said: list[str] = []

    async def main() -> tuple[Lifecycle, float]:
        async with Lifecycle() as life:
            await life.enter("ledger", part("ledger", said))
            await life.enter("http", part("http", said, breaks=True))
            await life.enter("chat", part("chat", said, stop_s=1000), leave_within_s=5)
        return life, asyncio.get_running_loop().time()

    life, took = run(main)
    assert took == 5
    assert said[-2:] == ["-http", "-ledger"]
    assert [(name, type(fault)) for name, fault in life.faults] == [("chat", TimeoutError), ("http", OSError)]


def test_a_part_that_does_not_start_in_time_stops_the_start() -> None:
    said: list[str] = []

    async def main() -> None:
        with pytest.raises(TookTooLong, match="http did not start within 30 s"):
            async with Lifecycle() as life:
                await life.enter("ledger", part("ledger", said))
                await life.enter("http", part("http", said, start_s=1000))
        assert asyncio.get_running_loop().time() == 30

    run(main)
    assert said == ["+ledger", "-ledger"]


def test_the_fault_that_ended_the_house_is_not_swallowed() -> None:
    @asynccontextmanager
    async def swallowing() -> AsyncIterator[None]:
        with suppress(KeyError):
            yield

    async def main() -> None:
        with pytest.raises(KeyError, match="the cause"):
            async with Lifecycle() as life:
                await life.enter("greedy", swallowing())
                await life.enter("broken", part("broken", [], breaks=True))
                raise KeyError("the cause")

    run(main)
