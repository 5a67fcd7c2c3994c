"""Stand a real desk before a real sandbox: its own process, loopback HTTP and sockets, SQLite on the ledger thread."""
from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import time
from asyncio import selector_events
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.adapters.bitget.classic import endpoints
from bot.compose.parts import Parts, built
from bot.compose.run import works
from bot.desk.life import Opening, take_lease
from bot.domain.trading import Readiness
from bot.runtime.collector import spare_what_stays
from bot.runtime.readiness import ReadinessGate
from bot.runtime.stalls import Stalls, watch_stalls
from bot.sandbox.launch import Options, launch
from bot.settings import Settings
from tests.benchmarks.culprits import Culprits

SETTINGS_PREFIX = "WIREDESK_"
UNBOUND = 1_000_000
STALL_STEP_S = 0.01


def _serve(pipe: Any, seed: int) -> None:
    async def run() -> None:
        async with launch(Options(with_limits=False, seed=seed)) as sandbox:
            pipe.send(sandbox.ready)
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(None, pipe.recv)

    asyncio.run(run())


@contextmanager
def sandbox(seed: int = 1) -> Iterator[dict[str, Any]]:
    """Start a sandbox without rate limits in a process of its own; gives what its ready file would say."""
    context = multiprocessing.get_context("spawn")
    pipe, other = context.Pipe()
    server = context.Process(target=_serve, args=(other, seed), daemon=True)
    server.start()
    try:
        yield pipe.recv()
    finally:
        with contextlib.suppress(OSError):
            pipe.send("stop")
        server.join(5)
        server.terminate()


def settings_for(ready: dict[str, Any], directory: Path, **more: str) -> Settings:
    """Read settings from what the sandbox says of itself; `more` are settings by name."""
    named = {**ready["env"], **{SETTINGS_PREFIX + name.upper(): text for name, text in more.items()}}
    named[SETTINGS_PREFIX + "DATA"] = str(directory)
    before = dict(os.environ)
    os.environ.update(named)
    try:
        return Settings(_env_file=None)  # type: ignore[call-arg]
    finally:
        os.environ.clear()
        os.environ.update(before)


@dataclass(slots=True)
class Standing:
    """A desk that runs; `failures` holds what ended one of its tasks, `stalls` what its event loop suffered."""

    parts: Parts
    opening: Opening
    stalls: Stalls
    failures: list[BaseException] = field(default_factory=list)
    ready_after_s: float = 0.0
    culprits: Culprits | None = None

    def check(self) -> None:
        """Raise what a task failed with."""
        if self.failures:
            raise self.failures[0]


@asynccontextmanager
async def standing(settings: Settings, *, limits: bool = False, ready_s: float = 60.0) -> AsyncIterator[Standing]:
    """Run a whole desk, tasks and all, until READY; `limits` keeps the client to the venue's budgets."""
    gate = ReadinessGate()
    opening = Opening(ready=asyncio.Event(), trouble=[])
    began = time.perf_counter()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    # As the front door does before its loop runs.
    spare_what_stays()
    async with built(settings, gate) as parts:
        if not limits:
            unbind(parts)
        refused = await take_lease(parts.seat, "bench", dead=lambda _: True)
        assert refused is None, str(refused)
        stalls = Stalls()
        desk = Standing(parts, opening, stalls)
        clock = parts.seat.clock
        named = works(parts, gate, settings, "bench", opening)
        tasks = [asyncio.create_task(work.run(), name=work.name) for work in named if work.name != "signals"]
        tasks.append(asyncio.create_task(watch_stalls(
            stalls, monotonic=clock.monotonic, now=clock.now, sleep=clock.sleep, period_s=STALL_STEP_S)))
        culprits = Culprits()
        desk.culprits = culprits
        tasks.append(asyncio.create_task(culprits.tick()))
        for task in tasks:
            task.add_done_callback(lambda done: _note(desk, done))
        try:
            async with asyncio.timeout(ready_s):
                while gate.readiness() is not Readiness.READY:
                    desk.check()
                    await asyncio.sleep(0.005)
            desk.ready_after_s = time.perf_counter() - began
            yield desk
            desk.check()
        finally:
            culprits.stop()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def _note(desk: Standing, task: asyncio.Task[Any]) -> None:
    if not task.cancelled() and (fault := task.exception()) is not None:
        desk.failures.append(fault)


def unbind(parts: Parts) -> None:
    """Widen the client's budgets, not take them away: their bookkeeping is part of what a call costs."""
    for endpoint in vars(endpoints).values():
        if hasattr(endpoint, "per_second"):
            parts.http.throttle.limit(endpoint.path, UNBOUND)
    parts.http.throttle._address.total.limit = UNBOUND


@contextmanager
def bytes_leaving(notice: Callable[[bytes], None]) -> Iterator[None]:
    """Call `notice` with everything a socket of this process is given to send, at the moment it is given."""
    transport: Any = selector_events._SelectorSocketTransport
    plain, many = transport.write, transport.writelines

    def write(self: Any, text: Any) -> None:
        notice(bytes(text))
        plain(self, text)

    def writelines(self: Any, texts: Any) -> None:
        texts = list(texts)
        notice(b"".join(texts))
        many(self, texts)

    transport.write, transport.writelines = write, writelines
    try:
        yield
    finally:
        transport.write, transport.writelines = plain, many
