"""Build the statements every repository needs once, so that SQLAlchemy compiles each a single time."""
from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, Table, Update, and_, bindparam, select, update


def mine(table: Table, *columns: str) -> ColumnElement[bool]:
    """Match the account and the named columns, each against the parameter of its name with `key_` before it."""
    names = ("account", *columns)
    return and_(*(table.c[name] == bindparam(f"key_{name}", type_=table.c[name].type) for name in names))


def pick(table: Table, *columns: str) -> Select[Any]:
    """Select whole rows of one account by equal columns."""
    return select(table).where(mine(table, *columns))


def differing(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Pick what changed of a row: a column that is not set costs no index and no trigger its time."""
    return {name: value for name, value in after.items() if value is not before[name] and value != before[name]}


def change(table: Table, *columns: str) -> Update:
    """Update the row found by equal columns; what is set are the parameters that bear a column's own name."""
    return update(table).where(mine(table, *columns))
