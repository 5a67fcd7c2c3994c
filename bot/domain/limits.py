"""Bound what may be lost: the numbers a desk, a person or a symbol is held to, each None where it does not bind."""
from __future__ import annotations

from dataclasses import dataclass, fields
from decimal import Decimal

from bot.domain.ids import Symbol

# Fields where more is stricter; every other number is stricter when smaller.
STRICTER_WHEN_LARGER = frozenset({"cool_down_s", "funding_window_s", "rolling_hours"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """One set of limits (issue 3, "Risk").

    Notionals are in quote units and count position plus everything in flight or in doubt (R14). Risks and losses are
    percent of equity (losses of the equity the day or window began with). `price_collar` is percent away from the
    mark, whose age may be at most `mark_age_s`. `rolling_loss` looks back `rolling_hours`. `cool_down_s` is the rest
    after a losing trade; `funding_window_s` the time before a funding payment in which nothing opens. `allow` None
    means every symbol, `deny` wins over it.
    """

    order_notional: Decimal | None = None
    symbol_notional: Decimal | None = None
    side_notional: Decimal | None = None
    account_notional: Decimal | None = None
    person_notional: Decimal | None = None
    leverage: Decimal | None = None
    account_leverage: Decimal | None = None
    order_risk: Decimal | None = None
    open_risk: Decimal | None = None
    positions: int | None = None
    orders: int | None = None
    symbol_orders: int | None = None
    orders_per_minute: int | None = None
    person_orders_per_minute: int | None = None
    price_collar: Decimal | None = None
    mark_age_s: int | None = None
    daily_loss: Decimal | None = None
    rolling_loss: Decimal | None = None
    rolling_hours: int | None = None
    cool_down_s: int | None = None
    funding_window_s: int | None = None
    stop_required: bool = False
    allow: frozenset[Symbol] | None = None
    deny: frozenset[Symbol] = frozenset()


def loosened(was: Limits, now: Limits) -> tuple[str, ...]:
    """Name the numbers that bind less than they did; a bound that is gone binds least. Lists are left out."""
    found = []
    for field in fields(Limits):
        first, second = getattr(was, field.name), getattr(now, field.name)
        if field.name in ("allow", "deny", "stop_required") or first is None or first == second:
            continue
        if second is None or (second < first if field.name in STRICTER_WHEN_LARGER else second > first):
            found.append(field.name)
    return tuple(found)


def tightest(*layers: Limits) -> Limits:
    """Combine layers (account, person, symbol, mandate) so that each can only lower (advisor section 9).

    The stricter number of every field counts; allow lists are intersected, deny lists united. Raises ValueError
    without layers.
    """
    if not layers:
        raise ValueError("Limits need at least one layer.")
    result = layers[0]
    for layer in layers[1:]:
        result = _tighter(result, layer)
    return result


def _tighter(one: Limits, two: Limits) -> Limits:
    found: dict[str, object] = {}
    for field in fields(Limits):
        first, second = getattr(one, field.name), getattr(two, field.name)
        if field.name == "deny":
            found["deny"] = first | second
        elif field.name == "stop_required":
            found["stop_required"] = first or second
        elif first is None or second is None:
            found[field.name] = second if first is None else first
        elif field.name == "allow":
            found["allow"] = first & second
        else:
            found[field.name] = max(first, second) if field.name in STRICTER_WHEN_LARGER else min(first, second)
    return Limits(**found)  # type: ignore[arg-type]
