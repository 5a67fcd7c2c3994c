"""Keep the chat's updates: stored before they are handled, done in the transaction of their effect (FF-91, FF-92)."""
from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, func, insert, select

from bot.adapters.store.link import Link
from bot.adapters.store.statements import change, mine, pick
from bot.adapters.store.tables_desk import inbox
from bot.domain.ids import AccountId
from bot.ports.ledger_rows import Incoming, UpdateState

INSERT = insert(inbox)
GET = pick(inbox, "update_id")
PENDING = pick(inbox, "state").order_by(inbox.c.update_id).limit(bindparam("most"))
DONE = change(inbox, "update_id", "state")
LAST = select(func.max(inbox.c.update_id)).where(mine(inbox))


def from_row(row: Row[Any]) -> Incoming:
    """Read an update back."""
    return Incoming(
        update_id=row.update_id,
        chat=row.chat,
        person=row.person,
        body=row.body,
        received_at=row.received_at,
        state=row.state,
        done_at=row.done_at,
        note=row.note,
    )


class StoredInbox:
    """The repository behind `ports.ledger_desk.Inbox`."""

    __slots__ = ("_account", "_link")

    def __init__(self, account: AccountId, link: Link) -> None:
        """Bind to an account and the open transaction."""
        self._account = account
        self._link = link

    def store(self, incoming: Incoming) -> bool:
        """Store an update; False when its id is known."""
        if self.get(incoming.update_id) is not None:
            return False
        row = {
            "account": self._account,
            "update_id": incoming.update_id,
            "chat": incoming.chat,
            "person": incoming.person,
            "body": incoming.body,
            "received_at": incoming.received_at,
            "state": incoming.state,
            "done_at": incoming.done_at,
            "note": incoming.note,
        }
        self._link.run(INSERT, row)
        return True

    def get(self, update_id: int) -> Incoming | None:
        """Find by update id."""
        row = self._link.run(GET, {"key_account": self._account, "key_update_id": update_id}).first()
        return None if row is None else from_row(row)

    def pending(self, limit: int = 100) -> tuple[Incoming, ...]:
        """List what still has to be handled, in order."""
        values = {"key_account": self._account, "key_state": UpdateState.PENDING, "most": limit}
        return tuple(from_row(row) for row in self._link.run(PENDING, values))

    def done(self, update_id: int, at: datetime, note: str | None = None) -> bool:
        """Mark as handled; False when it already was, or is not known."""
        values = {
            "key_account": self._account, "key_update_id": update_id, "key_state": UpdateState.PENDING,
            "state": UpdateState.DONE, "done_at": at, "note": note,
        }
        return self._link.run(DONE, values).rowcount == 1

    def last_update_id(self) -> int | None:
        """Give the highest update id stored."""
        found: int | None = self._link.run(LAST, {"key_account": self._account}).scalar()
        return found
