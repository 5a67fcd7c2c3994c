"""Read the rows of a push: whole where it can, row by row where one of them is off."""
from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Generic, TypeVar

import msgspec

# msgspec raises RecursionError for nests too deep and a plain ValueError for text that is not UTF-8.
# A number outside of quotes may have an exponent that no Decimal holds.
UNREADABLE = (ValueError, ArithmeticError, RecursionError)

Row = TypeVar("Row")


# What could be read, and what was lost on the way: no sentence when nothing was.
Rows = tuple[Sequence[Row], tuple[str, ...]]


class Listed(msgspec.Struct, Generic[Row], gc=False):
    """A frame of which only its rows are read."""

    data: list[Row]


PIECES = msgspec.json.Decoder(Listed[msgspec.Raw])


class RowReader(Generic[Row]):
    """Reads the rows of one channel off a frame: of `shape`, or of `strict`, tried first, that checks more."""

    __slots__ = ("_all", "_one")

    def __init__(self, shape: type[Row], strict: type[Row] | None = None) -> None:
        # Numbers outside of quotes become exact decimals, never binary fractions.
        self._all = msgspec.json.Decoder(Listed[strict or shape], float_hook=Decimal)  # type: ignore[misc]
        self._one = msgspec.json.Decoder(shape, float_hook=Decimal)

    def read(self, frame: bytes) -> Rows[Row]:
        """Decode the rows; give them and what cannot be read, named, never raised."""
        try:
            return self._all.decode(frame).data, ()
        except UNREADABLE as fault:
            first = str(fault)
        try:
            pieces = PIECES.decode(frame).data
        except UNREADABLE:
            return (), (f"Expected a list of rows: {first}.",)
        rows, unreadable = [], []
        for place, piece in enumerate(pieces):
            try:
                rows.append(self._one.decode(piece))
            except UNREADABLE as fault:
                unreadable.append(f"Row {place}: {fault}.")
        return rows, tuple(unreadable)
