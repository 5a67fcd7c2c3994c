"""Bundle the repositories of one transaction over one account."""
from __future__ import annotations

from bot.adapters.store.desk_state import StoredDeskState
from bot.adapters.store.fills import StoredFills
from bot.adapters.store.inbox import StoredInbox
from bot.adapters.store.journal import StoredBookmarks, StoredJournal
from bot.adapters.store.lab_history import StoredLabHistory
from bot.adapters.store.lab_models import StoredLabModels
from bot.adapters.store.lab_record import StoredLabRecord
from bot.adapters.store.lease import StoredLease
from bot.adapters.store.link import Link
from bot.adapters.store.llm_calls import StoredLlmCalls
from bot.adapters.store.messages import StoredMessages
from bot.adapters.store.orders import StoredOrders
from bot.adapters.store.people import StoredPeople
from bot.adapters.store.positions import StoredPositions, StoredProtections
from bot.adapters.store.proposals import StoredDecisions, StoredProposals
from bot.adapters.store.wallets import StoredAccounts, StoredBills, StoredEquityMarks
from bot.domain.ids import AccountId


class StoreTx:
    """What a unit of work is handed."""

    __slots__ = (
        "account", "accounts", "bills", "bookmarks", "decisions", "desk", "equity_marks", "fills", "inbox", "journal",
        "lab_history", "lab_models", "lab_record", "lease", "llm_calls", "messages", "orders", "people", "positions",
        "proposals", "protections",
    )

    def __init__(self, account: str, link: Link) -> None:
        """Bind every repository to the account and the open transaction."""
        self.account = AccountId(account)
        self.orders = StoredOrders(self.account, link)
        self.fills = StoredFills(self.account, link)
        self.positions = StoredPositions(self.account, link)
        self.protections = StoredProtections(self.account, link)
        self.proposals = StoredProposals(self.account, link)
        self.decisions = StoredDecisions(self.account, link)
        self.journal = StoredJournal(self.account, link)
        self.bookmarks = StoredBookmarks(self.account, link)
        self.inbox = StoredInbox(self.account, link)
        self.messages = StoredMessages(self.account, link)
        self.people = StoredPeople(self.account, link)
        self.desk = StoredDeskState(self.account, link)
        self.lease = StoredLease(self.account, link)
        self.bills = StoredBills(self.account, link)
        self.equity_marks = StoredEquityMarks(self.account, link)
        self.accounts = StoredAccounts(self.account, link)
        self.lab_history = StoredLabHistory(self.account, link)
        self.lab_models = StoredLabModels(self.account, link)
        self.lab_record = StoredLabRecord(self.account, link)
        self.llm_calls = StoredLlmCalls(self.account, link)
