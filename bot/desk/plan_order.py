"""Plan what concerns orders and settings that exist: cancel, amend, leverage, margin mode. Pure."""
from __future__ import annotations

from decimal import Decimal

from bot.desk.facts import Facts
from bot.desk.plan_open import Ground
from bot.desk.planned import Plan, Preview
from bot.desk.wish import AmendWish, LeverageWish, MarginModeWish
from bot.domain.contract_rules import check
from bot.domain.ids import ClientOrderId
from bot.domain.instrument import Instrument, leverage_cap
from bot.domain.intent import OrderIntent, OrderKind, Trigger
from bot.domain.liquidation import Stake, liquidation_price
from bot.domain.numbers import ZERO, percent, plain
from bot.domain.order import Order
from bot.domain.position import Position
from bot.domain.proposal import Action, Leg, Terms
from bot.domain.refusal import Refusal, refuse


def plan_cancel(orders: tuple[Order, ...], what: str, ground: Ground) -> Plan | Refusal:
    """Name the orders a cancel means, its scope echoed back; a Refusal when none is open."""
    if not orders:
        return refuse("nothing_to_cancel", f"No open order fits: {what}.", "See /orders for what is open.", value=what)
    symbols = {order.intent.symbol for order in orders}
    terms = Terms(
        account=ground.account,
        environment=ground.environment,
        action=Action.CANCEL,
        symbol=symbols.pop() if len(symbols) == 1 else None,
        targets=tuple(order.client_order_id for order in orders),
    )
    rows = tuple(f"{order.intent.symbol} {order.client_order_id}" for order in orders)
    return Plan(terms=terms, reference=None, preview=None, summary=f"Cancel {len(orders)} of {what}", rows=rows)


def plan_amend(wish: AmendWish, order: Order, facts: Facts, ground: Ground) -> Plan | Refusal:
    """Plan a later order in place of an open one; its size becomes what the old one proves not to have filled (R9)."""
    intent = order.intent
    if order.state.settled:
        return refuse("order_over", f"Order {order.client_order_id} is over.", "Place a new one.")
    if intent.kind is OrderKind.MARKET:
        return refuse("not_amendable", "A market order cannot be amended.", "Cancel it if it still waits.")
    instrument = facts.instrument
    size = intent.size if wish.size is None else instrument.round_size(wish.size)
    limit, trigger = intent.limit_price, intent.trigger
    if wish.price is not None:
        price = instrument.round_price(wish.price, buying=intent.buying)
        if trigger is not None:
            trigger = Trigger(price=price, by=trigger.by, callback=trigger.callback)
        else:
            limit = price
    changed = OrderIntent(
        symbol=intent.symbol,
        direction=intent.direction,
        effect=intent.effect,
        kind=intent.kind,
        size=size,
        limit_price=limit,
        trigger=trigger,
        time_in_force=intent.time_in_force,
        attached=intent.attached,
        margin_mode=intent.margin_mode,
        leverage=intent.leverage,
    )
    if changed == intent:
        return refuse("nothing_changed", "The order has that price and size already.", "Name another price or size.")
    refused = check(instrument, changed, facts.mark, facts.tiers)
    if refused is not None:
        return refused
    terms = Terms(
        account=ground.account,
        environment=ground.environment,
        action=Action.AMEND,
        symbol=intent.symbol,
        direction=intent.direction,
        legs=(Leg(child="replacement", intent=changed),),
        targets=(ClientOrderId(order.client_order_id),),
    )
    at = limit or (trigger.price if trigger is not None else ZERO)
    words = f"Amend {order.client_order_id}: {plain(size or ZERO)} at {plain(at)}"
    return Plan(terms=terms, reference=facts.mark, preview=None, summary=words)


def plan_leverage(
    wish: LeverageWish, facts: Facts, positions: tuple[Position, ...], equity: Decimal, ground: Ground
) -> Plan | Refusal:
    """Plan a change of leverage with the liquidation price it would move (FF-49); bounds and limit are checked here."""
    instrument = facts.instrument
    touched = tuple(one for one in positions if wish.direction in (None, one.direction))
    largest = max((instrument.notional(one.size, facts.mark) for one in touched), default=ZERO)
    most = leverage_cap(instrument, facts.tiers, largest)
    if ground.limits.leverage is not None:
        most = min(most, ground.limits.leverage)
    if not instrument.minimum_leverage <= wish.leverage <= most:
        return refuse(
            "leverage_bounds",
            f"{plain(wish.leverage)}x is outside {plain(instrument.minimum_leverage)} to {plain(most)}x.",
            f"Take at most {plain(most)}x.",
            value=plain(wish.leverage),
            limit=plain(most),
        )
    terms = Terms(
        account=ground.account,
        environment=ground.environment,
        action=Action.LEVERAGE,
        symbol=instrument.symbol,
        direction=wish.direction,
        leverage=wish.leverage,
    )
    return Plan(
        terms=terms,
        reference=None,
        preview=_moved(instrument, facts, touched, equity, wish.leverage),
        summary=f"Set {instrument.symbol} to {plain(wish.leverage)}x",
    )


def plan_margin_mode(
    wish: MarginModeWish, facts: Facts, positions: tuple[Position, ...], live: tuple[Order, ...], ground: Ground
) -> Plan | Refusal:
    """Plan a change of margin mode; a Refusal while positions or orders of the symbol exist, as the exchange would."""
    instrument = facts.instrument
    if positions or live:
        what = "a position" if positions else "an open order"
        return refuse(
            "margin_mode_blocked",
            f"{instrument.symbol} has {what}; the exchange changes the margin mode only without.",
            "Close the position and cancel its orders first.",
            value=what,
        )
    if facts.settings.margin_mode is wish.mode:
        return refuse("nothing_changed", f"{instrument.symbol} is {wish.mode.value.lower()} already.", "")
    terms = Terms(
        account=ground.account,
        environment=ground.environment,
        action=Action.MARGIN_MODE,
        symbol=instrument.symbol,
        margin_mode=wish.mode,
    )
    words = f"Set {instrument.symbol} to {wish.mode.value.lower()} margin"
    return Plan(terms=terms, reference=None, preview=None, summary=words)


def _moved(
    instrument: Instrument, facts: Facts, positions: tuple[Position, ...], equity: Decimal, leverage: Decimal
) -> Preview | None:
    if not positions:
        return None
    one = positions[0]
    stake = Stake(direction=one.direction, size=one.size, entry=one.entry)
    price = liquidation_price(
        instrument, stake, mode=one.margin_mode, tiers=facts.tiers, leverage=leverage, wallet=equity
    )
    return Preview(
        price=facts.mark,
        size=one.size,
        notional=instrument.notional(one.size, facts.mark),
        margin=instrument.margin_value(one.size, one.entry) / leverage,
        liquidation=price,
        distance=None if price is None else percent(abs(facts.mark - price), facts.mark),
        leverage=leverage,
        leverage_was=one.leverage,
        coin=instrument.margin_coin,
        notes=() if one.liquidation is None else (f"Liquidation now at {plain(one.liquidation)}.",),
    )
