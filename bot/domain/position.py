"""Hold a position: what fills add up to, what it is worth at a price, how far its end is."""
from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from bot.domain.fill import Fill
from bot.domain.ids import Symbol
from bot.domain.intent import Direction, Effect, MarginMode
from bot.domain.numbers import HUNDRED, ONE, ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """What we hold in one symbol and direction; `size` is zero or above, in base units."""

    symbol: Symbol
    direction: Direction
    size: Decimal
    entry: Decimal
    margin_mode: MarginMode
    leverage: Decimal
    margin_coin: str
    liquidation: Decimal | None
    realised: Decimal
    as_of: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What one fill made of what was held in a symbol; `excess` is closed size that nobody held (missed facts)."""

    positions: tuple[Position, ...]
    realised: Decimal
    excess: Decimal = ZERO

    def of(self, direction: Direction) -> Position | None:
        """Give the position of one direction, closed ones with size zero; None where the fill did not touch it."""
        return next((position for position in self.positions if position.direction is direction), None)


def empty(
    symbol: Symbol,
    direction: Direction,
    *,
    margin_coin: str,
    as_of: datetime,
    margin_mode: MarginMode = MarginMode.CROSSED,
    leverage: Decimal = ONE,
) -> Position:
    """Give a position of size zero to start from."""
    return Position(
        symbol=symbol, direction=direction, size=ZERO, entry=ZERO, margin_mode=margin_mode, leverage=leverage,
        margin_coin=margin_coin, liquidation=None, realised=ZERO, as_of=as_of,
    )


def profit(direction: Direction, size: Decimal, entry: Decimal, exit_price: Decimal, *, inverse: bool) -> Decimal:
    """Give the price profit of a size between two prices, in the margin coin and without fees (semantics section 11).

    Quote units on linear contracts; on inverse ones the same sum in coin at the exit price.
    """
    if size == ZERO:
        return ZERO
    value = (exit_price - entry) * size * direction.sign
    return value / exit_price if inverse else value


def apply(held: Position, fill: Fill, *, inverse: bool) -> Applied:
    """Let a fill change the position of its direction (hedge mode, or what one-way netting leaves of it).

    Opening averages the entry by base size, which on coin-margined contracts is the harmonic mean by value. Closing
    realises and leaves the entry; closing more than is held closes all and gives the rest as `excess`. Raises
    ValueError for a fill of another symbol or direction, or without a direction: take it from the order first.
    """
    if fill.direction is None or fill.effect is None:
        raise ValueError(f"Fill {fill.trade_id} has no direction and effect; take them from its order first.")
    if (fill.symbol, fill.direction) != (held.symbol, held.direction):
        raise ValueError(f"Fill {fill.trade_id} of {fill.symbol} does not belong to this position.")
    moment = max(held.as_of, fill.at)
    if fill.effect is Effect.OPEN:
        size = held.size + fill.size
        entry = (held.size * held.entry + fill.size * fill.price) / size
        realised = held.realised if held.size > ZERO else ZERO
        return Applied(
            positions=(replace(held, size=size, entry=entry, realised=realised, as_of=moment),), realised=ZERO
        )
    closed = min(held.size, fill.size)
    gain = profit(held.direction, closed, held.entry, fill.price, inverse=inverse)
    left = held.size - closed
    after = replace(
        held, size=left, realised=held.realised + gain, as_of=moment, liquidation=held.liquidation if left else None
    )
    return Applied(positions=(after,), realised=gain, excess=fill.size - closed)


def apply_one_way(long: Position, short: Position, fill: Fill, *, inverse: bool) -> Applied:
    """Let a fill change the one net position of a symbol: the opposite side is closed first, the rest opens.

    What a fill is called (open long, close short) does not matter here, only whether it bought. A fill that was meant
    to close opens nothing: its rest is `excess`.
    """
    if fill.direction is None or fill.effect is None:
        raise ValueError(f"Fill {fill.trade_id} has no direction and effect; take them from its order first.")
    bought = (fill.direction is Direction.LONG) == (fill.effect is Effect.OPEN)
    opposite, same = (short, long) if bought else (long, short)
    if fill.effect is Effect.CLOSE or opposite.size == ZERO:
        target = opposite if fill.effect is Effect.CLOSE else same
        return apply(target, replace(fill, direction=target.direction), inverse=inverse)
    closing = min(opposite.size, fill.size)
    first = apply(
        opposite, replace(fill, direction=opposite.direction, effect=Effect.CLOSE, size=closing), inverse=inverse
    )
    if closing == fill.size:
        return first
    rest = apply(
        same, replace(fill, direction=same.direction, effect=Effect.OPEN, size=fill.size - closing), inverse=inverse
    )
    return Applied(positions=first.positions + rest.positions, realised=first.realised)


def unrealised(position: Position, mark: Decimal, *, inverse: bool) -> Decimal:
    """Give the open price profit at a mark, in the margin coin."""
    return profit(position.direction, position.size, position.entry, mark, inverse=inverse)


def return_on_margin(position: Position, mark: Decimal) -> Decimal:
    """Give the open profit in percent of the margin the entry took."""
    if position.entry == ZERO:
        return ZERO
    return (mark - position.entry) / position.entry * position.direction.sign * position.leverage * HUNDRED


def liquidation_distance(position: Position, mark: Decimal) -> Decimal | None:
    """Give how many percent of the mark the price may move against us until liquidation; None without a price."""
    if position.liquidation is None or position.size == ZERO or mark <= ZERO:
        return None
    return max(ZERO, (mark - position.liquidation) * position.direction.sign / mark * HUNDRED)
