"""Name a position in a button with what was shown of it, so that the button of an old position dies. Pure.

The digest has two halves: the entry says which position it is, the size how much of it was seen (security section 4).
"""
from __future__ import annotations

import hashlib
from decimal import Decimal

from bot.chat.card import press
from bot.domain.ids import Symbol
from bot.domain.intent import Direction
from bot.domain.numbers import plain

HALF = 4
SIDES = {"L": Direction.LONG, "S": Direction.SHORT}
# What is a part of what was shown; the others are about the position, however much is left of it.
SHARES = frozenset({"25", "50", "75"})


def seen(entry: Decimal, size: Decimal) -> str:
    """Give the digest of a position as it was shown."""
    return _short(f"entry {plain(entry)}") + _short(f"size {plain(size)}")


def held_press(symbol: Symbol, direction: Direction, verb: str, digest: str = "") -> str:
    """Write the data of a button about a position; without a digest it can only show something."""
    return press("h", f"{symbol}.{direction.value[0]}", verb, digest)


def same_position(shown: str, verb: str, entry: Decimal, size: Decimal) -> bool:
    """Tell whether a button still means the position that is held now; shares want the very size that was shown."""
    now = seen(entry, size)
    return shown == now if verb in SHARES else shown[:HALF] == now[:HALF]


def _short(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()[:HALF]
