from __future__ import annotations

import asyncio
import stat
from functools import partial
from pathlib import Path

import pytest

from bot.adapters.store.address import Address, in_directory
from bot.adapters.store.backup import NotABackup, backup, check, restore
from bot.adapters.store.ledger import StoreLedger
from bot.adapters.store.link import Link
from bot.domain.events import SettingChanged
from bot.ports.ledger import Tx
from bot.ports.ledger_rows import NotStored, SchemaFromTheFuture
from tests.adapters.store.values import T0, fill, order
from tests.support.ledgers import sqlite, threaded


@pytest.fixture
def address(tmp_path: Path) -> Address:
    """Backups are of files."""
    return sqlite(tmp_path / "desk")


def store(number: int, tx: Tx) -> None:
    tx.orders.insert(order(number))
    tx.fills.insert(fill(number))
    fact = SettingChanged(name=str(number), was=None, now="x" * 500, by=None)
    tx.journal.append(fact, at=T0, actor="local", subject="s")


async def stored(ledger: StoreLedger, first: int, beyond: int) -> None:
    await asyncio.gather(*(ledger.transact(partial(store, number)) for number in range(first, beyond)))


async def test_a_running_ledger_is_copied_whole(address: Address, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    async with threaded(address) as ledger:
        await stored(ledger, 0, 100)
        writing = asyncio.ensure_future(stored(ledger, 100, 200))
        copied = await asyncio.get_running_loop().run_in_executor(None, backup, address, target)
        await writing
    assert copied.orders == copied.fills == copied.journal >= 100
    assert copied.latest == T0
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert not target.with_name("copy.db-wal").exists()


async def test_a_backup_takes_the_ledgers_place(address: Address, tmp_path: Path) -> None:
    async with threaded(address) as ledger:
        await stored(ledger, 0, 5)
    backup(address, tmp_path / "copy.db")
    elsewhere = in_directory(tmp_path / "new")
    assert restore(tmp_path / "copy.db", elsewhere).orders == 5
    assert elsewhere.file is not None
    assert stat.S_IMODE(elsewhere.file.stat().st_mode) == 0o600
    async with threaded(elsewhere) as ledger:
        assert len(await ledger.read(lambda tx: tx.orders.live())) == 5
        await stored(ledger, 5, 6)
    assert check(tmp_path / "copy.db").orders == 5


def test_nothing_is_overwritten(address: Address, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    backup(address, target)
    with pytest.raises(NotStored, match="cannot be written"):
        backup(address, target)
    with pytest.raises(NotStored, match="move it away first"):
        restore(target, address)


def test_there_must_be_something_to_copy(tmp_path: Path) -> None:
    with pytest.raises(NotStored, match="There is no database"):
        backup(in_directory(tmp_path / "none"), tmp_path / "copy.db")
    with pytest.raises(NotABackup, match="There is no backup"):
        check(tmp_path / "copy.db")


async def test_damage_is_found_before_it_takes_the_place(address: Address, tmp_path: Path) -> None:
    async with threaded(address) as ledger:
        await stored(ledger, 0, 300)
    target = tmp_path / "copy.db"
    backup(address, target)
    whole = target.read_bytes()
    middle = len(whole) // 2 // 4096 * 4096
    target.write_bytes(whole[:middle] + b"\xa5" * 8192 + whole[middle + 8192:])
    with pytest.raises(NotABackup):
        restore(target, in_directory(tmp_path / "new"))
    assert not (tmp_path / "new").exists()
    target.write_bytes(b"no database at all" * 1000)
    with pytest.raises(NotABackup, match="is no ledger"):
        check(target)


async def test_a_changed_journal_is_found(address: Address, tmp_path: Path) -> None:
    async with threaded(address) as ledger:
        await stored(ledger, 0, 3)
    link = Link(address)
    link.plainly("DROP TRIGGER guard_journal_update")
    link.plainly("UPDATE journal SET actor = 'somebody' WHERE seq = 2")
    link.close()
    with pytest.raises(NotABackup, match="Line 2 was changed"):
        backup(address, tmp_path / "copy.db")


def test_a_backup_from_the_future_is_refused(address: Address, tmp_path: Path) -> None:
    link = Link(address)
    link.plainly("UPDATE alembic_version SET version_num = '9999'")
    link.close()
    with pytest.raises(SchemaFromTheFuture):
        backup(address, tmp_path / "copy.db")


def test_a_server_has_its_own_tools(tmp_path: Path) -> None:
    server = Address(file=None, server=in_directory(tmp_path).url)
    with pytest.raises(NotStored, match="pg_dump"):
        backup(server, tmp_path / "copy.db")


async def test_a_left_over_log_stops_a_restore(address: Address, tmp_path: Path) -> None:
    """The log of the old database would be played into the restored one."""
    async with threaded(address) as ledger:
        await stored(ledger, 0, 5)
    backup(address, tmp_path / "copy.db")
    elsewhere = in_directory(tmp_path / "new")
    assert elsewhere.file is not None
    elsewhere.file.parent.mkdir()
    elsewhere.file.with_name("wiredesk.db-wal").write_bytes(b"old")
    with pytest.raises(NotStored, match="belongs to the database that was here"):
        restore(tmp_path / "copy.db", elsewhere)
    assert not elsewhere.file.exists()
