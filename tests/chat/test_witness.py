"""The head of the journal is told once a day, outside the database, and can be checked against (security 11, T14)."""
from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.store import journal
from bot.chat.people import save
from bot.chat.render.text import Chip
from bot.chat.witness import Witness, look, read_head, whole
from bot.domain.ids import PersonId
from bot.domain.principal import Person, Role
from bot.domain.trading import Environment
from bot.ports.ledger import Tx
from bot.ports.ledger_rows import ChainHead
from tests.support.scripted import Bench


async def test_owners_are_told_once_a_day_what_later_betrays_a_rewriting(tmp_path: Path) -> None:
    bench = await Bench(tmp_path).open()
    ledger, clock, second = bench.seat.ledger, bench.clock, list[str]()

    async def elsewhere(words: str) -> bool:
        second.append(words)
        return True

    def people(tx: Tx) -> None:
        for number, role in ((1, Role.OWNER), (2, Role.TRADER)):
            save(tx, None, Person(person=PersonId(number), name="x", roles=frozenset({role}), active=True,
                                  since=clock.now()), by=None, now=clock.now())

    await ledger.transact(people)
    witness = Witness(ledger=ledger, clock=clock, chip=Chip(environment=Environment.SANDBOX), wake=lambda: None,
                      second=elsewhere)
    assert [await look(witness) for _ in range(3)] == [False] * 3
    await clock.advance(86_400)
    assert [await look(witness) for _ in range(3)] == [True, False, False]
    rows = await ledger.read(lambda tx: tx.messages.due(clock.now()))
    assert {row.chat for row in rows} == {1}
    told = re.search(r"/audit (\d+ [0-9a-f]{64})", rows[-1].body["plain"])
    assert told is not None
    head = read_head(told[1])
    assert head is not None and f"line {head.seq}, hash {head.hash}" in second[0]
    await ledger.transact(people)
    assert await ledger.read(lambda tx: tx.journal.verify(head)) is None
    other = ChainHead(seq=head.seq, hash="0" * 64)
    broken = await ledger.read(lambda tx: tx.journal.verify(other))
    assert broken is not None and "published" in broken.why
    assert await whole(ledger, head) is None and await whole(ledger) is None
    assert await whole(ledger, other) == broken
    await bench.close()


async def test_orders_never_wait_for_the_whole_chain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reading holds the ledger: 20 microseconds a line are 20 s for a million lines, and a lease lives 15."""
    monkeypatch.setattr(journal, "VERIFIED_AT_ONCE", 3)
    bench = await Bench(tmp_path).open()
    ledger, readings = bench.seat.ledger, 0
    now = bench.clock.now()

    def lines(tx: Tx) -> None:
        for number in range(10):
            save(tx, None, Person(person=PersonId(number), name="x", roles=frozenset(), active=True, since=now),
                 by=None, now=now)

    await ledger.transact(lines)
    read = ledger.read

    async def counted(work: Any) -> Any:
        nonlocal readings
        readings += 1
        return await read(work)

    monkeypatch.setattr(ledger, "read", counted)
    assert await whole(ledger) is None
    assert readings >= 4
    await bench.close()


@pytest.mark.parametrize("words", ["", "verify", "12", "K7Q2M4X9TB", "1 abc", f"x {'0' * 64}", f"1 {'0' * 64} more"])
def test_other_words_are_no_head(words: str) -> None:
    assert read_head(words) is None
