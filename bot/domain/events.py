"""State facts in the past tense: every journal line, carrying all a reader needs."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.ids import AccountId


class Fact(Protocol):
    """Any frozen dataclass of this file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A journal line: the fact, when, by whom, about what, and the line that led here."""

    seq: int
    account: AccountId
    at: datetime
    actor: str
    kind: str
    subject: str
    cause: int | None
    fact: Fact
    hash: str
