"""Read the whole ledger as plain rows for `wiredesk export --json` (C4), beside a running bot, changing nothing.

Fields are those of architecture section 5 in snake_case, states in capitals, decimals as text, moments as UTC
milliseconds. Small named values and presets stay inside: a second factor may lie among them.
"""
from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import Row, Table, select

from bot.adapters.store import tables_desk, tables_trading
from bot.adapters.store.address import Address
from bot.adapters.store.link import Link
from bot.domain.record import Plain, to_plain

Shape = Callable[[dict[str, Plain]], dict[str, Plain]]
INTENT = (
    "symbol", "direction", "effect", "kind", "size", "limit_price", "trigger", "time_in_force", "attached",
    "margin_mode", "leverage",
)


def _order(row: dict[str, Plain]) -> dict[str, Plain]:
    """Show the intent as one piece beside the flat fields."""
    return {**row, "intent": {name: row[name] for name in INTENT}}


def _proposal(row: dict[str, Plain]) -> dict[str, Plain]:
    origin = {name: row.pop(f"origin_{name}") for name in ("kind", "name", "person")}
    return {"proposal_id": row["id"], **row, "origin": origin}


def _journal(row: dict[str, Plain]) -> dict[str, Plain]:
    return {**row, "body": json.loads(row["body"])}


def _limits(row: dict[str, Plain]) -> dict[str, Plain]:
    return {**{name: value for name, value in row.items() if name != "body"}, "values": row["body"]}


def _as_is(row: dict[str, Plain]) -> dict[str, Plain]:
    return row


LISTS: tuple[tuple[str, Table, Shape], ...] = (
    ("proposals", tables_trading.proposals, _proposal),
    ("decisions", tables_trading.decisions, _as_is),
    ("orders", tables_trading.orders, _order),
    ("fills", tables_trading.fills, _as_is),
    ("positions", tables_trading.positions, _as_is),
    ("protections", tables_trading.protections, _as_is),
    ("inbox", tables_desk.inbox, _as_is),
    ("messages", tables_desk.messages, _as_is),
    ("limits", tables_desk.limits, _limits),
    ("journal", tables_desk.journal, _journal),
    ("mandates", tables_desk.mandates, _as_is),
    ("bills", tables_trading.bills, _as_is),
    ("equity_marks", tables_trading.equity_marks, _as_is),
    ("wallets", tables_trading.wallets, _as_is),
    ("people", tables_desk.people, _as_is),
)


def export(address: Address) -> dict[str, Plain]:
    """Give one object: a list of rows per table, `lease` and `trading_state` per account, all of one moment.

    Raises NotStored when the database cannot be opened.
    """
    link = Link(address, read_only=True)
    try:
        link.begin_read()
        found: dict[str, Plain] = {name: [shape(row) for row in _rows(link, table)] for name, table, shape in LISTS}
        leases = list(_rows(link, tables_desk.leases))
        found["lease"] = leases[0] if len(leases) == 1 else leases or None
        found["trading_states"] = list(_rows(link, tables_desk.trading_states))
        return found
    finally:
        link.close()


def _rows(link: Link, table: Table) -> Iterable[dict[str, Plain]]:
    for row in link.run(select(table).order_by(*_order_of(table))):
        yield _plain(row)


def _plain(row: Row[Any]) -> dict[str, Plain]:
    return {name: value if isinstance(value, dict) else to_plain(value) for name, value in row._asdict().items()}


def _order_of(table: Table) -> list[Any]:
    """Order as things came to be where the row tells, else by key."""
    for name in ("created_at", "raised_at", "seq", "at"):
        if name in table.c:
            return [table.c.account, table.c[name], *table.primary_key.columns]
    return list(table.primary_key.columns)
