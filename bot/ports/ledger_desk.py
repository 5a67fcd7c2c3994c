"""Keep what the desk around the orders must not lose: journal, chat, people, settings of people, the lease."""
from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.events import Entry, Fact
from bot.domain.ids import PersonId
from bot.domain.mandate import Mandate
from bot.domain.principal import Person
from bot.domain.trading import TradingState
from bot.ports.ledger_rows import (
    ChainBroken,
    ChainHead,
    Incoming,
    LeaseAnswer,
    LeaseRow,
    Outgoing,
    Plain,
    ScopedLimits,
)


class Journal(Protocol):
    """The append-only list of facts, chained by hashes (security section 11)."""

    def append(self, fact: Fact, *, at: datetime, actor: str, subject: str, cause: int | None = None) -> int:
        """Write one line and give its number; numbers count up from 1 per account without gaps."""
        ...

    def after(self, seq: int, limit: int = 500) -> tuple[Entry, ...]:
        """List the lines after a number, in order."""
        ...

    def get(self, seq: int) -> Entry | None:
        """Find one line."""
        ...

    def about(self, subject: str, limit: int = 500) -> tuple[Entry, ...]:
        """List the latest lines about one subject, in order."""
        ...

    def latest(self, limit: int) -> tuple[Entry, ...]:
        """List the latest lines, newest first."""
        ...

    def head(self) -> ChainHead:
        """Give number and hash of the last line; number 0 for an empty journal."""
        ...

    def verify(self, known: ChainHead | None = None) -> ChainBroken | None:
        """Recompute the chain; with a head published earlier a cut or rewritten tail shows as well."""
        ...

    def verify_next(self, place: ChainHead | None, known: ChainHead | None = None) -> ChainBroken | ChainHead | None:
        """Recompute the next lines behind a place, so that orders need not wait for all of them.

        Gives the new place, None at a sound end, or the first line that does not fit.
        """
        ...


class Bookmarks(Protocol):
    """How far each follower of the journal has read."""

    def get(self, name: str) -> int:
        """Give the number of the last line the follower is done with; 0 for a new follower."""
        ...

    def move(self, name: str, seq: int) -> None:
        """Move forward to a line; raises ImpossibleChange for a move back or on the spot (done twice)."""
        ...


class Inbox(Protocol):
    """Updates of the chat, stored before they are handled."""

    def store(self, incoming: Incoming) -> bool:
        """Store an update; False when its id is known (FF-91, FF-92)."""
        ...

    def get(self, update_id: int) -> Incoming | None:
        """Find by update id."""
        ...

    def pending(self, limit: int = 100) -> tuple[Incoming, ...]:
        """List what still has to be handled, in order."""
        ...

    def done(self, update_id: int, at: datetime, note: str | None = None) -> bool:
        """Mark as handled, in the transaction of its effect; False when it already was."""
        ...

    def last_update_id(self) -> int | None:
        """Give the highest update id stored."""
        ...


class Messages(Protocol):
    """Messages to chats, in order per chat."""

    def queue(
        self, chat: int, body: Plain, at: datetime, *, card: str | None = None, critical: bool = False,
        cause: int | None = None,
    ) -> int:
        """Queue a message and give its id."""
        ...

    def get(self, message: int) -> Outgoing | None:
        """Find by id."""
        ...

    def due(self, now: datetime) -> tuple[Outgoing, ...]:
        """List the first unfinished message of each chat that is NEW and due: order within a chat holds."""
        ...

    def next_due(self) -> datetime | None:
        """Give the earliest moment at which something becomes due; None when nothing waits."""
        ...

    def rewrite(self, message: int, body: Plain) -> bool:
        """Replace the text of a message that is still NEW (merging); False when it is not."""
        ...

    def sending(self, message: int, at: datetime) -> None:
        """Mark as being sent, counting the attempt."""
        ...

    def sent(self, message: int, ref: int, at: datetime) -> None:
        """Mark as delivered under the chat's number."""
        ...

    def later(self, message: int, due: datetime, why: str) -> None:
        """Put back to NEW, due later."""
        ...

    def dead(self, message: int, at: datetime, why: str) -> None:
        """Give up on it."""
        ...

    def requeue_sending(self, at: datetime) -> int:
        """Put messages found SENDING at start back to NEW; give how many."""
        ...

    def unfinished(self) -> tuple[Outgoing, ...]:
        """List all NEW and SENDING messages, in order."""
        ...

    def by_card(self, card: str) -> tuple[Outgoing, ...]:
        """List the messages of one card, oldest first, in every chat."""
        ...

    def by_ref(self, chat: int, ref: int) -> Outgoing | None:
        """Find the message a chat shows under a number."""
        ...


class People(Protocol):
    """Persons with their roles."""

    def save(self, person: Person) -> None:
        """Store a person; who leaves is kept with `active` false."""
        ...

    def get(self, person: PersonId) -> Person | None:
        """Find by numeric id."""
        ...

    def all(self) -> tuple[Person, ...]:
        """List everybody, by id."""
        ...


class DeskState(Protocol):
    """What people and breakers set: trading state, mandates, limits, presets, small named values."""

    def trading_state(self) -> TradingState:
        """Give the persisted state; ACTIVE when none was ever set."""
        ...

    def set_trading_state(self, state: TradingState, at: datetime) -> None:
        """Store the state."""
        ...

    def mandates(self) -> tuple[Mandate, ...]:
        """List all mandates, revoked and expired ones too, newest first."""
        ...

    def mandate(self, mandate_id: str) -> Mandate | None:
        """Find one by id."""
        ...

    def save_mandate(self, before: Mandate | None, after: Mandate) -> Mandate:
        """Store a mandate (new: `before` is None); give it as stored. Raises StaleVersion."""
        ...

    def limits(self) -> tuple[ScopedLimits, ...]:
        """List the limits in force, by scope."""
        ...

    def set_limits(self, scope: str, values: Plain, by: PersonId | None, at: datetime) -> None:
        """Store the limits of a scope; earlier ones are kept as history."""
        ...

    def preset(self, person: PersonId) -> Plain | None:
        """Give a person's presets."""
        ...

    def set_preset(self, person: PersonId, values: Plain, at: datetime) -> None:
        """Store a person's presets."""
        ...

    def value(self, name: str) -> Plain | None:
        """Read a small named value (breaker state, instance seed); never exported."""
        ...

    def set_value(self, name: str, value: Plain, at: datetime) -> None:
        """Store a small named value."""
        ...

    def values(self, prefix: str) -> dict[str, Plain]:
        """List the named values whose name begins so."""
        ...


class Lease(Protocol):
    """Which process may act for this desk (security section 13)."""

    def get(self) -> LeaseRow | None:
        """Read the row; None when nobody ever held it."""
        ...

    def take(
        self, holder: str, now: datetime, ttl: timedelta, *, dead: Callable[[str], bool], validity: timedelta
    ) -> LeaseAnswer:
        """Take the lease under a new fencing number.

        Free at once when it was given up or when its holder is `dead` (the freed lock of the data directory proves
        it); else only when it has been expired for `validity`, the venue's window for signed requests.
        """
        ...

    def beat(self, holder: str, epoch: int, now: datetime, ttl: timedelta) -> bool:
        """Renew, late too while nobody else took it; False when the lease is not ours any more.

        A holder that stood still sends nothing meanwhile (`holds`), and whoever takes the lease gets a new epoch.
        """
        ...

    def holds(self, epoch: int, now: datetime, margin: timedelta) -> bool:
        """Tell, in the transaction that lets an order leave, whether `epoch` is current for `margin` longer."""
        ...

    def release(self, holder: str, epoch: int, now: datetime) -> bool:
        """Give the lease up in an orderly stop; False when it was not ours."""
        ...
