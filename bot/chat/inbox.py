"""Keep every update before it is handled, and mark it done in the transaction of its effect (reliability 5.1)."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from telegram import Update

from bot.chat.heard import Heard, Said, Unheard
from bot.chat.people import Known, known
from bot.chat.stepup import PIN
from bot.ports.ledger import Tx
from bot.ports.ledger_rows import Incoming, UpdateState

SECRETS = frozenset({"pin", "new_pin", "new_totp"})
REDACTED = "(not kept)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """An update that is stored and waits for its handler; `stale` for presses of the first batch after a gap.

    `stranger` for one of somebody who does not belong to the desk.
    """

    update: Update
    heard: Heard
    stale: bool = False
    stranger: bool = False


def store(tx: Tx, update: Update, heard: Heard | Unheard, now: datetime) -> bool:
    """Store an update; True when somebody has to handle it: it is new and can be heard (FF-91, FF-92).

    Of strangers only the fact is kept, of an answer to a question for a secret only that it came.
    """
    if isinstance(heard, Unheard):
        incoming = Incoming(
            update_id=heard.update, chat=heard.chat, person=None, body={}, received_at=now,
            state=UpdateState.DONE, done_at=now, note=heard.why,
        )
        tx.inbox.store(incoming)
        return False
    who = known(tx, heard.person, now)
    incoming = Incoming(
        update_id=heard.update, chat=heard.chat, person=heard.person, body=_kept(update, heard, who), received_at=now
    )
    return tx.inbox.store(incoming)


def _kept(update: Update, heard: Heard, who: Known) -> dict[str, Any]:
    if who.person is None or not who.person.active:
        return {}
    body: dict[str, Any] = update.to_dict()
    asked = who.question is not None and who.question.get("what") in SECRETS
    if isinstance(heard, Said) and not heard.command and (asked or (who.question is None and looks_secret(heard))):
        body["message"]["text"] = REDACTED
        body["message"].pop("entities", None)
    return body


def looks_secret(said: Said) -> bool:
    """Tell whether words look like a PIN or code that came after its time: nobody asks for bare digits otherwise."""
    return PIN.fullmatch(said.text.strip()) is not None


def done(tx: Tx, update: int, now: datetime, note: str | None = None) -> bool:
    """Mark an update as handled; False when it was already."""
    return tx.inbox.done(update, now, note)


def left_over(tx: Tx, now: datetime) -> tuple[Incoming, ...]:
    """List what an earlier process stored and did not finish; what cannot be read any more is closed here."""
    found = []
    for incoming in tx.inbox.pending(1000):
        if not incoming.body:
            tx.inbox.done(incoming.update_id, now, "came just before a restart")
        else:
            found.append(incoming)
    return tuple(found)
