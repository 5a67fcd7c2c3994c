"""Trip by itself: losses and refusals in a row after which nothing opens until a person has looked."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.domain.limits import Limits
from bot.domain.numbers import HUNDRED, ZERO, plain
from bot.domain.trading import TradingState

EQUAL_REJECTIONS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """Why a breaker trips and what it sets; texts with their unit, for `BreakerTripped`."""

    breaker: str
    value: str
    limit: str
    state: TradingState
    remedy: str


def trip_by_loss(
    limits: Limits, *, day_loss: Decimal, day_start: Decimal, rolling_loss: Decimal, rolling_start: Decimal
) -> Trip | None:
    """Trip to REDUCE_ONLY when the loss of the day or of the rolling window reaches its limit (FF-77, FF-79).

    Losses are above zero, in the unit of the equity the day or window began with. Without equity any loss trips.
    """
    for breaker, loss, start, limit in (
        ("daily_loss", day_loss, day_start, limits.daily_loss),
        ("rolling_loss", rolling_loss, rolling_start, limits.rolling_loss),
    ):
        if limit is None or loss <= ZERO:
            continue
        used = loss / start * HUNDRED if start > ZERO else HUNDRED
        if used >= limit:
            return Trip(
                breaker=breaker, value=f"{plain(used.quantize(Decimal('0.01')))}%", limit=f"{plain(limit)}%",
                state=TradingState.REDUCE_ONLY, remedy="Look at /pnl; an owner can send /resume.",
            )
    return None


def trip_by_rejections(codes: Sequence[str], equal: int = EQUAL_REJECTIONS) -> Trip | None:
    """Trip to REDUCE_ONLY when the last orders were rejected with one and the same code (FF-15).

    `codes` are those of the latest answers, newest last, "" for an accepted order.
    """
    last = codes[-equal:]
    if len(last) < equal or len(set(last)) != 1 or not last[0]:
        return None
    return Trip(
        breaker="rejections", value=f"{equal} times {last[0]}", limit=f"{equal} equal rejections",
        state=TradingState.REDUCE_ONLY, remedy="Read the venue's words in /orders; an owner can send /resume.",
    )
