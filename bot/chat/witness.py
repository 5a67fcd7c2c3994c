"""Tell owners once a day where the journal's chain stands: whoever rewrote all of it is found out (security 11, T14).

A chain alone convinces nobody who can write the whole database; a message on the owners' phones, and a line on the
second channel, lie elsewhere.
"""
from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime

from bot.chat.outbox import show
from bot.chat.people import owners
from bot.chat.render.replies import said
from bot.chat.render.text import Chip, code, rich
from bot.ports.clock import Clock
from bot.ports.ledger import Ledger, Tx
from bot.ports.ledger_rows import ChainBroken, ChainHead

PERIOD_S = 60.0
PLACE = "witness"


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """What the daily line needs; `second` is a place outside this machine, None without one."""

    ledger: Ledger
    clock: Clock
    chip: Chip
    wake: Callable[[], None]
    second: Callable[[str], Awaitable[bool]] | None = None


async def testify(witness: Witness) -> None:
    """Tell it once a day, for ever."""
    while True:
        await look(witness)
        await witness.clock.sleep(PERIOD_S)


async def look(witness: Witness) -> bool:
    """Tell the head where a new day (UTC) began; gives whether it did. The first day only begins the count."""
    now = witness.clock.now()
    head = await witness.ledger.transact(lambda tx: _told(tx, witness.chip, now))
    if head is None:
        return False
    witness.wake()
    if witness.second is not None:
        await witness.second(f"alive; journal line {head.seq}, hash {head.hash}")
    return True


def _told(tx: Tx, chip: Chip, now: datetime) -> ChainHead | None:
    kept, day = tx.desk.value(PLACE) or {}, now.date().isoformat()
    if kept.get("day") == day:
        return None
    head = tx.journal.head()
    tx.desk.set_value(PLACE, {"day": day, "seq": head.seq, "hash": head.hash}, now)
    if not kept:
        return None
    line = rich("To check that nobody rewrote it: ", code(f"/audit {head.seq} {head.hash}"))
    card = replace(said(chip, f"Journal: {head.seq} lines", "Keep this message.", line), silent=True)
    for owner in owners(tx):
        show(tx, int(owner.person), card, now)
    return head


def read_head(words: str) -> ChainHead | None:
    """Read a head that was told: a number and a hash; None for anything else."""
    match = re.fullmatch(r"(\d{1,12})\s+([0-9a-f]{64})", words.strip())
    return ChainHead(seq=int(match[1]), hash=match[2]) if match is not None else None


async def whole(ledger: Ledger, told: ChainHead | None = None) -> ChainBroken | None:
    """Verify the journal in steps, each a reading of its own: a year of lines takes longer than a lease lives."""
    place: ChainHead | None = None
    while True:
        found = await ledger.read(lambda tx, at=place: tx.journal.verify_next(at, told))  # type: ignore[misc]
        if found is None or isinstance(found, ChainBroken):
            return found
        place = found
