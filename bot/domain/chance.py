"""Say how sure a rate is that was seen so often: the Wilson interval (advisor section 10). Pure."""
from __future__ import annotations

from decimal import Decimal

from bot.domain.numbers import ONE, ZERO

# The normal quantile of a two-sided interval of 90 %.
Z_90 = Decimal("1.6448536269514722")


def wilson(hits: int, count: int, z: Decimal = Z_90) -> tuple[Decimal, Decimal]:
    """Give the interval (90 % by default) of a rate as fractions; everything without outcomes.

    Raises ValueError for more hits than outcomes.
    """
    if not 0 <= hits <= count:
        raise ValueError(f"{hits} hits of {count} outcomes cannot be.")
    if count == 0:
        return ZERO, ONE
    number, square = Decimal(count), z * z
    rate, wide = hits / number, ONE + square / number
    middle = (rate + square / (2 * number)) / wide
    half = z * (rate * (ONE - rate) / number + square / (4 * number * number)).sqrt() / wide
    return max(ZERO, middle - half), min(ONE, middle + half)
