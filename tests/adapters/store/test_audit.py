"""The audit recomputes every account's chain and names the first line that does not fit."""
from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from bot.adapters.store.address import Address
from bot.adapters.store.audit import audit
from bot.domain.events import SettingChanged
from bot.ports.ledger import Tx
from bot.ports.ledger_rows import NotStored
from tests.adapters.store.values import T0
from tests.support.ledgers import sqlite, threaded


def three_lines(tx: Tx) -> None:
    for number in range(3):
        fact = SettingChanged(name=str(number), was=None, now="x", by=None)
        tx.journal.append(fact, at=T0, actor="local", subject="s")


async def stored(folder: Path) -> Address:
    address = sqlite(folder)
    async with threaded(address) as ledger:
        await ledger.transact(three_lines)
    return address


async def test_a_whole_chain_is_said_with_its_head(tmp_path: Path) -> None:
    address = await stored(tmp_path / "desk")
    (found,) = audit(address)
    assert (found.head.seq, found.broken) == (3, None)
    assert len(found.head.hash) == 64


@pytest.mark.parametrize(("change", "seq", "why"), [
    ("UPDATE journal SET actor = 'person:1' WHERE seq = 2", 2, "was changed"),
    ("DELETE FROM journal WHERE seq = 2", 2, "is missing"),
])
async def test_a_changed_or_missing_line_is_found(tmp_path: Path, change: str, seq: int, why: str) -> None:
    address = await stored(tmp_path / "desk")
    file = sqlite3.connect(str(address.file))
    for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        file.execute(f"DROP TRIGGER {name}")
    file.execute(change)
    file.commit()
    file.close()
    (found,) = audit(address)
    assert found.broken is not None
    assert found.broken.seq == seq
    assert why in found.broken.why


def test_no_database_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(NotStored):
        audit(Address(file=tmp_path / "none.db", server=None))
