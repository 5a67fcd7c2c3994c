"""Make ledgers for tests: real databases, both kinds, fast because each is a copy of one that was migrated once."""
from __future__ import annotations

import atexit
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import cache
from pathlib import Path

import pytest

from bot.adapters.store.address import Address, in_directory
from bot.adapters.store.engine import InlineEngine, ThreadEngine
from bot.adapters.store.ledger import StoreLedger
from bot.adapters.store.schema import create
from bot.domain.ids import AccountId
from tests.support import postgres

ACCOUNT = AccountId("main")
KINDS = ("sqlite", "postgres")


@cache
def _template() -> Path:
    home = Path(tempfile.mkdtemp(prefix="wdsqlite"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    address = in_directory(home)
    create(address)
    assert address.file is not None
    return address.file


def sqlite(directory: Path) -> Address:
    """Give a new SQLite database at head in a directory."""
    address = in_directory(directory)
    assert address.file is not None
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copy(_template(), address.file)
    return address


@contextmanager
def database(kind: str, directory: Path) -> Iterator[Address]:
    """Give a new database at head of one kind, gone afterwards; skips where no PostgreSQL can be started."""
    if kind == "sqlite":
        yield sqlite(directory)
        return
    if postgres.server() is None:
        pytest.skip("There is no PostgreSQL here: neither the wheel of the development extra nor an installed one.")
    address = postgres.fresh()
    try:
        yield address
    finally:
        postgres.drop(address)


@asynccontextmanager
async def threaded(address: Address, account: AccountId = ACCOUNT) -> AsyncIterator[StoreLedger]:
    """Run a ledger on its thread."""
    engine = ThreadEngine(address, time.monotonic)
    try:
        yield StoreLedger(account, engine)
    finally:
        await engine.close()


@asynccontextmanager
async def inline(address: Address, account: AccountId = ACCOUNT) -> AsyncIterator[StoreLedger]:
    """Run a ledger in the caller, as simulations do."""
    engine = InlineEngine(address, time.monotonic)
    try:
        yield StoreLedger(account, engine)
    finally:
        await engine.close()
