"""Ask a person one thing and know their next words for the answer: a row, not memory, with an end (features 2.4)."""
from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.chat.people import until
from bot.domain.ids import PersonId
from bot.ports.ledger import Tx


def put(tx: Tx, person: PersonId, what: str, now: datetime, seconds: float, **more: Any) -> None:
    """Put a question; it replaces the one before. `what` names who reads the answer, `more` what it is about."""
    tx.desk.set_value(f"asked:{person}", {"what": what, "until": until(now, seconds), **more}, now)


def drop(tx: Tx, person: PersonId, now: datetime) -> None:
    """Take the question back; without one nothing happens."""
    if tx.desk.value(f"asked:{person}"):
        tx.desk.set_value(f"asked:{person}", {}, now)
