"""Keep orders: found by either id, changed only from what was read, forward only."""
from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, insert, or_, select

from bot.adapters.store.link import Link
from bot.adapters.store.statements import change, differing, mine, pick
from bot.adapters.store.tables_trading import orders
from bot.domain.ids import AccountId, ClientOrderId, ProposalId, Symbol, VenueOrderId
from bot.domain.intent import Attached, Effect, OrderIntent, Trigger, TriggerBy
from bot.domain.order import SETTLED, Order, OrderState
from bot.domain.record import Plain, to_plain
from bot.ports.ledger_rows import ImpossibleChange, StaleVersion

LIVE = tuple(state for state in OrderState if state not in SETTLED)
UNRESOLVED = tuple(state for state in OrderState if state.unresolved)

INSERT = insert(orders)
GET = pick(orders, "client_order_id")
BY_VENUE_ID = pick(orders, "venue_order_id")
BY_EXECUTED_AS = pick(orders, "executed_as")
# Sorted by us: asked to sort, SQLite walks every order by its age instead of finding these few.
OF_PROPOSAL = pick(orders, "proposal_id")
CHILDREN = pick(orders, "parent")
REPLACEMENTS = pick(orders, "replaces")
# Sorted in Python: the database would rather walk all orders by time than sort the few live ones.
ALL_LIVE = pick(orders).where(orders.c.state.in_(LIVE))
LIVE_OF_SYMBOL = ALL_LIVE.where(orders.c.symbol == bindparam("symbol"))
ALL_UNRESOLVED = pick(orders).where(orders.c.state.in_(UNRESOLVED))
# Numbers are stored in one spelling, so texts that differ are numbers that differ.
IN_QUESTION = ALL_LIVE.where(
    or_(
        orders.c.state.in_(UNRESOLVED),
        orders.c.cancel_requested_at.is_not(None),
        orders.c.ended_at.is_not(None),
        orders.c.reported_size != orders.c.filled_size,
    )
)
SINCE = pick(orders).where(orders.c.created_at >= bindparam("moment")).order_by(orders.c.created_at)
SETTLED_SINCE = pick(orders).where(orders.c.settled_at >= bindparam("moment")).order_by(orders.c.settled_at)
RECENT = pick(orders).order_by(orders.c.created_at.desc()).limit(bindparam("most"))
OWED_SINCE = SETTLED_SINCE.where(orders.c.reported_size != orders.c.filled_size)
UNSURE_SINCE = SETTLED_SINCE.where(
    or_(orders.c.state == OrderState.REJECTED, orders.c.reported_size != orders.c.filled_size)
)
OPENING_SYMBOLS = (
    select(orders.c.symbol)
    .where(mine(orders), orders.c.state.in_(LIVE), orders.c.effect == Effect.OPEN)
    .distinct()
)
SENT_SINCE = select(func.count()).where(mine(orders), orders.c.signed_at >= bindparam("moment"))
REJECTED_SINCE = select(func.count()).where(
    mine(orders), orders.c.settled_at >= bindparam("moment"), orders.c.state == OrderState.REJECTED
)
SAVE = change(orders, "client_order_id", "version")


def to_row(order: Order) -> dict[str, Any]:
    """Lay an order out in columns; the intent is flat, so that rows can be asked for by symbol and kind."""
    intent = order.intent
    return {
        "account": order.account,
        "client_order_id": order.client_order_id,
        "venue_order_id": order.venue_order_id,
        "executed_as": order.executed_as,
        "proposal_id": order.proposal_id,
        "state": order.state,
        "owner": order.owner,
        "symbol": intent.symbol,
        "direction": intent.direction,
        "effect": intent.effect,
        "kind": intent.kind,
        "size": intent.size,
        "limit_price": intent.limit_price,
        "trigger": None if intent.trigger is None else to_plain(intent.trigger),
        "time_in_force": intent.time_in_force,
        "attached": None if intent.attached is None else to_plain(intent.attached),
        "margin_mode": intent.margin_mode,
        "leverage": intent.leverage,
        "filled_size": order.filled,
        "reported_size": order.reported,
        "average_price": order.average_price,
        "fees": order.fees,
        "created_at": order.created_at,
        "signed_at": order.signed_at,
        "cancel_requested_at": order.cancel_requested_at,
        "ended_at": order.ended_at,
        "settled_at": order.settled_at,
        "venue_updated_at": order.venue_updated_at,
        "replaces": order.replaces,
        "parent": order.parent,
        "reason": order.reason,
        "asked_absent": order.asked_absent,
        "last_absent_at": order.last_absent_at,
        "version": order.version,
    }


def from_row(row: Row[Any]) -> Order:
    """Read an order back."""
    intent = OrderIntent(
        symbol=row.symbol,
        direction=row.direction,
        effect=row.effect,
        kind=row.kind,
        size=row.size,
        limit_price=row.limit_price,
        trigger=None if row.trigger is None else _trigger(row.trigger),
        time_in_force=row.time_in_force,
        attached=None if row.attached is None else _attached(row.attached),
        margin_mode=row.margin_mode,
        leverage=row.leverage,
    )
    return Order(
        account=row.account,
        client_order_id=row.client_order_id,
        intent=intent,
        state=row.state,
        created_at=row.created_at,
        proposal_id=row.proposal_id,
        venue_order_id=row.venue_order_id,
        executed_as=row.executed_as,
        filled=row.filled_size,
        reported=row.reported_size,
        average_price=row.average_price,
        fees=row.fees,
        signed_at=row.signed_at,
        cancel_requested_at=row.cancel_requested_at,
        ended_at=row.ended_at,
        settled_at=row.settled_at,
        venue_updated_at=row.venue_updated_at,
        replaces=row.replaces,
        parent=row.parent,
        owner=row.owner,
        reason=row.reason,
        asked_absent=row.asked_absent,
        last_absent_at=row.last_absent_at,
        version=row.version,
    )


# By hand, because live orders are read whenever one is to leave and the general codec takes several times as long.
def _trigger(plain: Plain) -> Trigger:
    return Trigger(
        price=Decimal(plain["price"]), by=TriggerBy(plain["by"]), callback=_decimal(plain["callback"])
    )


def _attached(plain: Plain) -> Attached:
    return Attached(
        stop=_decimal(plain["stop"]), target=_decimal(plain["target"]), by=TriggerBy(plain["by"])
    )


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


class StoredOrders:
    """The repository behind `ports.ledger_trading.Orders`."""

    __slots__ = ("_account", "_link")

    def __init__(self, account: AccountId, link: Link) -> None:
        """Bind to an account and the open transaction."""
        self._account = account
        self._link = link

    def insert(self, order: Order) -> None:
        """Store a new order; raises ImpossibleChange when its id is taken or it belongs to another account."""
        self._own(order)
        if self.get(order.client_order_id) is not None:
            raise ImpossibleChange(f"Order {order.client_order_id} exists already; it is sent once (R3).")
        self._link.run(INSERT, to_row(order))

    def save(self, before: Order, after: Order) -> Order:
        """Store a change of `before`; give it as stored. Raises StaleVersion or ImpossibleChange."""
        self._own(after)
        if before.client_order_id != after.client_order_id or before.intent.symbol != after.intent.symbol:
            raise ImpossibleChange(f"Order {before.client_order_id} cannot become {after.client_order_id}.")
        if after.version <= before.version:
            after = replace(after, version=before.version + 1)
        keys = {
            "key_account": self._account, "key_client_order_id": before.client_order_id, "key_version": before.version,
        }
        if self._link.run(SAVE, {**differing(to_row(before), to_row(after)), **keys}).rowcount != 1:
            raise StaleVersion(
                f"Order {before.client_order_id} is no longer at version {before.version}: read it again."
            )
        return after

    def get(self, client_order_id: ClientOrderId) -> Order | None:
        """Find by client order id."""
        return self._one(GET, key_client_order_id=client_order_id)

    def by_venue_id(self, venue_order_id: VenueOrderId) -> Order | None:
        """Find by the venue's id, or by that of the order a woken plan sent."""
        found = self._one(BY_VENUE_ID, key_venue_order_id=venue_order_id)
        return found or self._one(BY_EXECUTED_AS, key_executed_as=venue_order_id)

    def live(self, symbol: Symbol | None = None) -> tuple[Order, ...]:
        """List every order that is not settled, oldest first."""
        found = self._many(ALL_LIVE) if symbol is None else self._many(LIVE_OF_SYMBOL, symbol=symbol)
        return tuple(sorted(found, key=_age))

    def unresolved(self) -> tuple[Order, ...]:
        """List orders the venue may or may not have, oldest first."""
        return tuple(sorted(self._many(ALL_UNRESOLVED), key=_age))

    def in_question(self) -> tuple[Order, ...]:
        """List the live orders that may have to be asked about, oldest first."""
        return tuple(sorted(self._many(IN_QUESTION), key=_age))

    def of_proposal(self, proposal_id: ProposalId) -> tuple[Order, ...]:
        """List the orders of one proposal, oldest first."""
        return tuple(sorted(self._many(OF_PROPOSAL, key_proposal_id=proposal_id), key=_age))

    def children(self, parent: ClientOrderId) -> tuple[Order, ...]:
        """List the orders whose parent this is."""
        return tuple(sorted(self._many(CHILDREN, key_parent=parent), key=_age))

    def replacements(self, replaced: ClientOrderId) -> tuple[Order, ...]:
        """List the orders that replace this one."""
        return tuple(sorted(self._many(REPLACEMENTS, key_replaces=replaced), key=_age))

    def since(self, moment: datetime) -> tuple[Order, ...]:
        """List orders created at or after a moment, oldest first."""
        return self._many(SINCE, moment=moment)

    def settled_since(self, moment: datetime) -> tuple[Order, ...]:
        """List orders settled at or after a moment, oldest first."""
        return self._many(SETTLED_SINCE, moment=moment)

    def owed_since(self, moment: datetime) -> tuple[Order, ...]:
        """List orders settled at or after a moment of which more or less is claimed than was filled."""
        return self._many(OWED_SINCE, moment=moment)

    def unsure_since(self, moment: datetime) -> tuple[Order, ...]:
        """List orders settled at or after a moment that were rejected, or of which not the claimed size was filled."""
        return self._many(UNSURE_SINCE, moment=moment)

    def opening_symbols(self) -> frozenset[Symbol]:
        """Name the symbols of live orders that open."""
        return frozenset(row.symbol for row in self._link.run(OPENING_SYMBOLS, {"key_account": self._account}))

    def recent(self, limit: int) -> tuple[Order, ...]:
        """List the latest orders, newest first."""
        return self._many(RECENT, most=limit)

    def sent_since(self, moment: datetime) -> int:
        """Count the orders signed at or after a moment."""
        return int(self._link.run(SENT_SINCE, {"key_account": self._account, "moment": moment}).scalar_one())

    def rejected_since(self, moment: datetime) -> int:
        """Count the orders that settled as REJECTED at or after a moment."""
        return int(self._link.run(REJECTED_SINCE, {"key_account": self._account, "moment": moment}).scalar_one())

    def _one(self, statement: Select[Any], **values: Any) -> Order | None:
        found = self._link.values(statement, {"key_account": self._account, **values}, from_row)
        return found[0] if found else None

    def _many(self, statement: Select[Any], **values: Any) -> tuple[Order, ...]:
        return tuple(self._link.values(statement, {"key_account": self._account, **values}, from_row))

    def _own(self, order: Order) -> None:
        if order.account != self._account:
            raise ImpossibleChange(f"An order of {order.account} cannot be stored for {self._account}.")


def _age(order: Order) -> tuple[datetime, str]:
    return order.created_at, order.client_order_id


