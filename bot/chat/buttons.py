"""Read what a button carries: `kind:id:verb[:digest]`, at most 64 bytes; it names, it grants nothing. Pure.

The writer is bot/chat/card.py; ids are of stored rows, so that a card of yesterday's process still works.
"""
from __future__ import annotations

import re
from dataclasses import dataclass

from bot.chat.card import DATA_BYTES

SHAPE = re.compile(r"(?P<kind>[a-z]):(?P<id>[A-Za-z0-9_.\-]{1,40}):(?P<verb>[A-Za-z0-9_.\-]{0,40})"
                   r"(?::(?P<digest>[A-Za-z0-9]{1,16}))?")
KINDS = frozenset("phocawdl")


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """What a button names: a kind (card.py), the id of a row, what to do with it, digest of what was shown."""

    kind: str
    id: str
    verb: str
    digest: str = ""


def read_press(data: str) -> Press | None:
    """Read button data; None for anything this program never wrote."""
    match = SHAPE.fullmatch(data) if len(data.encode()) <= DATA_BYTES else None
    if match is None or match["kind"] not in KINDS:
        return None
    return Press(kind=match["kind"], id=match["id"], verb=match["verb"], digest=match["digest"] or "")
