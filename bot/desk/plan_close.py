"""Plan closings: which positions, how much of each, and which of our exits must make room first. Pure."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from bot.desk.facts import Facts
from bot.desk.plan_open import Ground
from bot.desk.planned import Plan
from bot.desk.wish import CloseWish, Which
from bot.domain.ids import ClientOrderId, Symbol
from bot.domain.instrument import Instrument
from bot.domain.intent import Direction, Effect, OrderIntent, OrderKind
from bot.domain.numbers import HUNDRED, ZERO, plain
from bot.domain.order import Order
from bot.domain.position import Position, unrealised
from bot.domain.proposal import Action, Leg, LegAfter, Terms
from bot.domain.refusal import Refusal, refuse
from bot.domain.sizing import parse_amount, size_for


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One position with its contract and mark, and our resting exits that compete for its size."""

    position: Position
    instrument: Instrument
    mark: Decimal
    exits: tuple[Order, ...] = ()


def chosen(wish: CloseWish, holdings: tuple[Holding, ...], symbol: Symbol | None) -> tuple[Holding, ...]:
    """Pick the positions a close means."""
    picked = []
    for one in holdings:
        profit = unrealised(one.position, one.mark, inverse=one.instrument.inverse)
        fits: Mapping[Which, bool] = {
            Which.ONE: one.position.symbol == symbol,
            Which.ALL: True,
            Which.LONGS: one.position.direction is Direction.LONG,
            Which.SHORTS: one.position.direction is Direction.SHORT,
            Which.WINNERS: profit > ZERO,
            Which.LOSERS: profit < ZERO,
        }
        right_side = wish.direction is None or one.position.direction is wish.direction
        if fits[wish.which] and right_side:
            picked.append(one)
    return tuple(picked)


def plan_close(wish: CloseWish, holdings: tuple[Holding, ...], symbol: Symbol | None, ground: Ground) -> Plan | Refusal:
    """Turn a close wish into closing legs, one a position; a Refusal when nothing fits or nothing is left to close.

    A share is rounded down to the step, the whole is closed exactly, dust below the minimum goes along with it. Exits
    of ours that rest in the book are cancelled first (FF-43); sizes come from the books of this moment (FF-44).
    """
    picked = chosen(wish, holdings, symbol)
    if not picked:
        what = symbol or wish.which.value.lower()
        return refuse("nothing_to_close", f"No position fits: {what}.", "See /positions for what is open.")
    legs: list[Leg] = []
    for one in picked:
        size = _size(wish, one)
        if isinstance(size, Refusal):
            return size
        name = f"close-{one.position.symbol}-{one.position.direction.value}"
        legs.append(Leg(child=name, intent=closing(one, size, wish.price)))
    targets: tuple[ClientOrderId, ...] = ()
    if wish.price is None:
        targets = tuple(order.client_order_id for one in picked for order in one.exits)
    single = picked[0] if len(picked) == 1 else None
    terms = Terms(
        account=ground.account,
        environment=ground.environment,
        action=Action.CLOSE,
        symbol=single.position.symbol if single is not None else None,
        direction=single.position.direction if single is not None else None,
        legs=tuple(legs),
        targets=targets,
    )
    rows = tuple(f"{leg.intent.symbol} {leg.intent.direction.value} {plain(leg.intent.size or ZERO)}" for leg in legs)
    return Plan(terms=terms, reference=None, preview=None, summary=f"Close {', '.join(rows)}", rows=rows)


def closing(one: Holding, size: Decimal, price: Decimal | None) -> OrderIntent:
    """Give the order that reduces a position by `size`: at market, or a limit at `price`."""
    instrument, position = one.instrument, one.position
    limit = None if price is None else instrument.round_price(price, buying=position.direction is Direction.SHORT)
    return OrderIntent(
        symbol=position.symbol,
        direction=position.direction,
        effect=Effect.CLOSE,
        kind=OrderKind.MARKET if price is None else OrderKind.LIMIT,
        size=size,
        limit_price=limit,
        margin_mode=position.margin_mode,
    )


def _size(wish: CloseWish, one: Holding) -> Decimal | Refusal:
    position, instrument = one.position, one.instrument
    if wish.amount is not None:
        amount = parse_amount(wish.amount)
        if isinstance(amount, Refusal):
            return amount
        sized = size_for(amount, instrument, direction=position.direction, price=one.mark, equity=ZERO)
        if isinstance(sized, Refusal):
            return sized
        return min(sized.size, position.size)
    if wish.share >= HUNDRED:
        return position.size
    size = instrument.round_size(position.size * wish.share / HUNDRED)
    left = position.size - size
    if size < instrument.minimum_size:
        return refuse(
            "too_small",
            f"{plain(wish.share)}% of {plain(position.size)} {instrument.base} is below the smallest order of"
            f" {plain(instrument.minimum_size)}.",
            "Close more of it, or all.",
            value=plain(size),
            limit=plain(instrument.minimum_size),
        )
    return position.size if ZERO < left < instrument.minimum_size else size


def plan_reverse(holding: Holding, facts: Facts, ground: Ground) -> Plan:
    """Plan the turn of a position: close all of it, then open the same size the other way with the default stop."""
    position, instrument = holding.position, holding.instrument
    other = position.direction.other
    opening = OrderIntent(
        symbol=position.symbol,
        direction=other,
        effect=Effect.OPEN,
        kind=OrderKind.MARKET,
        size=position.size,
        attached=ground.default_stop(instrument, other, facts.mark),
        margin_mode=position.margin_mode,
        leverage=facts.settings.leverage(other),
    )
    legs = (
        Leg(child="close", intent=closing(holding, position.size, None)),
        Leg(child="open", intent=opening, after=LegAfter.PREVIOUS_SETTLED),
    )
    terms = Terms(
        account=ground.account,
        environment=ground.environment,
        action=Action.REVERSE,
        symbol=position.symbol,
        direction=other,
        legs=legs,
        targets=tuple(order.client_order_id for order in holding.exits),
    )
    words = f"Reverse {position.symbol}: close {position.direction.value.lower()} {plain(position.size)}, then open"
    return Plan(terms=terms, reference=facts.mark, preview=None, summary=f"{words} {other.value.lower()}")
