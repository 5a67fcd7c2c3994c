"""Read a typed opening, its parts in any order: `long btc $100 5x sl 2% tp 4%`. Pure."""
from __future__ import annotations

from decimal import Decimal

from bot.chat.words import (
    AMOUNT,
    EXAMPLE,
    FORCE,
    LEVERAGE,
    LONG,
    MODES,
    MONEY,
    PRICE,
    level,
    number,
    unread,
)
from bot.desk.wish import Level, OpenWish, TargetWish, Wish
from bot.domain.intent import Direction, MarginMode, OrderKind, TimeInForce
from bot.domain.numbers import HUNDRED
from bot.domain.refusal import Refusal, refuse


def read_open(words: list[str], verb: str) -> Wish | Refusal:
    """Read what follows `long` or `short`; a Refusal names the word that could not be read."""
    direction = Direction.LONG if verb in LONG else Direction.SHORT
    if len(words) < 2:
        return unread(" ".join([verb, *words]), f"Say symbol and size: {EXAMPLE}.")
    found = Opening(direction, words[0])
    queue = words[1:]
    while queue:
        problem = found.take(queue)
        if problem is not None:
            return problem
    return found.wish()


def _named(word: str) -> str | None:
    """Say what a word is about, of what may stand once only; None for the others."""
    if word in ("sl", "stop"):
        return "stop"
    if word in ("trigger", "when", "trail"):
        return word.replace("when", "trigger")
    if word in MODES:
        return "margin mode"
    if word in FORCE:
        return "kind of order"
    if LEVERAGE.fullmatch(word):
        return "leverage"
    return "price" if word in ("limit", "at", "market", "mkt") or word.startswith("@") else None


class Opening:
    """Collect the parts of an opening in any order."""

    def __init__(self, direction: Direction, symbol: str) -> None:
        self.direction, self.symbol = direction, symbol
        self.amount: str | None = None
        self.price: Decimal | None = None
        self.trigger: Decimal | None = None
        self.callback: Decimal | None = None
        self.stop: Level | None = None
        self.off: str | None = None
        self.targets: list[TargetWish] = []
        self.leverage: Decimal | None = None
        self.mode: MarginMode | None = None
        self.force = TimeInForce.GTC
        self.said: set[str] = set()

    def take(self, queue: list[str]) -> Refusal | None:
        """Take the next word or words off the queue; gives what could not be read, and what was said twice."""
        word = queue.pop(0)
        what = _named(word)
        if what is not None and what in self.said:
            return unread(word, f"There are two words for the {what}; write one.")
        self.said |= {what} if what is not None else set()
        if word in ("sl", "stop"):
            return self._stop(queue)
        if word in ("tp", "target"):
            return self.take_targets(queue)
        if word in ("trigger", "when", "trail"):
            return self._plan(word, queue)
        if word in MODES:
            self.mode = MODES[word]
        elif word in FORCE:
            self.force = FORCE[word]
        elif word in ("market", "mkt"):
            pass
        elif (match := LEVERAGE.fullmatch(word)) is not None:
            self.leverage = number(match["a"] or match["b"] or match["c"])
        elif word.startswith("@") and PRICE.fullmatch(word):
            self.price = number(word[1:])
        elif word in ("limit", "at") and queue and PRICE.fullmatch(queue[0]):
            self.price = number(queue.pop(0).lstrip("@"))
        elif (money := MONEY.fullmatch(word)) is not None:
            return self._size(f"${money['n']}", word)
        elif AMOUNT.fullmatch(word):
            return self._size(word, word)
        else:
            hint = "Write the decimal point as a dot." if "," in word else f"An example: {EXAMPLE}."
            return unread(word, hint)
        return None

    def _size(self, amount: str, word: str) -> Refusal | None:
        if self.amount is not None:
            return unread(word, f"There is a size already ({self.amount}); write a price as @{word}.")
        self.amount = amount
        return None

    def _stop(self, queue: list[str]) -> Refusal | None:
        word = queue.pop(0) if queue else ""
        if word == "off":
            self.off = "typed sl off"
            return None
        self.stop = level(word)
        return None if self.stop is not None else unread(f"sl {word}".strip(), "Write sl 2%, sl 59800 or sl off.")

    def take_targets(self, queue: list[str]) -> Refusal | None:
        """Take one target or several with their shares off the queue."""
        taken = False
        while queue:
            head, _, share = queue[0].partition(":")
            at = level(head)
            part = number(share.rstrip("%")) if share else None
            if at is None or (share and part is None) or (taken and not share and at.percent is None):
                break
            if taken and not share:
                break
            queue.pop(0)
            self.targets.append(TargetWish(level=at, share=part if part is not None else HUNDRED))
            taken = True
        return None if taken else unread("tp", "Write tp 4%, tp 63500, or tp 62000:50 63500:50.")

    def _plan(self, word: str, queue: list[str]) -> Refusal | None:
        text = queue.pop(0) if queue else ""
        at = level(text)
        if word == "trail" and at is not None and at.percent is not None:
            self.callback = at.percent
        elif word != "trail" and at is not None and at.price is not None:
            self.trigger = at.price
        else:
            return unread(f"{word} {text}".strip(), "Write trigger 60000, and trail 1% behind it if wanted.")
        return None

    def wish(self) -> Wish | Refusal:
        """Give the opening, or what is missing."""
        if self.amount is None:
            return refuse("size_missing", "There is no size.", f"Write 0.05, $500, 2% or r0.5%: {EXAMPLE}.")
        kind = OrderKind.LIMIT if self.price is not None else OrderKind.MARKET
        if self.trigger is not None:
            kind = OrderKind.TRAILING if self.callback is not None else OrderKind.TRIGGER
        return OpenWish(
            symbol=self.symbol,
            direction=self.direction,
            amount=self.amount,
            kind=kind,
            price=self.price,
            trigger=self.trigger,
            callback=self.callback,
            time_in_force=self.force,
            stop=self.stop,
            targets=tuple(self.targets),
            leverage=self.leverage,
            margin_mode=self.mode,
            no_stop=self.off,
        )
