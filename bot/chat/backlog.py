"""Decide what a chat is told next: critical first, newest edition of a card, a digest instead of a flood. Pure."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.ports.ledger_rows import Outgoing

LATE = timedelta(seconds=60)
LATE_AT_LEAST = 3
STORM = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """Send or edit this row; `overtaken` are earlier editions of its card; `loud` when one of them would have rung."""

    row: Outgoing
    overtaken: tuple[Outgoing, ...] = ()
    loud: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """Tell these together in one message: they came while the chat was away, or too fast.

    Of a card shown there in several editions the newest is in `rows`, the others are `overtaken`.
    """

    rows: tuple[Outgoing, ...]
    overtaken: tuple[Outgoing, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """Nothing is due before this moment; None when nothing waits at all."""

    until: datetime | None


Next = Send | Digest | Rest


def next_for(rows: Sequence[Outgoing], now: datetime, shown: Callable[[Outgoing], bool]) -> Next:
    """Choose for one chat among its NEW rows in order; `shown` tells whether a row edits a message that is there.

    Order within a chat holds, except that critical rows overtake (FF-86), then answers that somebody waits for, then
    the parts of a digest.
    """
    due = [row for row in rows if row.due_at <= now]
    if not due:
        return Rest(until=min((row.due_at for row in rows), default=None))
    urgent = [row for row in due if row.critical]
    if urgent:
        return _latest(urgent[0], due)
    awaited = [row for row in due if row.cause is None and _answerable(row, now)]
    if awaited:
        # Somebody stands there with the phone in hand; what nobody asked for comes after it.
        return _latest(awaited[0], due)
    first = next((row for row in due if row.body.get("digest")), None)
    if first is not None:
        return Send(row=first)
    late = [row for row in due if not shown(row) and not _answerable(row, now)]
    newest = {row.card: row.id for row in late if row.card is not None}
    told = [row for row in late if row.card is None or newest[row.card] == row.id]
    aged = [row for row in told if now - row.queued_at > LATE]
    if len(told) > STORM or len(aged) >= LATE_AT_LEAST:
        return Digest(rows=tuple(told), overtaken=tuple(row for row in late if row not in told))
    return _latest(due[0], due)


def _latest(first: Outgoing, due: Sequence[Outgoing]) -> Send:
    """Give the newest edition of the card of a row; earlier ones are overtaken."""
    if first.card is None:
        return Send(row=first)
    editions = [row for row in due if row.card == first.card and row.critical == first.critical]
    last = editions[-1]
    if any(row.body.get("anew") for row in editions[1:]):
        return Send(row=first)
    loud = any(not row.body.get("silent") for row in editions)
    return Send(row=last, overtaken=tuple(editions[:-1]), loud=loud)


def _answerable(row: Outgoing, now: datetime) -> bool:
    """Tell whether somebody can still press something that matters: such a card is sent itself, however late."""
    until = row.body.get("until")
    return bool(until) and now < datetime.fromisoformat(str(until))
