"""A clock for tests: moved by hand on a real loop, following the loop on a virtual one."""
from __future__ import annotations

import asyncio
import heapq
import math
from datetime import UTC, datetime, timedelta

from tests.support.virtual_loop import VirtualLoop

START = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


def _loop_seconds() -> float | None:
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return None
    return loop.time() if isinstance(loop, VirtualLoop) else None


def _checked(seconds: float) -> float:
    if not math.isfinite(seconds) or seconds < 0:
        raise ValueError(f"Time moves forward by a finite number of seconds, not by {seconds!r}.")
    return float(seconds)


class FakeClock:
    """The clock port for tests.

    On a `VirtualLoop` it reads the loop's time and `sleep` is the loop's own. Elsewhere time stands still until
    `advance`, which wakes sleepers in the order of their deadlines. `jump` moves the wall alone, as a corrected
    system clock does; ages and deadlines must not notice.
    """

    def __init__(self, start: datetime = START) -> None:
        self._start, self._by_hand, self._wall_offset = start, 0.0, 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = 0

    def now(self) -> datetime:
        """Give the wall time, aware, UTC."""
        return self._start + timedelta(seconds=self.monotonic() + self._wall_offset)

    def monotonic(self) -> float:
        """Give the seconds since the clock (or its virtual loop) was made."""
        return self._by_hand + (_loop_seconds() or 0.0)

    async def sleep(self, seconds: float) -> None:
        """Wait: for the virtual loop's time to pass, or for `advance`. Zero or less only yields, as asyncio does."""
        if _loop_seconds() is not None or seconds <= 0:
            await asyncio.sleep(max(0.0, seconds))
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._count += 1
        heapq.heappush(self._sleepers, (self.monotonic() + _checked(seconds), self._count, woken))
        await woken

    async def advance(self, seconds: float) -> None:
        """Let time pass, waking each sleeper at its own moment and letting it run before the next is due."""
        if _loop_seconds() is not None:
            await asyncio.sleep(_checked(seconds))
            return
        target = self._by_hand + _checked(seconds)
        await self.settle()
        while self._sleepers and self._sleepers[0][0] <= target:
            due, _, woken = heapq.heappop(self._sleepers)
            if woken.done():
                continue
            self._by_hand = max(self._by_hand, due)
            woken.set_result(None)
            await self.settle()
        self._by_hand = max(self._by_hand, target)

    def jump(self, seconds: float) -> None:
        """Move the wall clock alone, forwards or backwards."""
        self._wall_offset += seconds

    @property
    def sleeping(self) -> int:
        """The number of tasks that wait for `advance`."""
        return sum(not woken.done() for _, _, woken in self._sleepers)

    @staticmethod
    async def settle(rounds: int = 20) -> None:
        """Let everything that is ready run; `rounds` bounds the length of a chain of wake-ups."""
        for _ in range(rounds):
            await asyncio.sleep(0)
