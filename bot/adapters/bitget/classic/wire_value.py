"""Read single values off a push: numbers, texts and moments in every spelling the venue uses for them."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from operator import attrgetter
from typing import Any

# Beyond forty places no price, size or balance is real, and writing one out would fill the memory.
MAGNITUDE_MAX = 40
# Milliseconds from 2001 to 2286: thirteen digits, so that seconds and microseconds are told apart from them.
MOMENT_MIN_MS = 1_000_000_000_000
MOMENT_MAX_MS = 9_999_999_999_999
# The same prices, sizes and rates come again and again; longer texts are not worth remembering.
NUMBERS_REMEMBERED = 8_192
NUMBER_LENGTH = 40
COUNTS_REMEMBERED = 512
SMALL = 10**15
MOMENTS_REMEMBERED = 1_024
SECONDS_REMEMBERED = 1_024
MOMENT_DIGITS = 13
PLAIN = b"0123456789.-"
SHOWN_LENGTH = 40
# All of them together as long as twelve honest ones.
DIGITS_MAX = 400


_from_seconds = datetime.fromtimestamp
# Stamps come many to a second: it is worked out once, and its thousand parts never again.
_SECONDS: dict[str, datetime] = {}
_MILLISECONDS = {f"{part:03}": timedelta(milliseconds=part) for part in range(1_000)}


def _real(value: Decimal) -> Decimal | None:
    real = value.is_finite() and -MAGNITUDE_MAX <= value.adjusted() <= MAGNITUDE_MAX
    return value if real else None


def _spelled(raw: str) -> Decimal | None:
    try:
        return _real(Decimal(raw)) if raw else None
    except InvalidOperation:
        return None


class _Numbers(dict[str, Decimal | None]):
    """Numbers by their texts; what is no text raises TypeError, and what is no number, or too long, ValueError.

    A full memory begins anew.
    """

    def __missing__(self, raw: str) -> Decimal | None:
        if type(raw) is not str:
            raise TypeError(raw)
        value = _spelled(raw) if len(raw) <= NUMBER_LENGTH else None
        if value is None and raw:
            raise ValueError(raw)
        if len(self) >= NUMBERS_REMEMBERED:
            self.clear()
        self[raw] = value
        return value


_remembered = _Numbers().__getitem__
_counted = lru_cache(maxsize=COUNTS_REMEMBERED)(Decimal)


def number(raw: object) -> Decimal | None:
    """Read a finite number of text, int or decimal, exponents included; None for all else, "" and null too."""
    if type(raw) is str:
        try:
            return _remembered(raw) if len(raw) <= NUMBER_LENGTH else _spelled(raw)
        except ValueError:
            return None
    if type(raw) is int:
        return _counted(raw) if -SMALL < raw < SMALL else _real(Decimal(raw))
    return _real(raw) if type(raw) is Decimal else None


def text(raw: object) -> str | None:
    """Read a word or an id; an id sent as a number keeps all its digits (FF-56). None for "" and all else."""
    if type(raw) is str:
        return raw or None
    return str(raw) if type(raw) is int else None


def whole(raw: object) -> int | None:
    """Read an integer sent as a number or as text, `1E3` included; None for all else and for fractions."""
    if type(raw) is int:
        return raw
    value = number(raw)
    return int(value) if value is not None and value == value.to_integral_value() else None


def moment(raw: object) -> datetime | None:
    """Read Unix milliseconds, as a number or as text, into an aware UTC time; None for what cannot be one."""
    if type(raw) is str:
        try:
            return _SECONDS[raw[:-3]] + _MILLISECONDS[raw[-3:]]
        except KeyError:
            pass
    stamp = int(raw) if type(raw) is str and len(raw) < NUMBER_LENGTH and raw.isdecimal() else whole(raw)
    if stamp is None or not MOMENT_MIN_MS <= stamp <= MOMENT_MAX_MS:
        return None
    value = _from_seconds(stamp / 1000, UTC)
    if type(raw) is str and len(raw) == MOMENT_DIGITS and raw.isascii() and raw.isdecimal():
        if len(_SECONDS) >= SECONDS_REMEMBERED:
            _SECONDS.clear()
        _SECONDS[raw[:-3]] = value.replace(microsecond=0)
    return value


_remembered_moment = lru_cache(maxsize=MOMENTS_REMEMBERED)(moment)


def shown(raw: object) -> str:
    """Write an unreadable value for a log line, cut to forty characters."""
    return repr(raw)[:SHOWN_LENGTH]


ReadFigures = Callable[[object, "Notes"], tuple[Decimal | None, ...]]


class Unreadable(Exception):
    """A row lacks what it cannot do without; the text names the field, what was expected and what was found."""


@dataclass(slots=True)
class Notes:
    """What was odd about a row that could be read: `odd` costs nothing known, `doubt` calls for a fresh read."""

    odd: list[str] = field(default_factory=list)
    doubt: list[str] = field(default_factory=list)

    def number(self, name: str, raw: object) -> Decimal | None:
        """Read an optional number; one that is there and unreadable is noted."""
        value = number(raw)
        if value is None and raw is not None and raw != "":
            self.odd.append(f"{name}: expected a number, found {shown(raw)}")
        return value

    def moment(self, name: str, raw: object) -> datetime | None:
        """Read an optional moment; one that is there and unreadable is noted."""
        value = moment(raw)
        if value is None and raw is not None and raw != "":
            self.odd.append(f"{name}: expected milliseconds, found {shown(raw)}")
        return value

    def recurring_moment(self, name: str, raw: object) -> datetime | None:
        """Read an optional moment that many pushes repeat, such as when an order was made."""
        if type(raw) is str and len(raw) == MOMENT_DIGITS:
            value = _remembered_moment(raw)
            if value is not None:
                return value
        return self.moment(name, raw)


def need_number(name: str, raw: object) -> Decimal:
    """Read a number the row cannot do without; raises Unreadable."""
    value = number(raw)
    if value is None:
        raise Unreadable(f"{name}: expected a number, found {shown(raw)}")
    return value


def need_text(name: str, raw: object) -> str:
    """Read a word or id the row cannot do without; raises Unreadable."""
    value = text(raw)
    if value is None:
        raise Unreadable(f"{name}: expected a word, found {shown(raw)}")
    return value


def figures(*names: str) -> ReadFigures:
    """Make what reads the optional numbers that rows of one shape carry under some names, together where all are plain.

    It takes a row and notes and gives the numbers in the order of their names: None where there is none, noted where
    it is unreadable.
    """
    values_of: Callable[[object], tuple[object, ...]] = attrgetter(*names)

    def read(row: object, notes: Notes) -> tuple[Decimal | None, ...]:
        raws: tuple[Any, ...] = values_of(row)
        try:
            digits = "".join(raws)
            if len(digits) <= DIGITS_MAX and not digits.encode().translate(None, PLAIN):
                return tuple([Decimal(raw) if raw else None for raw in raws] if "" in raws else map(Decimal, raws))
        except (TypeError, ValueError, InvalidOperation):
            # One of them is no text or no plain number: each gets a look of its own.
            pass
        return tuple([notes.number(name, raw) for name, raw in zip(names, raws, strict=True)])

    return read


def recurring_figures(*names: str) -> ReadFigures:
    """Make the same for numbers such as prices on their ticks, looked up by their texts before they are worked out."""
    values_of: Callable[[object], tuple[object, ...]] = attrgetter(*names)

    def read(row: object, notes: Notes) -> tuple[Decimal | None, ...]:
        raws: tuple[Any, ...] = values_of(row)
        try:
            return tuple(map(_remembered, raws))
        except (TypeError, ValueError):
            pass
        return tuple([notes.number(name, raw) for name, raw in zip(names, raws, strict=True)])

    return read
