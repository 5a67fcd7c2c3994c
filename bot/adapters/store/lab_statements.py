"""Move the advisors' rows in and out: a field is a column, so one function serves every table."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, TypeVar

from sqlalchemy import Insert, Row, Table
from sqlalchemy.dialects import postgresql, sqlite

R = TypeVar("R")


def spelled(account: str, row: Any) -> dict[str, Any]:
    """Give the columns of a row."""
    return {"account": account, **{field.name: getattr(row, field.name) for field in fields(row)}}


def read(shape: type[R], row: Row[Any]) -> R:
    """Read a row back into its shape; columns the shape does not have are left out."""
    return shape(**{field.name: getattr(row, field.name) for field in fields(shape)})  # type: ignore[arg-type]


def read_all(shape: type[R], rows: Sequence[Row[Any]]) -> tuple[R, ...]:
    """Read rows back, in order."""
    return tuple(read(shape, row) for row in rows)


def insert_new(table: Table) -> tuple[Insert, Insert]:
    """Build the insert that leaves a known key as it is, for SQLite and for PostgreSQL."""
    return sqlite.insert(table).on_conflict_do_nothing(), postgresql.insert(table).on_conflict_do_nothing()
