"""Keep one order book: apply updates, watch sequence and checksum, say when it cannot be trusted."""
from __future__ import annotations

import zlib
from bisect import bisect_left, insort
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import chain
from operator import itemgetter

from bot.adapters.bitget.classic.wire_push import BookRow, QuotedBookRow
from bot.adapters.bitget.classic.wire_value import moment, number, shown, whole

CHECKED_LEVELS = 25
LEVELS_MAX = 2_000
PRICE_PLACES = 12
PRICE_UNITS = 20
# Prices come back to the same ticks all day: their keys are worked out once.
PRICES_REMEMBERED = 32_768
_KEYS: dict[str, int] = {}
PLAIN = b"0123456789."
NO_SIZE = frozenset({"", "."})
# Every spelling of zero in digits, and what is no size at all.
NOTHING = NO_SIZE | {"0" * units + "." * bool(places) + "0" * max(0, places - 1) for units in range(4)
                     for places in range(42)}
UNSIGNED = 0xFFFFFFFF
SIZE = itemgetter(1)

Quoted = list[tuple[str, str]]
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


def _key(price: str) -> int:
    """Give a price's place in the order, whatever its spelling; raises ValueError for all but digits and a point."""
    units, _, part = price.partition(".")
    key = int(units + part.ljust(PRICE_PLACES, "0")) if f"{units}{part}".isdecimal() else 0
    if not key or len(part) > PRICE_PLACES or len(units) > PRICE_UNITS:
        raise ValueError(price)
    if len(_KEYS) >= PRICES_REMEMBERED:
        _KEYS.clear()
    _KEYS[price] = key
    return key


class Side:
    """One side of a book: keys of prices ascending, and by key the text `price:size`, both as they were received.

    The texts stand as the checksum wants them, so that checking fifty levels is joining fifty texts.
    """

    __slots__ = ("keys", "texts")

    def __init__(self) -> None:
        self.keys: list[int] = []
        self.texts: dict[int, str] = {}

    def best(self, count: int, highest: bool) -> list[str]:
        """List the best levels as `price:size`, best first: from the top for bids, from the bottom for asks."""
        keys = self.keys[: -count - 1 : -1] if highest else self.keys[:count]
        return list(map(self.texts.__getitem__, keys))

    def trim(self, highest: bool) -> None:
        """Drop the worst levels beyond LEVELS_MAX, so that a venue that never deletes cannot fill the memory."""
        excess = max(0, len(self.keys) - LEVELS_MAX)
        gone = slice(0, excess) if highest else slice(LEVELS_MAX, None)
        for key in self.keys[gone]:
            del self.texts[key]
        del self.keys[gone]

    def apply(self, levels: Quoted) -> None:
        """Set, insert or delete each level: sizes are absolute, zero deletes (websocket.md 6.5).

        Raises ValueError for a price that is no plain number above zero, for no size and for one below 1 with an
        exponent, which may be zero. Other sizes are taken as they are written.
        """
        keys, texts = self.keys, self.texts
        for price, size in levels:
            try:
                key = _KEYS[price]
            except KeyError:
                key = _key(price)
            # Most sizes begin with another digit, and need no look into the set.
            if size < "1":
                if size in NOTHING:
                    if size in NO_SIZE:
                        raise ValueError(size)
                    if texts.pop(key, None) is not None:
                        del keys[bisect_left(keys, key)]
                    continue
                if "E" in size or "e" in size:
                    raise ValueError(size)
            if key not in texts:
                insort(keys, key)
            texts[key] = f"{price}:{size}"


def _all_readable(levels: object) -> Quoted:
    if type(levels) is not list:
        raise BadLevel(f"expected a list of levels, found {shown(levels)}")
    return [_readable(level) for level in levels]


def _readable(level: object) -> tuple[str, str]:
    """Read one level in any spelling into plain texts: numbers for texts, exponents, more than two values."""
    if type(level) not in (list, tuple) or len(level) < 2:  # type: ignore[arg-type]
        raise BadLevel(f"expected price and size, found {shown(level)}")
    price, size = number(level[0]), number(level[1])  # type: ignore[index]
    if price is None or size is None or price <= 0 or size < 0:
        raise BadLevel(f"expected price and size, found {shown(level)}")
    written = f"{price:f}"
    units, _, part = written.partition(".")
    if len(units) > PRICE_UNITS or len(part) > PRICE_PLACES:
        raise BadLevel(f"expected a price of at most {PRICE_PLACES} decimals, found {shown(level)}")
    return written, f"{size:f}" if size else "0"


def checksum(bids: list[str], asks: list[str]) -> int:
    """Compute the CRC-32 over the best 25 levels, each `price:size`, best first (websocket.md 6.6); not negative.

    The venue writes it as a signed number of 32 bits.
    """
    woven = [*bids, *asks]
    if len(bids) == len(asks):
        woven[::2], woven[1::2] = bids, asks
    else:
        depth = min(len(bids), len(asks))
        pairs = zip(bids, asks, strict=False)
        woven = [*chain.from_iterable(pairs), *bids[depth:], *asks[depth:]]
    return zlib.crc32(":".join(woven).encode())


class Book:
    """One symbol's book of one channel on one connection; `incremental` for `books`, not for `books1`, `5`, `15`."""

    __slots__ = ("_fresh", "_incremental", "_ready", "_seq", "_spoilt", "_stamp", "_woven", "asks", "bids")

    def __init__(self, *, incremental: bool) -> None:
        self.bids = Side()
        self.asks = Side()
        self._stamp: object = None
        self._woven = [""] * (2 * CHECKED_LEVELS)
        self._incremental = incremental
        self._ready = False
        self._fresh = False
        self._spoilt: str | None = None
        self._seq: int | None = None

    @property
    def ready(self) -> bool:
        """Tell whether a snapshot was loaded and nothing broke since."""
        return self._ready

    @property
    def at(self) -> datetime | None:
        """Give the venue's stamp of the last push; None where it has none or there is no book."""
        return moment(self._stamp)

    def apply(self, action: object, row: BookRow | QuotedBookRow) -> BookOutcome:
        """Apply one push; Broken when the sequence, a level or the checksum does not hold, and the book is dropped.

        The sequence grows, and where `pseq` is sent it equals the sequence before; a snapshot replaces everything.
        Source: websocket.md sections 6.5 and 6.6.
        """
        try:
            if action == "snapshot" or not self._incremental:
                outcome = self._snapshot(row)
            else:
                outcome = self._update(action, row)
        except BadLevel as fault:
            return self._drop(str(fault))
        if outcome is APPLIED:
            self._stamp = row.ts
        return outcome

    def depth(self, levels: int) -> tuple[Levels, Levels]:
        """Give the best bids and asks as (price, size), best first; both empty while the book is not ready.

        A level that turns out to be no number drops the book, and the next push says so.
        """
        if not self._ready:
            return (), ()
        try:
            return _levels(self.bids.best(levels, True)), _levels(self.asks.best(levels, False))
        except BadLevel as fault:
            self._spoilt = self._drop(str(fault)).why
            return (), ()

    def _snapshot(self, row: BookRow | QuotedBookRow) -> BookOutcome:
        self.bids, self.asks = Side(), Side()
        claimed = whole(row.checksum) if self._incremental else None
        self._change(row, claimed)
        self._seq, self._fresh, self._ready, self._spoilt = whole(row.seq), True, True, None
        return self._verified(row, claimed)

    def _update(self, action: object, row: BookRow | QuotedBookRow) -> BookOutcome:
        if not self._ready:
            return IGNORED if self._spoilt is None else self._drop(self._spoilt)
        if action != "update":
            return self._drop(f"expected a snapshot or an update, found {shown(action)}")
        last, seq = self._seq, row.seq if type(row.seq) is int else whole(row.seq)
        if seq is not None and last is not None:
            pseq = row.pseq if type(row.pseq) is int else whole(row.pseq)
            if self._fresh:
                if seq < last:
                    return IGNORED
                if pseq is not None and pseq > last:
                    return self._drop(f"updates between sequence {last} and {pseq} are missing")
            elif seq <= last:
                return self._drop(f"sequence went from {last} to {seq}")
            elif pseq is not None and pseq != last:
                return self._drop(f"expected an update after sequence {last}, found one after {pseq}")
        claimed = row.checksum if type(row.checksum) is int else whole(row.checksum)
        self._change(row, claimed)
        if len(self.bids.keys) > LEVELS_MAX or len(self.asks.keys) > LEVELS_MAX:
            self.bids.trim(True)
            self.asks.trim(False)
        self._fresh = False
        if seq is not None:
            self._seq = seq
        return self._verified(row, claimed)

    def _change(self, row: BookRow | QuotedBookRow, claimed: int | None) -> None:
        if type(row) is QuotedBookRow:
            bids, asks = row.bids, row.asks
            try:
                # A checksum that holds proves the sizes as they were written; without one they are looked at.
                if claimed or not "".join([*map(SIZE, bids), *map(SIZE, asks)]).encode().translate(None, PLAIN):
                    self.bids.apply(bids)
                    self.asks.apply(asks)
                    return
            except ValueError:
                # One of them is no plain number: each gets a look of its own. Applying twice does no harm.
                pass
        self.bids.apply(_all_readable(row.bids))
        self.asks.apply(_all_readable(row.asks))

    def _verified(self, row: BookRow | QuotedBookRow, claimed: int | None) -> BookOutcome:
        if not claimed:
            return APPLIED
        found = self._checksum()
        if (found ^ claimed) & UNSIGNED:
            # Where a level of this push is to blame, it is named.
            _all_readable(row.bids)
            _all_readable(row.asks)
            return self._drop(f"checksum: the venue says {claimed}, the book gives {found}")
        return APPLIED

    def _checksum(self) -> int:
        bids, asks = self.bids, self.asks
        if len(bids.keys) < CHECKED_LEVELS or len(asks.keys) < CHECKED_LEVELS:
            return checksum(bids.best(CHECKED_LEVELS, True), asks.best(CHECKED_LEVELS, False))
        # Texts fetched together cost half of what they cost one by one, and fifty places need not be made anew.
        woven = self._woven
        woven[::2] = itemgetter(*bids.keys[: -CHECKED_LEVELS - 1 : -1])(bids.texts)
        woven[1::2] = itemgetter(*asks.keys[:CHECKED_LEVELS])(asks.texts)
        return zlib.crc32(":".join(woven).encode())

    def _drop(self, why: str) -> Broken:
        self.bids, self.asks = Side(), Side()
        self._ready, self._seq, self._stamp, self._spoilt = False, None, None, None
        return Broken(why)


def _levels(texts: list[str]) -> Levels:
    return tuple([_number_pair(text) for text in texts])


def _number_pair(text: str) -> tuple[Decimal, Decimal]:
    price, _, size = text.partition(":")
    priced, sized = number(price), number(size)
    if not priced or not sized or sized < 0:
        raise BadLevel(f"expected price and size, found {shown(text)}")
    return priced, sized
