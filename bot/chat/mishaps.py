"""Catch what must not happen: one bad update is closed with a reference and stops nobody else (FF-95)."""
from __future__ import annotations

import logging

from bot.chat.door import Door
from bot.chat.inbox import Arrived, done
from bot.chat.outbox import show
from bot.chat.render import control
from bot.ports.ledger import Tx
from bot.ports.ledger_rows import LedgerRefused

log = logging.getLogger(__name__)

REFERENCE = 6


async def serve_guarded(door: Door, arrived: Arrived) -> None:
    """Serve an update; a fault of ours becomes a log line with a reference and an apology with the same.

    Where the ledger refused, the update stays pending and is met again at the next start.
    """
    try:
        await door.serve(arrived)
    except LedgerRefused as refused:
        log.error("An update stays pending: %s", refused)
    except Exception as fault:
        reference = f"e-{door.counter.desk.seat.ids.new_token(REFERENCE)}"
        log.exception("Update %s failed (%s)", arrived.heard.update, reference)
        await _apologise(door, arrived, reference, type(fault).__name__)


async def _apologise(door: Door, arrived: Arrived, reference: str, kind: str) -> None:
    counter, heard = door.counter, arrived.heard

    def work(tx: Tx) -> None:
        now = counter.now()
        person = tx.people.get(heard.person)
        if heard.private and heard.chat is not None and person is not None and person.active:
            show(tx, heard.chat, control.mishap(reference, counter.chip), now)
        done(tx, heard.update, now, f"{kind} ({reference})")

    try:
        await counter.desk.seat.ledger.transact(work)
        counter.wake()
    except LedgerRefused as refused:
        log.error("Update %s stays pending: %s", heard.update, refused)
