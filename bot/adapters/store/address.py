"""Read where the database is: a path or sqlite address, or a PostgreSQL address."""
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

FILE_NAME = "wiredesk.db"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A database: `file` for SQLite, else `server` for PostgreSQL; `text` hides the password."""

    file: Path | None
    server: URL | None

    @property
    def text(self) -> str:
        """Name the database for people and logs, without its password."""
        return str(self.file) if self.file is not None else str(self.server)

    @property
    def url(self) -> URL:
        """Give the address in SQLAlchemy's form."""
        if self.server is not None:
            return self.server
        return URL.create("sqlite", database=str(self.file))


def in_directory(directory: Path) -> Address:
    """Give the address of the SQLite file in a data directory (C3)."""
    return Address(file=directory / FILE_NAME, server=None)


def parse_address(text: str) -> Address:
    """Read a database address: `sqlite:///path`, `postgresql://…` (psycopg 3 is used), or `postgres://…`.

    Raises ValueError with a sentence for anything else, an in-memory database included: it would forget orders.
    """
    try:
        url = make_url(text)
    except ArgumentError:
        raise ValueError(
            "The database address is sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME; it could not be read."
        ) from None
    if url.drivername in ("sqlite", "sqlite+pysqlite"):
        if not url.database or url.database == ":memory:" or url.query:
            raise ValueError(f"An SQLite address names a file, as sqlite:////var/lib/{FILE_NAME} does.")
        return Address(file=Path(url.database).expanduser().resolve(), server=None)
    if url.drivername in ("postgres", "postgresql", "postgresql+psycopg"):
        return Address(file=None, server=url.set(drivername="postgresql+psycopg"))
    raise ValueError(f"The database is SQLite or PostgreSQL by psycopg, not {url.drivername}.")
