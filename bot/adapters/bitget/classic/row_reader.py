"""Read the rows of a push: whole where it can, row by row where one of them is off."""
from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Generic, NamedTuple, TypeVar

import msgspec

# msgspec raises RecursionError for nests too deep and a plain ValueError for text that is not UTF-8.
UNREADABLE = (ValueError, RecursionError)
PIECES = msgspec.json.Decoder(list[msgspec.Raw])

Row = TypeVar("Row")


class Rows(NamedTuple, Generic[Row]):
    """The rows of one push; `unreadable` says what was lost on the way, empty when nothing was."""

    rows: Sequence[Row]
    unreadable: tuple[str, ...] = ()


class RowReader(Generic[Row]):
    """Reads the `data` of one channel: a list of rows of `shape`, or of `strict`, tried first, that checks more."""

    __slots__ = ("_all", "_one")

    def __init__(self, shape: type[Row], strict: type[Row] | None = None) -> None:
        # Numbers outside of quotes become exact decimals, never binary fractions.
        self._all = msgspec.json.Decoder(list[strict or shape], float_hook=Decimal)  # type: ignore[misc]
        self._one = msgspec.json.Decoder(shape, float_hook=Decimal)

    def read(self, data: msgspec.Raw) -> Rows[Row]:
        """Decode the rows; what cannot be read is named in `unreadable`, never raised."""
        try:
            return Rows(self._all.decode(data))
        except UNREADABLE as fault:
            first = str(fault)
        try:
            pieces = PIECES.decode(data)
        except UNREADABLE:
            return Rows((), (f"Expected a list of rows: {first}.",))
        rows, unreadable = [], []
        for place, piece in enumerate(pieces):
            try:
                rows.append(self._one.decode(piece))
            except UNREADABLE as fault:
                unreadable.append(f"Row {place}: {fault}.")
        return Rows(rows, tuple(unreadable))
