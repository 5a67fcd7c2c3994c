from __future__ import annotations

import pytest
from sqlalchemy import Float, Numeric, Table

from bot.adapters.store.tables import ALL, METADATA


def test_every_table_is_gathered() -> None:
    assert set(ALL) == set(METADATA.tables.values())
    assert len({table.name for table in ALL}) == len(ALL)


@pytest.mark.parametrize("table", ALL, ids=lambda table: table.name)
def test_every_row_is_keyed_by_account_first(table: Table) -> None:
    assert next(iter(table.primary_key.columns)).name == "account"
    for index in table.indexes:
        assert next(iter(index.columns)).name == "account"


@pytest.mark.parametrize("table", ALL, ids=lambda table: table.name)
def test_no_database_counts_money_or_fills_in_values(table: Table) -> None:
    for column in table.c:
        assert not isinstance(column.type, Float | Numeric), column
        assert column.server_default is None, column
        assert column.default is None, column
        assert not column.identity, column


def test_names_are_short_enough_for_postgresql() -> None:
    names = [str(index.name) for table in ALL for index in table.indexes]
    assert max(map(len, names)) <= 63
