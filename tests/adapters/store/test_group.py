from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.store.address import Address
from bot.adapters.store.group import Outcome, Unit, answered, read_together, refuse_coroutine, write_together
from bot.adapters.store.link import Link
from bot.ports.ledger import Tx
from bot.ports.ledger_rows import ImpossibleChange, NotStored, StoredUnknown
from tests.adapters.store.values import ACCOUNT, T0, fill
from tests.support.ledgers import sqlite


@pytest.fixture
def free(address: Address) -> Iterator[Link]:
    """A connection without a transaction."""
    found = Link(address)
    yield found
    if not found.lost:
        found.close()


def unit(work: Callable[[Tx], Any], account: str = ACCOUNT) -> Unit:
    return Unit(account=account, work=work)


def put(name: str, value: str = "x") -> Unit:
    return unit(lambda tx: tx.desk.set_value(name, {"v": value}, T0))


def names(link: Link) -> list[str]:
    return [row[0] for row in link.plainly("SELECT name FROM named_values ORDER BY name")]


def test_units_that_wait_are_committed_together(free: Link) -> None:
    told = write_together(free, [put("a"), unit(lambda tx: tx.desk.value("a")), put("b")])
    assert told == [Outcome(), Outcome(result={"v": "x"}), Outcome()]
    assert names(free) == ["a", "b"]


def test_a_failing_unit_undoes_itself_alone(free: Link) -> None:
    def fails(tx: Tx) -> None:
        tx.desk.set_value("half", {}, T0)
        raise KeyError("no")

    def breaks_a_rule(tx: Tx) -> None:
        tx.desk.set_value("other half", {}, T0)
        tx.bookmarks.move("f", -1)

    def breaks_the_database(tx: Tx) -> None:
        tx.desk.set_value("third half", {}, T0)
        tx.desk.set_value(None, {}, T0)  # type: ignore[arg-type]

    told = write_together(free, [put("a"), unit(fails), unit(breaks_a_rule), unit(breaks_the_database), put("b")])
    assert [type(outcome.error) for outcome in told] == [
        type(None), KeyError, ImpossibleChange, ImpossibleChange, type(None),
    ]
    assert names(free) == ["a", "b"]


def test_a_lone_failing_unit_leaves_nothing(free: Link) -> None:
    def fails(tx: Tx) -> None:
        tx.desk.set_value("half", {}, T0)
        raise KeyError("no")

    (told,) = write_together(free, [unit(fails)])
    assert isinstance(told.error, KeyError)
    assert not free.in_transaction
    assert names(free) == []


def test_even_an_exit_undoes_its_unit(free: Link) -> None:
    def dies(tx: Tx) -> None:
        tx.desk.set_value("half", {}, T0)
        raise SystemExit

    told = write_together(free, [put("a"), unit(dies)])
    assert isinstance(told[1].error, SystemExit)
    assert names(free) == ["a"]


def test_only_lines_that_were_stored_ring(free: Link) -> None:
    def write(tx: Tx) -> None:
        tx.inbox.done(1, T0)

    assert not write_together(free, [unit(write)])[0].wrote_journal


def test_work_that_would_await_is_refused(free: Link) -> None:
    async def waits(tx: Tx) -> None:
        tx.desk.set_value("a", {}, T0)

    with pytest.raises(TypeError, match="plain function"):
        refuse_coroutine(waits)
    (told,) = write_together(free, [unit(lambda tx: waits(tx))])
    assert isinstance(told.error, TypeError)
    assert names(free) == []


def test_a_transaction_the_database_undid_fails_for_all_and_the_rest_go_on(tmp_path: Path) -> None:
    link = Link(sqlite(tmp_path))
    pages = link.plainly("PRAGMA page_count")[0][0]
    link.plainly(f"PRAGMA max_page_count={pages + 2}")

    def floods(tx: Tx) -> str:
        try:
            for number in range(50):
                tx.desk.set_value(f"flood {number}", {"v": "x" * 4000}, T0)
        except Exception:
            # Whoever swallows the error must not go on outside a transaction.
            tx.desk.set_value("half", {}, T0)
        return "never told"

    told = write_together(link, [put("a"), unit(floods), put("b")])
    assert [type(outcome.error) for outcome in told] == [NotStored, NotStored, type(None)]
    assert "is the disk full" in str(told[0].error)
    assert names(link) == ["b"]
    link.close()


def test_swallowing_the_full_disk_does_not_make_it_stored(tmp_path: Path) -> None:
    link = Link(sqlite(tmp_path))
    link.plainly(f"PRAGMA max_page_count={link.plainly('PRAGMA page_count')[0][0] + 2}")

    def swallows(tx: Tx) -> str:
        try:
            for number in range(50):
                tx.desk.set_value(f"flood {number}", {"v": "x" * 4000}, T0)
        except Exception:
            return "all is well"
        return "never told"

    (told,) = write_together(link, [unit(swallows)])
    assert isinstance(told.error, NotStored)
    assert names(link) == []
    link.close()


def test_a_busy_database_stores_nothing_and_says_so(address: Address, free: Link) -> None:
    free.plainly("PRAGMA busy_timeout=20" if free.sqlite else "SET lock_timeout = '20ms'")
    other = Link(address)
    other.begin({ACCOUNT})
    told = write_together(free, [put("a"), put("b")])
    assert [type(outcome.error) for outcome in told] == [NotStored, NotStored]
    other.close()
    assert write_together(free, [put("c")])[0].error is None
    assert names(free) == ["c"]


def test_a_server_that_goes_away_stores_nothing(address: Address, free: Link) -> None:
    if free.sqlite:
        pytest.skip("A file does not go away.")
    other = Link(address)

    def loses_its_server(tx: Tx) -> None:
        tx.desk.set_value("half", {}, T0)
        other.plainly(f"SELECT pg_terminate_backend({free.plainly('SELECT pg_backend_pid()')[0][0]})")
        tx.fills.insert(fill())

    told = write_together(free, [put("a"), unit(loses_its_server)])
    assert all(isinstance(outcome.error, NotStored) for outcome in told)
    assert free.lost
    assert names(other) == []
    other.close()


def test_a_server_that_goes_away_in_the_commit_leaves_it_unknown(
    address: Address, free: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    if free.sqlite:
        pytest.skip("A file does not go away.")
    other, commit = Link(address), free.commit

    def cut() -> None:
        other.plainly(f"SELECT pg_terminate_backend({free.plainly('SELECT pg_backend_pid()')[0][0]})")
        commit()

    monkeypatch.setattr(free, "commit", cut)
    (told,) = write_together(free, [put("a")])
    assert isinstance(told.error, StoredUnknown)
    other.close()


def test_readers_see_one_committed_state_and_fail_alone(free: Link) -> None:
    write_together(free, [put("a")])
    told = read_together(free, [
        unit(lambda tx: tx.desk.value("a")), unit(lambda tx: tx.desk.set_value("b", {}, T0)),
        unit(lambda tx: 1 // 0), unit(lambda tx: tx.desk.value("a")),
    ])
    assert told[0].result == told[3].result == {"v": "x"}
    assert isinstance(told[1].error, NotStored)
    assert isinstance(told[2].error, ZeroDivisionError)
    assert not free.in_transaction
    assert write_together(free, [put("c")])[0].error is None
    assert names(free) == ["a", "c"]


def test_nobody_waits_for_ever() -> None:
    def breaks() -> list[Outcome]:
        raise ZeroDivisionError

    assert [type(outcome.error) for outcome in answered(2, breaks)] == [ZeroDivisionError, ZeroDivisionError]
