"""Read a typed trade: `long btc $100 5x sl 2% tp 4%`, `close eth 50%`, `cancel all`. Pure and total (section 21)."""
from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches

from bot.chat.open_words import Opening, read_open
from bot.chat.words import (
    AMOUNT,
    CLOSE,
    EXAMPLE,
    LONG,
    MODES,
    PERCENT,
    PRICE,
    SHORT,
    WHICH,
    as_amount,
    direction_of,
    level,
    number,
    side_among,
    tidy,
    unread,
)
from bot.desk.wish import (
    AmendWish,
    CancelWish,
    CloseWish,
    LadderWish,
    LeverageWish,
    MarginModeWish,
    ProtectWish,
    ReverseWish,
    TwapWish,
    Which,
    Wish,
)
from bot.domain.ids import ClientOrderId
from bot.domain.intent import Direction
from bot.domain.numbers import HUNDRED, ZERO
from bot.domain.refusal import Refusal


def read_trade(text: str) -> Wish | Refusal:
    """Read one line; gives a wish, or a Refusal that names the word it stumbled over and the nearest correct form."""
    words = tidy(text)
    if isinstance(words, Refusal):
        return words
    if not words:
        return unread(text, f"Write for example: {EXAMPLE}.")
    verb, rest = words[0].lstrip("/"), words[1:]
    reader = READERS.get(verb)
    if reader is None:
        near = get_close_matches(verb, READERS, n=1)
        meant = f"Did you mean {near[0]}? " if near else ""
        return unread(words[0], f"{meant}Known words are {', '.join(sorted(READERS))}.")
    return reader(rest, verb)


def _close(words: list[str], verb: str) -> Wish | Refusal:
    if not words:
        return unread(verb, "Say what: close btc, close btc 50%, close all, longs, shorts, winners, losers.")
    which = WHICH.get(words[0], Which.ONE)
    share, amount, price = HUNDRED, None, None
    direction: Direction | None = None
    if sum(bool(PERCENT.fullmatch(word) or AMOUNT.fullmatch(word)) for word in words[1:]) > 1:
        return unread(" ".join(words[1:]), "Say one size or share: close btc 50% or close btc 0.01.")
    for word in words[1:]:
        part = PERCENT.fullmatch(word)
        if part is not None:
            share = number(part["n"]) or ZERO
            if not ZERO < share <= HUNDRED:
                return unread(word, "A share is above 0% and at most 100%.")
        elif word in ("long", "short"):
            direction = Direction(word.upper())
        elif word.startswith("@") and PRICE.fullmatch(word):
            price = number(word[1:])
        elif AMOUNT.fullmatch(word) and "%" not in word:
            amount = word
        elif word != "market":
            return unread(word, "Write close btc 50%, close btc 0.01 or close btc @61000.")
    symbol = None if which is not Which.ONE else words[0]
    return CloseWish(which=which, symbol=symbol, direction=direction, share=share, amount=amount, price=price)


def _reduce(words: list[str], verb: str) -> Wish | Refusal:
    if len(words) != 2:
        return unread(" ".join([verb, *words]), "Write reduce btc 0.01 or reduce btc 25%.")
    return _close(words, verb)


def _reverse(words: list[str], verb: str) -> Wish | Refusal:
    if not 1 <= len(words) <= 2:
        return unread(verb, "Write reverse btc.")
    if (extra := _more(words[1:])) is not None:
        return unread(extra, "Write reverse btc.")
    side = side_among(words[1:])
    return ReverseWish(symbol=words[0], direction=side)


def _cancel(words: list[str], verb: str) -> Wish | Refusal:
    if len(words) != 1:
        return unread(" ".join([verb, *words]), "Write cancel all, cancel btc or cancel with an order's id.")
    if words[0] == "all":
        return CancelWish()
    if words[0].startswith(("wd-", "venue-")):
        return CancelWish(order=ClientOrderId(words[0]))
    return CancelWish(symbol=words[0])


def _amend(words: list[str], verb: str) -> Wish | Refusal:
    if len(words) < 2:
        return unread(verb, "Write amend ID @61000, amend ID 0.02, or both.")
    price = size = None
    for word in words[1:]:
        if word.startswith("@") and PRICE.fullmatch(word) and price is None:
            price = number(word[1:])
        elif (found := number(word)) is not None and size is None:
            size = found
        else:
            return unread(word, "Write amend ID @61000 0.02.")
    return AmendWish(order=ClientOrderId(words[0]), price=price, size=size)


def _more(words: list[str]) -> str | None:
    """Give the first word that nobody would read: what is left over is never dropped silently."""
    return next((word for word in words if word not in ("long", "short")), None)


def _sl(words: list[str], verb: str) -> Wish | Refusal:
    if len(words) < 2:
        return unread(verb, "Write sl btc 59800, sl btc 1.5%, sl btc be or sl btc off.")
    symbol, word, side = words[0], words[1], side_among(words)
    if (extra := _more(words[2:])) is not None:
        return unread(extra, "Write one price: sl btc 59800, sl btc 1.5%, sl btc be or sl btc off.")
    if word == "be":
        return ProtectWish(symbol=symbol, direction=side, break_even=True)
    if word == "off":
        return ProtectWish(symbol=symbol, direction=side, off="typed sl off")
    at = level(word)
    if at is None:
        return unread(word, "Write sl btc 59800, sl btc 1.5%, sl btc be or sl btc off.")
    return ProtectWish(symbol=symbol, direction=side, stop=at)


def _tp(words: list[str], verb: str) -> Wish | Refusal:
    if len(words) < 2:
        return unread(verb, "Write tp btc 63500, or tp btc 62000:50 63500:50.")
    if words[1] == "off":
        extra = _more(words[2:])
        hint = "Write tp btc off."
        return ProtectWish(symbol=words[0], targets=()) if extra is None else unread(extra, hint)
    collected = Opening(Direction.LONG, words[0])
    queue = [word for word in words[1:] if word not in ("long", "short")]
    problem = collected.take_targets(queue)
    if problem is not None or queue:
        return problem or unread(queue[0], "Write tp btc 62000:50 63500:50.")
    return ProtectWish(symbol=words[0], direction=side_among(words), targets=tuple(collected.targets))


def _be(words: list[str], verb: str) -> Wish | Refusal:
    return _sl([words[0], "be", *words[1:]], verb) if words else unread(verb, "Write be btc.")


def _trail(words: list[str], verb: str) -> Wish | Refusal:
    at = level(words[1]) if len(words) >= 2 else None
    if at is None or (at.percent is None and at.price is None):
        return unread(" ".join([verb, *words]), "Write trail btc 1% or trail btc 1% 61000.")
    rest = [word for word in words[2:] if word not in ("long", "short")]
    start = number(rest[0].lstrip("@")) if rest else None
    if len(rest) > 1 or (rest and start is None):
        return unread(" ".join([verb, *words]), "Write trail btc 1% or trail btc 1% 61000.")
    return ProtectWish(symbol=words[0], direction=side_among(words), trail=at.percent or at.price, activation=start)


def _lev(words: list[str], verb: str) -> Wish | Refusal:
    wanted = number(words[1].strip("x")) if len(words) >= 2 else None
    if wanted is None or _more(words[2:]) is not None:
        return unread(" ".join([verb, *words]), "Write lev btc 5.")
    return LeverageWish(symbol=words[0], leverage=wanted, direction=side_among(words))


def _margin(words: list[str], verb: str) -> Wish | Refusal:
    mode = MODES.get(words[1]) if len(words) == 2 else None
    if mode is None:
        return unread(" ".join([verb, *words]), "Write margin btc cross or margin btc iso.")
    return MarginModeWish(symbol=words[0], mode=mode)


def _ladder(words: list[str], verb: str) -> Wish | Refusal:
    direction = direction_of(words[1]) if len(words) >= 6 else None
    first, last = (number(word.lstrip("@")) for word in (words[3:5] if direction else ["", ""]))
    steps = words[5] if len(words) > 5 else ""
    if direction is None or first is None or last is None or not steps.isdigit():
        return unread(" ".join([verb, *words]), "Write ladder btc long $500 60000 58000 5.")
    extra = Opening(direction, words[0])
    queue = words[6:]
    while queue:
        problem = extra.take(queue)
        if problem is not None:
            return problem
    return LadderWish(
        symbol=words[0],
        direction=direction,
        amount=as_amount(words[2]),
        first=first,
        last=last,
        steps=int(steps),
        stop=extra.stop,
        leverage=extra.leverage,
    )


def _twap(words: list[str], verb: str) -> Wish | Refusal:
    direction = direction_of(words[1]) if len(words) >= 4 else None
    minutes = words[3].rstrip("m") if len(words) >= 4 else ""
    if direction is None or not minutes.isdigit():
        return unread(" ".join([verb, *words]), "Write twap btc long $500 30 or twap btc long $500 30 10.")
    queue = words[4:]
    slices = int(queue.pop(0)) if queue and queue[0].isdigit() else max(2, min(50, int(minutes)))
    extra = Opening(direction, words[0])
    while queue:
        problem = extra.take(queue)
        if problem is not None:
            return problem
    return TwapWish(
        symbol=words[0],
        direction=direction,
        amount=as_amount(words[2]),
        minutes=int(minutes),
        slices=slices,
        stop=extra.stop,
        leverage=extra.leverage,
    )


Reader = Callable[[list[str], str], Wish | Refusal]
READERS: dict[str, Reader] = {
    **dict.fromkeys(LONG | SHORT, read_open),
    **dict.fromkeys(CLOSE, _close),
    "reduce": _reduce,
    "reverse": _reverse,
    "cancel": _cancel,
    "coo": _cancel,
    "amend": _amend,
    "sl": _sl,
    "tp": _tp,
    "be": _be,
    "trail": _trail,
    "lev": _lev,
    "margin": _margin,
    "ladder": _ladder,
    "twap": _twap,
}
