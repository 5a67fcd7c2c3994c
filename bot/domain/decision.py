"""Say yes or no: by whom, how and when, over exactly which terms."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from bot.domain.ids import AccountId, PersonId, ProposalId


class Manner(Enum):
    """How a decision was made."""

    COMMAND = "COMMAND"
    BUTTON = "BUTTON"
    MANDATE = "MANDATE"
    TIME = "TIME"
    LOCAL = "LOCAL"
    SYSTEM = "SYSTEM"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One answer to one proposal revision; `digest` is that of the terms that were shown (security section 4)."""

    account: AccountId
    proposal_id: ProposalId
    revision: int
    answer: bool
    manner: Manner
    by: PersonId | None
    at: datetime
    digest: str
    reason: str | None = None
