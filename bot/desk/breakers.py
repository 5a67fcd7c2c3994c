"""Trip by itself what must stop: daily and rolling loss, a row of equal rejections, nobody to tell (FF-15, FF-78)."""
from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from bot.desk.enter import reduce_only, write
from bot.desk.exposure import loss_starts
from bot.desk.seat import Seat
from bot.desk.verdict import limits_for, tell_near
from bot.domain.breaker import Trip, trip_by_loss, trip_by_rejections
from bot.domain.events_control import BreakerTripped
from bot.domain.numbers import ZERO, percent
from bot.domain.order import Order, OrderState
from bot.domain.risk import near
from bot.ports.ledger import Tx

ACTOR = "system:breaker"


def look(tx: Tx, seat: Seat) -> None:
    """Look at losses and rejections with the stored baselines; fall where a limit is passed, rising is for people."""
    _losses(tx, seat)
    _rejections(tx, seat)


def _losses(tx: Tx, seat: Seat) -> None:
    now = seat.clock.now()
    limits = limits_for(tx, None, None)
    for account in tx.accounts.all():
        coin = account.margin_coin
        day, rolling = loss_starts(tx, account.line, coin, limits, now, account.equity)
        day_loss, rolling_loss = max(ZERO, day - account.equity), max(ZERO, rolling - account.equity)
        trip = trip_by_loss(limits, day_loss=day_loss, day_start=day, rolling_loss=rolling_loss, rolling_start=rolling)
        if trip is not None:
            _trip(tx, seat, f"{trip.breaker}:{coin}", trip)
            continue
        for close in near(
            ("daily_loss", _percent(day_loss, day), limits.daily_loss),
            ("rolling_loss", _percent(rolling_loss, rolling), limits.rolling_loss),
        ):
            tell_near(tx, close, coin, now, ACTOR)


def _percent(part: Decimal, whole: Decimal) -> Decimal:
    return percent(part, whole) if whole > ZERO else ZERO


def _trip(tx: Tx, seat: Seat, name: str, trip: Trip) -> None:
    now = seat.clock.now()
    stored: Mapping[str, object] = tx.desk.value(f"breaker:{name}") or {}
    day = now.date().isoformat()
    if stored.get("day") == day:
        # It tripped today already: a person who resumed meanwhile knows, and the verdict refuses openings anyway.
        return
    tx.desk.set_value(f"breaker:{name}", {"day": day}, now)
    reduce_only(tx, f"breaker {name}", now, ACTOR)
    fact = BreakerTripped(
        breaker=name, value=trip.value, limit=trip.limit, now=tx.desk.trading_state(), remedy=trip.remedy
    )
    write(tx, fact, now, ACTOR)


def _rejections(tx: Tx, seat: Seat) -> None:
    """Stop after the same definite refusal several times in a row for one symbol and source (FF-15)."""
    hour = seat.clock.now() - timedelta(hours=1)
    if tx.orders.rejected_since(hour) < seat.rules.equal_rejections:
        return
    rows: dict[tuple[str, str], list[Order]] = {}
    sent = tx.orders.since(hour)
    origins = tx.proposals.origins({order.proposal_id for order in sent if order.proposal_id is not None})
    for order in sent:
        if order.proposal_id is not None:
            rows.setdefault((order.intent.symbol, origins[order.proposal_id].name), []).append(order)
    for (symbol, source), mine in rows.items():
        trip = trip_by_rejections([_code(order) for order in mine], seat.rules.equal_rejections)
        if trip is not None:
            _trip(tx, seat, f"{trip.breaker}:{symbol}:{source}:{mine[-1].client_order_id}", trip)


def _code(order: Order) -> str:
    """Give the venue's code of a refused order, "" for any other; its words may hold a number that changes."""
    return (order.reason or "").partition(" ")[0] if order.state is OrderState.REJECTED else ""
