"""Put an intent on the table: its terms, who raised it, until when it may be decided."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum

from bot.domain.ids import AccountId, ClientOrderId, PersonId, ProposalId, RequestKey, Symbol
from bot.domain.intent import Direction, MarginMode, OrderIntent
from bot.domain.trading import Environment


class OriginKind(Enum):
    """Who wants it: a person in chat, a model, the system protecting, the local command line, a signal from outside."""

    PERSON = "PERSON"
    ADVISOR = "ADVISOR"
    SYSTEM = "SYSTEM"
    LOCAL = "LOCAL"
    SIGNAL = "SIGNAL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Who raised a proposal; `name` is the advisor's, the system rule's or the person's display name."""

    kind: OriginKind
    name: str
    person: PersonId | None = None


class Action(Enum):
    """What a yes would do."""

    PLACE = "PLACE"
    CLOSE = "CLOSE"
    REVERSE = "REVERSE"
    CANCEL = "CANCEL"
    AMEND = "AMEND"
    PROTECT = "PROTECT"
    LEVERAGE = "LEVERAGE"
    MARGIN_MODE = "MARGIN_MODE"


class LegAfter(Enum):
    """When a leg may leave: at once, `delay_s` after the first, when the leg before is settled, or on its first fill.

    ENTRY_FILLED legs are sized to what was really filled.
    """

    NOW = "NOW"
    DELAY = "DELAY"
    PREVIOUS_SETTLED = "PREVIOUS_SETTLED"
    ENTRY_FILLED = "ENTRY_FILLED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One child order of the terms; `child` names it inside the proposal ("entry", "target-2", "slice-3")."""

    child: str
    intent: OrderIntent
    after: LegAfter = LegAfter.NOW
    delay_s: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Exactly what a yes would authorise; everything a person must have seen is in here and in the digest.

    `legs` holds the orders to send; `targets` the orders to cancel or amend; `leverage` and `margin_mode` what is set
    and read back before the first order (FF-16, FF-49). `waiver` is the reason a person gave for no stop.
    """

    account: AccountId
    environment: Environment
    action: Action
    symbol: Symbol | None
    direction: Direction | None = None
    legs: tuple[Leg, ...] = ()
    targets: tuple[ClientOrderId, ...] = ()
    leverage: Decimal | None = None
    margin_mode: MarginMode | None = None
    waiver: str | None = None


class ProposalState(Enum):
    """The states of architecture section 5 and advisor section 10."""

    AWAITING = "AWAITING"
    CLAIMED = "CLAIMED"
    APPROVED = "APPROVED"
    ORDERED = "ORDERED"
    REFUSED = "REFUSED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"
    SUPERSEDED = "SUPERSEDED"
    WITHDRAWN = "WITHDRAWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Terms awaiting a decision.

    `drift_allowed` is a fraction of `reference_price`, or of the stop distance (R) where `drift_in_r`. `confidence`
    is 0 to 1. `revision` counts edits of the terms, `version` guards every compare-and-set.
    """

    id: ProposalId
    account: AccountId
    request_key: RequestKey
    origin: Origin
    terms: Terms
    reference_price: Decimal | None
    drift_allowed: Decimal | None
    raised_at: datetime
    expires_at: datetime
    state: ProposalState = ProposalState.AWAITING
    drift_in_r: bool = False
    thesis: str | None = None
    confidence: Decimal | None = None
    reasons: tuple[str, ...] = ()
    revision: int = 0
    version: int = 0
