"""Count money: the only arithmetic helpers in the house, all in Decimal."""
from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_HALF_EVEN, Context, Decimal, InvalidOperation, localcontext

ZERO = Decimal(0)
ONE = Decimal(1)
HUNDRED = Decimal(100)
# Wide enough for a coin-margined notional at 8 decimals; products of two venue numbers stay exact.
CONTEXT = Context(prec=50)


def parse(text: str) -> Decimal | None:
    """Read a decimal of any finite value, exponents included; None for anything else (NaN, infinity, words, "")."""
    try:
        value = Decimal(text)
    except (InvalidOperation, ValueError, TypeError):
        return None
    return value if value.is_finite() else None


def plain(value: Decimal) -> str:
    """Write a decimal without exponent and without trailing zeros: the canonical text of the ledger and the wire."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def _to_step(value: Decimal, step: Decimal, rounding: str) -> Decimal:
    if step <= 0:
        raise ValueError(f"A step is above zero, not {step}.")
    with localcontext(CONTEXT):
        return (value / step).to_integral_value(rounding=rounding) * step


def floor_to(value: Decimal, step: Decimal) -> Decimal:
    """Round towards zero to a multiple of `step`; raises ValueError for a step that is not above zero."""
    return _to_step(value, step, ROUND_DOWN)


def ceil_to(value: Decimal, step: Decimal) -> Decimal:
    """Round up to a multiple of `step`; raises ValueError for a step that is not above zero."""
    return _to_step(value, step, ROUND_CEILING)


def nearest_to(value: Decimal, step: Decimal) -> Decimal:
    """Round to the nearest multiple of `step`, halves to even; raises ValueError for a step not above zero."""
    return _to_step(value, step, ROUND_HALF_EVEN)


def percent_of(percent: Decimal, whole: Decimal) -> Decimal:
    """Take `percent` hundredths of `whole`."""
    return whole * percent / HUNDRED


def percent(part: Decimal, whole: Decimal) -> Decimal:
    """Say how many percent of `whole` the `part` is; zero where the whole is zero."""
    return ZERO if whole == 0 else part / whole * HUNDRED
