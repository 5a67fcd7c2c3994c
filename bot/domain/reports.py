"""Listen to the venue: what it says about an order, a position, an account; not what we hold to be true."""
from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import Enum

from bot.domain.account import Account, PositionMode, World
from bot.domain.fill import Cause, Fill
from bot.domain.ids import ClientOrderId, Symbol, VenueOrderId
from bot.domain.instrument import ProductLine
from bot.domain.intent import Attached, Direction, Effect, MarginMode, OrderKind, TimeInForce, Trigger


class VenueState(Enum):
    """Where the venue says an order is; TRIGGERED: a plan that woke and sent an order; UNKNOWN: a new word."""

    LIVE = "LIVE"
    PARTLY_FILLED = "PARTLY_FILLED"
    FILLED = "FILLED"
    CANCELED = "CANCELED"
    TRIGGERED = "TRIGGERED"
    FAILED = "FAILED"
    UNKNOWN = "UNKNOWN"

    @property
    def final(self) -> bool:
        """Tell whether the venue will not change this order any more."""
        return self in (VenueState.FILLED, VenueState.CANCELED, VenueState.FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReport:
    """One order or plan as the venue states it.

    `filled` is cumulative. `executed_as` is the order that a triggered plan sent. `guards` names nothing at the
    venue: a guard plan belongs to the position of its symbol and direction. `fill` is the execution that caused this
    push, where the push carries one. `raw_state` keeps the venue's own word.
    """

    venue_order_id: VenueOrderId
    client_order_id: ClientOrderId | None
    symbol: Symbol
    direction: Direction | None
    effect: Effect | None
    kind: OrderKind
    state: VenueState
    raw_state: str
    size: Decimal | None
    filled: Decimal
    average_price: Decimal | None
    limit_price: Decimal | None
    trigger: Trigger | None
    time_in_force: TimeInForce
    attached: Attached | None
    margin_mode: MarginMode
    leverage: Decimal | None
    cancel_reason: str | None
    cause: Cause
    executed_as: VenueOrderId | None
    created_at: datetime
    updated_at: datetime
    fill: Fill | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """The venue explicitly said that no such order exists, at a time by our clock; never made from an error (R6)."""

    client_order_id: ClientOrderId | None
    venue_order_id: VenueOrderId | None
    asked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionReport:
    """One position as the venue states it; `size` is above zero in base units, `available` is what closes may use."""

    symbol: Symbol
    direction: Direction
    size: Decimal
    available: Decimal
    entry: Decimal
    mark: Decimal | None
    margin_mode: MarginMode
    leverage: Decimal
    margin: Decimal | None
    unrealised: Decimal | None
    realised: Decimal | None
    funding: Decimal | None
    liquidation: Decimal | None
    margin_ratio: Decimal | None
    margin_coin: str
    as_of: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionsReport:
    """All positions of one product line at one moment: what is missing here is flat."""

    line: ProductLine
    positions: tuple[PositionReport, ...]
    as_of: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountReport:
    """One wallet as the venue states it."""

    account: Account


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleveraged:
    """The venue reduced a position of ours to pay a counterparty's loss."""

    symbol: Symbol
    direction: Direction | None
    price: Decimal
    size: Decimal
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """One line of the venue's ledger: `kind` in its own words (fees, funding, transfers), `amount` signed."""

    bill_id: str
    line: ProductLine
    coin: str
    kind: str
    symbol: Symbol | None
    amount: Decimal
    fee: Decimal
    balance: Decimal | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRights:
    """What the key may do, read from the venue; `unknown` holds authority codes we have no word for."""

    user_id: str
    read: bool
    trade: bool
    withdraw: bool
    transfer: bool
    ip_bound: bool
    lead_trader: bool
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The account as probed at start: adapted to, never switched silently."""

    world: World
    rights: KeyRights | None
    position_modes: dict[ProductLine, PositionMode] = field(default_factory=dict)
    asset_mode: str = "single"
    clock_offset_ms: int = 0
    clock_uncertainty_ms: int = 0
