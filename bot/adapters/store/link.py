"""Hold one connection whose transactions are begun and ended by hand, alike on SQLite and PostgreSQL."""
from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar
from zlib import crc32

from sqlalchemy import Connection, CursorResult, Engine, Executable, create_engine
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from bot.adapters.store.address import Address
from bot.adapters.store.prepared import Rows, SqliteRows, Statements
from bot.ports.ledger_rows import ImpossibleChange, LedgerRefused, NotStored

T = TypeVar("T")

BUSY_S = 5
# What the triggers of the schema say; the rest of their message is the sentence for people.
MARK = "impossible:"
# psycopg's transaction status: in one, or in one that failed.
IN_TRANSACTION = (2, 3)
LOCK_SPACE = 0x57444553  # "WDES": our numbers in PostgreSQL's advisory locks.
# In WAL, NORMAL may lose the last commits on power loss; recursive triggers let none be deleted by a replace.
PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA recursive_triggers=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA cache_size=-16384",
)
# A process that is stopped in a transaction must not keep its successor out for ever.
SERVER_SETTINGS = (
    "SET synchronous_commit = on",
    f"SET lock_timeout = '{BUSY_S}s'",
    "SET idle_in_transaction_session_timeout = '10s'",
    "SET timezone = 'UTC'",
)


class Link:
    """One connection; `read_only` ones never write, and open no file that is not there."""

    def __init__(self, address: Address, *, read_only: bool = False) -> None:
        """Connect; raises NotStored with a sentence when that fails."""
        self.address = address
        self.read_only = read_only
        self.sqlite = address.file is not None
        self.reading = read_only
        self._statements = Statements()
        self._engine = _engine(address, read_only)
        try:
            self.connection: Connection = self._engine.connect()
            self._raw: Any = self.connection.connection.dbapi_connection
            for line in self._settings():
                self._plain(line)
        except (SQLAlchemyError, OSError) as failure:
            self._engine.dispose()
            raise NotStored(f"The database {address.text} cannot be opened: {words(failure)}.") from failure

    def _settings(self) -> tuple[str, ...]:
        if not self.sqlite:
            return SERVER_SETTINGS
        return ("PRAGMA query_only=ON",) if self.read_only else PRAGMAS

    def _plain(self, text: str, values: tuple[Any, ...] = ()) -> CursorResult[Any]:
        return self.connection.exec_driver_sql(text, values)

    def _control(self, text: str) -> None:
        """Begin, mark or end a transaction; on SQLite without the layers between, for there are several a unit."""
        if not self.sqlite:
            self._plain(text)
            return
        try:
            self._raw.execute(text)
        except sqlite3.Error as failure:
            raise DBAPIError.instance(text, (), failure, sqlite3.Error) from failure

    @property
    def in_transaction(self) -> bool:
        """Tell whether a transaction is open: SQLite ends one by itself when the disk is full (reliability 4)."""
        if self.sqlite:
            return bool(self._raw.in_transaction)
        return not self.lost and self._raw.info.transaction_status in IN_TRANSACTION

    @property
    def lost(self) -> bool:
        """Tell whether the server is gone and a new link is needed."""
        return not self.sqlite and (self.connection.invalidated or bool(self._raw.closed))

    def begin(self, accounts: Iterable[str]) -> None:
        """Begin to write: alone on SQLite; on PostgreSQL as the one writer of these accounts."""
        if self.sqlite:
            self._control("BEGIN IMMEDIATE")
            return
        self._control("BEGIN")
        for key in sorted({_lock_key(account) for account in accounts}):
            self._plain("SELECT pg_advisory_xact_lock(%s, %s)", (LOCK_SPACE, key))

    def begin_read(self) -> None:
        """Begin to read one consistent state; writes raise until the end."""
        self.reading = True
        if self.sqlite:
            self._control("PRAGMA query_only=ON")
            self._control("BEGIN")
        else:
            self._control("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")

    def end_read(self) -> None:
        """End reading."""
        self.rollback()
        self.reading = self.read_only
        if self.sqlite and not self.read_only:
            self._control("PRAGMA query_only=OFF")

    def commit(self) -> None:
        """Make the transaction durable."""
        self._control("COMMIT")

    def rollback(self) -> None:
        """Undo the transaction where one is still open."""
        if self.in_transaction:
            self._control("ROLLBACK")

    def savepoint(self) -> None:
        """Mark the place to which the next unit can be undone."""
        self._control("SAVEPOINT unit")

    def release(self) -> None:
        """Keep the unit."""
        self._control("RELEASE SAVEPOINT unit")

    def undo(self) -> None:
        """Undo the unit and nothing else."""
        self._control("ROLLBACK TO SAVEPOINT unit")
        self._control("RELEASE SAVEPOINT unit")

    def run(self, statement: Executable, values: Mapping[str, Any] | None = None) -> Rows:
        """Run one statement inside the transaction; the only way to the database.

        Raises NotStored when there is no transaction any more: what followed would be stored by itself.
        """
        if not self.in_transaction:
            raise NotStored("The database undid the transaction by itself (is the disk full?); nothing is stored.")
        if self.sqlite:
            found = self._statements.run(self._raw, statement, values or {})
            if found is not None:
                return found
        return self.connection.execute(statement, values)

    def values(self, statement: Executable, values: Mapping[str, Any], read: Callable[[Any], T]) -> list[T]:
        """Run a statement as `run` does and read each row as a frozen value; equal rows give the same value."""
        found = self.run(statement, values)
        return found.values(read) if isinstance(found, SqliteRows) else [read(row) for row in found]

    def run_many(self, statement: Executable, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run one statement for each of many rows, as `run` does; nothing for no rows."""
        if not self.in_transaction:
            raise NotStored("The database undid the transaction by itself (is the disk full?); nothing is stored.")
        if rows:
            self.connection.execute(statement, rows)

    def plainly(self, text: str) -> list[tuple[Any, ...]]:
        """Run a statement of the house as text, outside any transaction of ours; give the rows, if any."""
        found = self._plain(text)
        return [tuple(row) for row in found] if found.returns_rows else []

    @property
    def file(self) -> sqlite3.Connection:
        """Give SQLite's own connection, for its online backup."""
        if not isinstance(self._raw, sqlite3.Connection):
            raise TypeError("Only SQLite has a connection to a file.")
        return self._raw

    def close(self) -> None:
        """Close the connection."""
        try:
            self.rollback()
            self.connection.close()
        except SQLAlchemyError as failure:
            if not self.lost:
                raise NotStored(f"The database did not close cleanly: {words(failure)}.") from failure
        finally:
            self._engine.dispose()


def _engine(address: Address, read_only: bool) -> Engine:
    if address.file is None:
        return create_engine(address.url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    file = address.file

    def connect() -> sqlite3.Connection:
        if not read_only:
            make_private(address)
        mode = "ro" if read_only else "rw"
        return sqlite3.connect(
            f"{file.as_uri()}?mode={mode}", uri=True, timeout=BUSY_S, isolation_level=None, check_same_thread=False,
            cached_statements=512,
        )

    return create_engine("sqlite://", creator=connect, isolation_level="AUTOCOMMIT", poolclass=NullPool)


def make_private(address: Address) -> None:
    """Create file and directory for their owner alone; SQLite gives the write-ahead log the file's own mode."""
    file = address.file
    assert file is not None
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        if file.stat().st_mode & 0o077:
            file.chmod(0o600)


def _lock_key(account: str) -> int:
    return crc32(account.encode()) - 0x80000000


def words(failure: BaseException) -> str:
    """Give the database's own words in one line, without full stop."""
    cause = getattr(failure, "orig", None) or failure
    return " ".join(str(cause).split()).rstrip(".") or type(cause).__name__


def explain(failure: BaseException) -> BaseException:
    """Turn what a driver raised into the ledger's own refusals; anything else comes back as it is."""
    if isinstance(failure, LedgerRefused):
        return failure
    if not isinstance(failure, (SQLAlchemyError, sqlite3.Error)):
        return failure
    said = words(failure)
    refusal: LedgerRefused
    if MARK in said:
        refusal = ImpossibleChange(said.split(MARK, 1)[1].split(" CONTEXT:")[0].strip().rstrip(".") + ".")
    elif isinstance(failure, IntegrityError):
        refusal = ImpossibleChange(f"The ledger has this row already, or it lacks a value: {said}.")
    else:
        refusal = NotStored(f"The database did not take it, nothing is stored: {said}.")
    refusal.__cause__ = failure
    return refusal
