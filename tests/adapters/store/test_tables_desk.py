from __future__ import annotations

import dataclasses

from bot.adapters.store import tables_desk
from bot.domain.mandate import Mandate
from bot.domain.principal import Person
from bot.ports.ledger_rows import Incoming, LeaseRow, Outgoing


def test_every_row_shape_has_its_columns() -> None:
    for shape, table in (
        (Incoming, tables_desk.inbox), (Outgoing, tables_desk.messages), (LeaseRow, tables_desk.leases),
        (Mandate, tables_desk.mandates), (Person, tables_desk.people),
    ):
        fields = {field.name for field in dataclasses.fields(shape)}
        assert {column.name for column in table.c} == fields | {"account"}


def test_the_journal_is_chained() -> None:
    assert [column.name for column in tables_desk.journal.c][-3:] == ["body", "prev_hash", "hash"]
    assert not tables_desk.journal.c.hash.nullable
