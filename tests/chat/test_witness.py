"""The head of the journal is told once a day, outside the database, and can be checked against (security 11, T14)."""
from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.chat.people import save
from bot.chat.render.text import Chip
from bot.chat.witness import Witness, look, read_head
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
    await bench.close()


@pytest.mark.parametrize("words", ["", "verify", "12", "K7Q2M4X9TB", "1 abc", f"x {'0' * 64}", f"1 {'0' * 64} more"])
def test_other_words_are_no_head(words: str) -> None:
    assert read_head(words) is None
