"""Trip by itself what must stop: daily and rolling loss, a row of equal rejections, nobody to tell (FF-15, FF-78)."""
from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from bot.desk.enter import write
from bot.desk.exposure import loss_starts
from bot.desk.seat import Seat
from bot.desk.verdict import limits_for
from bot.domain.events_control import BreakerTripped, LimitNear, TradingStateChanged
from bot.domain.numbers import ZERO, percent, plain
from bot.domain.order import Order, OrderState
from bot.domain.trading import TradingState
from bot.ports.ledger import Tx

STRICTNESS = {TradingState.ACTIVE: 0, TradingState.REDUCE_ONLY: 1, TradingState.HALTED: 2}
# Above this share of a limit people are warned once, before it binds.
NEAR = Decimal("0.74")
ACTOR = "system:breaker"


def look(tx: Tx, seat: Seat) -> None:
    """Look at losses and rejections with the stored baselines; fall where a limit is passed, rising is for people."""
    _losses(tx, seat)
    _rejections(tx, seat)


def _losses(tx: Tx, seat: Seat) -> None:
    now = seat.clock.now()
    limits = limits_for(tx, None, None)
    for account in tx.accounts.all():
        day, rolling = loss_starts(tx, account.line, account.margin_coin, limits, now, account.equity)
        cases = (("daily_loss", day, limits.daily_loss), ("rolling_loss", rolling, limits.rolling_loss))
        for name, start, limit in cases:
            if limit is None or start <= ZERO:
                continue
            lost = percent(max(ZERO, start - account.equity), start)
            subject = f"{name}:{account.margin_coin}"
            if lost >= limit:
                _trip(tx, seat, subject, f"{plain(lost.quantize(Decimal('0.01')))}%", f"{plain(limit)}%")
            elif lost >= limit * NEAR:
                _warn(tx, seat, subject, lost, limit)


def _trip(tx: Tx, seat: Seat, name: str, value: str, limit: str) -> None:
    now = seat.clock.now()
    stored: Mapping[str, object] = tx.desk.value(f"breaker:{name}") or {}
    day = now.date().isoformat()
    if stored.get("day") == day:
        # It tripped today already: a person who resumed meanwhile knows, and the verdict refuses openings anyway.
        return
    tx.desk.set_value(f"breaker:{name}", {"day": day}, now)
    was = tx.desk.trading_state()
    target = was if STRICTNESS[was] >= STRICTNESS[TradingState.REDUCE_ONLY] else TradingState.REDUCE_ONLY
    if target is not was:
        tx.desk.set_trading_state(target, now)
        write(tx, TradingStateChanged(was=was, now=target, by=None, why=f"breaker {name}"), now, ACTOR)
    fact = BreakerTripped(
        breaker=name, value=value, limit=limit, now=target, remedy="An owner can /resume once the cause is understood."
    )
    write(tx, fact, now, ACTOR)


def _warn(tx: Tx, seat: Seat, name: str, value: Decimal, limit: Decimal) -> None:
    now = seat.clock.now()
    stored: Mapping[str, object] = tx.desk.value(f"near:{name}") or {}
    if stored.get("day") == now.date().isoformat():
        return
    tx.desk.set_value(f"near:{name}", {"day": now.date().isoformat()}, now)
    write(tx, LimitNear(code=name, value=value, limit=limit), now, ACTOR)


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
    for (symbol, source), orders in rows.items():
        last = orders[-seat.rules.equal_rejections :]
        reasons = {order.reason for order in last}
        equal = len(last) == seat.rules.equal_rejections and len(reasons) == 1
        if equal and all(order.state is OrderState.REJECTED for order in last):
            name = f"rejections:{symbol}:{source}:{last[-1].client_order_id}"
            _trip(tx, seat, name, f"{len(last)} times {last[-1].reason}", f"{seat.rules.equal_rejections} in a row")
