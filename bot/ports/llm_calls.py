"""Keep every paid question to a language model: reserved before it is asked, settled after (advisor sections 8, 13)."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

RESERVED = "reserved"
OK = "ok"


@dataclass(frozen=True, slots=True, kw_only=True)
class LlmCallRow:
    """One question; costs in the currency of the price list, tokens as the provider counted them.

    `result` is RESERVED until the answer is settled, then OK or the code of what went wrong. `context` is the digest
    of what was shown, `digest` the SHA-256 of the whole request: the same digest is the same question. `request` and
    `response` go after their 180 days, everything else stays.
    """

    id: str
    advisor: str
    purpose: str
    model: str
    context: str
    digest: str
    request: str | None
    reserved: Decimal
    at: datetime
    result: str = RESERVED
    response: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost: Decimal | None = None
    latency_ms: int | None = None
    settled_at: datetime | None = None


class LlmCalls(Protocol):
    """The questions of one account."""

    def reserve(self, call: LlmCallRow) -> None:
        """Store a question that is about to be asked. Raises ImpossibleChange for a known id."""
        ...

    def settle(self, call: LlmCallRow) -> None:
        """Store what came of a reserved question; once (ImpossibleChange)."""
        ...

    def spent(self, since: datetime, context: str | None = None) -> Decimal:
        """Add up what was paid since a moment, of one context or of all; a question not settled counts as reserved."""
        ...

    def answered(self, digest: str) -> LlmCallRow | None:
        """Find the latest good answer to a question that still has its text."""
        ...

    def first_answered(self, digest: str) -> LlmCallRow | None:
        """Find the earliest good answer to a question that still has its text."""
        ...

    def since(self, moment: datetime) -> tuple[LlmCallRow, ...]:
        """List questions from a moment on, oldest first."""
        ...

    def forget_texts(self, before: datetime) -> int:
        """Drop the texts of older questions, keep their digests and costs; gives how many."""
        ...
