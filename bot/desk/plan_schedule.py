"""Plan openings spread over prices (ladder) or time (TWAP): children of one intent, decided by one yes. Pure."""
from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from bot.desk.facts import Facts
from bot.desk.plan_open import Ground, Wallet, plan_open
from bot.desk.planned import Plan
from bot.desk.wish import LadderWish, OpenWish, TwapWish
from bot.domain.contract_rules import check
from bot.domain.intent import OrderKind
from bot.domain.numbers import ZERO, plain
from bot.domain.proposal import Leg, LegAfter
from bot.domain.refusal import Refusal, refuse

MOST_CHILDREN = 50


def plan_ladder(wish: LadderWish, facts: Facts, wallet: Wallet, ground: Ground) -> Plan | Refusal:
    """Spread a size over equal limit orders from the first to the last price; every child carries the same stop."""
    if not 2 <= wish.steps <= MOST_CHILDREN:
        return refuse("steps", f"{wish.steps} steps are no ladder.", f"Take 2 to {MOST_CHILDREN}.")
    middle = (wish.first + wish.last) / 2
    whole = plan_open(
        OpenWish(
            symbol=wish.symbol,
            direction=wish.direction,
            amount=wish.amount,
            kind=OrderKind.LIMIT,
            price=middle,
            stop=wish.stop,
            leverage=wish.leverage,
        ),
        facts,
        wallet,
        ground,
    )
    if isinstance(whole, Refusal):
        return whole
    step = (wish.last - wish.first) / (wish.steps - 1)
    entry = whole.terms.legs[0].intent
    sizes = split(entry.size or ZERO, wish.steps, facts.instrument.size_step)
    legs = []
    for place, size in enumerate(sizes):
        price = facts.instrument.round_price(wish.first + step * place, buying=entry.buying)
        legs.append(Leg(child=f"rung-{place + 1}", intent=replace(entry, size=size, limit_price=price)))
    words = f"Ladder of {wish.steps} from {plain(wish.first)} to {plain(wish.last)}"
    return _checked(whole, tuple(legs), words, facts)


def plan_twap(wish: TwapWish, facts: Facts, wallet: Wallet, ground: Ground) -> Plan | Refusal:
    """Spread a size over equal market orders in time; every child carries the stop and faces risk anew."""
    if not 2 <= wish.slices <= MOST_CHILDREN or wish.minutes < 1:
        return refuse(
            "slices", f"{wish.slices} slices in {wish.minutes} minutes are no TWAP.",
            f"Take 2 to {MOST_CHILDREN} slices over at least 1 minute.",
        )
    whole = plan_open(
        OpenWish(
            symbol=wish.symbol, direction=wish.direction, amount=wish.amount, stop=wish.stop, leverage=wish.leverage
        ),
        facts,
        wallet,
        ground,
    )
    if isinstance(whole, Refusal):
        return whole
    entry = whole.terms.legs[0].intent
    sizes = split(entry.size or ZERO, wish.slices, facts.instrument.size_step)
    pause = wish.minutes * 60 // wish.slices
    legs = tuple(
        Leg(
            child=f"slice-{place + 1}",
            intent=replace(entry, size=size),
            after=LegAfter.DELAY if place else LegAfter.NOW,
            delay_s=pause * place,
        )
        for place, size in enumerate(sizes)
    )
    return _checked(whole, legs, f"TWAP of {wish.slices} over {wish.minutes} min", facts)


def split(size: Decimal, parts: int, step: Decimal) -> tuple[Decimal, ...]:
    """Cut a size into equal parts on the step; the last takes the rest, so that the sum is exact."""
    each = (size / parts) // step * step
    return (*(each for _ in range(parts - 1)), size - each * (parts - 1))


def _checked(whole: Plan, legs: tuple[Leg, ...], words: str, facts: Facts) -> Plan | Refusal:
    least, instrument = min(leg.intent.size or ZERO for leg in legs), facts.instrument
    if least < instrument.minimum_size:
        return refuse(
            "too_small",
            f"{len(legs)} parts come to {plain(least)} {instrument.base} each; the smallest order is"
            f" {plain(instrument.minimum_size)}.",
            "Take more of it, or fewer parts.",
            value=plain(least),
            limit=plain(instrument.minimum_size),
        )
    for leg in legs:
        refused = check(facts.instrument, leg.intent, facts.mark, facts.tiers)
        if refused is not None:
            return refused
    rows = tuple(
        f"{leg.child} {plain(leg.intent.size or ZERO)} @ {plain(leg.intent.limit_price or facts.mark)}" for leg in legs
    )
    terms = replace(whole.terms, legs=legs)
    return replace(whole, terms=terms, summary=f"{words}: {whole.summary}", rows=rows)
