from __future__ import annotations

import pytest

from bot.adapters.store.journal import GENESIS
from bot.adapters.store.link import Link
from bot.adapters.store.tx import StoreTx
from bot.domain.events import SettingChanged
from bot.domain.ids import PersonId
from bot.ports.ledger_rows import ChainHead
from tests.adapters.store.refusals import impossible
from tests.adapters.store.values import ACCOUNT, T0, later


def said(number: int) -> SettingChanged:
    return SettingChanged(name="größe", was=None, now=str(number), by=PersonId(17))


def write(tx: StoreTx, count: int) -> None:
    for number in range(1, count + 1):
        assert tx.journal.append(said(number), at=later(number), actor="local", subject=f"s{number % 2}") == number


def test_a_line_comes_back_as_written(tx: StoreTx) -> None:
    first = tx.journal.append(said(1), at=T0, actor="person:17", subject="BTCUSDT")
    second = tx.journal.append(said(2), at=later(1), actor="venue", subject="x", cause=first)
    entry = tx.journal.get(second)
    assert entry is not None
    assert (entry.seq, entry.account, entry.at, entry.actor, entry.kind, entry.subject, entry.cause, entry.fact) == (
        2, ACCOUNT, later(1), "venue", "SettingChanged", "x", 1, said(2)
    )
    assert tx.journal.head() == ChainHead(seq=2, hash=entry.hash)


def test_lines_are_listed(tx: StoreTx) -> None:
    assert tx.journal.head() == ChainHead(seq=0, hash=GENESIS)
    write(tx, 6)
    assert [entry.seq for entry in tx.journal.after(2, 3)] == [3, 4, 5]
    assert [entry.seq for entry in tx.journal.about("s1", 2)] == [3, 5]
    assert [entry.seq for entry in tx.journal.latest(2)] == [6, 5]
    assert tx.journal.get(7) is None


def test_an_untouched_chain_verifies(tx: StoreTx) -> None:
    assert tx.journal.verify() is None
    write(tx, 5)
    head = tx.journal.head()
    assert tx.journal.verify(head) is None
    tx.journal.append(said(6), at=T0, actor="local", subject="s")
    assert tx.journal.verify(head) is None


def unguard(link: Link) -> None:
    """Take the triggers away, as somebody with the file in hand would."""
    for name in ("update", "delete"):
        link.plainly(f"DROP TRIGGER guard_journal_{name}" + ("" if link.sqlite else " ON journal"))


@pytest.mark.parametrize(
    ("change", "seq", "words"),
    [
        ("UPDATE journal SET body = replace(body, '3', '4') WHERE seq = 3", 3, "changed after it was written"),
        ("UPDATE journal SET actor = 'person:1' WHERE seq = 2", 2, "changed after it was written"),
        ("UPDATE journal SET cause = 1 WHERE seq = 4", 4, "changed after it was written"),
        ("UPDATE journal SET at = at + 1 WHERE seq = 1", 1, "changed after it was written"),
        ("DELETE FROM journal WHERE seq = 2", 2, "is missing"),
        ("UPDATE journal SET prev_hash = 'x' WHERE seq = 4", 4, "does not continue"),
        ("DELETE FROM journal WHERE seq = 5", 5, "were published"),
    ],
)
def test_tampering_is_found(tx: StoreTx, link: Link, change: str, seq: int, words: str) -> None:
    write(tx, 5)
    head = tx.journal.head()
    unguard(link)
    link.plainly(change)
    broken = tx.journal.verify(head)
    assert broken is not None
    assert broken.seq == seq
    assert words in broken.why


def test_a_wholly_rewritten_journal_is_betrayed_by_the_published_head(tx: StoreTx, link: Link) -> None:
    write(tx, 3)
    head = tx.journal.head()
    unguard(link)
    link.plainly("DELETE FROM journal")
    rewritten = StoreTx(ACCOUNT, link)
    for number in range(3):
        rewritten.journal.append(said(7), at=later(number), actor="local", subject="s")
    assert rewritten.journal.verify() is None
    broken = rewritten.journal.verify(head)
    assert broken is not None
    assert "published" in broken.why


def test_the_journal_is_append_only(tx: StoreTx, link: Link) -> None:
    write(tx, 1)
    with impossible("A row of journal is written once"):
        link.plainly("UPDATE journal SET actor = 'x'")


def test_accounts_have_chains_of_their_own(tx: StoreTx, link: Link) -> None:
    write(tx, 2)
    other = StoreTx("other", link)
    assert other.journal.append(said(1), at=T0, actor="local", subject="s") == 1
    assert other.journal.verify() is None
    assert tx.journal.verify() is None


def test_a_bookmark_only_moves_forward(tx: StoreTx) -> None:
    assert tx.bookmarks.get("courier") == 0
    tx.bookmarks.move("courier", 3)
    tx.bookmarks.move("courier", 5)
    tx.bookmarks.move("other", 1)
    assert tx.bookmarks.get("courier") == 5
    for seq in (5, 4):
        with impossible("already"):
            tx.bookmarks.move("courier", seq)
