from __future__ import annotations

from sqlalchemy import Column, Index, Integer, MetaData, Table, UniqueConstraint

from bot.adapters.store.metadata import METADATA


def test_names_do_not_depend_on_the_database() -> None:
    apart = MetaData(naming_convention=METADATA.naming_convention)
    table = Table("t", apart, Column("a", Integer, primary_key=True), Column("b", Integer), Index(None, "a", "b"),
                  UniqueConstraint("b"))
    assert {index.name for index in table.indexes} == {"ix_t_a_b"}
    assert {str(found.name) for found in table.constraints} == {"pk_t", "uq_t_b"}
