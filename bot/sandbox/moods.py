"""How the model behaves now, by the name of a mood, for a while or for some calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Fields = dict[str, Any]

GOOD = "good"
Given = dict[str, Any]
# Each mood with its parameters and their defaults; numbers are seconds unless a name says otherwise.
MOODS: dict[str, Given] = {
    GOOD: {},
    # What it says.
    "bad": {},
    "declining": {},
    "fenced": {},
    "two_objects": {},
    "twice": {},
    "list": {},
    "deep": {},
    "nan": {},
    "separators": {},
    "exponent": {},
    "wrong_side": {},
    "far_target": {},
    "other_symbol": {},
    "hostile": {},
    "colluding": {},
    "saying": {"text": "Hello."},
    # How it says it.
    "truncated": {},
    "refusing": {},
    "empty": {},
    "tools": {},
    "no_usage": {},
    "lying_usage": {},
    # How it travels.
    "slow": {"seconds": 60.0},
    "dripping": {"seconds": 0.5},
    "html": {},
    "rate_limited": {"retry_after": 1.0},
    "failing": {},
    "unauthorized": {},
    "cut": {},
    "big": {"megabytes": 30.0},
    "redirect": {},
    "gzip": {"megabytes": 100.0},
}


class UnknownMood(ValueError):
    """A mood or parameter that does not exist, said in a sentence."""


class Moods:
    """The mood of the model; `now` gives milliseconds of the true wall clock."""

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self._name, self._given = GOOD, Given()
        self._left: int | None = None
        self._end: float | None = None

    def set(self, given: Fields) -> list[Fields]:
        """Change the mood by a fault call's fields and return the active one. Raises UnknownMood with a sentence."""
        fields = dict(given)
        name, times, seconds = fields.pop("name", None), fields.pop("times", None), fields.pop("for", None)
        if name == "clear":
            name = GOOD
        if name not in MOODS:
            raise UnknownMood(f"The field name is one of {', '.join(MOODS)} or clear, not {name!r}.")
        for field, value in fields.items():
            if field not in MOODS[name]:
                raise UnknownMood(f"The mood {name} takes no field {field!r}. "
                                  f"It takes {', '.join(MOODS[name]) or 'none'}.")
            if isinstance(MOODS[name][field], str):
                if not isinstance(value, str):
                    raise UnknownMood(f"The field {field!r} is a text, not {value!r}.")
            elif not _number(value) or not 0 < value <= 3600:
                raise UnknownMood(f"The field {field!r} is a number of {_unit(field)} up to 3600, not {value!r}.")
        if times is not None and (isinstance(times, bool) or not isinstance(times, int) or times < 1):
            raise UnknownMood(f"The field times is a whole number from 1, not {times!r}.")
        if seconds is not None and (not _number(seconds) or seconds <= 0):
            raise UnknownMood(f"The field for is a number of seconds, not {seconds!r}.")
        self._name, self._given, self._left = name, MOODS[name] | fields, times
        self._end = None if seconds is None else self._now() + seconds * 1000
        return self.active()

    def active(self) -> list[Fields]:
        """Return the mood as the fault calls of the other parts list theirs; empty while it is good."""
        self._expire()
        if self._name == GOOD:
            return []
        row: Fields = {"name": self._name, **self._given}
        if self._left is not None:
            row["times"] = self._left
        if self._end is not None:
            row["for"] = round((self._end - self._now()) / 1000, 3)
        return [row]

    def look(self) -> tuple[str, Given]:
        """Return the mood and its parameters without counting a call."""
        self._expire()
        return self._name, dict(self._given)

    def take(self) -> tuple[str, Given]:
        """Return the mood for one call and its parameters, and count the call."""
        self._expire()
        taken = self._name, dict(self._given)
        if self._left is not None:
            self._left -= 1
            if self._left == 0:
                self._calm()
        return taken

    def _expire(self) -> None:
        if self._end is not None and self._now() >= self._end:
            self._calm()

    def _calm(self) -> None:
        self._name, self._given, self._left, self._end = GOOD, {}, None, None


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _unit(field: str) -> str:
    return field if field == "megabytes" else "seconds"
