"""Keep statements ready to run: compiled once, their values and rows converted without the layers between.

On SQLite a small statement costs more on its way through SQLAlchemy than in the database, and twenty of them stand
between a yes and the order that leaves. The text is still SQLAlchemy's own, and so are the types.
"""
from __future__ import annotations

import sqlite3
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol, TypeVar

from sqlalchemy import Delete, Insert, Select, Update
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import Executable
from sqlalchemy.types import TypeEngine

T = TypeVar("T")
Convert = Callable[[Any], Any]
# Statements built for one use only must not pile up; those of the repositories are far fewer.
PREPARED_MAX = 1000
MEMORY_MAX = 4096
DIALECT = SQLiteDialect_pysqlite()


class Rows(Protocol):
    """What a statement gave, alike from SQLAlchemy and from here; rows show their columns as attributes."""

    @property
    def rowcount(self) -> int:
        """Count the rows that were changed."""
        ...

    def first(self) -> Any | None:
        """Give the first row and drop the rest."""
        ...

    def one(self) -> Any:
        """Give the only row."""
        ...

    def all(self) -> Any:
        """Give all rows."""
        ...

    def scalar(self) -> Any | None:
        """Give the first column of the first row, None without a row."""
        ...

    def scalar_one(self) -> Any:
        """Give the first column of the only row."""
        ...

    def __iter__(self) -> Iterator[Any]:
        """Give row after row."""
        ...


class Prepared:
    """One statement as SQLite runs it: its text, what fills its places, what reads its rows."""

    __slots__ = ("_makers", "_places", "_row", "text")

    def __init__(self, statement: Executable, values: Mapping[str, Any]) -> None:
        """Compile for these names of values; raises NotPreparable for what depends on the values themselves."""
        compiled: Any = statement.compile(dialect=DIALECT, column_keys=list(values))  # type: ignore[attr-defined]
        if any(bind.expanding and name in values for name, bind in compiled.binds.items()) or compiled.prefetch:
            raise NotPreparable
        state = compiled.construct_expanded_state({**compiled.params, **values})
        self.text: str = state.statement
        self._places: list[tuple[str | None, Any]] = []
        for name in state.positiontup or ():
            own = state.processors.get(name)
            write = own if own is not None else _writer(compiled.binds[name].type) if name in compiled.binds else None
            if name in values:
                self._places.append((name, write))
            else:
                fixed = state.parameters[name]
                self._places.append((None, fixed if write is None else write(fixed)))
        columns = list(statement.selected_columns) if isinstance(statement, Select) else []
        # mypy cannot follow a tuple class whose fields are known at run time only.
        self._row: Any = namedtuple("StoredRow", [one.key or "" for one in columns], rename=True)  # type: ignore[misc]
        self._makers: list[tuple[int, Convert]] = [
            (place, read) for place, one in enumerate(columns) if (read := _reader(one.type)) is not None
        ]

    def fill(self, values: Mapping[str, Any]) -> list[Any]:
        """Give what fills the places, in order."""
        return [
            write if name is None else values[name] if write is None else write(values[name])
            for name, write in self._places
        ]

    def row(self, raw: tuple[Any, ...]) -> Any:
        """Read one row as the database gave it."""
        cells = list(raw)
        for place, read in self._makers:
            cells[place] = read(cells[place])
        return self._row._make(cells)


class NotPreparable(Exception):
    """The text of the statement depends on more than the names of its values."""


class SqliteRows:
    """Rows read straight from SQLite's cursor."""

    __slots__ = ("_cursor", "_memory", "_prepared")

    def __init__(self, cursor: sqlite3.Cursor, prepared: Prepared, memory: Memory) -> None:
        """Read this cursor as that statement's rows."""
        self._cursor, self._prepared, self._memory = cursor, prepared, memory

    @property
    def rowcount(self) -> int:
        """Count the rows that were changed."""
        return self._cursor.rowcount

    def first(self) -> Any | None:
        """Give the first row and drop the rest."""
        raw = self._cursor.fetchone()
        self._cursor.close()
        return None if raw is None else self._prepared.row(raw)

    def one(self) -> Any:
        """Give the only row; raises ValueError for another number."""
        (row,) = self.all()
        return row

    def all(self) -> list[Any]:
        """Give all rows."""
        return [self._prepared.row(raw) for raw in self._cursor.fetchall()]

    def scalar(self) -> Any | None:
        """Give the first column of the first row, None without a row."""
        row = self.first()
        return None if row is None else row[0]

    def scalar_one(self) -> Any:
        """Give the first column of the only row; raises ValueError for another number."""
        return self.one()[0]

    def __iter__(self) -> Iterator[Any]:
        """Give row after row."""
        return map(self._prepared.row, self._cursor)

    def values(self, read: Callable[[Any], T]) -> list[T]:
        """Read all rows as values; the same row is read once, for equal rows are equal values."""
        return self._memory.values(self._cursor.fetchall(), self._prepared, read)


class Memory:
    """What rows were read as: values never change, so a row seen before need not be read again."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        """Remember nothing."""
        self._known: dict[Any, dict[tuple[Any, ...], Any]] = {}

    def values(self, raws: list[tuple[Any, ...]], prepared: Prepared, read: Callable[[Any], T]) -> list[T]:
        """Give the value of each row; only frozen values may be read like this."""
        known = self._known.setdefault(read, {})
        found = []
        for raw in raws:
            value = known.get(raw)
            if value is None:
                if len(known) >= MEMORY_MAX:
                    known.clear()
                value = known[raw] = read(prepared.row(raw))
            found.append(value)
        return found


class Statements:
    """The statements prepared so far for one connection, and the memory of its rows."""

    __slots__ = ("_memory", "_ready")

    def __init__(self) -> None:
        """Begin with nothing prepared."""
        self._ready: dict[tuple[Executable, tuple[str, ...]], Prepared | None] = {}
        self._memory = Memory()

    def run(
        self, connection: sqlite3.Connection, statement: Executable, values: Mapping[str, Any]
    ) -> SqliteRows | None:
        """Run a statement; None for one that has to take the long way. Raises SQLAlchemy's DBAPIError."""
        key = (statement, tuple(values))
        try:
            prepared = self._ready[key]
        except KeyError:
            if len(self._ready) >= PREPARED_MAX:
                self._ready.clear()
            prepared = self._ready[key] = _prepare(statement, values)
        if prepared is None:
            return None
        filled = prepared.fill(values)
        try:
            return SqliteRows(connection.execute(prepared.text, filled), prepared, self._memory)
        except sqlite3.Error as failure:
            raise DBAPIError.instance(prepared.text, None, failure, sqlite3.Error) from failure


def _prepare(statement: Executable, values: Mapping[str, Any]) -> Prepared | None:
    if not isinstance(statement, Select | Insert | Update | Delete):
        return None
    try:
        return Prepared(statement, values)
    except NotPreparable:
        return None


def _writer(kind: TypeEngine[Any]) -> Convert | None:
    return kind.dialect_impl(DIALECT).bind_processor(DIALECT)


def _reader(kind: TypeEngine[Any]) -> Convert | None:
    return kind.dialect_impl(DIALECT).result_processor(DIALECT, None)
