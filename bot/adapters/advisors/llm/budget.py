"""Know a question's worst price before it is asked, and its real one after (advisor section 8, decision 9)."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.adapters.advisors.llm.provider import MILLION, Provider
from bot.domain.numbers import plain


@dataclass(frozen=True, slots=True, kw_only=True)
class CostLimits:
    """What may be paid at most, in the currency of the price list: per UTC day, per UTC month, per idea."""

    day: Decimal
    month: Decimal
    idea: Decimal


def worst_cost(provider: Provider, body: bytes) -> Decimal:
    """Price a question at its worst: no token is shorter than a byte, and no answer longer than its limit."""
    return (len(body) * provider.price_in + provider.max_output * provider.price_out) / MILLION


def real_cost(provider: Provider, reserved: Decimal, input_tokens: int | None, output_tokens: int | None) -> Decimal:
    """Price what the provider counted; without counts, or with counts beyond the worst, all that was reserved."""
    if input_tokens is None or output_tokens is None:
        return reserved
    return min(reserved, (input_tokens * provider.price_in + output_tokens * provider.price_out) / MILLION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beyond:
    """Which limit a question would pass (idea, day, month), in words."""

    limit: str
    words: str


def over(limits: CostLimits, worst: Decimal, *, day: Decimal, month: Decimal, idea: Decimal) -> Beyond | None:
    """Say which limit a question would pass, given what was paid already; None where it fits."""
    for name, paid, limit in (("idea", idea, limits.idea), ("day", day, limits.day), ("month", month, limits.month)):
        if paid + worst > limit:
            words = (f"{plain(round(paid, 4))} of {plain(limit)} are spent this {name}, and one more question may cost "
                     f"{plain(round(worst, 4))}")
            return Beyond(limit=name, words=words)
    return None


def day_of(now: datetime) -> datetime:
    """Give when the UTC day of a moment began."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def month_of(now: datetime) -> datetime:
    """Give when the UTC month of a moment began."""
    return day_of(now).replace(day=1)
