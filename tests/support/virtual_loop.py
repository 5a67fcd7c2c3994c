"""Run asyncio code in virtual time with seeded interleaving: the same seed gives the same run (reliability 7.1).

Not simulated: the kernel, TLS, real sockets, threads, and what third-party libraries do in them.
"""
from __future__ import annotations

import asyncio
import heapq
import random
import threading
import zlib
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn
from weakref import WeakKeyDictionary

STEPS_MAX = 200_000


class Deadlock(RuntimeError):
    """Everybody waits and no timer is set: nothing can ever happen again."""


class Livelock(RuntimeError):
    """Callbacks keep running while virtual time stands still."""


class Forbidden(RuntimeError):
    """A thread or a real socket was asked for; neither exists in virtual time."""


class _NoSelector:
    def select(self, timeout: float | None) -> list[object]:
        return []


class VirtualLoop(asyncio.BaseEventLoop):
    """An event loop whose clock jumps to the next timer and whose ready callbacks are shuffled by a seed."""

    def __init__(self, seed: int = 0, *, shuffle: bool = True) -> None:
        super().__init__()
        self.seed, self.trace, self._now, self._steps, self._born = seed, 0, 0.0, 0, 0
        self._random, self._shuffled = random.Random(seed), shuffle
        self._selector, self._clock_resolution = _NoSelector(), 0.0
        self._births: WeakKeyDictionary[asyncio.Task[Any], int] = WeakKeyDictionary()
        self.set_task_factory(self._bear)

    def time(self) -> float:
        """Give the virtual seconds since the loop was made."""
        return self._now

    def _bear(self, loop: asyncio.AbstractEventLoop, coro: Coroutine[Any, Any, Any], **more: Any) -> asyncio.Task[Any]:
        task = asyncio.Task(coro, loop=loop, **{key: value for key, value in more.items() if value is not None})
        self._born += 1
        self._births[task] = self._born
        return task

    def _birth(self, handle: asyncio.Handle) -> int:
        owner = getattr(handle._callback, "__self__", None)
        return self._births.get(owner, 0) if isinstance(owner, asyncio.Task) else 0

    def _run_once(self) -> None:
        timers, ready = self._scheduled, self._ready
        while timers and timers[0]._cancelled:
            heapq.heappop(timers)._scheduled = False
            self._timer_cancelled_count -= 1
        self._steps += 1
        if not ready and not self._stopping:
            if not timers:
                waiting = sorted(task.get_name() for task in asyncio.all_tasks(self))
                raise Deadlock(f"Nothing can happen any more at {self._now:.3f} s (seed {self.seed}): {waiting} wait.")
            if timers[0]._when > self._now:
                self._now, self._steps = timers[0]._when, 0
        if self._steps > STEPS_MAX:
            raise Livelock(f"{STEPS_MAX} rounds without time passing at {self._now:.3f} s (seed {self.seed}).")
        while timers and timers[0]._when <= self._now:
            due = heapq.heappop(timers)
            due._scheduled = False
            ready.append(due)
        # Sets of tasks have the order of memory addresses; order of birth makes the shuffle start from equal ground.
        handles = sorted(ready, key=self._birth)
        if self._shuffled:
            self._random.shuffle(handles)
        ready.clear()
        ready.extend(handles)
        for handle in handles:
            self.trace = zlib.crc32(f"{self._now!r}:{self._birth(handle)}".encode(), self.trace)
        super()._run_once()

    def _asyncgen_finalizer_hook(self, agen: Any) -> None:
        if threading.get_ident() == self._thread_id:
            super()._asyncgen_finalizer_hook(agen)  # type: ignore[misc]
        else:
            # The loop stands still for good: what a killed life left half run closes nothing.
            self._asyncgens.discard(agen)

    def _process_events(self, event_list: list[object]) -> None:
        pass

    def _write_to_self(self) -> None:
        if threading.get_ident() != self._thread_id:
            raise Forbidden("Another thread called into virtual time.")

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> NoReturn:
        """Refuse: a thread would bring its own time."""
        raise Forbidden(f"{func} wants a thread (or a host name looked up); virtual time has none.")

    async def create_connection(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse: a real socket would bring its own time."""
        raise Forbidden("A real connection was asked for; mount the counterpart in process instead.")

    create_server = create_unix_connection = create_unix_server = create_datagram_endpoint = create_connection
    subprocess_exec = subprocess_shell = connect_read_pipe = connect_write_pipe = create_connection


def run(main: Callable[[], Coroutine[Any, Any, Any]], seed: int = 0, *, shuffle: bool = True) -> Any:
    """Run `main()` to its end on a fresh virtual loop and give its result; raises what it raises."""
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(seed, shuffle=shuffle)) as runner:
        return runner.run(main())
