"""Guard a position: its stop, its targets, or a dated waiver; and whether the venue was seen to hold them."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum

from bot.domain.ids import AccountId, ClientOrderId, PersonId, Symbol
from bot.domain.intent import Direction


class ProtectionState(Enum):
    """How sure we are that the position is guarded."""

    NAKED = "NAKED"
    PLACING = "PLACING"
    VERIFIED = "VERIFIED"
    WAIVED = "WAIVED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """A person's dated decision to hold a position without a stop until `until`."""

    by: PersonId | None
    reason: str
    at: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """What guards one position.

    `stop` is the wanted stop price; `stop_order` the guard at the venue once known, ours or adopted; `verified_at`
    the moment a read-back last showed it; `naked_since` when the position was first seen without one (I8).
    `break_even_at` moves the stop to the entry when the mark reaches it; `trail` follows at that distance in percent.
    """

    account: AccountId
    symbol: Symbol
    direction: Direction
    state: ProtectionState
    stop: Decimal | None = None
    stop_size: Decimal | None = None
    stop_order: ClientOrderId | None = None
    targets: tuple[ClientOrderId, ...] = ()
    verified_at: datetime | None = None
    naked_since: datetime | None = None
    waiver: Waiver | None = None
    break_even_at: Decimal | None = None
    trail: Decimal | None = None
    version: int = 0
