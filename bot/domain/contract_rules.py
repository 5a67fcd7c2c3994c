"""Check an intent against its contract: every rule the venue would refuse it for, said before it leaves."""
from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from bot.domain.instrument import Instrument, Tier, leverage_cap
from bot.domain.intent import Direction, Effect, OrderIntent, OrderKind
from bot.domain.numbers import ZERO, ceil_to, plain
from bot.domain.refusal import Reason, Refusal


def check(
    instrument: Instrument, intent: OrderIntent, mark: Decimal, tiers: tuple[Tier, ...] = ()
) -> Refusal | None:
    """Hold an intent against steps, minimums, maximums, bands and leverage bounds; None when it fits.

    `mark` is the reference of bands and of the notional of market orders. Closing orders are exempt from the minimum
    notional (semantics section 5).
    """
    reasons = tuple(
        reason
        for rule in (_tradable, _size, _prices, _band, _attached, _leverage)
        for reason in rule(instrument, intent, mark, tiers)
    )
    return Refusal(reasons=reasons) if reasons else None


def reference_price(intent: OrderIntent, mark: Decimal) -> Decimal:
    """Give the price an intent is valued at: its limit, else its trigger, else the mark."""
    if intent.limit_price is not None:
        return intent.limit_price
    if intent.kind in (OrderKind.TRIGGER, OrderKind.TRAILING) and intent.trigger is not None:
        return intent.trigger.price
    return mark


Found = Iterator[Reason]
Tiers = tuple[Tier, ...]


def _tradable(instrument: Instrument, intent: OrderIntent, mark: Decimal, tiers: Tiers) -> Found:
    if intent.effect is Effect.OPEN and (instrument.delisting or not instrument.tradable):
        word = "is being delisted" if instrument.delisting else "cannot be traded now"
        yield Reason(
            code="not_tradable", value=instrument.symbol, limit="tradable contracts", remedy="Choose another symbol.",
            sentence=f"{instrument.symbol} {word}: nothing opens there.",
        )


def _size(instrument: Instrument, intent: OrderIntent, mark: Decimal, tiers: Tiers) -> Found:
    size = intent.size
    if size is None:
        if intent.kind not in (OrderKind.STOP, OrderKind.TARGET):
            yield _reason("size_missing", "none", "above 0", "Say how much.", "The order has no size.")
        return
    base, step = instrument.base, plain(instrument.size_step)
    if size <= ZERO or not instrument.fits_size(size):
        yield _reason(
            "size_step", plain(size), step, f"Take a multiple of {step} {base}.",
            f"{plain(size)} {base} is not a multiple of the step {step}.",
        )
    if size < instrument.minimum_size:
        least = plain(instrument.minimum_size)
        yield _reason(
            "size_minimum", plain(size), least, f"Take at least {least} {base}.",
            f"{plain(size)} {base} is below the smallest order of {least}.",
        )
    market = intent.kind is OrderKind.MARKET or (intent.kind.is_plan and intent.limit_price is None)
    most = instrument.maximum_market_size if market else instrument.maximum_limit_size
    if most is not None and size > most:
        yield _reason(
            "size_maximum", plain(size), plain(most), "Split it into several orders.",
            f"{plain(size)} {base} is above the largest order of {plain(most)}.",
        )
    notional = instrument.notional(size, reference_price(intent, mark))
    if intent.effect is Effect.OPEN and notional < instrument.minimum_notional:
        price = reference_price(intent, mark)
        need = ceil_to(instrument.minimum_notional / price, instrument.size_step) if price > ZERO else ZERO
        yield _reason(
            "notional_minimum", plain(notional), plain(instrument.minimum_notional),
            f"Take at least {plain(need)} {base}.",
            f"The order is worth {plain(notional)} {instrument.quote}; the venue asks for at least"
            f" {plain(instrument.minimum_notional)}.",
        )


def _prices(instrument: Instrument, intent: OrderIntent, mark: Decimal, tiers: Tiers) -> Found:
    attached = intent.attached
    named = {
        "limit price": intent.limit_price,
        "trigger": intent.trigger.price if intent.trigger else None,
        "stop": attached.stop if attached else None,
        "target": attached.target if attached else None,
    }
    tick = plain(instrument.price_step)
    for name, price in named.items():
        if price is not None and (price <= ZERO or not instrument.fits_price(price)):
            yield _reason(
                "price_step", plain(price), tick, f"Take a multiple of {tick} above 0.",
                f"The {name} {plain(price)} is not on the tick of {tick}.",
            )
    if intent.kind is OrderKind.LIMIT and intent.limit_price is None:
        yield _reason("price_missing", "none", "above 0", "Say the price.", "A limit order needs its price.")
    if intent.kind.is_plan and intent.trigger is None:
        yield _reason("trigger_missing", "none", "above 0", "Say the trigger price.", "A plan needs its trigger.")


def _band(instrument: Instrument, intent: OrderIntent, mark: Decimal, tiers: Tiers) -> Found:
    price = intent.limit_price
    if price is None or intent.kind is not OrderKind.LIMIT:
        return
    edge = instrument.highest_buy(mark) if intent.buying else instrument.lowest_sell(mark)
    if edge is None:
        return
    beyond = price > edge if intent.buying else price < edge
    if beyond:
        word = ("buy", "at most") if intent.buying else ("sell", "at least")
        yield _reason(
            "price_band", plain(price), plain(edge), f"Take {word[1]} {plain(edge)}.",
            f"A limit {word[0]} may be {word[1]} {plain(edge)} at this mark ({plain(mark)}); this is {plain(price)}.",
        )


def _attached(instrument: Instrument, intent: OrderIntent, mark: Decimal, tiers: Tiers) -> Found:
    if intent.attached is None:
        return
    entry = reference_price(intent, mark)
    for name, price, beyond in (("stop", intent.attached.stop, -1), ("target", intent.attached.target, 1)):
        if price is None:
            continue
        if (price - entry) * beyond * intent.direction.sign <= ZERO:
            above = (intent.direction is Direction.LONG) == (name == "target")
            side = "above" if above else "below"
            yield _reason(
                f"{name}_side", plain(price), f"{side} {plain(entry)}", f"Put it {side} {plain(entry)}.",
                f"The {name} of a {intent.direction.value.lower()} position lies {side} its entry {plain(entry)};"
                f" this is {plain(price)}.",
            )


def _leverage(instrument: Instrument, intent: OrderIntent, mark: Decimal, tiers: Tiers) -> Found:
    if intent.leverage is None or intent.effect is Effect.CLOSE:
        return
    notional = instrument.notional(intent.size or ZERO, reference_price(intent, mark))
    least, most = instrument.minimum_leverage, leverage_cap(instrument, tiers, notional)
    if not least <= intent.leverage <= most:
        yield _reason(
            "leverage_bounds", plain(intent.leverage), f"{plain(least)} to {plain(most)}",
            f"Take {plain(least)} to {plain(most)}x.",
            f"{plain(intent.leverage)}x is outside what {instrument.symbol} allows at this size:"
            f" {plain(least)} to {plain(most)}x.",
        )


def _reason(code: str, value: str, limit: str, remedy: str, sentence: str) -> Reason:
    return Reason(code=code, value=value, limit=limit, remedy=remedy, sentence=sentence)
