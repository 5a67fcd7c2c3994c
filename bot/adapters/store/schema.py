"""Create the database at head, and refuse one that is not: older, or made by a newer program."""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from bot.adapters.store.address import Address
from bot.adapters.store.link import Link, words
from bot.ports.ledger_rows import NotStored, SchemaFromTheFuture, SchemaNotAtHead

# Every revision this program knows, oldest first; a test compares them with the files in migrations/versions.
REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007")
HEAD = REVISIONS[-1]
# Beside the package, in the repository as in an installation: the wheel carries both top-level packages.
MIGRATIONS = Path(__file__).resolve().parents[3] / "migrations"


def exists(address: Address) -> bool:
    """Tell whether the database holds our tables; raises NotStored when it cannot be asked."""
    if address.file is not None and (not address.file.exists() or address.file.stat().st_size == 0):
        return False
    return revision(address) is not None


def create(address: Address) -> None:
    """Create all tables in an empty database, or bring an older one to head.

    Raises NotStored where the migrations are not installed beside the package or the database cannot be written.
    """
    # Imported here: a second of start-up that only the first start of a new database needs.
    from alembic import command
    from alembic.config import Config

    if not (MIGRATIONS / "env.py").exists():
        raise NotStored(f"The migrations are not at {MIGRATIONS}: install Wiredesk whole, then start again.")
    configuration = Config()
    configuration.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    configuration.attributes["address"] = address
    try:
        command.upgrade(configuration, HEAD)
    except (SQLAlchemyError, OSError) as failure:
        raise NotStored(f"The database {address.text} cannot be created: {words(failure)}.") from failure


def revision(address: Address) -> str | None:
    """Read at which revision the database is; None when it holds no tables of ours. Raises NotStored."""
    with _looking_into(address) as link:
        if link.sqlite:
            found = link.plainly("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'alembic_version'")
        else:
            found = link.plainly("SELECT 1 WHERE to_regclass('alembic_version') IS NOT NULL")
        if not found:
            return None
        rows = link.plainly("SELECT version_num FROM alembic_version")
        return str(rows[0][0]) if rows else None


@contextmanager
def _looking_into(address: Address) -> Iterator[Link]:
    link = Link(address, read_only=True)
    try:
        yield link
    except SQLAlchemyError as failure:
        raise NotStored(f"The database {address.text} cannot be read: {words(failure)}.") from failure
    finally:
        link.close()


def require_head(address: Address) -> None:
    """Refuse a database that is not at head.

    Raises SchemaNotAtHead or SchemaFromTheFuture, each with what to do, or NotStored when it cannot be asked.
    """
    found = revision(address)
    if found == HEAD:
        return
    if found is not None and found not in REVISIONS:
        raise SchemaFromTheFuture(
            f"The database {address.text} was made by a newer Wiredesk (revision {found}; this one knows up to {HEAD})."
            " Install that version, or restore a backup made by this one."
        )
    raise SchemaNotAtHead(
        f"The database {address.text} is at revision {found or 'none'}, this Wiredesk needs {HEAD}."
        " Back it up, then run: alembic upgrade head"
    )


def prepare(address: Address) -> None:
    """Create the database where there is none, else refuse one that is not at head."""
    if exists(address):
        require_head(address)
        return
    if address.file is not None and address.file.exists() and address.file.stat().st_size > 0:
        _refuse_other_tables(address)
    create(address)


def _refuse_other_tables(address: Address) -> None:
    """Refuse to lay our tables into a file that holds somebody else's; raises NotStored."""
    with _looking_into(address) as link:
        tables = [row[0] for row in link.plainly("SELECT name FROM sqlite_master WHERE type = 'table'")]
    if tables:
        raise NotStored(
            f"The file {address.text} is a database of something else (it holds {tables[0]}). Name another file."
        )
