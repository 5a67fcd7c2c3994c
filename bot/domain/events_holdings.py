"""State facts about positions, wallets, settings and the agreement of our books with the venue."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.domain.account import Account, PositionMode
from bot.domain.fill import Cause
from bot.domain.ids import Symbol
from bot.domain.instrument import ProductLine
from bot.domain.intent import Direction, MarginMode
from bot.domain.order import Order
from bot.domain.position import Position


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionChanged:
    """A position is another one now; size zero means closed, `realised` is what this change earned without fees."""

    was: Position | None
    now: Position
    realised: Decimal
    cause: Cause = Cause.ORDER
    outside: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountMarked:
    """A wallet at a moment, for equity curves and loss limits."""

    account: Account


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingDue:
    """Funding will be paid soon; `estimate` is signed, what we receive is above zero."""

    symbol: Symbol
    rate: Decimal
    at: datetime
    estimate: Decimal
    coin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingPaid:
    """Funding was booked; `amount` is signed, what we received is above zero."""

    symbol: Symbol
    amount: Decimal
    coin: str
    bill_id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Transferred:
    """Money came into or left a wallet by something else than trading."""

    line: ProductLine
    coin: str
    amount: Decimal
    words: str
    bill_id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Liquidated:
    """The venue closed a position of ours, or part of it, by force."""

    symbol: Symbol
    direction: Direction | None
    size: Decimal
    price: Decimal
    realised: Decimal | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleveraged:
    """The venue reduced a position of ours to pay a counterparty's loss."""

    symbol: Symbol
    direction: Direction | None
    size: Decimal
    price: Decimal
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LiquidationNear:
    """The mark came within a tier of the liquidation price; `distance` in percent of the mark, tier 1 the mildest."""

    symbol: Symbol
    direction: Direction
    mark: Decimal
    liquidation: Decimal
    distance: Decimal
    tier: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginRatioHigh:
    """Maintenance over equity passed a tier; `ratio` in percent, 100 is liquidation; `symbol` None: the wallet."""

    line: ProductLine
    symbol: Symbol | None
    ratio: Decimal
    tier: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LeverageChanged:
    """A symbol's leverage is another one now, set by us or outside."""

    symbol: Symbol
    direction: Direction | None
    was: Decimal | None
    now: Decimal
    outside: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginModeChanged:
    """A symbol's margin mode is another one now, set by us or outside."""

    symbol: Symbol
    was: MarginMode | None
    now: MarginMode
    outside: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginMoved:
    """Margin was moved into (above zero) or out of an isolated position."""

    symbol: Symbol
    direction: Direction
    amount: Decimal
    coin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeChangedOutside:
    """The account's position mode was switched by somebody else: openings pause until a person has looked."""

    line: ProductLine
    was: PositionMode
    now: PositionMode


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciliationDone:
    """Our books were compared with the venue's and corrected."""

    why: str
    corrections: int
    fills: int
    drifts: int
    took_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftFound:
    """A difference that missed facts do not explain; both numbers in words."""

    subject: str
    symbol: Symbol | None
    local: str
    venue: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignOrderSeen:
    """An order at the venue that is not ours: counted, shown, never touched unasked."""

    order: Order


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignPositionSeen:
    """A position that our orders do not explain: counted, offered for adopt, ignore or close."""

    position: Position


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignSettled:
    """A person chose what to do with something foreign: adopt, ignore or close."""

    subject: str
    symbol: Symbol
    choice: str


FACTS = (
    PositionChanged,
    AccountMarked,
    FundingDue,
    FundingPaid,
    Transferred,
    Liquidated,
    Deleveraged,
    LiquidationNear,
    MarginRatioHigh,
    LeverageChanged,
    MarginModeChanged,
    MarginMoved,
    ModeChangedOutside,
    ReconciliationDone,
    DriftFound,
    ForeignOrderSeen,
    ForeignPositionSeen,
    ForeignSettled,
)
