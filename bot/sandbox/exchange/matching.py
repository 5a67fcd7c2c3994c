"""Matching: price-time priority against resting orders and invented depth (semantics.md 5, 6)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from bot.sandbox.exchange import lifecycle, positions
from bot.sandbox.exchange.specs import Spec
from bot.sandbox.exchange.state import Order, Trade, text

if TYPE_CHECKING:
    from bot.sandbox.exchange.engine import Engine

CHUNK_MS = 120
_UNFILLED = {"ioc": "ioc_not_full_cancel", "fok": "fok_not_full_cancel"}


def submit(engine: Engine, order: Order) -> None:
    """Match an order that was just entered, then rest or cancel what is left of it."""
    book = engine.books[order.spec.symbol]
    crosses = _crosses(order, book.best(order.buys))
    if order.force == "post_only" and order.order_type == "limit":
        if crosses:
            lifecycle.cancel(engine, order, "post_only_fill_cancel")
        else:
            _rest(engine, order)
        return
    if order.order_type == "limit" and order.force == "fok" and not _fillable(engine, order):
        lifecycle.cancel(engine, order, "fok_not_full_cancel")
        return
    if engine.chunks_next:
        order.chunk = _chunk(order, engine.chunks_next)
        engine.chunks_next = 0
    if crosses:
        take(engine, order, order.chunk or order.left)
    _settle(engine, order)


def _settle(engine: Engine, order: Order) -> None:
    if not order.open:
        return
    book = engine.books[order.spec.symbol]
    if order.chunk and order.filled and positions.room(order) and _crosses(order, book.best(order.buys)):
        engine.submit_later(CHUNK_MS, lambda: _next_chunk(engine, order))
        return
    if not positions.room(order):
        lifecycle.cancel(engine, order)
    elif order.order_type == "market":
        lifecycle.cancel(engine, order, "slippage_cancel")
    elif order.force in _UNFILLED:
        lifecycle.cancel(engine, order, _UNFILLED[order.force])
    else:
        _rest(engine, order)


def _next_chunk(engine: Engine, order: Order) -> None:
    if order.open and not order.resting:
        take(engine, order, min(order.chunk, order.left))
        _settle(engine, order)


def _chunk(order: Order, pieces: int) -> Decimal:
    step = order.spec.step
    return max(step, -(-order.size // (step * pieces)) * step)


def _rest(engine: Engine, order: Order) -> None:
    order.resting = True
    engine.books[order.spec.symbol].rest(order)


def _crosses(order: Order, best: Decimal | None) -> bool:
    if best is None:
        return False
    if order.order_type == "market":
        return True
    return best <= order.price if order.buys else best >= order.price


def _fillable(engine: Engine, order: Order) -> bool:
    """Return whether the whole order would fill now; own orders that prevention would remove do not count."""
    resting, levels = engine.books[order.spec.symbol].facing(order.buys)
    wanted = order.left
    for _, _, other in resting:
        if not _crosses(order, other.price):
            break
        if other.account is order.account and order.stp != "none":
            if order.stp != "cancel_maker":
                return False
            continue
        wanted -= other.left
    for price, size in levels:
        if wanted <= 0 or not _crosses(order, price):
            break
        wanted -= size
    return wanted <= 0


def take(engine: Engine, order: Order, limit: Decimal) -> None:
    """Fill an incoming order up to a size: best price first; at equal price what rests is older
    than invented depth, which is renewed with every price."""
    book = engine.books[order.spec.symbol]
    goal = min(limit, positions.room(order))
    while goal > 0 and order.open:
        resting, levels = book.facing(order.buys)
        maker = resting[0][2] if resting else None
        level = levels[0] if levels else None
        if maker is not None and level is not None and _better(order.buys, level[0], maker.price):
            maker = None
        price = maker.price if maker is not None else level[0] if level is not None else None
        if price is None or not _crosses(order, price):
            return
        if maker is not None:
            if maker.account is order.account and order.stp != "none" and _prevented(engine, order, maker):
                continue
            size = min(goal, positions.room(maker))
            if size <= 0:
                lifecycle.cancel(engine, maker)
                continue
            _trade(engine, order, maker, price, size)
        elif level is not None:
            size = min(goal, level[1])
            level[1] -= size
            if level[1] <= 0:
                levels.pop(0)
            _trade(engine, order, None, price, size)
        goal -= size


def _better(buys: bool, one: Decimal, other: Decimal) -> bool:
    return one < other if buys else one > other


def _prevented(engine: Engine, taker: Order, maker: Order) -> bool:
    """Apply the incoming order's self-trade prevention (semantics.md 5)."""
    if taker.stp in ("cancel_maker", "cancel_both"):
        lifecycle.cancel(engine, maker, "stp_cancel")
    if taker.stp in ("cancel_taker", "cancel_both"):
        lifecycle.cancel(engine, taker, "stp_cancel")
    return True


def _trade(engine: Engine, taker: Order, maker: Order | None, price: Decimal, size: Decimal) -> None:
    trade_id = engine.new_id()
    if maker is not None:
        positions.fill(engine, maker, price, size, taker=False, trade_id=trade_id)
        trade_id = engine.new_id()
    positions.fill(engine, taker, price, size, taker=True, trade_id=trade_id)
    _print(engine, taker.spec, price, size, buys=taker.buys, trade_id=trade_id)


def _print(engine: Engine, spec: Spec, price: Decimal, size: Decimal, *, buys: bool, trade_id: int) -> None:
    engine.printed(Trade(symbol=spec.symbol, price=f"{price:.{spec.price_place}f}", size=text(size),
                         side="buy" if buys else "sell", trade_id=str(trade_id), ms=engine.now_ms()))


def sweep_resting(engine: Engine, spec: Spec) -> None:
    """The tape moved: fill resting orders it traded through, and those it touched as far as the touch goes."""
    book = engine.books[spec.symbol]
    last = book.last
    for rows, buys in ((book.bids, True), (book.asks, False)):
        if not rows:
            continue
        touch = book.touch_size()
        for _, _, order in rows.copy():
            beyond = order.price > last if buys else order.price < last
            if not beyond and order.price != last:
                break
            if not order.open:
                continue
            size = positions.room(order)
            if not beyond:
                size = min(size, touch)
                touch -= size
            fill_resting(engine, order, size)


def fill_resting(engine: Engine, order: Order, size: Decimal) -> None:
    """Fill a resting order at its own price as maker, in pieces when a fault asks for them."""
    if positions.room(order) <= 0:
        lifecycle.cancel(engine, order)
        return
    if size <= 0:
        return
    if engine.chunks_next and not order.chunk:
        order.chunk = _chunk(order, engine.chunks_next)
        engine.chunks_next = 0
    if order.chunk:
        size = min(size, order.chunk)
    trade_id = engine.new_id()
    positions.fill(engine, order, order.price, size, taker=False, trade_id=trade_id)
    _print(engine, order.spec, order.price, size, buys=not order.buys, trade_id=trade_id)
    if order.chunk and order.open:
        engine.submit_later(CHUNK_MS, lambda: _again(engine, order))


def _again(engine: Engine, order: Order) -> None:
    if order.open:
        fill_resting(engine, order, min(order.chunk, positions.room(order)))


