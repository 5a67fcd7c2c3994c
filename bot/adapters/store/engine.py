"""Run units of work: on the one ledger thread, or inline in the caller for simulation."""
from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Protocol

from bot.adapters.store.address import Address
from bot.adapters.store.group import Outcome, Unit, answered, read_together, write_together
from bot.adapters.store.link import Link
from bot.ports.ledger_rows import NotStored, Pulse

# Bounds how long the first of a group waits for the last, and how many are lost together when the disk is full.
GROUP_MAX = 64
RECENT_COMMITS = 64
CLOSE_S = 30

# Seconds that never go back: the clock port's `monotonic`.
Timer = Callable[[], float]


class Engine(Protocol):
    """Where units run; `ring` listeners are called, on their own loops, after commits that wrote the journal."""

    async def run(self, unit: Unit, *, write: bool) -> Any:
        """Run a unit; give its result or raise what it raised."""
        ...

    def listen(self, bell: Bell) -> None:
        """Ring this bell from now on."""
        ...

    def forget(self, bell: Bell) -> None:
        """Ring it no more."""
        ...

    def pulse(self) -> Pulse:
        """Give the health of the database."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Bell:
    """What wakes one follower: an event, the loop it belongs to, and the account it listens for."""

    account: str
    event: asyncio.Event
    loop: asyncio.AbstractEventLoop


class Meter:
    """Measures commits for readiness; written by one thread, read by others."""

    def __init__(self, timer: Timer) -> None:
        """Start with nothing measured."""
        self.timer = timer
        self._recent: deque[float] = deque(maxlen=RECENT_COMMITS)

    def measure(self, link: Link, units: list[Unit]) -> list[Outcome]:
        """Commit the units together and note how long it took."""
        begun = self.timer()
        outcomes = write_together(link, units)
        self._recent.append(self.timer() - begun)
        return outcomes

    def pulse(self, waiting: int, oldest: float) -> Pulse:
        """Give the pulse."""
        recent = tuple(self._recent) or (0.0,)
        return Pulse(
            last_commit=timedelta(seconds=recent[-1]),
            worst_commit=timedelta(seconds=max(recent)),
            waiting=waiting,
            oldest_wait=timedelta(seconds=oldest),
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    unit: Unit
    write: bool
    future: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop
    asked_at: float


class ThreadEngine:
    """The ledger thread: takes what waits, commits it together, answers each caller on its own loop."""

    def __init__(self, address: Address, timer: Timer) -> None:
        """Connect and start; raises NotStored when the database cannot be opened."""
        self._address = address
        self._meter = Meter(timer)
        self._timer = timer
        self._queue: SimpleQueue[_Job | None] = SimpleQueue()
        self._bells: set[Bell] = set()
        self._busy_since: float | None = None
        self._closed = False
        self._link = Link(address)
        self._thread = Thread(target=self._work, name="ledger", daemon=True)
        self._thread.start()

    async def run(self, unit: Unit, *, write: bool) -> Any:
        """Queue a unit and wait; a caller that is cancelled does not undo it."""
        if self._closed:
            raise NotStored("The ledger is closed; nothing is stored.")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        self._queue.put(_Job(unit, write, future, loop, self._timer()))
        return await future

    def listen(self, bell: Bell) -> None:
        """Ring this bell from now on."""
        self._bells.add(bell)

    def forget(self, bell: Bell) -> None:
        """Ring it no more."""
        self._bells.discard(bell)

    def pulse(self) -> Pulse:
        """Give the health of the database."""
        busy = self._busy_since
        return self._meter.pulse(self._queue.qsize(), 0.0 if busy is None else self._timer() - busy)

    async def close(self) -> None:
        """Finish what waits, then close; a second call changes nothing."""
        if self._closed:
            return
        self._closed = True
        self._queue.put(None)
        await asyncio.get_running_loop().run_in_executor(None, self._thread.join, CLOSE_S)
        if self._thread.is_alive():
            raise NotStored(f"The ledger did not close within {CLOSE_S} s; the process has to be ended.")

    def _work(self) -> None:
        going = True
        while going:
            jobs, going = self._take()
            if jobs:
                self._busy_since = min(job.asked_at for job in jobs)
                self._group(jobs)
                self._busy_since = None
        with contextlib.suppress(NotStored):
            self._link.close()

    def _take(self) -> tuple[list[_Job], bool]:
        """Wait for a job and take what else waits; False at the end."""
        jobs: list[_Job] = []
        job = self._queue.get()
        while job is not None:
            jobs.append(job)
            if len(jobs) >= GROUP_MAX:
                return jobs, True
            try:
                job = self._queue.get_nowait()
            except Empty:
                return jobs, True
        return jobs, False

    def _group(self, jobs: list[_Job]) -> None:
        """Commit the writes together, then read: readers see what was committed just before."""
        writes = [job for job in jobs if job.write]
        reads = [job for job in jobs if not job.write]
        if writes:
            units = [job.unit for job in writes]
            self._answer(writes, answered(len(units), lambda: self._meter.measure(self._fresh(), units)))
        if reads:
            asked = [job.unit for job in reads]
            self._answer(reads, answered(len(asked), lambda: read_together(self._fresh(), asked)))

    def _fresh(self) -> Link:
        """Give a link that works: a new one where the server went away. Raises NotStored."""
        if self._link.lost:
            self._link.close()
            self._link = Link(self._address)
        return self._link

    def _answer(self, jobs: list[_Job], outcomes: list[Outcome]) -> None:
        """Tell every caller, one call per loop, and ring for the journals that grew."""
        grown = {job.unit.account for job, told in zip(jobs, outcomes, strict=True) if told.wrote_journal}
        by_loop: dict[asyncio.AbstractEventLoop, list[tuple[_Job, Outcome]]] = {}
        for job, told in zip(jobs, outcomes, strict=True):
            by_loop.setdefault(job.loop, []).append((job, told))
        for loop, answers in by_loop.items():
            # A loop that closed has nobody left to tell; what was stored stays stored.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(_deliver, answers)
        for bell in tuple(self._bells):
            if bell.account in grown:
                with contextlib.suppress(RuntimeError):
                    bell.loop.call_soon_threadsafe(bell.event.set)


class InlineEngine:
    """The caller is the thread: for simulation on a loop that forbids threads, and for short commands.

    Yields to the loop once before and once after each unit, as the thread would, so that others may come between.
    """

    def __init__(self, address: Address, timer: Timer) -> None:
        """Connect; raises NotStored when the database cannot be opened."""
        self._meter = Meter(timer)
        self._link = Link(address)
        self._bells: set[Bell] = set()

    async def run(self, unit: Unit, *, write: bool) -> Any:
        """Run a unit here and now; give its result or raise what it raised."""
        await asyncio.sleep(0)
        (told,) = self._meter.measure(self._link, [unit]) if write else read_together(self._link, [unit])
        if told.wrote_journal:
            for bell in self._bells:
                if bell.account == unit.account:
                    bell.event.set()
        if told.error is not None:
            raise told.error
        await asyncio.sleep(0)
        return told.result

    def listen(self, bell: Bell) -> None:
        """Ring this bell from now on."""
        self._bells.add(bell)

    def forget(self, bell: Bell) -> None:
        """Ring it no more."""
        self._bells.discard(bell)

    def pulse(self) -> Pulse:
        """Give the health of the database."""
        return self._meter.pulse(0, 0.0)

    async def close(self) -> None:
        """Close the connection."""
        self._link.close()


def _deliver(answers: Iterable[tuple[_Job, Outcome]]) -> None:
    for job, told in answers:
        if job.future.done():
            continue
        if told.error is not None:
            job.future.set_exception(told.error)
        else:
            job.future.set_result(told.result)
