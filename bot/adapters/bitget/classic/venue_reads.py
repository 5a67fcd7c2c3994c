"""Ask the venue: one order, lists of orders, executions, positions, wallets and bills, whole or not at all."""
from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from bot.adapters.bitget.classic import endpoints
from bot.adapters.bitget.classic.link import Link, known
from bot.adapters.bitget.classic.map_account import account, bill, position
from bot.adapters.bitget.classic.map_orders import fill, order_report
from bot.adapters.bitget.classic.map_plans import ALL_NAMESPACES, NAMESPACES, plan_report
from bot.adapters.bitget.classic.rows import all_of, one, tell
from bot.adapters.bitget.classic.wire_account import AccountRow, BillRow, PositionRow
from bot.adapters.bitget.classic.wire_order import FillRow, OrderRow
from bot.adapters.bitget.classic.wire_plan import PlanRow
from bot.adapters.bitget.classic.wire_value import Notes, Unreadable, text
from bot.adapters.bitget.classic.words import LINE_WORDS, line_of
from bot.adapters.bitget.codes import Kind, kind_of
from bot.adapters.bitget.http import Endpoint, ReadFailed
from bot.domain.account import Account
from bot.domain.fill import Fill
from bot.domain.ids import VenueOrderId
from bot.domain.instrument import ProductLine
from bot.domain.reports import Absent, Bill, OrderReport, PositionReport
from bot.ports.venue import OrderKey

ORDERS_WINDOW = timedelta(days=30)
FILLS_WINDOW = timedelta(days=7)
BILLS_WINDOW = timedelta(days=30)


async def order(link: Link, key: OrderKey) -> OrderReport | Absent:
    """Ask for one order or plan; Absent only on the venue's explicit word for every id we have (R5, R6)."""
    asked_at = link.clock.now()
    with known(f"{key.kind.value} {key.client_order_id or key.venue_order_id}"):
        if key.client_order_id is None and key.venue_order_id is None:
            raise Unreadable("expected an order id to ask by, found none")
        report = await (_plan(link, key, asked_at) if key.kind.is_plan else _book_order(link, key, asked_at))
    if report is not None:
        return report
    return Absent(
        client_order_id=key.client_order_id, venue_order_id=key.venue_order_id, asked_at=link.clock.now()
    )


async def _book_order(link: Link, key: OrderKey, asked_at: datetime) -> OrderReport | None:
    ids = [("clientOid", key.client_order_id), ("orderId", key.venue_order_id)]
    place = {"symbol": str(key.symbol), "productType": LINE_WORDS[line_of(key.symbol)]}
    for name, order_id in ids:
        if order_id is None:
            continue
        try:
            data = await link.ask(endpoints.ORDER_DETAIL, place | {name: str(order_id)})
        except ReadFailed as error:
            if error.code is not None and kind_of(error.code) is Kind.NOT_FOUND:
                continue
            raise
        row = one(data, OrderRow, "order")
        found = text(row.clientOid if name == "clientOid" else row.orderId)
        if found != order_id:
            raise Unreadable(f"{name}: asked for {order_id}, found {found}")
        notes = Notes()
        report = order_report(row, asked_at, notes)
        tell(notes, f"order {order_id}")
        return report
    return None


async def plan_rows(link: Link, endpoint: Endpoint, key: OrderKey) -> list[dict[str, object]]:
    """List the rows of one plan in one list of its namespace. Raises ReadFailed or Unreadable."""
    name, plan_id = ("clientOid", str(key.client_order_id)), key.client_order_id
    if plan_id is None:
        name = ("orderId", str(key.venue_order_id))
    query = {
        "symbol": str(key.symbol),
        "productType": LINE_WORDS[line_of(key.symbol)],
        "planType": NAMESPACES[key.kind],
        name[0]: name[1],
    }
    rows = await link.collect(endpoint, query, "entrustedList", "orderId")
    return [row for row in rows if text(row.get(name[0])) == name[1]]


async def _plan(link: Link, key: OrderKey, asked_at: datetime) -> OrderReport | None:
    # Waiting first: a plan that wakes between the two reads is then found in the second.
    for endpoint in (endpoints.PLANS_PENDING, endpoints.PLANS_HISTORY):
        for row in await plan_rows(link, endpoint, key):
            return _plan_report(row, asked_at)
    return None


def _plan_report(row: dict[str, object], asked_at: datetime) -> OrderReport:
    notes = Notes()
    report = plan_report(one(row, PlanRow, "plan"), asked_at, notes)
    tell(notes, f"plan {report.venue_order_id}")
    return report


def _order_report(row: dict[str, object], asked_at: datetime) -> OrderReport:
    notes = Notes()
    report = order_report(one(row, OrderRow, "order"), asked_at, notes)
    tell(notes, f"order {report.venue_order_id}")
    return report


async def open_orders(link: Link, line: ProductLine) -> tuple[OrderReport, ...]:
    """List open book orders; partly filled ones are asked for again, because the plain list may hide them (5.12)."""
    asked_at, query = link.clock.now(), {"productType": LINE_WORDS[line]}
    reports: dict[VenueOrderId, OrderReport] = {}
    with known(f"open orders of {line.value}"):
        for filter_ in ({}, {"status": "partially_filled"}):
            for row in await link.collect(endpoints.ORDERS_PENDING, query | filter_, "entrustedList", "orderId"):
                report = _order_report(row, asked_at)
                before = reports.get(report.venue_order_id)
                if before is None or before.updated_at <= report.updated_at:
                    reports[report.venue_order_id] = report
    return tuple(reports.values())


async def open_plans(link: Link, line: ProductLine) -> tuple[OrderReport, ...]:
    """List waiting plans of all three namespaces, or none (FF-37)."""
    asked_at = link.clock.now()
    reports: dict[VenueOrderId, OrderReport] = {}
    with known(f"waiting plans of {line.value}"):
        # Together: where every call is slow, a stop that is missing must not be found three times later (I8).
        lists = await asyncio.gather(*(_waiting(link, line, namespace) for namespace in ALL_NAMESPACES))
        for row in (row for rows in lists for row in rows):
            report = _plan_report(row, asked_at)
            reports[report.venue_order_id] = report
    return tuple(reports.values())


async def _waiting(link: Link, line: ProductLine, namespace: str) -> list[dict[str, object]]:
    query = {"productType": LINE_WORDS[line], "planType": namespace}
    return await link.collect(endpoints.PLANS_PENDING, query, "entrustedList", "orderId")


async def ended_orders(link: Link, line: ProductLine, since: datetime) -> tuple[OrderReport, ...]:
    """List ended book orders created at or after `since`, oldest first."""
    asked_at, query = link.clock.now(), {"productType": LINE_WORDS[line]}
    with known(f"ended orders of {line.value}"):
        rows = await link.collect_since(
            endpoints.ORDERS_HISTORY, query, since, ORDERS_WINDOW, "entrustedList", "orderId"
        )
        reports = [_order_report(row, asked_at) for row in rows]
    return _oldest_first(reports, since)


async def ended_plans(link: Link, line: ProductLine, since: datetime) -> tuple[OrderReport, ...]:
    """List ended plans of all three namespaces created at or after `since`, oldest first."""
    asked_at = link.clock.now()
    reports: list[OrderReport] = []
    with known(f"ended plans of {line.value}"):
        for namespace in ALL_NAMESPACES:
            query = {"productType": LINE_WORDS[line], "planType": namespace}
            rows = await link.collect_since(
                endpoints.PLANS_HISTORY, query, since, ORDERS_WINDOW, "entrustedList", "orderId"
            )
            reports += [_plan_report(row, asked_at) for row in rows]
    return _oldest_first(reports, since)


def _oldest_first(reports: list[OrderReport], since: datetime) -> tuple[OrderReport, ...]:
    kept = [report for report in reports if report.created_at >= since]
    return tuple(sorted(kept, key=lambda report: (report.created_at, report.venue_order_id)))


async def fills(link: Link, line: ProductLine, since: datetime, order_id: VenueOrderId | None) -> tuple[Fill, ...]:
    """List executions at or after `since`, oldest first; every one or VenueSilent."""
    asked_at, query = link.clock.now(), {"productType": LINE_WORDS[line]}
    if order_id is not None:
        query["orderId"] = str(order_id)
    found: list[Fill] = []
    with known(f"fills of {line.value}"):
        rows = await link.collect_since(endpoints.FILLS, query, since, FILLS_WINDOW, "fillList", "tradeId")
        for row in rows:
            notes = Notes()
            execution = fill(one(row, FillRow, "fill"), asked_at, notes)
            tell(notes, f"fill {execution.trade_id}")
            if execution.at >= since and order_id in (None, execution.venue_order_id):
                found.append(execution)
    return tuple(sorted(found, key=lambda execution: (execution.at, execution.trade_id)))


async def positions(link: Link, line: ProductLine) -> tuple[PositionReport, ...]:
    """List open positions; a row that cannot be read makes the whole list unknown (I22)."""
    asked_at = link.clock.now()
    with known(f"positions of {line.value}"):
        data = await link.ask(endpoints.POSITIONS, {"productType": LINE_WORDS[line]})
        reports: list[PositionReport] = []
        for row in all_of(data, PositionRow, "positions"):
            notes = Notes()
            report = position(row, asked_at, notes)
            tell(notes, f"position {row.symbol}")
            if report is not None:
                reports.append(report)
    return tuple(reports)


async def accounts(link: Link, line: ProductLine) -> tuple[Account, ...]:
    """List the wallets of a product line."""
    asked_at = link.clock.now()
    with known(f"wallets of {line.value}"):
        data = await link.ask(endpoints.ACCOUNTS, {"productType": LINE_WORDS[line]})
        wallets: list[Account] = []
        for row in all_of(data, AccountRow, "accounts"):
            notes = Notes()
            wallets.append(account(row, line, asked_at, notes))
            tell(notes, f"wallet {row.marginCoin}")
    return tuple(wallets)


async def bills(link: Link, line: ProductLine, since: datetime) -> tuple[Bill, ...]:
    """List ledger lines at or after `since`, oldest first."""
    asked_at, query = link.clock.now(), {"productType": LINE_WORDS[line]}
    found: list[Bill] = []
    with known(f"bills of {line.value}"):
        for row in await link.collect_since(endpoints.BILLS, query, since, BILLS_WINDOW, "bills", "billId"):
            notes = Notes()
            entry = bill(one(row, BillRow, "bill"), line, asked_at, notes)
            tell(notes, f"bill {entry.bill_id}")
            if entry.at >= since:
                found.append(entry)
    return tuple(sorted(found, key=lambda entry: (entry.at, entry.bill_id)))
