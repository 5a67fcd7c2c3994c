"""Keep what the trading core must not lose: orders, fills, positions, proposals, wallets; one noun each."""
from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from bot.domain.account import Account
from bot.domain.decision import Decision
from bot.domain.fill import Fill
from bot.domain.ids import ClientOrderId, ProposalId, RequestKey, Symbol, TradeId, VenueOrderId
from bot.domain.instrument import ProductLine
from bot.domain.intent import Direction
from bot.domain.order import Order
from bot.domain.position import Position
from bot.domain.proposal import Origin, Proposal
from bot.domain.protection import Protection
from bot.domain.reports import Bill
from bot.ports.ledger_rows import EquityMark


class Orders(Protocol):
    """Orders, ours and foreign, by client order id."""

    def insert(self, order: Order) -> None:
        """Store a new order; raises ImpossibleChange when its client order id is taken (R3: one send per order)."""
        ...

    def save(self, before: Order, after: Order) -> Order:
        """Store a change of what was read as `before`; give `after` as stored.

        The stored version is that of `after` where it is higher than before, else the next one. Raises StaleVersion
        when the row is no longer at the version of `before`, ImpossibleChange for a state that would go back or a
        filled size that would shrink (P4).
        """
        ...

    def get(self, client_order_id: ClientOrderId) -> Order | None:
        """Find by client order id."""
        ...

    def by_venue_id(self, venue_order_id: VenueOrderId) -> Order | None:
        """Find by the venue's id, or by that of the order a woken plan sent."""
        ...

    def live(self, symbol: Symbol | None = None) -> tuple[Order, ...]:
        """List every order that is not settled, NEW and unresolved ones included, oldest first."""
        ...

    def unresolved(self) -> tuple[Order, ...]:
        """List orders the venue may or may not have: SUBMITTING and IN_DOUBT, oldest first."""
        ...

    def in_question(self) -> tuple[Order, ...]:
        """List the live orders that may have to be asked about, oldest first; every one of them, perhaps others too.

        Unresolved ones, and those whose cancellation was wished, whose end was reported or whose fills are behind.
        """
        ...

    def of_proposal(self, proposal_id: ProposalId) -> tuple[Order, ...]:
        """List the orders of one proposal, oldest first."""
        ...

    def children(self, parent: ClientOrderId) -> tuple[Order, ...]:
        """List the orders whose parent this is."""
        ...

    def replacements(self, replaced: ClientOrderId) -> tuple[Order, ...]:
        """List the orders that replace this one (R9)."""
        ...

    def since(self, moment: datetime) -> tuple[Order, ...]:
        """List orders created at or after a moment, oldest first."""
        ...

    def settled_since(self, moment: datetime) -> tuple[Order, ...]:
        """List orders settled at or after a moment, oldest first."""
        ...

    def owed_since(self, moment: datetime) -> tuple[Order, ...]:
        """List orders settled at or after a moment of which more or less is claimed than was filled."""
        ...

    def unsure_since(self, moment: datetime) -> tuple[Order, ...]:
        """List orders settled at or after a moment that were rejected, or of which not the claimed size was filled."""
        ...

    def opening_symbols(self) -> frozenset[Symbol]:
        """Name the symbols of live orders that open."""
        ...

    def recent(self, limit: int) -> tuple[Order, ...]:
        """List the latest orders, newest first."""
        ...

    def sent_since(self, moment: datetime) -> int:
        """Count the orders signed at or after a moment (the rule of orders per minute)."""
        ...

    def rejected_since(self, moment: datetime) -> int:
        """Count the orders that settled as REJECTED at or after a moment."""
        ...


class Fills(Protocol):
    """Executions, a set keyed by trade id (R10)."""

    def insert(self, fill: Fill) -> bool:
        """Store a fill; False when its trade id is known, in which case nothing changes.

        Raises ImpossibleChange when the known one belongs to another symbol or order: that would hide a fill.
        """
        ...

    def get(self, trade_id: TradeId) -> Fill | None:
        """Find by trade id."""
        ...

    def of_order(self, client_order_id: ClientOrderId) -> tuple[Fill, ...]:
        """List the fills of one order that count (not superseded), oldest first."""
        ...

    def of_venue_order(self, venue_order_id: VenueOrderId) -> tuple[Fill, ...]:
        """List the fills that count of one order by the venue's id, oldest first."""
        ...

    def since(self, moment: datetime, symbol: Symbol | None = None) -> tuple[Fill, ...]:
        """List the fills that count, at or after a moment, oldest first."""
        ...

    def recent(self, limit: int) -> tuple[Fill, ...]:
        """List the latest fills that count, newest first."""
        ...

    def latest_at(self) -> datetime | None:
        """Give the moment of the latest real fill: the high-water mark of recovery."""
        ...

    def supersede(self, inferred: TradeId, by: Collection[TradeId]) -> None:
        """Let an inferred fill yield to the real ones; it stays stored and stops counting."""
        ...


class Positions(Protocol):
    """What we hold, one row per symbol and direction; flat ones keep a row of size zero."""

    def save(self, position: Position) -> None:
        """Store the position."""
        ...

    def get(self, symbol: Symbol, direction: Direction) -> Position | None:
        """Find one."""
        ...

    def held(self) -> tuple[Position, ...]:
        """List the positions of a size above zero, by symbol."""
        ...


class Protections(Protocol):
    """What guards each position."""

    def save(self, before: Protection | None, after: Protection) -> Protection:
        """Store a change of what was read as `before` (None: there was no row); give it as stored.

        Raises StaleVersion when the row is no longer what was read.
        """
        ...

    def get(self, symbol: Symbol, direction: Direction) -> Protection | None:
        """Find one."""
        ...

    def all(self) -> tuple[Protection, ...]:
        """List all, by symbol."""
        ...


class Proposals(Protocol):
    """Proposals by id and by request key."""

    def insert_or_find(self, proposal: Proposal) -> tuple[Proposal, bool]:
        """Store a new proposal and give it with True, or give the one already raised under its request key (P3)."""
        ...

    def get(self, proposal_id: ProposalId) -> Proposal | None:
        """Find by id."""
        ...

    def by_request_key(self, key: RequestKey) -> Proposal | None:
        """Find by request key."""
        ...

    def save(self, before: Proposal, after: Proposal) -> Proposal:
        """Store a change of what was read as `before`; give it as stored, with a higher version.

        Raises StaleVersion when the row is no longer at the version of `before`, ImpossibleChange for a state that
        would go back.
        """
        ...

    def origins(self, proposal_ids: Collection[ProposalId]) -> dict[ProposalId, Origin]:
        """Tell who raised each of these proposals, without reading their terms: cheap inside a verdict."""
        ...

    def awaiting(self) -> tuple[Proposal, ...]:
        """List the proposals that are not over (AWAITING, CLAIMED, APPROVED), oldest first."""
        ...

    def recent(self, limit: int) -> tuple[Proposal, ...]:
        """List the latest, newest first."""
        ...

    def since(self, moment: datetime) -> tuple[Proposal, ...]:
        """List those raised at or after a moment, oldest first."""
        ...


class Decisions(Protocol):
    """Who said yes or no to what."""

    def insert(self, decision: Decision) -> bool:
        """Store a decision; False when the same voter already answered this revision (nothing changes)."""
        ...

    def of_proposal(self, proposal_id: ProposalId) -> tuple[Decision, ...]:
        """List the decisions on one proposal, oldest first."""
        ...

    def since(self, moment: datetime) -> tuple[Decision, ...]:
        """List decisions at or after a moment, oldest first."""
        ...


class Bills(Protocol):
    """Lines of the venue's own ledger, by bill id."""

    def insert(self, bill: Bill) -> bool:
        """Store a line; False when its id is known."""
        ...

    def since(self, moment: datetime) -> tuple[Bill, ...]:
        """List lines at or after a moment, oldest first."""
        ...

    def transfers_since(self, line: ProductLine, coin: str, moment: datetime) -> tuple[Bill, ...]:
        """List what was moved in or out of a wallet at or after a moment: lines whose kind speaks of a transfer."""
        ...

    def latest_at(self, line: ProductLine) -> datetime | None:
        """Give the moment of the latest line of a product line."""
        ...


class EquityMarks(Protocol):
    """What wallets were worth when."""

    def add(self, mark: EquityMark) -> None:
        """Store a mark; a second one for the same wallet and moment changes nothing."""
        ...

    def since(self, moment: datetime) -> tuple[EquityMark, ...]:
        """List marks at or after a moment, oldest first."""
        ...

    def first_since(self, line: ProductLine, margin_coin: str, moment: datetime) -> EquityMark | None:
        """Give the earliest mark of a wallet at or after a moment."""
        ...

    def last_before(self, line: ProductLine, margin_coin: str, moment: datetime) -> EquityMark | None:
        """Give the latest mark of a wallet before a moment."""
        ...


class Accounts(Protocol):
    """The last report of each wallet."""

    def save(self, account: Account) -> bool:
        """Store the wallet; False when a newer report is stored already."""
        ...

    def get(self, line: ProductLine, margin_coin: str) -> Account | None:
        """Find one wallet."""
        ...

    def all(self) -> tuple[Account, ...]:
        """List all wallets, by product line and coin."""
        ...
