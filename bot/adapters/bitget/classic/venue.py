"""Be the Venue of one classic account: each verb is a function of its own family, bound here."""
from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from datetime import datetime
from decimal import Decimal

from bot.adapters.bitget.classic import venue_orders, venue_plans, venue_reads, venue_settings
from bot.adapters.bitget.classic.link import Link
from bot.adapters.bitget.classic.words import line_of
from bot.domain.account import Account, PositionMode
from bot.domain.fill import Fill
from bot.domain.ids import Symbol, VenueOrderId
from bot.domain.instrument import Instrument, ProductLine
from bot.domain.intent import Attached, Direction, MarginMode
from bot.domain.order import Order
from bot.domain.reports import Absent, Bill, OrderReport, PositionReport, Profile
from bot.ports.venue import (
    Accepted,
    CancelOutcome,
    ChangeOutcome,
    CloseOutcome,
    OrderKey,
    Outcome,
    StreamUp,
    SymbolSettings,
    VenueEvent,
)


class ClassicVenue:
    """Ports.venue over the v2 REST API; `events` is the private stream's own iterator, given from outside.

    Beyond the port: `submit_guards`, `set_position_mode`, `set_auto_margin`, `learn` and `forget_modes`.
    """

    def __init__(
        self,
        link: Link,
        events: Callable[[], AsyncIterator[VenueEvent]],
        accepted: Callable[[ProductLine], None] = lambda line: None,
    ) -> None:
        self._link = link
        self._events = events
        self._accepted = accepted

    def learn(self, instruments: tuple[Instrument, ...]) -> None:
        """Take margin coins from the contracts."""
        self._link.learn(instruments)

    def forget_modes(self) -> None:
        """Read position modes again before the next order (FF-45)."""
        self._link.forget_modes()

    async def submit(self, order: Order) -> Outcome:
        """Send an order or plan of any kind."""
        outcome = await venue_orders.submit(self._link, order)
        if isinstance(outcome, Accepted) and not order.intent.kind.is_plan:
            # The stream must speak of it soon, or it is silent though it looks alive (FF-63).
            self._accepted(line_of(order.intent.symbol))
        return outcome

    async def submit_batch(self, orders: Sequence[Order]) -> tuple[Outcome, ...]:
        """Send several book orders of one symbol."""
        return await venue_orders.submit_batch(self._link, orders)

    async def submit_guards(self, stop: Order, target: Order) -> tuple[Outcome, Outcome]:
        """Send a stop and a target of one position in one request."""
        return await venue_plans.submit_guards(self._link, stop, target)

    async def cancel(self, key: OrderKey) -> CancelOutcome:
        """Ask to cancel one order or plan."""
        cancel = venue_plans.cancel_plan if key.kind.is_plan else venue_orders.cancel_order
        return await cancel(self._link, key)

    async def cancel_all(self, line: ProductLine, symbol: Symbol | None) -> CancelOutcome:
        """Ask to cancel all book orders of a line or symbol."""
        return await venue_orders.cancel_all(self._link, line, symbol)

    async def amend(self, old: OrderKey, new: Order) -> Outcome:
        """Ask to replace an open limit order."""
        return await venue_orders.amend(self._link, old, new)

    async def amend_plan(self, key: OrderKey, new: Order) -> Outcome:
        """Change a plan in place."""
        return await venue_plans.amend_plan(self._link, key, new)

    async def amend_attached(self, key: OrderKey, attached: Attached) -> Outcome:
        """Change the stop and target inside an open limit order."""
        return await venue_orders.amend_attached(self._link, key, attached)

    async def close_position(self, symbol: Symbol, direction: Direction | None) -> CloseOutcome:
        """Flash-close a symbol at market."""
        return await venue_orders.close_position(self._link, symbol, direction)

    async def order(self, key: OrderKey) -> OrderReport | Absent:
        """Ask for one order or plan."""
        return await venue_reads.order(self._link, key)

    async def open_orders(self, line: ProductLine) -> tuple[OrderReport, ...]:
        """List open book orders."""
        return await venue_reads.open_orders(self._link, line)

    async def open_plans(self, line: ProductLine) -> tuple[OrderReport, ...]:
        """List waiting plans."""
        return await venue_reads.open_plans(self._link, line)

    async def ended_orders(self, line: ProductLine, since: datetime) -> tuple[OrderReport, ...]:
        """List ended book orders."""
        return await venue_reads.ended_orders(self._link, line, since)

    async def ended_plans(self, line: ProductLine, since: datetime) -> tuple[OrderReport, ...]:
        """List ended plans."""
        return await venue_reads.ended_plans(self._link, line, since)

    async def fills(self, line: ProductLine, since: datetime, order: VenueOrderId | None = None) -> tuple[Fill, ...]:
        """List executions."""
        return await venue_reads.fills(self._link, line, since, order)

    async def positions(self, line: ProductLine) -> tuple[PositionReport, ...]:
        """List open positions."""
        return await venue_reads.positions(self._link, line)

    async def accounts(self, line: ProductLine) -> tuple[Account, ...]:
        """List wallets."""
        return await venue_reads.accounts(self._link, line)

    async def bills(self, line: ProductLine, since: datetime) -> tuple[Bill, ...]:
        """List ledger lines."""
        return await venue_reads.bills(self._link, line, since)

    async def profile(self) -> Profile:
        """Probe the account."""
        return await venue_settings.profile(self._link)

    async def settings(self, symbol: Symbol) -> SymbolSettings:
        """Read margin mode and leverage."""
        return await venue_settings.settings(self._link, symbol)

    async def set_leverage(self, symbol: Symbol, leverage: Decimal, direction: Direction | None) -> ChangeOutcome:
        """Set leverage."""
        return await venue_settings.set_leverage(self._link, symbol, leverage, direction)

    async def set_margin_mode(self, symbol: Symbol, mode: MarginMode) -> ChangeOutcome:
        """Set the margin mode of a symbol."""
        return await venue_settings.set_margin_mode(self._link, symbol, mode)

    async def set_position_mode(self, line: ProductLine, mode: PositionMode) -> ChangeOutcome:
        """Set the position mode of a product line."""
        return await venue_settings.set_position_mode(self._link, line, mode)

    async def set_auto_margin(self, symbol: Symbol, direction: Direction, on: bool) -> ChangeOutcome:
        """Switch automatic margin of an isolated position."""
        return await venue_settings.set_auto_margin(self._link, symbol, direction, on)

    async def add_margin(self, symbol: Symbol, direction: Direction, amount: Decimal) -> ChangeOutcome:
        """Move margin into or out of an isolated position."""
        return await venue_settings.add_margin(self._link, symbol, direction, amount)

    async def events(self) -> AsyncIterator[VenueEvent]:
        """Follow the private streams; after every reconnect the position mode is read before the next order (FF-45)."""
        stream = self._events()
        try:
            async for event in stream:
                if isinstance(event, StreamUp):
                    self._link.forget_modes(event.line)
                yield event
        finally:
            if isinstance(stream, AsyncGenerator):
                await stream.aclose()
