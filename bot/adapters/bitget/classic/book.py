"""Keep one order book: apply updates, watch sequence and checksum, say when it cannot be trusted."""
from __future__ import annotations

import zlib
from bisect import bisect_left
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from itertools import chain

from bot.adapters.bitget.classic.wire_push import BookRow
from bot.adapters.bitget.classic.wire_value import moment, number, shown, whole

CHECKED_LEVELS = 25
LEVELS_MAX = 2_000
PRICE_PLACES = 12
UNSIGNED = 0xFFFFFFFF

Levels = tuple[tuple[Decimal, Decimal], ...]


@dataclass(frozen=True, slots=True)
class Applied:
    """The book holds what the push said."""


@dataclass(frozen=True, slots=True)
class Ignored:
    """The push came before the first snapshot, or is older than it."""


@dataclass(frozen=True, slots=True)
class Broken:
    """The book was dropped and needs a new subscription; `why` names the rule that failed."""

    why: str


BookOutcome = Applied | Ignored | Broken
APPLIED = Applied()
IGNORED = Ignored()


class BadLevel(Exception):
    """A level is no pair of readable texts."""


class Side:
    """One side of a book: prices ascending in two parallel lists, and the size of each, all as they were received.

    The dictionary answers what most updates ask, a known price in its known spelling, without a search; the integers
    are for order and for a price spelled another way.
    """

    __slots__ = ("keys", "sizes", "texts")

    def __init__(self) -> None:
        self.keys: list[int] = []
        self.texts: list[str] = []
        self.sizes: dict[str, str] = {}

    def replace(self, levels: object) -> None:
        """Load a snapshot; raises BadLevel."""
        self.keys, self.texts, self.sizes = [], [], {}
        self.apply(levels)

    def apply(self, levels: object) -> None:
        """Set, insert or delete each level: sizes are absolute, zero deletes (websocket.md 6.5). Raises BadLevel."""
        if type(levels) is not list:
            raise BadLevel(f"expected a list of levels, found {shown(levels)}")
        try:
            # Digits and points only: then no level needs a look of its own. Applying twice does no harm.
            plain = "".join(chain.from_iterable(levels)).replace(".", "").isdecimal()
            if plain:
                self._apply_plain(levels)
        except (TypeError, ValueError, IndexError):
            plain = False
        if not plain:
            self._apply_plain([_readable(level) for level in levels])

    def best(self, count: int, highest: bool) -> tuple[list[str], list[str]]:
        """List the best prices and their sizes, best first: from the top for bids, from the bottom for asks."""
        texts = self.texts[: -count - 1 : -1] if highest else self.texts[:count]
        return texts, list(map(self.sizes.__getitem__, texts))

    def trim(self, highest: bool) -> None:
        """Drop the worst levels beyond LEVELS_MAX, so that a venue that never deletes cannot fill the memory."""
        excess = len(self.texts) - LEVELS_MAX
        gone = slice(0, excess) if highest else slice(LEVELS_MAX, None)
        for text in self.texts[gone]:
            del self.sizes[text]
        del self.texts[gone], self.keys[gone]

    def _apply_plain(self, levels: list[tuple[str, str]]) -> None:
        keys, texts, sizes = self.keys, self.texts, self.sizes
        for price, size in levels:
            gone = size[0] <= "0" and not size.strip("0.")
            if price in sizes and not gone:
                sizes[price] = size
                continue
            units, _, part = price.partition(".")
            key = int(units + part.ljust(PRICE_PLACES, "0"))
            if not key or size == "." or len(part) > PRICE_PLACES:
                raise ValueError(price)
            place = bisect_left(keys, key)
            if place < len(keys) and keys[place] == key:
                del sizes[texts[place]]
                if gone:
                    del keys[place], texts[place]
                    continue
                texts[place] = price
            elif gone:
                continue
            else:
                keys.insert(place, key)
                texts.insert(place, price)
            sizes[price] = size


def _readable(level: object) -> tuple[str, str]:
    """Read one level in any spelling into plain texts: numbers for texts, exponents, more than two values."""
    if type(level) is not list or len(level) < 2:
        raise BadLevel(f"expected price and size, found {shown(level)}")
    price, size = number(level[0]), number(level[1])
    if price is None or size is None or price <= 0 or size < 0:
        raise BadLevel(f"expected price and size, found {shown(level)}")
    written = f"{price:f}"
    if len(written.partition(".")[2]) > PRICE_PLACES:
        raise BadLevel(f"expected a price of at most {PRICE_PLACES} decimals, found {shown(level)}")
    return written, f"{size:f}"


def checksum(bids: tuple[list[str], list[str]], asks: tuple[list[str], list[str]]) -> int:
    """Compute the signed CRC-32 over the best 25 levels: prices and sizes, best first (websocket.md 6.6)."""
    depth = min(len(bids[0]), len(asks[0]), CHECKED_LEVELS)
    woven = [""] * (4 * depth)
    for offset, column in enumerate((*bids, *asks)):
        woven[offset::4] = column[:depth]
    for prices, sizes in (bids, asks):
        for level in zip(prices[depth:CHECKED_LEVELS], sizes[depth:CHECKED_LEVELS], strict=True):
            woven += level
    crc = zlib.crc32(":".join(woven).encode())
    return crc - (1 << 32) if crc >> 31 else crc


class Book:
    """One symbol's book of one channel on one connection; `incremental` for `books`, not for `books1`, `5`, `15`."""

    __slots__ = ("_fresh", "_incremental", "_ready", "_seq", "asks", "at", "bids")

    def __init__(self, *, incremental: bool) -> None:
        self.bids = Side()
        self.asks = Side()
        self.at: datetime | None = None
        self._incremental = incremental
        self._ready = False
        self._fresh = False
        self._seq: int | None = None

    @property
    def ready(self) -> bool:
        """Tell whether a snapshot was loaded and nothing broke since."""
        return self._ready

    def apply(self, action: object, row: BookRow) -> BookOutcome:
        """Apply one push; Broken when the sequence, a level or the checksum does not hold, and the book is dropped.

        The sequence grows, and where `pseq` is sent it equals the sequence before; a snapshot replaces everything.
        Source: websocket.md sections 6.5 and 6.6.
        """
        try:
            whole_book = action == "snapshot" or not self._incremental
            outcome = self._snapshot(row) if whole_book else self._update(action, row)
        except BadLevel as fault:
            return self._drop(str(fault))
        if outcome is APPLIED:
            self.at = moment(row.ts)
        return outcome

    def depth(self, levels: int) -> tuple[Levels, Levels]:
        """Give the best bids and asks as (price, size), best first; both empty while the book is not ready."""
        if not self._ready:
            return (), ()
        try:
            return _levels(self.bids.best(levels, True)), _levels(self.asks.best(levels, False))
        except InvalidOperation:
            # Digits with two points pass for plain text and are no number.
            self._drop("a level is no number")
            return (), ()

    def _snapshot(self, row: BookRow) -> BookOutcome:
        self.bids.replace(row.bids)
        self.asks.replace(row.asks)
        self._seq, self._fresh, self._ready = whole(row.seq), True, True
        return self._verified(row) if self._incremental else APPLIED

    def _update(self, action: object, row: BookRow) -> BookOutcome:
        if not self._ready:
            return IGNORED
        if action != "update":
            return self._drop(f"expected a snapshot or an update, found {shown(action)}")
        seq, last = whole(row.seq), self._seq
        if seq is not None and last is not None:
            pseq = whole(row.pseq)
            if self._fresh:
                if seq < last:
                    return IGNORED
                if pseq is not None and pseq > last:
                    return self._drop(f"updates between sequence {last} and {pseq} are missing")
            elif seq <= last:
                return self._drop(f"sequence went from {last} to {seq}")
            elif pseq is not None and pseq != last:
                return self._drop(f"expected an update after sequence {last}, found one after {pseq}")
        self.bids.apply(row.bids)
        self.asks.apply(row.asks)
        if len(self.bids.texts) > LEVELS_MAX:
            self.bids.trim(True)
        if len(self.asks.texts) > LEVELS_MAX:
            self.asks.trim(False)
        self._fresh = False
        if seq is not None:
            self._seq = seq
        return self._verified(row)

    def _verified(self, row: BookRow) -> BookOutcome:
        claimed = whole(row.checksum)
        if not claimed:
            return APPLIED
        found = checksum(self.bids.best(CHECKED_LEVELS, True), self.asks.best(CHECKED_LEVELS, False))
        if (found ^ claimed) & UNSIGNED:
            return self._drop(f"checksum: the venue says {claimed}, the book gives {found}")
        return APPLIED

    def _drop(self, why: str) -> Broken:
        self.bids, self.asks = Side(), Side()
        self._ready, self._seq, self.at = False, None, None
        return Broken(why)


def _levels(columns: tuple[list[str], list[str]]) -> Levels:
    return tuple(zip(map(Decimal, columns[0]), map(Decimal, columns[1]), strict=True))
