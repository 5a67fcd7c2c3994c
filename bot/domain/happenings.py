"""Name what can happen to an order: small values that the transition table is keyed by."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.domain.fill import Fill
from bot.domain.ids import VenueOrderId
from bot.domain.numbers import ZERO
from bot.domain.reports import OrderReport, VenueState


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """The request is about to leave, signed with `signed_at`, which is stored with it (R1, R2)."""

    signed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NeverLeft:
    """The request provably stayed here."""

    at: datetime
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The venue answered yes; acceptance only, and the id may be missing (reduce-only overflow)."""

    at: datetime
    venue_order_id: VenueOrderId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """The venue answered a definite no (R4)."""

    at: datetime
    code: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoClearAnswer:
    """Timeout, cut line, 5xx, unreadable reply, duplicate id (R7), or our own crash."""

    at: datetime
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FillSeen:
    """An execution became known; `fills` is the whole set known of this order, the new one included (R10)."""

    at: datetime
    fills: tuple[Fill, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenAtVenue:
    """The venue has the order, alive or claimed filled; `filled` is the venue's cumulative claim."""

    at: datetime
    venue_order_id: VenueOrderId | None
    filled: Decimal = ZERO
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedAtVenue:
    """The venue says that nothing more will come of the order; `filled` is its last cumulative claim."""

    at: datetime
    venue_order_id: VenueOrderId | None
    filled: Decimal = ZERO
    updated_at: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Triggered:
    """A plan woke; `executed_as` is the order it sent, None where the venue does not name it yet."""

    at: datetime
    venue_order_id: VenueOrderId | None
    executed_as: VenueOrderId | None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedAbsent:
    """The venue explicitly said that it knows no such order; never made from an error (R6)."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenAbsent:
    """Count, age and lists together prove that the order never existed at the venue (R5)."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelWished:
    """Somebody wants the order cancelled; nothing is decided by it (R8)."""

    at: datetime


Happening = (
    Sending
    | NeverLeft
    | Accepted
    | Rejected
    | NoClearAnswer
    | FillSeen
    | SeenAtVenue
    | EndedAtVenue
    | Triggered
    | AskedAbsent
    | ProvenAbsent
    | CancelWished
)


def happening_of(
    report: OrderReport, at: datetime, *, executed_as: VenueOrderId | None = None
) -> SeenAtVenue | EndedAtVenue | Triggered:
    """Read a report as a happening of the order it is about.

    Pass the plan's `executed_as` where the report may be about the order a plan sent: that one's end, filled or not,
    is the plan's end, and its id never replaces the plan's own.
    """
    child = executed_as is not None and report.venue_order_id == executed_as
    own_id = None if child else report.venue_order_id
    if report.state is VenueState.TRIGGERED:
        return Triggered(
            at=at, venue_order_id=own_id, executed_as=report.executed_as, updated_at=report.updated_at
        )
    ended = report.state in (VenueState.CANCELED, VenueState.FAILED)
    if ended or (child and report.state is VenueState.FILLED):
        reason = report.cancel_reason or (report.raw_state if ended else None)
        return EndedAtVenue(
            at=at, venue_order_id=own_id, filled=report.filled, updated_at=report.updated_at, reason=reason
        )
    return SeenAtVenue(at=at, venue_order_id=own_id, filled=report.filled, updated_at=report.updated_at)
