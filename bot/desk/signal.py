"""Hold what a signal from outside says: the fields that were recognised, and every part that was not."""
from __future__ import annotations

import hashlib
from dataclasses import dataclass
from decimal import Decimal

from bot.desk.wish import Level, TargetWish
from bot.domain.intent import Direction
from bot.domain.numbers import HUNDRED, plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One trade as somebody outside describes it; nothing here is obeyed, all of it is shown.

    `pair` is what to look the contract up by, `written` the pair as it stood there. `entry` holds no price (at
    market), one, or the lower and the upper edge of a zone; `breakout` means it is entered when the price gets there.
    `margin` is a word only: the margin mode stays the person's own. `unread` are the parts nobody understood.
    """

    pair: str
    written: str
    direction: Direction
    entry: tuple[Decimal, ...] = ()
    breakout: bool = False
    targets: tuple[TargetWish, ...] = ()
    stop: Level | None = None
    leverage: Decimal | None = None
    margin: str | None = None
    unread: tuple[str, ...] = ()

    @property
    def levels(self) -> int:
        """Count which of entry, stop and targets are there: they make a text a signal."""
        return sum((bool(self.entry), self.stop is not None, bool(self.targets)))


def echoed(signal: Signal) -> tuple[str, ...]:
    """Say every recognised field in a line of its own, as the card shows it."""
    said = [f"Pair: {signal.written}", f"Side: {signal.direction.value.lower()}", f"Entry: {_entry(signal)}"]
    for place, one in enumerate(signal.targets, start=1):
        name = "Target" if len(signal.targets) == 1 else f"Target {place}"
        part = "" if one.share == HUNDRED else f", {plain(one.share)}% of the position"
        said.append(f"{name}: {level_words(one.level)}{part}")
    said.append(f"Stop: {level_words(signal.stop) if signal.stop is not None else 'none'}")
    if signal.leverage is not None:
        said.append(f"Leverage: {plain(signal.leverage)}x")
    if signal.margin is not None:
        said.append(f"Margin: {signal.margin} (yours stays as it is)")
    return tuple(said)


def _entry(signal: Signal) -> str:
    if not signal.entry:
        return "at market"
    words = " to ".join(plain(one) for one in signal.entry)
    return f"when the price gets to {words}" if signal.breakout else words


def level_words(level: Level) -> str:
    """Say a level: a price, or its distance from the entry in percent."""
    return plain(level.price) if level.price is not None else f"{plain(level.percent or Decimal(0))}% from the entry"


def digest_of(signal: Signal) -> str:
    """Give sixteen hex letters over the recognised fields: the same trade in other words is the same signal."""
    body = [signal.pair, signal.direction.value, str(signal.breakout), *(plain(one) for one in signal.entry)]
    body += [f"tp {level_words(one.level)}:{plain(one.share)}" for one in signal.targets]
    body.append(f"sl {level_words(signal.stop)}" if signal.stop is not None else "sl none")
    body.append(f"{plain(signal.leverage)}x" if signal.leverage is not None else "own")
    return hashlib.sha256("\n".join(body).encode()).hexdigest()[:16]
