from __future__ import annotations

from bot.adapters.store.statements import change, mine, pick
from bot.adapters.store.tables_desk import people


def test_every_statement_is_held_to_one_account() -> None:
    for statement in (pick(people), pick(people, "person"), change(people, "person")):
        assert "people.account = :key_account" in str(statement)


def test_columns_are_matched_by_name() -> None:
    assert str(mine(people, "person")) == "people.account = :key_account AND people.person = :key_person"
