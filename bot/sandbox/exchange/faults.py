"""Faults by name (architecture.md 14): switched on from tests and the control surface, for a count or a time."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

# Parameter names with their defaults; None means required. ``path`` narrows HTTP faults to one endpoint's last word.
_ONCE: dict[str, dict[str, Any]] = {
    "accept_then_silence": {"path": ""},
    "reject_next": {"code": None, "path": ""},
    "http_5xx": {"when": "before", "status": 502, "path": ""},
    "html_body": {"path": ""},
    "truncated_body": {"path": ""},
    "fill_before_ack": {},
    "fill_after_cancel": {},
    "modify_fails": {},
    "partial_fills": {"n": None},
    "arrive_late": {"s": None},
    "drop_socket": {},
    "book_gap": {},
    "book_replay": {},
    "book_corrupt": {},
}
_LASTING: dict[str, dict[str, Any]] = {
    "slow": {"ms": None, "path": ""},
    "rate_limited": {"path": ""},
    "silent_socket": {},
    "duplicate_push": {},
    "reorder_push": {},
    "lists_lag": {"s": None},
    "clock_skew": {"ms": None},
    "maintenance": {},
    "stale_ticker": {},
}
NAMES = (*_ONCE, *_LASTING)


class UnknownFault(ValueError):
    """Say in a sentence what is wrong with a fault's name or parameters."""


@dataclass(slots=True)
class Fault:
    """An active fault: how many times it is still to strike (None: any number) and until when (None: for ever)."""

    name: str
    parameters: dict[str, Any]
    times: int | None
    until_ms: int | None

    def row(self) -> dict[str, Any]:
        """Return the fault as the control surface shows it."""
        return {"name": self.name, **{k: v for k, v in self.parameters.items() if v != ""}, "times": self.times,
                "until": self.until_ms}


@dataclass(slots=True)
class Faults:
    """Hold the active faults. ``now`` is the true wall clock in ms; ``changed`` is told every name switched."""

    now: Callable[[], int]
    changed: Callable[[str], None] = lambda _name: None
    _active: list[Fault] = field(default_factory=list)

    def add(self, name: str, parameters: dict[str, Any] | None = None, *, times: int | None = None,
            seconds: float | None = None) -> Fault:
        """Switch a fault on and return it. One-shot faults strike once unless told otherwise.

        Raises UnknownFault for a name or parameter that does not exist.
        """
        table = _ONCE.get(name, _LASTING.get(name))
        if table is None:
            raise UnknownFault(f"There is no fault {name!r}. Known are: {', '.join(NAMES)}, and clear.")
        given = _checked(name, table, parameters or {})
        if times is None and seconds is None and name in _ONCE:
            times = 1
        until = None if seconds is None else self.now() + round(seconds * 1000)
        fault = Fault(name, given, times, until)
        self._active.append(fault)
        self.changed(name)
        return fault

    def clear(self) -> None:
        """Switch everything off."""
        names = {fault.name for fault in self._active}
        self._active.clear()
        for name in names:
            self.changed(name)

    def active(self) -> list[Fault]:
        """Return what is switched on now; what has run out is forgotten."""
        now = self.now()
        gone = [f for f in self._active if f.until_ms is not None and now >= f.until_ms]
        # All of them go before anybody is told: who is told looks here again.
        self._active[:] = [f for f in self._active if f not in gone]
        for fault in gone:
            self.changed(fault.name)
        return self._active

    def find(self, name: str, path: str = "") -> Fault | None:
        """Return the first active fault of a name that applies to this path, without using it up."""
        if not self._active:
            return None
        for fault in self.active():
            if fault.name == name and path.endswith(fault.parameters.get("path", "")):
                return fault
        return None

    def take(self, name: str, path: str = "") -> Fault | None:
        """Return the fault and count one strike."""
        fault = self.find(name, path)
        if fault is not None and fault.times is not None:
            fault.times -= 1
            if fault.times <= 0:
                self._active.remove(fault)
        return fault

    def __bool__(self) -> bool:
        return bool(self._active)


def _checked(name: str, table: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    unknown = given.keys() - table.keys()
    if unknown:
        known = ", ".join(table) or "none"
        raise UnknownFault(f"The fault {name} takes no {min(unknown)!r}. Its parameters: {known}.")
    merged = {**table, **given}
    for key, value in merged.items():
        if value is None:
            raise UnknownFault(f"The fault {name} needs its parameter {key!r}.")
        if key in ("ms", "s", "n", "status"):
            merged[key] = _number(name, key, value)
        elif key == "code":
            merged[key] = str(value)
        elif key == "when" and value not in ("before", "after"):
            raise UnknownFault(f"The parameter 'when' of {name} is before or after, not {value!r}.")
    return merged


def _number(name: str, key: str, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if isinstance(value, bool) or not math.isfinite(number):
        raise UnknownFault(f"The parameter {key!r} of {name} is a number, not {value!r}.")
    return number
