"""Write numbers as the chat shows them: cut to the instrument's steps, signed where they change. Pure.

The minus is ASCII, so that a figure copied from a table can be pasted into a command; `say` makes it the true minus
for sentences (chat_ux.md section 3).
"""
from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal, localcontext

from bot.chat.render.text import clean
from bot.domain.ids import Symbol
from bot.domain.instrument import Instrument, decimals_of
from bot.domain.intent import Direction, OrderIntent, OrderKind
from bot.domain.numbers import HUNDRED, plain

NONE = "-"
NAME_MAX = 14
SIZE_DECIMALS = 3
UNKNOWN_DECIMALS = 8
QUOTES = ("USDT", "USDC", "PERP", "USD")

Books = Mapping[Symbol, Instrument]


def fixed(value: Decimal, places: int, *, rounding: str = ROUND_HALF_EVEN, sign: bool = False) -> str:
    """Write a decimal with thousands and exactly so many places; never an exponent, never a negative zero."""
    with localcontext() as context:
        context.prec = 60
        cut = value.quantize(Decimal(1).scaleb(-places), rounding=rounding)
    cut = abs(cut) if cut == 0 else cut
    return f"{cut:+,.{places}f}" if sign and cut != 0 else f"{cut:,.{places}f}"


def money(value: Decimal | None, *, sign: bool = False) -> str:
    """Write money of a stable coin with two places, coins worth more with as many as they need."""
    if value is None:
        return NONE
    places = 2 if value == 0 or abs(value) >= Decimal("0.01") else 6
    return fixed(value, places, sign=sign)


def coins(value: Decimal | None, coin: str, *, sign: bool = False) -> str:
    """Write an amount of a margin coin: two places for stable ones, six for the others."""
    if value is None:
        return NONE
    return fixed(value, 2, sign=sign) if coin.upper().startswith("USD") or not coin else fixed(value, 6, sign=sign)


def price(value: Decimal | None, instrument: Instrument | None) -> str:
    """Write a price with the decimals of the tick; without its contract as it came, at most 8."""
    if value is None:
        return NONE
    if instrument is not None:
        return fixed(value, decimals_of(instrument.price_step))
    return _as_it_came(value)


def size(value: Decimal | None, instrument: Instrument | None) -> str:
    """Write a size cut, not rounded, to the lot step, at least three places where the step is finer than one."""
    if value is None:
        return "all"
    if instrument is None:
        return _as_it_came(value)
    places = decimals_of(instrument.size_step)
    return fixed(value, max(places, SIZE_DECIMALS) if places else 0, rounding=ROUND_DOWN)


def _as_it_came(value: Decimal) -> str:
    exponent = value.normalize().as_tuple().exponent
    return fixed(value, min(max(0, -exponent), UNKNOWN_DECIMALS) if isinstance(exponent, int) else 2)


def percent(value: Decimal | None, *, places: int = 2, sign: bool = False) -> str:
    """Write hundredths."""
    return NONE if value is None else f"{fixed(value, places, sign=sign)}%"


def rate(fraction: Decimal | None) -> str:
    """Write a funding rate, given as a fraction, in percent with four places."""
    return NONE if fraction is None else f"{fixed(fraction * HUNDRED, 4, sign=True)}%"


def counted(count: int, noun: str) -> str:
    """Write a count with its noun: `1 position`, `3 positions`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def times(value: Decimal | None) -> str:
    """Write leverage or a multiple of equity: 5x, 0.42x."""
    if value is None:
        return NONE
    return f"{plain(value)}x" if value == value.to_integral_value() else f"{fixed(value, 2)}x"


def compact(value: Decimal | None) -> str:
    """Write a volume: 1.2k, 3.4M, 5.6B."""
    if value is None:
        return NONE
    for limit, letter in ((Decimal(10) ** 9, "B"), (Decimal(10) ** 6, "M"), (Decimal(10) ** 3, "k")):
        if abs(value) >= limit:
            return f"{fixed(value / limit, 1)}{letter}"
    return fixed(value, 0)


def say(figure: str) -> str:
    """Give a figure for a sentence: with the true minus."""
    return figure.replace("-", "−")


def share(part: Decimal | None, whole: Decimal | None) -> Decimal | None:
    """Give `part` in percent of `whole`, None where either is unknown or the whole is nothing."""
    return None if part is None or not whole else part / whole * HUNDRED


def change(now: Decimal | None, was: Decimal | None) -> Decimal | None:
    """Give how many percent `now` lies above or below `was`."""
    return None if now is None or not was else (now - was) / was * HUNDRED


def base_of(symbol: Symbol | str | None, books: Books) -> str:
    """Name the base coin of a symbol: BTC."""
    if symbol is None:
        return "everything"
    found = books.get(Symbol(str(symbol)))
    if found is not None:
        return found.base
    word = clean(symbol, NAME_MAX)
    for quoted in QUOTES:
        if word.endswith(quoted) and len(word) > len(quoted):
            return word.removesuffix(quoted)
    return word


def side(direction: Direction) -> str:
    """Name a direction in lower case."""
    return direction.value.lower()


def letter(direction: Direction) -> str:
    """Name a direction by its letter, for narrow tables."""
    return direction.value[0]


def bought(intent: OrderIntent) -> str:
    """Say in the past what a fill of this intent did."""
    return "bought" if intent.buying else "sold"


KIND_WORDS = {
    OrderKind.MARKET: "market",
    OrderKind.LIMIT: "limit",
    OrderKind.TRIGGER: "trigger",
    OrderKind.TRAILING: "trailing",
    OrderKind.STOP: "stop",
    OrderKind.TARGET: "target",
    OrderKind.MOVING_STOP: "trailing stop",
}


def level(intent: OrderIntent, instrument: Instrument | None) -> str:
    """Say at which price an intent waits: "@ 60,500 limit", "at market", "stop 59,800"."""
    if intent.kind is OrderKind.MARKET:
        return "at market"
    if intent.kind is OrderKind.LIMIT:
        return f"@ {price(intent.limit_price, instrument)} limit"
    at = price(intent.trigger.price, instrument) if intent.trigger is not None else NONE
    return f"{KIND_WORDS[intent.kind]} {at}"
