from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import CursorResult, bindparam, func, insert, select, text
from sqlalchemy.exc import IntegrityError

from bot.adapters.store.fills import OF_ORDER, OF_VENUE_ORDER
from bot.adapters.store.link import Link
from bot.adapters.store.messages import BY_CARD, BY_REF
from bot.adapters.store.orders import (
    ALL_LIVE,
    CHILDREN,
    INSERT,
    OF_PROPOSAL,
    REJECTED_SINCE,
    REPLACEMENTS,
    SAVE,
    SETTLED_SINCE,
    from_row,
    to_row,
)
from bot.adapters.store.prepared import DIALECT, PREPARED_MAX, Statements
from bot.adapters.store.proposals import DECISIONS_OF
from bot.adapters.store.tables_trading import orders
from bot.domain.order import OrderState
from tests.adapters.store import values
from tests.adapters.store.values import ACCOUNT
from tests.support.ledgers import sqlite

KEY = {"key_account": ACCOUNT}


def opened(directory: Path) -> Link:
    """A connection to a new SQLite file with three orders, in a transaction."""
    link = Link(sqlite(directory))
    link.begin({ACCOUNT})
    for number, state in enumerate((OrderState.OPEN, OrderState.REJECTED, OrderState.IN_DOUBT)):
        link.run(INSERT, to_row(values.order(number, state=state, settled_at=values.later(number))))
    return link


def slowly(link: Link, statement: Any, keys: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Run a statement the long way."""
    found: CursorResult[Any] = link.connection.execute(statement, keys)
    return [tuple(row) for row in found]


@pytest.mark.parametrize("statement, keys", [
    (ALL_LIVE, KEY),
    (SETTLED_SINCE, {**KEY, "moment": values.later(1)}),
    (REJECTED_SINCE, {**KEY, "moment": values.T0}),
    (select(orders.c.state, orders.c.size).where(orders.c.attached.is_not(None)), {}),
    (select(orders.c.client_order_id).order_by(orders.c.created_at.desc()).limit(bindparam("most")), {"most": 2}),
])
def test_the_short_way_reads_what_the_long_one_reads(tmp_path: Path, statement: Any, keys: dict[str, Any]) -> None:
    link = opened(tmp_path)
    assert [tuple(row) for row in link.run(statement, keys)] == slowly(link, statement, keys)
    link.close()


def test_writing_the_short_way_counts_rows_and_takes_only_the_columns_given(tmp_path: Path) -> None:
    link = opened(tmp_path)
    keys = {**KEY, "key_client_order_id": values.order(0).client_order_id, "key_version": values.order(0).version}
    assert link.run(SAVE, {"reason": "why", "version": 9, **keys}).rowcount == 1
    assert link.run(SAVE, {"reason": "why", "version": 9, **keys}).rowcount == 0
    (found,) = [row for row in link.run(ALL_LIVE, KEY) if row.reason == "why"]
    assert (found.version, found.size) == (9, values.order(0).intent.size)
    link.close()


def test_an_integrity_error_is_sqlalchemys_own(tmp_path: Path) -> None:
    link = opened(tmp_path)
    with pytest.raises(IntegrityError):
        link.run(INSERT, to_row(values.order(0)))
    link.close()


def test_equal_rows_are_read_once_and_changed_ones_anew(tmp_path: Path) -> None:
    link = opened(tmp_path)
    first, again = link.values(ALL_LIVE, KEY, from_row), link.values(ALL_LIVE, KEY, from_row)
    assert [id(one) for one in first] == [id(one) for one in again]
    keys = {**KEY, "key_client_order_id": first[0].client_order_id, "key_version": first[0].version}
    link.run(SAVE, {"reason": "changed", "version": first[0].version + 1, **keys})
    after = {one.client_order_id: one.reason for one in link.values(ALL_LIVE, KEY, from_row)}
    assert after == {first[0].client_order_id: "changed", first[1].client_order_id: first[1].reason}
    assert first[0].reason != "changed"
    link.close()


def test_what_depends_on_its_values_takes_the_long_way(tmp_path: Path) -> None:
    link = opened(tmp_path)
    some = select(orders.c.client_order_id).where(orders.c.client_order_id.in_(bindparam("ids", expanding=True)))
    for count in (1, 2):
        ids = [values.order(number).client_order_id for number in range(count)]
        assert [row.client_order_id for row in link.run(some, {"ids": ids})] == ids
    assert link.run(text("SELECT 1")).scalar() == 1
    link.close()


def test_statements_made_for_one_use_do_not_pile_up(tmp_path: Path) -> None:
    link = opened(tmp_path)
    shelf = Statements()
    for _ in range(PREPARED_MAX + 1):
        shelf.run(link.file, select(func.count()), {})
    assert len(shelf._ready) <= PREPARED_MAX
    link.close()


def test_a_value_of_the_wrong_type_is_refused_as_before(tmp_path: Path) -> None:
    link = opened(tmp_path)
    with pytest.raises(TypeError):
        link.run(insert(orders), {**to_row(values.order(7)), "size": 0.5})
    link.close()


@pytest.mark.parametrize("statement, key", [
    (OF_PROPOSAL, "proposal_id"), (CHILDREN, "parent"), (REPLACEMENTS, "replaces"), (DECISIONS_OF, "proposal_id"),
    (OF_ORDER, "client_order_id"), (OF_VENUE_ORDER, "venue_order_id"), (BY_CARD, "card"), (BY_REF, "ref"),
])
def test_a_few_rows_are_found_without_walking_all_of_them(tmp_path: Path, statement: Any, key: str) -> None:
    """What an order needs on its way must not cost more with every order that was ever made."""
    link = opened(tmp_path)
    plan = " | ".join(row[3] for row in link.plainly(f"EXPLAIN QUERY PLAN {written(statement)}"))
    assert f"{key}=?" in plan
    link.close()


def written(statement: Any) -> str:
    """Write a statement with texts for its values, which do not matter to how SQLite goes about it."""
    return str(statement.compile(dialect=DIALECT)).replace("?", "'1'")
