"""Time two ways of doing one thing, and say the ratio."""
from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

ROUNDS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table; `theirs` is None where there is nobody to compare with, `goal` is a ratio or a number."""

    name: str
    unit: str
    ours: float
    theirs: float | None = None
    goal: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Give how many times less we need than they do."""
        return self.theirs / self.ours if self.theirs else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A line that could not be measured, and why."""

    name: str
    why: str


def microseconds(ours: Callable[[], int], theirs: Callable[[], int]) -> tuple[float, float]:
    """Give the least CPU microseconds per piece of all rounds; each callable does its pieces and gives their number.

    Rounds alternate, so that a busy machine burdens both alike; the least is what it burdens least.
    """
    samples: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for work, found in zip((ours, theirs), samples, strict=True):
            began = time.process_time_ns()
            pieces = work()
            found.append((time.process_time_ns() - began) / 1000 / pieces)
    return min(samples[0]), min(samples[1])
