"""The virtual loop: equal seeds give equal runs, time is free, and nothing real slips in."""
from __future__ import annotations

import asyncio
import time
import weakref

import pytest

from tests.support.virtual_loop import Deadlock, Forbidden, Livelock, VirtualLoop, run


def _walk(seed: int) -> tuple[list[str], int]:
    """Let six workers meet at two locks, a queue and their timers; give what they did and the loop's trace."""
    said: list[str] = []

    async def worker(name: str, lock: asyncio.Lock, queue: asyncio.Queue[str]) -> None:
        for turn in range(3):
            async with lock:
                said.append(f"{name}{turn}@{asyncio.get_running_loop().time():.2f}")
                await asyncio.sleep(0.1)
            await queue.put(name)

    async def main() -> int:
        locks, queue = (asyncio.Lock(), asyncio.Lock()), asyncio.Queue[str](2)
        async with asyncio.TaskGroup() as group:
            for index, name in enumerate("abcdef"):
                group.create_task(worker(name, locks[index % 2], queue))
            said.extend(["took " + await queue.get() for _ in range(18)])
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        return loop.trace

    trace = run(main, seed)
    return said, trace


@pytest.mark.parametrize("seed", range(10))
def test_the_same_seed_gives_the_same_run(seed: int) -> None:
    assert _walk(seed) == _walk(seed)


def test_seeds_search_interleavings() -> None:
    assert len({tuple(_walk(seed)[0]) for seed in range(10)}) >= 9


def _fail_together(seed: int) -> tuple[list[int], int]:
    """Let one of many siblings fail: the group cancels a *set*, whose order is that of memory addresses."""
    ended: list[int] = []

    async def sleeper(number: int) -> None:
        try:
            await asyncio.sleep(100)
        finally:
            ended.append(number)

    async def failing() -> None:
        await asyncio.sleep(1)
        raise OSError

    async def main() -> int:
        with pytest.raises(ExceptionGroup):
            async with asyncio.TaskGroup() as group:
                for number in range(40):
                    group.create_task(sleeper(number))
                group.create_task(failing())
        return asyncio.get_running_loop().trace  # type: ignore[attr-defined,no-any-return]

    trace = run(main, seed)
    return ended, trace


def test_the_order_of_sets_of_tasks_does_not_leak_in() -> None:
    ballast = [object() for _ in range(1000)]
    first = _fail_together(3)
    del ballast[::3]
    assert first == _fail_together(3)
    assert first[0] != sorted(first[0])


def test_thirty_virtual_days_pass_at_once() -> None:
    async def main() -> float:
        for _ in range(30):
            await asyncio.sleep(86_400)
        return asyncio.get_running_loop().time()

    before = time.monotonic()
    assert run(main) == 30 * 86_400
    assert time.monotonic() - before < 1


def test_timeouts_and_cancellation_work_in_virtual_time() -> None:
    async def main() -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(5):
                await asyncio.Event().wait()
        return asyncio.get_running_loop().time()

    assert run(main) == 5


def test_a_deadlock_is_an_error_that_names_who_waits() -> None:
    async def main() -> None:
        async def stuck() -> None:
            await asyncio.Event().wait()

        async with asyncio.TaskGroup() as group:
            group.create_task(stuck(), name="the stuck one")

    with pytest.raises(Deadlock, match="the stuck one"):
        run(main)


def test_a_livelock_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.support.virtual_loop.STEPS_MAX", 1000)

    async def main() -> None:
        while True:  # noqa: ASYNC110 (the busy wait is the point)
            await asyncio.sleep(0)

    with pytest.raises(Livelock):
        run(main)


def test_threads_and_sockets_are_refused() -> None:
    async def main() -> None:
        with pytest.raises(Forbidden):
            await asyncio.to_thread(print)
        with pytest.raises(Forbidden):
            await asyncio.open_connection("127.0.0.1", 9)
        with pytest.raises(Forbidden):
            await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
        with pytest.raises(Forbidden):
            await asyncio.create_subprocess_exec("true")

    run(main)


def test_abandoned_generators_are_closed_without_a_thread() -> None:
    closed: list[bool] = []

    async def numbers():  # type: ignore[no-untyped-def]
        try:
            yield 1
            yield 2
        finally:
            closed.append(True)

    async def main() -> None:
        async for _ in numbers():
            break
        await asyncio.sleep(1)

    run(main)
    assert closed == [True]


def test_ended_tasks_are_not_kept() -> None:
    async def main() -> bool:
        task = asyncio.get_running_loop().create_task(asyncio.sleep(1))
        await task
        ghost = weakref.ref(task)
        del task
        await asyncio.sleep(1)
        return ghost() is None

    assert run(main)
