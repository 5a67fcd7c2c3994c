"""Readiness: STARTING to STOPPED by allowed steps only, DEGRADED while any reason stands."""
from __future__ import annotations

import asyncio
import itertools

import pytest

from bot.domain.trading import Readiness
from bot.ports.gate import Gate
from bot.runtime.readiness import NEXT, ReadinessGate
from tests.support.virtual_loop import run

UP = (Readiness.RECONCILING, Readiness.READY)


def gate(*phases: Readiness) -> ReadinessGate:
    made = ReadinessGate()
    for phase in phases:
        made.advance(phase)
    return made


def test_a_life_goes_from_starting_to_stopped() -> None:
    seen: list[str] = []
    made = ReadinessGate()
    made.listen(lambda before, after: seen.append(f"{before.value}>{after.value}"))
    as_port: Gate = made
    assert as_port.readiness() is Readiness.STARTING
    for phase in (*UP, Readiness.STOPPING, Readiness.STOPPED):
        made.advance(phase)
    assert seen == ["STARTING>RECONCILING", "RECONCILING>READY", "READY>STOPPING", "STOPPING>STOPPED"]


@pytest.mark.parametrize(("path", "target"), [
    (path, target)
    for path in [(), UP[:1], UP, (*UP, Readiness.STOPPING), (*UP, Readiness.STOPPING, Readiness.STOPPED)]
    for target in Readiness
])
def test_only_the_steps_of_the_table_exist(path: tuple[Readiness, ...], target: Readiness) -> None:
    made = gate(*path)
    here = path[-1] if path else Readiness.STARTING
    if target is here or target in NEXT[here]:
        made.advance(target)
        assert made.readiness() is target
    else:
        with pytest.raises(ValueError, match="cannot go"):
            made.advance(target)
        assert made.readiness() is here


def test_every_reason_must_go_before_it_is_ready_again() -> None:
    made = gate(*UP)
    made.degrade("clock", "off")
    made.degrade("disk", "full")
    made.degrade("disk", "fuller")
    assert made.readiness() is Readiness.DEGRADED
    assert made.reasons == {"clock": "off", "disk": "fuller"}
    made.recover("clock")
    made.recover("never stood")
    assert made.readiness() is Readiness.DEGRADED
    made.recover("disk")
    assert made.readiness() is Readiness.READY


def test_reasons_survive_a_reconciliation_and_show_only_afterwards() -> None:
    made = gate(Readiness.RECONCILING)
    made.degrade("stream private", "down")
    assert made.readiness() is Readiness.RECONCILING
    made.advance(Readiness.READY)
    assert made.readiness() is Readiness.DEGRADED  # FF-75: it starts, reduced, instead of not at all
    made.advance(Readiness.RECONCILING)
    made.recover("stream private")
    made.advance(Readiness.READY)
    assert made.readiness() is Readiness.READY


def test_stopping_is_stronger_than_degraded() -> None:
    made = gate(*UP)
    made.degrade("disk", "full")
    made.advance(Readiness.STOPPING)
    assert made.readiness() is Readiness.STOPPING


def test_listeners_hear_changes_only() -> None:
    made, seen = gate(*UP), []
    made.listen(lambda before, after: seen.append((before, after)))
    for cause, why in itertools.product(("a", "b"), ("x", "y")):
        made.degrade(cause, why)
    made.advance(Readiness.READY)
    assert seen == [(Readiness.READY, Readiness.DEGRADED)]


def test_one_can_wait_for_a_readiness() -> None:
    async def main() -> None:
        made = ReadinessGate()
        async with asyncio.TaskGroup() as group:
            waiting = [group.create_task(made.until(Readiness.READY, Readiness.DEGRADED)) for _ in range(3)]
            await asyncio.sleep(1)
            made.advance(Readiness.RECONCILING)
            await asyncio.sleep(1)
            made.degrade("clock", "off")
            made.advance(Readiness.READY)
        assert {task.result() for task in waiting} == {Readiness.DEGRADED}
        assert await made.until(Readiness.DEGRADED) is Readiness.DEGRADED

    for seed in range(5):
        run(main, seed)
