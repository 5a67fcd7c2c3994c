"""Let a model act alone, as far as people wrote down and for as long as they said."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum

from bot.domain.ids import AccountId, PersonId, Symbol


class Rung(Enum):
    """How far an advisor reaches (advisor section 11)."""

    OFF = "OFF"
    SHADOW = "SHADOW"
    PROPOSE = "PROPOSE"
    SEMI = "SEMI"
    AUTO = "AUTO"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mandate:
    """The written permission under which a model's yes counts; notionals in quote units, risk in percent of equity."""

    id: str
    account: AccountId
    advisor: str
    rung: Rung
    symbols: frozenset[Symbol]
    notional_per_trade: Decimal
    notional_per_day: Decimal
    trades_per_day: int
    minimum_confidence: Decimal
    cool_down_s: int
    granted_by: PersonId | None
    granted_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    version: int = 0
