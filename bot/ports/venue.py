"""Speak to the exchange: send, cancel, ask, list, listen; outcomes are values, silence is an exception."""
from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from bot.domain.account import Account
from bot.domain.fill import Fill
from bot.domain.ids import ClientOrderId, Symbol, VenueOrderId
from bot.domain.instrument import ProductLine
from bot.domain.intent import Attached, Direction, MarginMode, OrderKind
from bot.domain.order import Order
from bot.domain.reports import (
    Absent,
    AccountReport,
    Bill,
    Deleveraged,
    OrderReport,
    PositionReport,
    PositionsReport,
    Profile,
)


class VenueSilent(Exception):
    """A read could not be made: nothing may be concluded from it (R6); the text says which and why."""


class KeyRefused(VenueSilent):
    """The venue itself says that this key will not do; asking again mends nothing, a person has to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The venue took the request; `venue_order_id` is None where its answer carries none (reduce-only overflow)."""

    venue_order_id: VenueOrderId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """The venue answered no: `code` in its own numbers, `words` in its own words."""

    code: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NeverLeft:
    """The request provably never left us: the only outcome after which a person may simply try again."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """The venue may or may not have acted; ask, never resend."""

    why: str


Outcome = Accepted | Rejected | NeverLeft | Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRequested:
    """The venue took the wish to cancel; only later reports say how the order ended (R8)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlreadyEnded:
    """The venue does not find a cancellable order: filled, cancelled or never there; ask (R8)."""

    words: str


CancelOutcome = CancelRequested | AlreadyEnded | Rejected | NeverLeft | Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """The venue took the flash close; these are the market orders it made of it."""

    orders: tuple[VenueOrderId, ...]


CloseOutcome = Closing | Rejected | NeverLeft | Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A setting is as wished now, also when it was before."""


ChangeOutcome = Changed | Rejected | NeverLeft | Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolSettings:
    """How the account trades one symbol; both leverages are equal where the venue keeps only one."""

    symbol: Symbol
    margin_mode: MarginMode
    leverage_long: Decimal
    leverage_short: Decimal

    def leverage(self, direction: Direction) -> Decimal:
        """Give the leverage of one direction."""
        return self.leverage_long if direction is Direction.LONG else self.leverage_short


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderKey:
    """What the venue can be asked by: the namespace follows from `kind`; at least one id is present."""

    symbol: Symbol
    kind: OrderKind
    client_order_id: ClientOrderId | None
    venue_order_id: VenueOrderId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamUp:
    """The private stream of a product line is subscribed and acknowledged: reads made from now on complete it."""

    line: ProductLine
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamDown:
    """The private stream cannot be trusted from `at` on: closed, silent, overflowed; `why` says which."""

    line: ProductLine
    at: datetime
    why: str


VenueEvent = OrderReport | Fill | PositionsReport | AccountReport | Deleveraged | StreamUp | StreamDown


class Venue(Protocol):
    """One account at one exchange.

    Every verb that changes state sends at most once and never raises for what the venue or the network does. Reads
    raise VenueSilent when they cannot know; an empty result always means empty. Lists are complete (all pages) or
    raise.
    """

    async def submit(self, order: Order) -> Outcome:
        """Send an order or plan of any kind, signed with `order.signed_at`; NeverLeft when that is too old (R2)."""
        ...

    async def submit_batch(self, orders: Sequence[Order]) -> tuple[Outcome, ...]:
        """Send several book orders of one symbol in one request; outcomes in the order given, partial success."""
        ...

    async def cancel(self, key: OrderKey) -> CancelOutcome:
        """Ask to cancel one order or plan."""
        ...

    async def cancel_all(self, line: ProductLine, symbol: Symbol | None) -> CancelOutcome:
        """Ask to cancel all book orders of a product line, or of one symbol; plans stay."""
        ...

    async def amend(self, old: OrderKey, new: Order) -> Outcome:
        """Ask to replace an open limit order by `new`, a later order with its own id (R9)."""
        ...

    async def amend_plan(self, key: OrderKey, new: Order) -> Outcome:
        """Change trigger, price or size of a plan in place: its ids stay."""
        ...

    async def amend_attached(self, key: OrderKey, attached: Attached) -> Outcome:
        """Change the stop and target that travel with an open limit order; both are stated, None removes one."""
        ...

    async def close_position(self, symbol: Symbol, direction: Direction | None) -> CloseOutcome:
        """Flash-close a symbol at market (one direction, or whatever is open); gives the venue's closing orders."""
        ...

    async def order(self, key: OrderKey) -> OrderReport | Absent:
        """Ask for one order or plan; Absent only on the venue's explicit word."""
        ...

    async def open_orders(self, line: ProductLine) -> tuple[OrderReport, ...]:
        """List the open book orders of a product line."""
        ...

    async def open_plans(self, line: ProductLine) -> tuple[OrderReport, ...]:
        """List the waiting plans of a product line: triggers, trailing, stops and targets."""
        ...

    async def ended_orders(self, line: ProductLine, since: datetime) -> tuple[OrderReport, ...]:
        """List book orders that ended, created at or after `since`."""
        ...

    async def ended_plans(self, line: ProductLine, since: datetime) -> tuple[OrderReport, ...]:
        """List plans that ended, created at or after `since`."""
        ...

    async def fills(self, line: ProductLine, since: datetime, order: VenueOrderId | None = None) -> tuple[Fill, ...]:
        """List executions at or after `since`, oldest first; of one order where given."""
        ...

    async def positions(self, line: ProductLine) -> tuple[PositionReport, ...]:
        """List open positions of a product line."""
        ...

    async def accounts(self, line: ProductLine) -> tuple[Account, ...]:
        """List the wallets of a product line."""
        ...

    async def bills(self, line: ProductLine, since: datetime) -> tuple[Bill, ...]:
        """List ledger lines at or after `since`, oldest first."""
        ...

    async def profile(self) -> Profile:
        """Probe account world, modes, key rights and clock; changes nothing."""
        ...

    async def settings(self, symbol: Symbol) -> SymbolSettings:
        """Read margin mode and leverage of one symbol."""
        ...

    async def set_leverage(self, symbol: Symbol, leverage: Decimal, direction: Direction | None) -> ChangeOutcome:
        """Set leverage of a symbol; of one direction where the modes keep two."""
        ...

    async def set_margin_mode(self, symbol: Symbol, mode: MarginMode) -> ChangeOutcome:
        """Set the margin mode of a symbol; Rejected while positions or orders exist."""
        ...

    async def add_margin(self, symbol: Symbol, direction: Direction, amount: Decimal) -> ChangeOutcome:
        """Move margin into (above zero) or out of an isolated position."""
        ...

    def events(self) -> AsyncIterator[VenueEvent]:
        """Follow the private streams for ever; gaps are told by StreamDown and StreamUp, never hidden."""
        ...
