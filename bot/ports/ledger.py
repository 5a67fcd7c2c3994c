"""Keep what must not be lost: transactions over orders, fills, decisions and the journal (architecture section 8).

A unit of work is a plain function of one `Tx`: it runs to completion on the ledger's thread, sees everything that
was committed before it, and its writes are stored together or not at all. A Tx belongs to one account. Moments are
aware UTC and are handed in: the ledger owns no clock.
"""
from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Protocol, TypeVar

from bot.domain.events import Entry
from bot.domain.ids import AccountId
from bot.ports.lab import LabHistory, LabModels, LabRecord
from bot.ports.ledger_desk import Bookmarks, DeskState, Inbox, Journal, Lease, Messages, People
from bot.ports.ledger_rows import Pulse
from bot.ports.ledger_trading import (
    Accounts,
    Bills,
    Decisions,
    EquityMarks,
    Fills,
    Orders,
    Positions,
    Proposals,
    Protections,
)
from bot.ports.llm_calls import LlmCalls

T = TypeVar("T")


class Tx(Protocol):
    """One transaction over one account."""

    @property
    def account(self) -> AccountId: ...
    @property
    def orders(self) -> Orders: ...
    @property
    def fills(self) -> Fills: ...
    @property
    def positions(self) -> Positions: ...
    @property
    def protections(self) -> Protections: ...
    @property
    def proposals(self) -> Proposals: ...
    @property
    def decisions(self) -> Decisions: ...
    @property
    def journal(self) -> Journal: ...
    @property
    def bookmarks(self) -> Bookmarks: ...
    @property
    def inbox(self) -> Inbox: ...
    @property
    def messages(self) -> Messages: ...
    @property
    def people(self) -> People: ...
    @property
    def desk(self) -> DeskState: ...
    @property
    def lease(self) -> Lease: ...
    @property
    def bills(self) -> Bills: ...
    @property
    def equity_marks(self) -> EquityMarks: ...
    @property
    def accounts(self) -> Accounts: ...
    @property
    def lab_history(self) -> LabHistory: ...
    @property
    def lab_models(self) -> LabModels: ...
    @property
    def lab_record(self) -> LabRecord: ...
    @property
    def llm_calls(self) -> LlmCalls: ...


class Ledger(Protocol):
    """The database as a port; one thread does all its work, or, in simulation, the caller itself (inline)."""

    async def transact(self, work: Callable[[Tx], T]) -> T:
        """Run `work` in a transaction and give its result once that is durable.

        What `work` raises comes out here and nothing of it is stored. Raises NotStored when the database did not
        take it, StoredUnknown when a database server went away during the commit, TypeError for a coroutine function.
        A caller that stops waiting does not undo it.
        """
        ...

    async def read(self, work: Callable[[Tx], T]) -> T:
        """Run `work` on committed state; a write inside raises."""
        ...

    def follow(self, name: str) -> AsyncIterator[Entry]:
        """Yield journal lines after the follower's bookmark, then wait for each commit's bell, for ever.

        Nothing moves the bookmark but `tx.bookmarks.move`, in the transaction that records the follower's result.
        """
        ...

    def pulse(self) -> Pulse:
        """Give the health of the database without touching it."""
        ...
