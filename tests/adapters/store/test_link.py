from __future__ import annotations

import os
import sqlite3
import stat
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot.adapters.store.address import Address, in_directory, parse_address
from bot.adapters.store.link import Link, explain
from bot.adapters.store.schema import create
from bot.ports.ledger_rows import ImpossibleChange, NotStored
from tests.adapters.store.values import ACCOUNT
from tests.support.ledgers import sqlite


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def test_database_and_directory_are_their_owners_alone(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        address = in_directory(tmp_path / "deep" / "desk")
        create(address)
        link = Link(address)
        link.begin({ACCOUNT})
        link.run(text("CREATE TABLE t (x)"))
        link.commit()
        assert address.file is not None
        assert mode(address.file.parent) == 0o700
        files = sorted(address.file.parent.iterdir())
        assert [file.name for file in files] == ["wiredesk.db", "wiredesk.db-shm", "wiredesk.db-wal"]
        assert {mode(file) for file in files} == {0o600}
        link.close()
    finally:
        os.umask(old)


def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    address = sqlite(tmp_path)
    assert address.file is not None
    address.file.chmod(0o644)
    Link(address).close()
    assert mode(address.file) == 0o600


def test_sqlite_is_set_to_lose_nothing(tmp_path: Path) -> None:
    link = Link(sqlite(tmp_path))
    found = {name: link.plainly(f"PRAGMA {name}")[0][0] for name in
             ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "recursive_triggers")}
    link.close()
    assert found == {
        "journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000, "recursive_triggers": 1,
    }


def test_the_server_is_set_to_lose_nothing(address: Address) -> None:
    link = Link(address)
    if not link.sqlite:
        assert link.plainly("SHOW synchronous_commit") == [("on",)]
        assert link.plainly("SHOW idle_in_transaction_session_timeout") == [("10s",)]
        assert link.plainly("SHOW lock_timeout") == [("5s",)]
    link.close()


def test_transactions_are_begun_and_ended_by_hand(address: Address) -> None:
    link = Link(address)
    assert not link.in_transaction
    with pytest.raises(NotStored, match="undid the transaction by itself"):
        link.run(text("SELECT 1"))
    link.begin({ACCOUNT})
    assert link.in_transaction
    link.run(text("INSERT INTO bookmarks (account, name, seq) VALUES ('main', 'a', 1)"))
    link.savepoint()
    link.run(text("INSERT INTO bookmarks (account, name, seq) VALUES ('main', 'b', 1)"))
    link.undo()
    link.savepoint()
    link.run(text("INSERT INTO bookmarks (account, name, seq) VALUES ('main', 'c', 1)"))
    link.release()
    link.commit()
    assert not link.in_transaction
    assert link.plainly("SELECT name FROM bookmarks ORDER BY name") == [("a",), ("c",)]
    link.close()


def test_readers_write_nothing(address: Address) -> None:
    link = Link(address)
    link.begin_read()
    with pytest.raises(SQLAlchemyError, match=r"(?i)read.?only"):
        link.run(text("INSERT INTO bookmarks (account, name, seq) VALUES ('main', 'a', 1)"))
    link.end_read()
    link.begin({ACCOUNT})
    link.run(text("INSERT INTO bookmarks (account, name, seq) VALUES ('main', 'a', 1)"))
    link.commit()
    link.close()


def test_a_reader_of_nothing_creates_nothing(tmp_path: Path) -> None:
    address = in_directory(tmp_path / "none")
    with pytest.raises(NotStored, match="cannot be opened"):
        Link(address, read_only=True)
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no directory")
    with pytest.raises(NotStored, match=r"The database .* cannot be opened: .*directory"):
        Link(in_directory(tmp_path / "file" / "desk"))


def test_a_server_that_is_not_there_is_one_sentence_without_password(tmp_path: Path) -> None:
    address = parse_address(f"postgresql://desk:geheim@/wd?host={tmp_path}&connect_timeout=2")
    with pytest.raises(NotStored, match="cannot be opened") as refused:
        Link(address)
    assert "geheim" not in str(refused.value)


def test_two_writers_of_one_account_wait_for_each_other(address: Address) -> None:
    first, second = Link(address), Link(address)
    second.plainly("PRAGMA busy_timeout=20" if second.sqlite else "SET lock_timeout = '20ms'")
    first.begin({ACCOUNT})
    with pytest.raises(SQLAlchemyError, match=r"locked|lock timeout"):
        second.begin({ACCOUNT})
    second.rollback()
    first.commit()
    second.begin({ACCOUNT})
    first.close()
    second.close()


def test_other_accounts_do_not_wait_on_a_server(address: Address) -> None:
    first, second = Link(address), Link(address)
    if not first.sqlite:
        second.plainly("SET lock_timeout = '20ms'")
        first.begin({"main"})
        second.begin({"other"})
    first.close()
    second.close()


def test_a_full_disk_undoes_the_transaction_and_is_noticed(tmp_path: Path) -> None:
    link = Link(sqlite(tmp_path))
    pages = link.plainly("PRAGMA page_count")[0][0]
    link.plainly(f"PRAGMA max_page_count={pages + 2}")
    link.begin({ACCOUNT})
    big = text("INSERT INTO named_values (account, name, body, at) VALUES ('main', :name, :body, 1)")
    with pytest.raises(SQLAlchemyError, match="full"):
        for number in range(100):
            link.run(big, {"name": str(number), "body": "x" * 4000})
    assert not link.in_transaction
    with pytest.raises(NotStored, match="is the disk full"):
        link.run(big, {"name": "small", "body": ""})
    assert link.plainly("SELECT count(*) FROM named_values") == [(0,)]
    link.close()


def test_what_the_driver_says_becomes_a_sentence() -> None:
    full = sqlite3.OperationalError("database or disk is full")
    assert str(explain(full)) == "The database did not take it, nothing is stored: database or disk is full."
    guard = sqlite3.IntegrityError("impossible: Nothing is ever deleted from orders.")
    assert isinstance(explain(guard), ImpossibleChange)
    assert str(explain(guard)) == "Nothing is ever deleted from orders."
    bug = ZeroDivisionError()
    assert explain(bug) is bug
    refusal = NotStored("as it is")
    assert explain(refusal) is refusal
