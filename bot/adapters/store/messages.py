"""Keep messages to chats: in order per chat, sent at least once, never lost silently."""
from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, insert, select

from bot.adapters.store.link import Link
from bot.adapters.store.statements import change, mine, pick
from bot.adapters.store.tables_desk import messages
from bot.domain.ids import AccountId
from bot.ports.ledger_rows import ImpossibleChange, MessageState, Outgoing, Plain

OPEN = (MessageState.NEW, MessageState.SENDING)

INSERT = insert(messages)
LAST = select(func.max(messages.c.id)).where(mine(messages))
GET = pick(messages, "id")
UNFINISHED = pick(messages).where(messages.c.state.in_(OPEN))
BY_CARD = pick(messages, "card").order_by(messages.c.id)
# Sorted by a sum: by the bare number, SQLite walks every message from the latest back until one fits.
BY_REF = pick(messages, "chat", "ref").order_by((messages.c.id + 0).desc()).limit(1)
CHANGE = change(messages, "id", "state")


def from_row(row: Row[Any]) -> Outgoing:
    """Read a message back."""
    return Outgoing(
        id=row.id,
        chat=row.chat,
        card=row.card,
        body=row.body,
        critical=row.critical,
        cause=row.cause,
        state=row.state,
        queued_at=row.queued_at,
        due_at=row.due_at,
        attempts=row.attempts,
        ref=row.ref,
        ended_at=row.ended_at,
        why=row.why,
    )


class StoredMessages:
    """The repository behind `ports.ledger_desk.Messages`."""

    __slots__ = ("_account", "_link")

    def __init__(self, account: AccountId, link: Link) -> None:
        """Bind to an account and the open transaction."""
        self._account = account
        self._link = link

    def queue(
        self, chat: int, body: Plain, at: datetime, *, card: str | None = None, critical: bool = False,
        cause: int | None = None,
    ) -> int:
        """Queue a message and give its id."""
        last: int | None = self._link.run(LAST, {"key_account": self._account}).scalar()
        row = {
            "account": self._account,
            "id": (last or 0) + 1,
            "chat": chat,
            "card": card,
            "body": body,
            "critical": critical,
            "cause": cause,
            "state": MessageState.NEW,
            "queued_at": at,
            "due_at": at,
            "attempts": 0,
            "ref": None,
            "ended_at": None,
            "why": None,
        }
        self._link.run(INSERT, row)
        return (last or 0) + 1

    def get(self, message: int) -> Outgoing | None:
        """Find by id."""
        row = self._link.run(GET, {"key_account": self._account, "key_id": message}).first()
        return None if row is None else from_row(row)

    def due(self, now: datetime) -> tuple[Outgoing, ...]:
        """List the first unfinished message of each chat that is NEW and due."""
        return tuple(
            found for found in self._heads() if found.state is MessageState.NEW and found.due_at <= now
        )

    def next_due(self) -> datetime | None:
        """Give the earliest moment at which something becomes due; None when nothing waits."""
        return min((found.due_at for found in self._heads() if found.state is MessageState.NEW), default=None)

    def rewrite(self, message: int, body: Plain) -> bool:
        """Replace the text of a message that is still NEW; False when it is not."""
        return self._change(message, MessageState.NEW, body=body)

    def sending(self, message: int, at: datetime) -> None:
        """Mark as being sent, counting the attempt."""
        known = self.get(message)
        attempts = known.attempts + 1 if known else 1
        self._must(message, MessageState.NEW, state=MessageState.SENDING, attempts=attempts)

    def sent(self, message: int, ref: int, at: datetime) -> None:
        """Mark as delivered under the chat's number."""
        self._must(message, MessageState.SENDING, state=MessageState.SENT, ref=ref, ended_at=at, why=None)

    def later(self, message: int, due: datetime, why: str) -> None:
        """Put back to NEW, due later."""
        self._must(message, MessageState.SENDING, state=MessageState.NEW, due_at=due, why=why)

    def dead(self, message: int, at: datetime, why: str) -> None:
        """Give up on it."""
        known = self.get(message)
        state = MessageState.SENDING if known and known.state is MessageState.SENDING else MessageState.NEW
        self._must(message, state, state=MessageState.DEAD, ended_at=at, why=why)

    def requeue_sending(self, at: datetime) -> int:
        """Put messages found SENDING at start back to NEW; give how many."""
        stuck = [found for found in self.unfinished() if found.state is MessageState.SENDING]
        for found in stuck:
            self.later(found.id, at, "found half sent at start")
        return len(stuck)

    def unfinished(self) -> tuple[Outgoing, ...]:
        """List all NEW and SENDING messages, in order."""
        return tuple(sorted(self._many(UNFINISHED), key=lambda found: found.id))

    def by_card(self, card: str) -> tuple[Outgoing, ...]:
        """List the messages of one card, oldest first, in every chat."""
        return self._many(BY_CARD, key_card=card)

    def by_ref(self, chat: int, ref: int) -> Outgoing | None:
        """Find the latest message a chat shows under a number."""
        return next(iter(self._many(BY_REF, key_chat=chat, key_ref=ref)), None)

    def _heads(self) -> list[Outgoing]:
        heads: dict[int, Outgoing] = {}
        for found in self.unfinished():
            heads.setdefault(found.chat, found)
        return list(heads.values())

    def _many(self, statement: Select[Any], **values: Any) -> tuple[Outgoing, ...]:
        return tuple(from_row(row) for row in self._link.run(statement, {"key_account": self._account, **values}))

    def _change(self, message: int, was: MessageState, **values: Any) -> bool:
        keys = {"key_account": self._account, "key_id": message, "key_state": was}
        return self._link.run(CHANGE, {**values, **keys}).rowcount == 1

    def _must(self, message: int, was: MessageState, **values: Any) -> None:
        if not self._change(message, was, **values):
            raise ImpossibleChange(
                f"Message {message} is not {was.value} and cannot become {values['state'].value}: read it again."
            )
