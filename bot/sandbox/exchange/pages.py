"""Windows of time and pages of lists, newest first (rest.md 0.5)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from bot.sandbox.exchange.codes import Refused
from bot.sandbox.exchange.rules import Params

DAY = 86_400_000
BACK = 90

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Window:
    """Lower and upper bound in Unix ms, None where open."""

    start: int | None
    end: int | None

    def holds(self, ms: int) -> bool:
        """Return whether a moment lies inside, bounds included."""
        return (self.start is None or ms >= self.start) and (self.end is None or ms <= self.end)


def window(p: Params, now_ms: int, *, days: int = BACK, code: str = "40705", back: int = BACK) -> Window:
    """Return the asked window.

    Raises Refused 40707 for start after end, ``code`` when wider than ``days``, 40704 before ``back`` days.
    """
    start = int(p["startTime"]) if "startTime" in p else None
    end = int(p["endTime"]) if "endTime" in p else None
    if start is not None and end is not None and start > end:
        raise Refused("40707")
    if start is not None:
        if min(end if end is not None else now_ms, now_ms) - start > days * DAY and end is not None:
            raise Refused(code, f"startTime and endTime interval cannot be greater than {days} days")
        # Clients compute the bound from their own clock: an hour's grace.
        if start < now_ms - back * DAY - DAY // 24:
            raise Refused("40704")
    return Window(start, end)


def page(rows: Sequence[T], p: Params, *, key: Callable[[T], int], wanted: Callable[[T], bool],
            default: int = 100) -> tuple[list[T], str | None]:
    """Return a page of rows kept in ascending order of ``key``, newest first, and the id to continue with."""
    end = bisect_left(rows, int(p["idLessThan"]), key=key) if "idLessThan" in p else len(rows)
    limit = min(int(p.get("limit", default)), 1000)
    found: list[T] = []
    for i in range(end - 1, -1, -1):
        if wanted(rows[i]):
            found.append(rows[i])
            if len(found) >= limit:
                break
    return found, str(key(found[-1])) if found else None


def matches(p: Params, **values: Any) -> bool:
    """Return whether every named filter that was sent equals its value."""
    return all(p.get(name, value) == value for name, value in values.items())
