"""Make an order out of a report alone: a lost row of ours, a guard that came with an entry, or a stranger's."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.domain.happenings import happening_of
from bot.domain.ids import AccountId, ClientOrderId, tag_of
from bot.domain.intent import Direction, Effect, OrderIntent, OrderKind
from bot.domain.order import Order, OrderState, Owner
from bot.domain.order_table import apply
from bot.domain.reports import OrderReport


def belongs_to_us(report: OrderReport, tag: str) -> bool:
    """Tell whether the report carries a client id that this installation made."""
    return report.client_order_id is not None and tag_of(report.client_order_id) == tag


def adopt(report: OrderReport, account: AccountId, tag: str, now: datetime, orders: Sequence[Order]) -> Order:
    """Build the row of an order that only the venue knows.

    OURS by client id or as the guard that travelled inside one of our entries (then `parent` names it, R11), else
    FOREIGN. Its name is the client id, or one derived from the venue's id, so adopting twice is adopting once.
    """
    parent = parent_of(report, orders)
    ours = belongs_to_us(report, tag) or parent is not None
    name = report.client_order_id or ClientOrderId(f"venue-{report.venue_order_id}")
    seed = Order(
        account=account,
        client_order_id=name,
        intent=intent_of(report),
        # As if in doubt: the report then says what it is, by the one table.
        state=OrderState.IN_DOUBT,
        created_at=report.created_at,
        venue_order_id=report.venue_order_id,
        parent=None if parent is None else parent.client_order_id,
        owner=Owner.OURS if ours else Owner.FOREIGN,
    )
    return apply(seed, happening_of(report, now))


def intent_of(report: OrderReport) -> OrderIntent:
    """Read a report as a wish; a direction the venue does not tell is taken as LONG and OPEN (the larger exposure)."""
    return OrderIntent(
        symbol=report.symbol,
        direction=report.direction or Direction.LONG,
        effect=Effect.CLOSE if report.kind.is_guard else report.effect or Effect.OPEN,
        kind=report.kind,
        size=report.size,
        limit_price=report.limit_price,
        trigger=report.trigger,
        time_in_force=report.time_in_force,
        attached=report.attached,
        margin_mode=report.margin_mode,
        leverage=report.leverage,
    )


def parent_of(report: OrderReport, orders: Sequence[Order]) -> Order | None:
    """Find the entry of ours whose attached stop or target this guard is: same leg, same trigger price, the newest."""
    if not report.kind.is_guard or report.trigger is None:
        return None
    for order in sorted(orders, key=lambda one: one.created_at, reverse=True):
        attached, intent = order.intent.attached, order.intent
        if attached is None or order.owner is not Owner.OURS or intent.symbol != report.symbol:
            continue
        price = attached.target if report.kind is OrderKind.TARGET else attached.stop
        if intent.direction is report.direction and price == report.trigger.price:
            return order
    return None
