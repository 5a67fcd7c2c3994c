"""Say what an executed idea really brought, in units of the risk it was meant to take (advisor section 11)."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.domain.fill import Fill, tally
from bot.domain.intent import Direction
from bot.domain.numbers import ZERO
from bot.domain.position import profit


@dataclass(frozen=True, slots=True, kw_only=True)
class Executed:
    """What was opened and how much of it is closed, in base units, from its first to its last execution.

    `result_r` and `result` (margin coin) count the rest at the price given.
    """

    opened: Decimal
    closed: Decimal
    result_r: Decimal
    result: Decimal
    since: datetime
    until: datetime


def executed(
    direction: Direction, entries: Iterable[Fill], exits: Iterable[Fill], *, reference: Decimal, stop: Decimal,
    price: Decimal, fee: Decimal, inverse: bool,
) -> Executed | None:
    """Add up an idea's own trade; None where nothing was opened.

    `exits` are all closing fills of the symbol and direction since the entry, oldest first: they count until as much is
    closed as the idea opened, and what is left is valued at `price` less the taker `fee` (a fraction). The unit is
    what the opened size was meant to lose between `reference` and `stop`.
    """
    entries = tuple(entries)
    opened = tally(entries)
    unit = abs(profit(direction, opened.size, reference, stop, inverse=inverse))
    if opened.average_price is None or unit == ZERO:
        return None
    left, result = opened.size, -opened.fees
    until = max(fill.at for fill in entries)
    for fill in exits:
        part = min(left, fill.size)
        if part <= ZERO:
            break
        left -= part
        until = max(until, fill.at)
        result += profit(direction, part, opened.average_price, fill.price, inverse=inverse)
        result -= fill.fee * part / fill.size
    if left > ZERO:
        worth = left if inverse else left * price
        result += profit(direction, left, opened.average_price, price, inverse=inverse) - worth * fee
    return Executed(
        opened=opened.size, closed=opened.size - left, result_r=result / unit, result=result,
        since=min(fill.at for fill in entries), until=until,
    )
