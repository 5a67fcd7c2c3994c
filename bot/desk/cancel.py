"""Cancel orders: store the wish, ask the venue, and let only reports say how they ended (R8)."""
from __future__ import annotations

from dataclasses import dataclass

from bot.desk.enter import enter, write
from bot.desk.seat import Seat
from bot.domain.events_orders import CancelRequested as CancelWritten
from bot.domain.happenings import CancelWished
from bot.domain.ids import ClientOrderId, Symbol
from bot.domain.order import Order
from bot.domain.refusal import Refusal, refuse
from bot.ports.ledger import Tx
from bot.ports.venue import AlreadyEnded, CancelOutcome, CancelRequested, OrderKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Canceling:
    """What the venue said to one wish to cancel; the order's own state follows by reports."""

    order: Order
    outcome: CancelOutcome


def key_of(order: Order) -> OrderKey:
    """Say by what the venue can be asked about an order (FF-06: the client order id alone is enough)."""
    return OrderKey(
        symbol=order.intent.symbol,
        kind=order.intent.kind,
        client_order_id=order.client_order_id,
        venue_order_id=order.venue_order_id,
    )


async def cancel(seat: Seat, identity: ClientOrderId, *, actor: str, why: str) -> Canceling | Refusal:
    """Ask to cancel one order; a Refusal when it is unknown or over already (the wish is fulfilled then, FF-21)."""

    def wish(tx: Tx) -> Order | Refusal:
        order = tx.orders.get(identity)
        if order is None:
            return refuse("order_unknown", f"There is no order {identity}.", "See /orders for the open ones.")
        if order.state.settled:
            words = order.state.value.lower().replace("_", " ")
            return refuse("order_over", f"Order {identity} is {words} already.", "Nothing was to be cancelled.")
        now = seat.clock.now()
        after = enter(tx, order, CancelWished(at=now), now, actor=actor)
        if after is not order:
            write(tx, CancelWritten(order=after, why=why), now, actor)
        return after

    order = await seat.ledger.transact(wish)
    if isinstance(order, Refusal):
        return order
    outcome = await seat.venue.cancel(key_of(order))
    seat.wake.set()
    return Canceling(order=order, outcome=outcome)


async def cancel_many(
    seat: Seat, *, actor: str, why: str, symbol: Symbol | None = None, guards: bool = False
) -> tuple[Canceling | Refusal, ...]:
    """Ask to cancel every live order, or those of one symbol; guards only when told: they protect positions."""
    live = await seat.ledger.read(lambda tx: tx.orders.live(symbol))
    chosen = [order for order in live if guards or not order.intent.kind.is_guard]
    return tuple([await cancel(seat, order.client_order_id, actor=actor, why=why) for order in chosen])


def taken(outcome: CancelOutcome) -> bool:
    """Tell whether the venue took the wish or finds nothing left to cancel."""
    return isinstance(outcome, CancelRequested | AlreadyEnded)
