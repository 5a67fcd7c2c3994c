"""Sort texts of strangers into enumerations before anything else hears of them (advisor section 8)."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.ids import Symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one text is about: a topic, a sentiment of -2 to 2, and those of our symbols it concerns."""

    topic: str
    sentiment: int
    symbols: tuple[Symbol, ...]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A text that could not be sorted, and why."""

    reason: str


class Reader(Protocol):
    """Whoever can sort a text; never raises for what the text says or does."""

    async def read(self, text: str) -> Reading | Unread:
        """Sort one text and remember what it is about, not what it says."""
        ...
