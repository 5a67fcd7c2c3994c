"""Store values alike on SQLite and PostgreSQL: decimals as canonical text, moments as UTC milliseconds."""
from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any, Generic, TypeVar

from sqlalchemy import BigInteger, Dialect, Text
from sqlalchemy.types import TypeDecorator

from bot.domain.numbers import plain
from bot.domain.record import canonical_json, milliseconds, moment_of

E = TypeVar("E", bound=Enum)


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
        if value is None:
            return None
        try:
            return Decimal(value)
        except InvalidOperation:
            raise ValueError(f"The database holds {value!r} where a number belongs; restore a backup.") from None


class UtcMillis(TypeDecorator[datetime]):
    """A moment as whole UTC milliseconds since 1970; finer parts are cut, moments without a zone refused."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Count milliseconds; raises ValueError for a moment without a zone."""
        return None if value is None else milliseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Give the aware moment."""
        return None if value is None else moment_of(value)


class EnumText(TypeDecorator[E], Generic[E]):
    """A member of one enumeration as its value; unknown words raise ValueError."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: type[E]) -> None:
        """Keep the enumeration; it is part of the statement cache key."""
        super().__init__()
        self.kind = kind
        self._members: dict[Any, E] = {member.value: member for member in kind}

    def process_bind_param(self, value: E | None, dialect: Dialect) -> str | None:
        """Write the value."""
        return None if value is None else str(value.value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> E | None:
        """Read the member."""
        if value is None:
            return None
        member = self._members.get(value)
        return self.kind(value) if member is None else member


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
