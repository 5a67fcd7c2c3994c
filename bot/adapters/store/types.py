"""Store values alike on SQLite and PostgreSQL: decimals as canonical text, moments as UTC milliseconds."""
from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import lru_cache
from typing import Any, Generic, TypeVar

from sqlalchemy import BigInteger, Dialect, Text
from sqlalchemy.types import TypeDecorator

from bot.domain.numbers import plain
from bot.domain.record import canonical_json, from_plain, milliseconds, moment_of, to_plain

E = TypeVar("E", bound=Enum)
T = TypeVar("T")
# Records are read several times within moments, by one order's way through the desk.
RECORDS_KEPT = 256


def _number(text: str | None) -> Decimal | None:
    if text is None:
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError(f"The database holds {text!r} where a number belongs; restore a backup.") from None


def _moment(stamp: int | None) -> datetime | None:
    return None if stamp is None else moment_of(stamp)


class DecimalText(TypeDecorator[Decimal]):
    """A decimal as text without exponent and trailing zeros; refuses floats and what is not finite."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        """Write canonical text; raises TypeError for another type, ValueError for NaN and infinity."""
        if value is None:
            return None
        if not isinstance(value, Decimal):
            raise TypeError(f"A Decimal is stored here, not {type(value).__name__} {value!r}.")
        if not value.is_finite():
            raise ValueError(f"A finite number is stored here, not {value}.")
        return plain(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        """Read the text; raises ValueError for text that is no number."""
        return _number(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Decimal | None]:
        """Give what reads a whole column, without the layers between."""
        return _number


class UtcMillis(TypeDecorator[datetime]):
    """A moment as whole UTC milliseconds since 1970; finer parts are cut, moments without a zone refused."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Count milliseconds; raises ValueError for a moment without a zone."""
        return None if value is None else milliseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Give the aware moment."""
        return _moment(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:
        """Give what reads a whole column, without the layers between."""
        return _moment


class _Members(dict[Any, Any]):
    """The members by their word; an unknown word raises ValueError as the enumeration does."""

    def __init__(self, kind: type[Enum], known: dict[Any, Any]) -> None:
        super().__init__(known)
        self._kind = kind

    def __missing__(self, word: Any) -> Any:
        return self._kind(word)


class EnumText(TypeDecorator[E], Generic[E]):
    """A member of one enumeration as its value; unknown words raise ValueError."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: type[E]) -> None:
        """Keep the enumeration; it is part of the statement cache key."""
        super().__init__()
        self.kind = kind
        self._members: dict[Any, E | None] = _Members(kind, {None: None, **{one.value: one for one in kind}})

    def process_bind_param(self, value: E | None, dialect: Dialect) -> str | None:
        """Write the value."""
        return None if value is None else str(value.value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> E | None:
        """Read the member."""
        return None if value is None else self.kind(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], E | None]:
        """Give what reads a whole column: a look-up, since orders hold eight of these."""
        return self._members.__getitem__


class RecordText(TypeDecorator[T], Generic[T]):
    """A frozen record of the house as JSON text in its one canonical form; the same text is read and written once."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: type[T]) -> None:
        """Keep the record's class; it is part of the statement cache key."""
        super().__init__()
        self.kind = kind
        self._write = lru_cache(RECORDS_KEPT)(lambda record: canonical_json(to_plain(record)))
        self._read: Callable[[str], T] = lru_cache(RECORDS_KEPT)(lambda text: from_plain(kind, json.loads(text)))

    def process_bind_param(self, value: T | None, dialect: Dialect) -> str | None:
        """Write canonical JSON; raises RecordError for what it cannot hold exactly."""
        return None if value is None else self._write(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> T | None:
        """Read the record; raises RecordError for another shape."""
        return None if value is None else self._read(value)


class PlainText(TypeDecorator[Any]):
    """Plain data as JSON text in its one canonical form."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Write canonical JSON; raises TypeError or ValueError for what JSON cannot hold exactly."""
        return None if value is None else canonical_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Read the JSON."""
        return None if value is None else json.loads(value)
