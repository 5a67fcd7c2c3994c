"""Keep the eternal tasks: all run until one ends, then all are wound down, last started first (architecture 10)."""
from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

log = logging.getLogger(__name__)

GIVE_UP_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One eternal task.

    `wind_down` is awaited, at most `wind_down_s`, before the task is cancelled: the courier drains there. An
    `orderly` work is one whose quiet return is a wish to stop, such as a caught signal, and no fault.
    """

    name: str
    run: Callable[[], Coroutine[Any, Any, object]]
    wind_down: Callable[[], Awaitable[object]] | None = None
    wind_down_s: float = GIVE_UP_S
    orderly: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """Who ended first and why; `abandoned` names the tasks that would not stop in time."""

    name: str
    fault: BaseException | None
    orderly: bool
    abandoned: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 when asked to stop, else 1: the platform restarts us, and starting is recovering."""
        return 0 if self.orderly and not self.abandoned else 1

    @property
    def sentence(self) -> str:
        """Say what happened."""
        if self.fault is not None:
            said = f"Stopped because {self.name} failed: {type(self.fault).__name__}: {self.fault}"
        elif self.orderly:
            said = f"Stopped as asked ({self.name})."
        else:
            said = f"Stopped because {self.name} ended, which it never should."
        return said + (f" Abandoned: {', '.join(self.abandoned)}." if self.abandoned else "")


async def guarded(name: str, work: Awaitable[object], within_s: float) -> Exception | None:
    """Await something that must not stop what follows: give its fault (a TimeoutError after `within_s`), logged.

    A cancellation from outside passes through.
    """
    try:
        async with asyncio.timeout(within_s):
            await work
    except TimeoutError as late:
        log.error("%s took longer than %g s and was given up.", name, within_s)
        return late
    except Exception as fault:
        log.exception("%s failed.", name)
        return fault
    return None


async def supervise(works: Sequence[Work], *, give_up_s: float = GIVE_UP_S) -> Ending:
    """Run all works until the first ends for any reason; wind the others down in reverse order; give the ending.

    A task that ignores its cancellation for `give_up_s` is abandoned and named. When supervision itself is cancelled,
    everything is wound down the same way before the cancellation passes on. Raises ValueError without works or when
    two share a name.
    """
    if not works or len({work.name for work in works}) < len(works):
        raise ValueError("The supervisor needs works with different names.")
    tasks = {work.name: asyncio.create_task(work.run(), name=work.name) for work in works}
    first = "supervisor"
    try:
        done, _ = await asyncio.wait(tasks.values(), return_when=asyncio.FIRST_COMPLETED)
        # Several may end in one round of the loop; a fault explains more than a quiet end.
        ended = [work for work in works if tasks[work.name] in done]
        first = min(ended, key=lambda work: _fault(tasks[work.name]) is None).name
    finally:
        abandoned = await _wind_down(works, tasks, give_up_s)
    return Ending(name=first, fault=_fault(tasks[first]), abandoned=abandoned,
                  orderly=_fault(tasks[first]) is None and next(work.orderly for work in works if work.name == first))


def _fault(task: asyncio.Task[object]) -> BaseException | None:
    if task.cancelled():
        return asyncio.CancelledError(f"{task.get_name()} was cancelled from outside")
    return task.exception()


async def _wind_down(
    works: Sequence[Work], tasks: dict[str, asyncio.Task[object]], give_up_s: float
) -> tuple[str, ...]:
    abandoned = []
    for work in reversed(works):
        task = tasks[work.name]
        if not task.done() and work.wind_down is not None:
            await guarded(f"Winding down {work.name}", work.wind_down(), work.wind_down_s)
        was_running = task.cancel()
        _, pending = await asyncio.wait({task}, timeout=give_up_s)
        if pending:
            abandoned.append(work.name)
            log.critical("%s did not stop within %g s and is abandoned.", work.name, give_up_s)
        elif not task.cancelled() and (fault := task.exception()) is not None:
            log.error("%s failed%s.", work.name, " while stopping" if was_running else "", exc_info=fault)
    return tuple(abandoned)


async def until_signalled(kinds: Sequence[signal.Signals] = (signal.SIGTERM, signal.SIGINT)) -> str:
    """Wait for the first of these signals and give its name; a second one then acts as if nobody listened."""
    loop, heard = asyncio.get_running_loop(), asyncio.Event()
    names: list[str] = []

    def hear(kind: signal.Signals) -> None:
        names.append(kind.name)
        heard.set()
        for each in kinds:
            loop.remove_signal_handler(each)

    for kind in kinds:
        loop.add_signal_handler(kind, hear, kind)
    try:
        await heard.wait()
    finally:
        for kind in kinds:
            loop.remove_signal_handler(kind)
    log.info("%s received; stopping in order. A second one stops at once.", names[0])
    return names[0]
