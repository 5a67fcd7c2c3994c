"""Run the desk until it is told to stop: one life of the process (architecture section 10)."""
from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from functools import partial
from typing import Any

from bot.adapters.advisors.llm.client import Client
from bot.compose import chat, heartbeat, registry, signals, supply
from bot.compose.actions import actions
from bot.compose.agents import Agents, agents_directory
from bot.compose.key_rules import key_refusal
from bot.compose.language import probe_daily
from bot.compose.parts import Parts, built
from bot.compose.predictions import keep
from bot.desk.advise import advise, keep_rungs
from bot.desk.forget import forget
from bot.desk.life import Opening, beat, close_desk, give_lease_up, open_desk, take_lease
from bot.desk.life import tasks as desk_tasks
from bot.desk.missed import watch_missed
from bot.desk.protect import Watched
from bot.desk.score import score
from bot.desk.watch import Diary
from bot.domain.trading import Readiness
from bot.ports.ledger_rows import LedgerRefused
from bot.runtime.collector import spare_what_stays
from bot.runtime.data_dir import AlreadyRunning, UnusableDirectory, claimed
from bot.runtime.disk import free_bytes, load_ballast
from bot.runtime.holder import dead_to, holder_of
from bot.runtime.local_socket import listening
from bot.runtime.readiness import ReadinessGate
from bot.runtime.supervisor import Work, supervise, until_signalled
from bot.runtime.vitals import MEGABYTE, Bounds, Vitals, watch_vitals
from bot.settings import Settings, Unusable

log = logging.getLogger(__name__)

START = "start"
# A start takes about a second; whoever asks after this long is to know that, and where, it is stuck.
STUCK_AFTER_S = 5.0

Eternal = Callable[[], Coroutine[Any, Any, object]]


def run(settings: Settings) -> int:
    """Run the desk; gives the exit code, after one sentence on standard error when it is not 0."""
    if (words := supply.refusal(settings.environment)) is not None:
        print(words, file=sys.stderr)
        return 1
    try:
        with claimed(settings.data_dir) as directory:
            load_ballast(directory)
            spare_what_stays()
            return asyncio.run(live(settings))
    except (AlreadyRunning, UnusableDirectory, Unusable, LedgerRefused, ValueError) as no:
        print(no, file=sys.stderr)
        return 1


async def live(settings: Settings) -> int:
    """Build everything, open the desk, keep it; leave in reverse. Raises what makes a start impossible."""
    gate = ReadinessGate()
    opening = Opening(ready=asyncio.Event(), trouble=[], rung=settings.first_rung)
    async with built(settings, gate) as parts:
        holder = holder_of(settings.data_dir)
        dead = dead_to(holder, alone=settings.database_url is None)
        refused = await take_lease(parts.seat, holder, dead=dead)
        if refused is not None:
            print(refused, file=sys.stderr)
            return 1
        try:
            if settings.telegram_token is not None and (words := await chat.let_in(parts.seat, settings)) is not None:
                print(words, flush=True)
            async with (
                listening(settings.data_dir, actions(parts, gate, settings, opening)),
                listening(agents_directory(settings), Agents(parts.seat, settings.advisor_risk).actions()),
            ):
                ending = await supervise(works(parts, gate, settings, holder, opening))
        finally:
            if gate.readiness() is not Readiness.STOPPING:
                gate.advance(Readiness.STOPPING)
            await close_desk(parts.seat, "stopping")
            await give_lease_up(parts.seat, holder)
    if opening.refused is not None:
        print(opening.refused, file=sys.stderr)
        return 1
    log.info(ending.sentence)
    if not ending.orderly:
        print(ending.sentence, file=sys.stderr)
    return ending.exit_code


def works(parts: Parts, gate: ReadinessGate, settings: Settings, holder: str, opening: Opening) -> list[Work]:
    """Name the eternal tasks, in the order they are started."""
    seat = parts.seat
    diary, watched = Diary(), Watched()
    desk = desk_tasks(seat, opening, diary, watched)

    async def opener() -> None:
        await opened(parts, gate, settings, opening, diary, watched)
        if opening.refused is not None:
            return
        gate.advance(Readiness.READY)
        gate.recover(START)
        await asyncio.Event().wait()

    async def vitals() -> None:
        await opening.ready.wait()
        bounds = Bounds(
            silence_max_s=settings.seconds("silence_max_s"),
            clock_off_max_s=settings.seconds("skew_s"),
            commit_max_s=settings.seconds("ledger_slow_s"),
            disk_free_min=settings.disk_free_min_mb * MEGABYTE,
        )
        await watch_vitals(gate, lambda: measured(parts, settings), bounds, seat.clock.sleep)

    async def clock() -> None:
        while True:
            await seat.clock.sleep(settings.seconds("clock_period_s"))
            await parts.http.measure()

    def once_open(task: Callable[[], Coroutine[Any, Any, object]]) -> Eternal:
        async def run() -> None:
            await opening.ready.wait()
            await task()

        return run

    async def probing(clients: Sequence[Client]) -> None:
        await opening.ready.wait()
        await probe_daily(seat, clients)

    named: dict[str, Eternal] = {
        "lease": lambda: beat(seat, holder),
        "public stream": parts.public.run,
        **{name: _eternal(task) for name, task in desk.items()},
        "opening": opener,
        "vitals": vitals,
        "clock": clock,
        **{f"advisor {one.advisor.name}": once_open(partial(advise, seat, one)) for one in parts.advices},
        "scores": once_open(lambda: score(seat, parts.assessor)),
        "rungs": once_open(lambda: keep_rungs(seat, parts.assessor, parts.advices)),
        "registry": once_open(lambda: registry.watch(seat, parts.served, parts.advices)),
        "nightly": once_open(lambda: registry.nightly(seat, parts.served, parts.assessor, parts.advices)),
        "predictions": lambda: keep(parts.heard, seat.ledger),
        "ideas from outside": once_open(lambda: watch_missed(seat)),
        "forgetting": once_open(lambda: forget(seat)),
    }
    if parts.proposers and settings.model_probe:
        named["probe"] = partial(probing, parts.proposers)
    found = [Work(name=name, run=task) for name, task in named.items()]
    found += chat.works(parts, gate, settings) + signals.works(parts, gate, settings)
    found += heartbeat.works(parts, gate, settings)
    return [*found, Work(name="signals", run=until_signalled, orderly=True)]


async def opened(
    parts: Parts, gate: ReadinessGate, settings: Settings, opening: Opening, diary: Diary, watched: Watched
) -> None:
    """Open the desk; meanwhile whoever asks is told when that does not get on."""
    gate.advance(Readiness.RECONCILING)
    seat, after_s = parts.seat, STUCK_AFTER_S / settings.time_scale
    async with asyncio.TaskGroup() as group:
        telling = group.create_task(stuck(gate, opening, after_s, seat.clock.sleep))
        opening.refused = await open_desk(
            seat, opening, lambda profile: key_refusal(profile, settings), diary, watched
        )
        telling.cancel()


async def stuck(
    gate: ReadinessGate, opening: Opening, after_s: float, sleep: Callable[[float], Awaitable[None]]
) -> None:
    """Say DEGRADED, and by which step, while a start cannot be finished; nothing opens then (9(d) step 11, FF-75)."""
    while True:
        await sleep(after_s)
        gate.degrade(START, "; ".join(opening.trouble) or "the start is not finished")
        gate.advance(Readiness.READY)


def _eternal(task: Callable[[], object]) -> Eternal:
    return task  # type: ignore[return-value]


def measured(parts: Parts, settings: Settings) -> Vitals:
    """Measure the signs of life: each private stream's age, the clock, the last commit, the disk."""
    seat, pulse = parts.seat, parts.engine.pulse()
    offset = parts.http.offset
    waiting = max(pulse.last_commit, pulse.oldest_wait)
    return Vitals(
        streams={f"private {line.value}": 0.0 if seat.streams.get(line) is not None else None for line in seat.lines},
        clock_off_s=offset.uncertainty_ms / 1000 if offset is not None else None,
        commit_s=waiting.total_seconds(),
        disk_free=free_bytes(settings.data_dir),
    )
