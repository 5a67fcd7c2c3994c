"""Shape what the ledger keeps beside the domain's values, and name what it refuses."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

from bot.domain.ids import AccountId, PersonId
from bot.domain.instrument import ProductLine

# What JSON can hold: what the record codec of the domain makes of a value.
Plain = dict[str, Any]


class LedgerRefused(Exception):
    """The ledger did not do what it was asked; the text is a sentence for people, and nothing was stored."""


class StaleVersion(LedgerRefused):
    """Somebody changed the row since it was read: read it again and decide again."""


class NotStored(LedgerRefused):
    """The database did not take the transaction (disk full, locked, gone): nothing of it is stored."""


class StoredUnknown(LedgerRefused):
    """The connection to a database server broke during the commit: stored or not is not known; start anew."""


class ImpossibleChange(LedgerRefused):
    """The change would move a state backwards, shrink what was filled or delete a row (reliability section 4)."""


class SchemaNotAtHead(LedgerRefused):
    """The database is older than this program: it has to be upgraded first."""


class SchemaFromTheFuture(LedgerRefused):
    """The database was made by a newer program than this one."""


class UpdateState(Enum):
    """Whether an incoming update still has to be handled."""

    PENDING = "PENDING"
    DONE = "DONE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One update of the chat as it came in; `body` is redacted where a secret was awaited (security section 3)."""

    update_id: int
    chat: int | None
    person: PersonId | None
    body: Plain
    received_at: datetime
    state: UpdateState = UpdateState.PENDING
    done_at: datetime | None = None
    note: str | None = None


class MessageState(Enum):
    """Where a message to a chat is; a row found SENDING after a crash is sent again (at least once)."""

    NEW = "NEW"
    SENDING = "SENDING"
    SENT = "SENT"
    DEAD = "DEAD"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One message for one chat; `card` names what it shows and is edited in place by, `ref` is the chat's number."""

    id: int
    chat: int
    card: str | None
    body: Plain
    critical: bool
    cause: int | None
    state: MessageState
    queued_at: datetime
    due_at: datetime
    attempts: int = 0
    ref: int | None = None
    ended_at: datetime | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseRow:
    """Who may act for the desk, until when, under which fencing number; `holder` is None once given up."""

    account: AccountId
    holder: str | None
    epoch: int
    beaten_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseTaken:
    """The lease is ours under this fencing number."""

    epoch: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseHeld:
    """Somebody else has the lease, or had it too recently; try again at `free_at` unless it is beaten before."""

    holder: str
    free_at: datetime


LeaseAnswer = LeaseTaken | LeaseHeld


@dataclass(frozen=True, slots=True, kw_only=True)
class EquityMark:
    """What one wallet was worth at a moment, in units of `margin_coin`."""

    line: ProductLine
    margin_coin: str
    equity: Decimal
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopedLimits:
    """The limits of one scope ("account", "person:17", "symbol:BTCUSDT") as plain values, and who set them."""

    scope: str
    values: Plain
    by: PersonId | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainHead:
    """The last journal line: published, it betrays a cut tail (security section 11)."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainBroken:
    """The first journal line that does not fit, and what is wrong with it."""

    seq: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """How the database feels, for readiness: the last and the worst recent commit, the queue and its oldest wait."""

    last_commit: timedelta
    worst_commit: timedelta
    waiting: int
    oldest_wait: timedelta
