"""State facts about orders, fills and their guards."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.domain.fill import Fill
from bot.domain.ids import ClientOrderId, Symbol, TradeId, VenueOrderId
from bot.domain.intent import Direction
from bot.domain.order import Order, OrderState
from bot.domain.position import Position
from bot.domain.protection import Waiver


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPlanned:
    """An order is saved and about to leave, with a positive verdict."""

    order: Order


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderAccepted:
    """The venue took the order."""

    order: Order


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRejected:
    """The venue said no."""

    order: Order
    code: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderNotSent:
    """The request never left us: a person may simply try again."""

    order: Order
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderInDoubt:
    """Nobody knows yet whether the venue has the order."""

    order: Order
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderResolved:
    """A doubt is over: the order was found, or proven never to have existed; `after_s` whole seconds of doubt."""

    order: Order
    was: OrderState
    how: str
    after_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FillRecorded:
    """An execution is in the books; `order` and `position` as they are now, None where not ours or flat."""

    fill: Fill
    order: Order | None
    position: Position | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FillReplaced:
    """Real executions took the place of an inferred one."""

    client_order_id: ClientOrderId
    symbol: Symbol
    inferred: TradeId
    real: tuple[TradeId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderEnded:
    """An order is settled; `outside` when nobody here asked for its end."""

    order: Order
    reason: str | None
    outside: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderAmended:
    """An order was replaced by a later one, or a plan changed in place (then both have one id)."""

    old: Order
    new: Order


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRequested:
    """The wish to cancel is stored; how the order ends comes later (R8)."""

    order: Order
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanTriggered:
    """A plan woke and sent an order; a stop or target hit is one of these."""

    order: Order
    executed_as: VenueOrderId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StopPlaced:
    """A stop is at the venue, not yet verified by a read-back."""

    symbol: Symbol
    direction: Direction
    price: Decimal
    size: Decimal | None
    client_order_id: ClientOrderId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StopMoved:
    """A stop is at another price or for another size; `why` says by which rule or whom."""

    symbol: Symbol
    direction: Direction
    was: Decimal
    now: Decimal
    size: Decimal | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StopFailed:
    """A stop could not be placed or moved."""

    symbol: Symbol
    direction: Direction
    price: Decimal | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectionVerified:
    """A read-back showed the stop at the venue."""

    symbol: Symbol
    direction: Direction
    price: Decimal
    size: Decimal | None
    client_order_id: ClientOrderId | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionNaked:
    """A position has no verified stop and no waiver; `seconds` it has been so."""

    symbol: Symbol
    direction: Direction
    size: Decimal
    entry: Decimal
    since: datetime
    seconds: int
    next_step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverGranted:
    """A person decided to hold a position without a stop for a while."""

    symbol: Symbol
    direction: Direction
    waiver: Waiver
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverEnded:
    """A waiver ran out or was taken back: the position needs a stop again."""

    symbol: Symbol
    direction: Direction
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrphanStopFound:
    """A guard waits at the venue for a position that is not there."""

    symbol: Symbol
    direction: Direction
    client_order_id: ClientOrderId | None
    venue_order_id: VenueOrderId | None
    price: Decimal | None
    ours: bool
    next_step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardWrong:
    """A guard does not fit its position: too large, too small, or on the wrong leg or side.

    `mending` tells that the desk is bringing it down to the position by itself.
    """

    symbol: Symbol
    direction: Direction
    client_order_id: ClientOrderId | None
    venue_order_id: VenueOrderId | None
    what: str
    next_step: str
    mending: bool = False


FACTS = (
    OrderPlanned,
    OrderAccepted,
    OrderRejected,
    OrderNotSent,
    OrderInDoubt,
    OrderResolved,
    FillRecorded,
    FillReplaced,
    OrderEnded,
    OrderAmended,
    CancelRequested,
    PlanTriggered,
    StopPlaced,
    StopMoved,
    StopFailed,
    ProtectionVerified,
    PositionNaked,
    WaiverGranted,
    WaiverEnded,
    OrphanStopFound,
    GuardWrong,
)
