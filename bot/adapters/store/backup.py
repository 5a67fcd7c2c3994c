"""Copy the ledger while the bot runs, and look whether a copy is whole before it is put in place (reliability 4)."""
from __future__ import annotations

import os
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from bot.adapters.store.address import Address
from bot.adapters.store.link import Link, words
from bot.adapters.store.schema import require_head
from bot.adapters.store.tables_desk import journal
from bot.adapters.store.tables_trading import fills, orders
from bot.adapters.store.tx import StoreTx
from bot.ports.ledger_rows import LedgerRefused, NotStored

# Pages per step: between steps the running bot can write.
PAGES = 512
PAUSE_S = 0.002


class NotABackup(LedgerRefused):
    """The file cannot take the ledger's place; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """What a whole copy holds; `latest` is the moment of its last journal line."""

    file: Path
    orders: int
    fills: int
    journal: int
    latest: datetime | None


def backup(address: Address, target: Path) -> Copied:
    """Copy a running SQLite ledger to a new file by the online backup call, then check the copy.

    The file is its owner's alone. Raises NotStored where the file exists, cannot be written, or the ledger is on
    PostgreSQL, whose own tools (pg_dump) are meant for this.
    """
    if address.file is None:
        raise NotStored("The ledger is on PostgreSQL: take the backup with pg_dump, restore it with pg_restore.")
    if not address.file.exists():
        raise NotStored(f"There is no database at {address.text}; nothing was copied.")
    try:
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as failure:
        raise NotStored(f"The backup {target} cannot be written: {words(failure)}.") from failure
    link = Link(address, read_only=True)
    try:
        copy = sqlite3.connect(target)
        try:
            link.file.backup(copy, pages=PAGES, sleep=PAUSE_S)
            # One file, without a write-ahead log beside it.
            copy.execute("PRAGMA journal_mode=DELETE")
        finally:
            copy.close()
    except sqlite3.Error as failure:
        raise NotStored(f"The backup {target} was not finished: {words(failure)}.") from failure
    finally:
        link.close()
    return check(target)


def check(file: Path) -> Copied:
    """Look whether a file can take the ledger's place: whole, at head, its journal unbroken.

    Changes nothing. Raises NotABackup, SchemaNotAtHead or SchemaFromTheFuture with a sentence.
    """
    if not file.is_file() or file.stat().st_size == 0:
        raise NotABackup(f"There is no backup at {file}.")
    address = Address(file=file.resolve(), server=None)
    try:
        require_head(address)
        link = Link(address, read_only=True)
    except NotStored as failure:
        raise NotABackup(f"{file} is no ledger: {failure}") from failure
    try:
        link.begin_read()
        return _checked(file, link)
    except SQLAlchemyError as failure:
        raise NotABackup(f"{file} is damaged: {words(failure)}.") from failure
    finally:
        link.close()


def restore(backup_file: Path, address: Address) -> Copied:
    """Put a checked backup in the place of a ledger that does not exist any more; the backup stays where it is.

    Orders are never sent by this: the next start reconciles with the exchange. Raises NotStored where a database is
    still in place (move it away first: nothing is deleted), and what `check` raises.
    """
    if address.file is None:
        raise NotStored("The ledger is on PostgreSQL: restore the dump with pg_restore.")
    found = check(backup_file)
    if address.file.exists():
        raise NotStored(f"There is a database at {address.text}: move it away first, nothing is overwritten.")
    log = address.file.with_name(address.file.name + "-wal")
    if log.exists():
        # SQLite would play the old file's changes into the restored one.
        raise NotStored(f"{log} belongs to the database that was here: move it away, too.")
    address.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partly = address.file.with_name(address.file.name + ".restoring")
    with os.fdopen(os.open(partly, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as out:
        out.write(backup_file.read_bytes())
        out.flush()
        os.fsync(out.fileno())
    partly.replace(address.file)
    return found


def _checked(file: Path, link: Link) -> Copied:
    damage = link.plainly("PRAGMA quick_check(1)")
    if damage != [("ok",)]:
        raise NotABackup(f"{file} is damaged: {damage[0][0]}.")
    for (account,) in link.run(select(journal.c.account).distinct()).all():
        broken = StoreTx(account, link).journal.verify()
        if broken is not None:
            raise NotABackup(f"The journal of {account} in {file} is broken: {broken.why}")
    counts = [int(link.run(select(func.count()).select_from(table)).scalar_one()) for table in (orders, fills, journal)]
    latest = link.run(select(func.max(journal.c.at))).scalar()
    return Copied(file=file, orders=counts[0], fills=counts[1], journal=counts[2], latest=latest)
