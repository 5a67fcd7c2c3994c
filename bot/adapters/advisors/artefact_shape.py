"""Read numbers out of a parsed file that nobody vouches for: every size, key and value is checked."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import isfinite
from typing import Any


class Misshapen(ValueError):
    """A value is not what its place allows; the text names the place, what was expected and what was found."""


def exact_keys(place: str, value: Any, keys: Sequence[str]) -> Mapping[str, Any]:
    """Take an object with exactly these keys; raises Misshapen."""
    if not isinstance(value, dict):
        raise Misshapen(f"{place}: expected an object, found {type(value).__name__}.")
    odd = sorted(set(value) ^ set(keys))
    if odd:
        raise Misshapen(f"{place}: expected exactly {', '.join(keys)}; {odd[0][:40]!r} is too much or missing.")
    return value


def listed(place: str, value: Any, low: int, high: int) -> list[Any]:
    """Take a list of `low` to `high` things; raises Misshapen."""
    if not isinstance(value, list) or not low <= len(value) <= high:
        found = len(value) if isinstance(value, list) else type(value).__name__
        raise Misshapen(f"{place}: expected a list of {low} to {high}, found {found}.")
    return value


def number(place: str, value: Any, low: float = -1e12, high: float = 1e12) -> float:
    """Take a finite number between bounds; raises Misshapen."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Misshapen(f"{place}: expected a number, found {type(value).__name__}.")
    if not (low <= value <= high and isfinite(value)):
        raise Misshapen(f"{place}: {value:.6g} lies outside {low:g} to {high:g}.")
    return float(value)


def whole(place: str, value: Any, low: int, high: int) -> int:
    """Take a whole number between bounds; raises Misshapen."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise Misshapen(f"{place}: expected a whole number from {low} to {high}.")
    return value


def text(place: str, value: Any, most: int) -> str:
    """Take text up to a length; raises Misshapen."""
    if not isinstance(value, str) or len(value) > most:
        raise Misshapen(f"{place}: expected text of at most {most} characters.")
    return value


def numbers(place: str, value: Any, count: int, low: float = -1e12, high: float = 1e12) -> tuple[float, ...]:
    """Take exactly `count` finite numbers; raises Misshapen."""
    return tuple(number(place, each, low, high) for each in listed(place, value, count, count))


def ascending(place: str, values: Sequence[float]) -> None:
    """Refuse numbers that fall; raises Misshapen."""
    if any(left > right for left, right in pairwise(values)):
        raise Misshapen(f"{place}: expected ascending numbers.")
