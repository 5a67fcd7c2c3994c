"""Put an intent on the table: its terms, who raised it, until when it may be decided."""
from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import Enum

from bot.domain.ids import AccountId, ClientOrderId, PersonId, ProposalId, RequestKey, Symbol
from bot.domain.intent import Direction, Effect, MarginMode, OrderIntent
from bot.domain.numbers import ZERO
from bot.domain.record import canonical_json, to_plain
from bot.domain.trading import Environment, Purpose


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


BUTTON_DIGEST = 8
PURPOSES = {
    OriginKind.PERSON: Purpose.PERSON,
    OriginKind.LOCAL: Purpose.PERSON,
    OriginKind.SYSTEM: Purpose.PROTECTION,
    OriginKind.ADVISOR: Purpose.AUTOMATION,
    OriginKind.SIGNAL: Purpose.AUTOMATION,
}


def purpose_of(origin: Origin) -> Purpose:
    """Say why something of this origin wants to leave, for `trading.may_leave`."""
    return PURPOSES[origin.kind]


def terms_digest(proposal: Proposal) -> str:
    """Give the SHA-256 in hex over everything a yes would authorise (security section 4, C1a).

    It covers terms (with account and environment), id, revision, reference price, allowed drift and expiry, so a
    button of an older revision or another environment names another digest.
    """
    body = {
        "id": proposal.id,
        "revision": proposal.revision,
        "terms": to_plain(proposal.terms),
        "reference": to_plain(proposal.reference_price),
        "drift": to_plain(proposal.drift_allowed),
        "drift_in_r": proposal.drift_in_r,
        "expires": to_plain(proposal.expires_at),
    }
    return hashlib.sha256(canonical_json(body).encode()).hexdigest()


def button_digest(proposal: Proposal) -> str:
    """Give the eight hex letters of the digest that fit a button."""
    return terms_digest(proposal)[:BUTTON_DIGEST]


def effect_of(terms: Terms) -> Effect:
    """Say whether a yes could increase exposure or weaken a guard (OPEN), or only reduces (CLOSE)."""
    if terms.action in (Action.CLOSE, Action.CANCEL):
        return Effect.CLOSE
    if terms.action is Action.PROTECT:
        return Effect.OPEN if terms.waiver else Effect.CLOSE
    if terms.action in (Action.LEVERAGE, Action.MARGIN_MODE) or not terms.legs:
        return Effect.OPEN
    return Effect.CLOSE if all(leg.intent.effect is Effect.CLOSE for leg in terms.legs) else Effect.OPEN


def stop_of(terms: Terms) -> Decimal | None:
    """Give the stop of the first opening leg."""
    return next((leg.intent.stop for leg in terms.legs if leg.intent.stop is not None), None)


def lacks_stop(proposal: Proposal) -> bool:
    """Tell whether a signal from outside would open without a stop: nobody may approve it so (features 2.8)."""
    opens = any(leg.intent.effect is Effect.OPEN for leg in proposal.terms.legs)
    return proposal.origin.kind is OriginKind.SIGNAL and opens and stop_of(proposal.terms) is None


class Drift(Enum):
    """What the price did since the terms were written."""

    WITHIN = "WITHIN"
    CHASING = "CHASING"
    AGAINST = "AGAINST"


def drift(proposal: Proposal, price: Decimal) -> Drift:
    """Compare a price with the reference: chasing beyond the allowance, or against the idea by twice of it.

    In R (where `drift_in_r`) the unit is the distance from reference to stop, otherwise a fraction of the reference
    (advisor section 10: -0.5R < d <= 0.25R passes).
    """
    reference, allowed = proposal.reference_price, proposal.drift_allowed
    if reference is None or allowed is None or proposal.terms.direction is None:
        return Drift.WITHIN
    stop = stop_of(proposal.terms)
    unit = abs(reference - stop) if proposal.drift_in_r and stop is not None else reference
    if unit == ZERO:
        return Drift.WITHIN
    moved = (price - reference) * proposal.terms.direction.sign / unit
    if moved > allowed:
        return Drift.CHASING
    return Drift.AGAINST if moved <= -2 * allowed else Drift.WITHIN


def revise(
    proposal: Proposal,
    terms: Terms,
    *,
    expires_at: datetime,
    reference_price: Decimal | None = None,
) -> Proposal:
    """Give the next revision with other terms: another digest, so earlier votes and buttons are void."""
    return replace(
        proposal, terms=terms, expires_at=expires_at, revision=proposal.revision + 1, version=proposal.version + 1,
        reference_price=proposal.reference_price if reference_price is None else reference_price,
        state=ProposalState.AWAITING,
    )
