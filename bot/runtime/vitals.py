"""Judge the signs of life: silent streams, a clock that is off, a slow ledger, a full disk (issue 3, "Life")."""
from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from bot.runtime.readiness import ReadinessGate

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitals:
    """What was measured just now; None where it could not be or was not asked for yet.

    `streams` is each stream's name and the seconds since anything was heard on it (None: down). `clock_off_s` is how
    far the corrected clock may be from the venue's, its own uncertainty included.
    """

    streams: Mapping[str, float | None] = field(default_factory=dict)
    clock_off_s: float | None = None
    commit_s: float | None = None
    disk_free: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """From where on each sign degrades: seconds, and bytes of free disk."""

    silence_max_s: float
    clock_off_max_s: float
    commit_max_s: float
    disk_free_min: int


def judge(vitals: Vitals, bounds: Bounds) -> dict[str, str]:
    """Give the reasons that stand: cause to sentence. Nothing measured yet is no reason."""
    found = {}
    for name, age in vitals.streams.items():
        if age is None:
            found[f"stream {name}"] = f"the {name} stream is down"
        elif age > bounds.silence_max_s:
            found[f"stream {name}"] = f"the {name} stream has been silent for {age:.0f} s"
    if vitals.clock_off_s is not None and abs(vitals.clock_off_s) > bounds.clock_off_max_s:
        found["clock"] = (f"the clock may be {abs(vitals.clock_off_s):.1f} s away from the exchange's, "
                          f"at most {bounds.clock_off_max_s:g} s is safe")
    if vitals.commit_s is not None and vitals.commit_s > bounds.commit_max_s:
        found["ledger"] = (f"the ledger needs {vitals.commit_s:.1f} s for a commit, "
                           f"at most {bounds.commit_max_s:g} s is safe")
    if vitals.disk_free is not None and vitals.disk_free < bounds.disk_free_min:
        found["disk"] = (f"{vitals.disk_free // MEGABYTE} MB of disk are left, "
                         f"{bounds.disk_free_min // MEGABYTE} MB are wanted")
    return found


async def watch_vitals(gate: ReadinessGate, measure: Callable[[], Vitals], bounds: Bounds,
                       sleep: Callable[[float], Awaitable[None]], *, period_s: float = 1.0, calm: int = 2) -> None:
    """Measure for ever and tell the gate: degrade at the first bad sign, recover after `calm` good ones in a row."""
    good: dict[str, int] = {}
    while True:
        found = judge(measure(), bounds)
        for cause, why in found.items():
            gate.degrade(cause, why)
            good[cause] = 0
        for cause in [cause for cause in good if cause not in found]:
            good[cause] += 1
            if good[cause] >= calm:
                gate.recover(cause)
                del good[cause]
        await sleep(period_s)
