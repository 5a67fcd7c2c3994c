"""Plan what guards a position: move the stop, break even, trail, set targets, or waive the stop for a time. Pure."""
from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from bot.desk.facts import Facts
from bot.desk.plan_open import Ground, level_price
from bot.desk.planned import Plan, Preview
from bot.desk.wish import ProtectWish, TargetWish
from bot.domain.ids import ClientOrderId
from bot.domain.instrument import Instrument
from bot.domain.intent import Effect, OrderIntent, OrderKind, Trigger
from bot.domain.liquidation import Stake, break_even_price
from bot.domain.numbers import HUNDRED, ZERO, plain
from bot.domain.order import Order
from bot.domain.position import Position, profit
from bot.domain.proposal import Action, Leg, Terms
from bot.domain.refusal import Refusal, refuse
from bot.domain.sizing import loss_per_unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    """A position with the guard orders we know of it."""

    position: Position
    stops: tuple[Order, ...]
    targets: tuple[Order, ...]


def plan_protect(wish: ProtectWish, guarded: Guarded, facts: Facts, ground: Ground) -> Plan | Refusal:
    """Turn a wish about guards into guard orders to place and old ones to give up once the new are verified (FF-36).

    Gives a Refusal for a stop on the wrong side of the mark or beyond liquidation, and for targets on the wrong side.
    """
    position, instrument = guarded.position, facts.instrument
    if wish.off is not None:
        return _waive(wish, guarded, ground)
    legs: list[Leg] = []
    replaced: list[ClientOrderId] = []
    price = _stop_price(wish, position, instrument)
    if wish.trail is not None:
        start = wish.activation or facts.mark
        trigger = Trigger(price=instrument.round_price(start, buying=False), callback=wish.trail)
        legs.append(Leg(child="trail", intent=guard(position, OrderKind.MOVING_STOP, trigger, position.size)))
    elif price is not None:
        wrong = stop_refusal(price, position, facts.mark)
        if wrong is not None:
            return wrong
        legs.append(Leg(child="stop", intent=guard(position, OrderKind.STOP, Trigger(price=price), None)))
        replaced += [order.client_order_id for order in guarded.stops]
    if wish.targets is not None:
        targets = _target_legs(wish.targets, position, facts)
        if isinstance(targets, Refusal):
            return targets
        legs += targets
        replaced += [order.client_order_id for order in guarded.targets]
    if not legs and not replaced:
        return refuse("nothing_changed", "Nothing about the guards was named.", "Write sl 2%, tp 4%, be or trail 1%.")
    terms = Terms(
        account=ground.account,
        environment=ground.environment,
        action=Action.PROTECT,
        symbol=position.symbol,
        direction=position.direction,
        legs=tuple(legs),
        targets=tuple(replaced),
    )
    words = ", ".join(_said(leg, leg.intent.trigger) for leg in legs if leg.intent.trigger)
    return Plan(
        terms=terms,
        reference=None,
        preview=_preview(position, instrument, price, facts),
        summary=f"{position.symbol} {position.direction.value.lower()}: {words}",
    )


def guard(position: Position, kind: OrderKind, trigger: Trigger, size: Decimal | None) -> OrderIntent:
    """Give the guard order of a position; size None guards the whole of it, however it changes."""
    return OrderIntent(
        symbol=position.symbol,
        direction=position.direction,
        effect=Effect.CLOSE,
        kind=kind,
        size=size,
        trigger=trigger,
        margin_mode=position.margin_mode,
    )


def loosens(terms: Terms, stops: tuple[Order, ...]) -> bool:
    """Tell whether the new stop lies farther from the mark than the tightest old one: that needs a confirmation."""
    new = [leg.intent.trigger.price for leg in terms.legs if leg.child == "stop" and leg.intent.trigger is not None]
    old = [order.intent.trigger.price for order in stops if order.intent.trigger is not None]
    if terms.waiver is not None:
        return True
    if not new or not old or terms.direction is None:
        return False
    sign = terms.direction.sign
    return max(price * sign for price in new) < max(price * sign for price in old)


def stop_refusal(price: Decimal, position: Position, mark: Decimal) -> Refusal | None:
    """Say why a stop cannot guard: it would fire at once, or the position is liquidated before it."""
    sign = position.direction.sign
    if (mark - price) * sign <= ZERO:
        side = "below" if sign > 0 else "above"
        return refuse(
            "stop_side",
            f"The stop {plain(price)} is not {side} the mark {plain(mark)}: it would fire at once.",
            f"Put it {side} the mark, or close the position.",
            value=plain(price),
            limit=f"{side} {plain(mark)}",
        )
    liquidation = position.liquidation
    if liquidation is not None and (price - liquidation) * sign <= ZERO:
        return refuse(
            "stop_beyond_liquidation",
            f"The stop {plain(price)} lies beyond the liquidation price {plain(liquidation)} and guards nothing.",
            "Put it nearer, or lower the leverage.",
            value=plain(price),
            limit=plain(liquidation),
        )
    return None


def _stop_price(wish: ProtectWish, position: Position, instrument: Instrument) -> Decimal | None:
    if wish.break_even:
        stake = Stake(direction=position.direction, size=position.size, entry=position.entry)
        price = break_even_price(instrument, stake)
        return instrument.round_price(price, buying=position.direction.sign > 0)
    if wish.stop is None:
        return None
    return level_price(wish.stop, instrument, position.direction, position.entry, stop=True)


def _target_legs(wishes: tuple[TargetWish, ...], position: Position, facts: Facts) -> list[Leg] | Refusal:
    legs = []
    for place, one in enumerate(wishes, start=1):
        price = level_price(one.level, facts.instrument, position.direction, position.entry, stop=False)
        if (price - facts.mark) * position.direction.sign <= ZERO:
            side = "above" if position.direction.sign > 0 else "below"
            return refuse(
                "target_side",
                f"The target {plain(price)} is not {side} the mark {plain(facts.mark)}.",
                f"Put it {side} the mark.",
                value=plain(price),
            )
        whole = len(wishes) == 1 and one.share >= HUNDRED
        size = None if whole else facts.instrument.round_size(position.size * one.share / HUNDRED)
        intent = guard(position, OrderKind.TARGET, Trigger(price=price), size)
        legs.append(Leg(child=f"target-{place}", intent=intent))
    return legs


def _said(leg: Leg, trigger: Trigger) -> str:
    if trigger.callback is not None:
        return f"trailing stop {plain(trigger.callback)}% from {plain(trigger.price)}"
    return f"{leg.child} {plain(trigger.price)}"


def _waive(wish: ProtectWish, guarded: Guarded, ground: Ground) -> Plan:
    position = guarded.position
    terms = Terms(
        account=ground.account,
        environment=ground.environment,
        action=Action.PROTECT,
        symbol=position.symbol,
        direction=position.direction,
        targets=tuple(order.client_order_id for order in guarded.stops),
        waiver=wish.off or "no reason given",
    )
    words = f"Hold {position.symbol} {position.direction.value.lower()} without a stop"
    return Plan(terms=terms, reference=None, preview=None, summary=f"{words}: {terms.waiver}")


def _preview(position: Position, instrument: Instrument, stop: Decimal | None, facts: Facts) -> Preview:
    loss = None
    if stop is not None:
        move = profit(position.direction, position.size, position.entry, stop, inverse=instrument.inverse)
        fees = (loss_per_unit(instrument, position.entry, stop) - _distance(instrument, position.entry, stop))
        loss = fees * position.size - move
    return Preview(
        price=facts.mark,
        size=position.size,
        notional=instrument.notional(position.size, facts.mark),
        loss=loss,
        stop=stop,
        liquidation=position.liquidation,
        coin=instrument.margin_coin,
    )


def _distance(instrument: Instrument, entry: Decimal, stop: Decimal) -> Decimal:
    return abs(entry - stop) / stop if instrument.inverse else abs(entry - stop)
