"""Prove that an order is not there: by count, by the clock and by every list, never by silence (R5, R6)."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.order import Order, OrderState


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockRule:
    """How long a signed request may still arrive, in seconds: the venue's validity, clock skew, lag of its lists.

    `minimum_asks` is how many explicit "no such order" answers are needed.
    """

    validity_s: int = 30
    skew_s: int = 2
    lag_s: int = 10
    minimum_asks: int = 3

    @property
    def margin(self) -> timedelta:
        """Give how long after the signing timestamp absence begins to prove anything."""
        return timedelta(seconds=self.validity_s + self.skew_s + self.lag_s)


def decidable_at(order: Order, rule: ClockRule) -> datetime:
    """Give the moment from which an answer of absence counts as final."""
    return (order.signed_at or order.created_at) + rule.margin


def proven_absent(order: Order, now: datetime, rule: ClockRule, *, lists_agree: bool = True) -> bool:
    """Tell whether an unresolved order provably never existed at the venue.

    By count (`minimum_asks` explicit answers), by age (the last of them after signed timestamp + validity + skew +
    lag) and by completeness (`lists_agree`: all lists were read whole and none shows it).
    """
    if order.state is not OrderState.IN_DOUBT or not lists_agree or order.last_absent_at is None:
        return False
    old_enough = decidable_at(order, rule) <= order.last_absent_at <= now
    return old_enough and order.asked_absent >= rule.minimum_asks


def proven_gone(order: Order, now: datetime, rule: ClockRule, *, lists_agree: bool = True) -> bool:
    """Tell whether an order that existed is provably over though the venue keeps no record of it any more.

    Counts explicit answers as `proven_absent` does, the last one a list's lag after the last sign of life.
    """
    if order.state not in (OrderState.OPEN, OrderState.PARTLY_FILLED) or not lists_agree:
        return False
    if order.last_absent_at is None or order.asked_absent < rule.minimum_asks:
        return False
    alive = max(decidable_at(order, rule), order.venue_updated_at or order.created_at)
    return alive + timedelta(seconds=rule.lag_s) <= order.last_absent_at <= now
