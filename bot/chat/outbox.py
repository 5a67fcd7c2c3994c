"""Queue cards for chats inside a transaction: a card already shown there becomes an edit, an equal one nothing."""
from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from bot.chat.card import Card, to_body
from bot.ports.ledger import Tx
from bot.ports.ledger_rows import MessageState, Outgoing, Plain

SHOWN = ("html", "rows", "photo")
# The service lets a bot edit for ever in private chats, people scroll for a day.
EDITABLE_FOR = timedelta(hours=47)


def show(tx: Tx, chat: int, card: Card, at: datetime, *, cause: int | None = None, **more: Any) -> int | None:
    """Queue a card; gives its row, None where the chat shows (or is about to show) exactly this already.

    `more` is kept in the body for delivery: severity, until (a moment after which nobody can answer it), anew.
    """
    body = to_body(card, **more)
    if card.key is not None and not more.get("anew"):
        before = rows_of(tx, chat, card.key)
        if before and same(before[-1].body, body):
            return None
    return tx.messages.queue(chat, body, at, card=card.key, critical=card.critical, cause=cause)


def rows_of(tx: Tx, chat: int, key: str) -> tuple[Outgoing, ...]:
    """List what a chat was or will be shown of a card, oldest first; what was given up does not count."""
    return tuple(one for one in tx.messages.by_card(key) if one.chat == chat and _counts(one))


def _counts(row: Outgoing) -> bool:
    return row.state is not MessageState.DEAD or bool(row.why and row.why.startswith("overtaken"))


def shown_in(tx: Tx, key: str) -> dict[int, Outgoing]:
    """Give the first row of a card for each chat that has it."""
    found: dict[int, Outgoing] = {}
    for row in tx.messages.by_card(key):
        if _counts(row):
            found.setdefault(row.chat, row)
    return found


def ref_of(tx: Tx, row: Outgoing) -> int | None:
    """Find the number under which the chat shows the card of a row; None to send it as a new message."""
    if row.card is None or row.body.get("anew"):
        return None
    sent = [one for one in tx.messages.by_card(row.card) if one.chat == row.chat and one.ref is not None]
    if not sent or sent[-1].ended_at is None or row.queued_at - sent[-1].ended_at > EDITABLE_FOR:
        return None
    return sent[-1].ref


def same(one: Plain, other: Plain) -> bool:
    """Tell whether two bodies look the same on the phone."""
    return all(one.get(name) == other.get(name) for name in SHOWN)
