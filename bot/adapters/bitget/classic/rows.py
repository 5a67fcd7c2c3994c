"""Take rows out of a decoded answer: null where a list is expected is an empty list, anything odd is named."""
from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import TypeVar

import msgspec

from bot.adapters.bitget.classic.wire_value import Notes, Unreadable, shown

log = logging.getLogger(__name__)

Shape = TypeVar("Shape")
Value = TypeVar("Value")


def one(tree: object, shape: type[Shape], where: str) -> Shape:
    """Read one object; raises Unreadable for anything else."""
    if type(tree) is not dict:
        raise Unreadable(f"{where}: expected an object, found {shown(tree)}")
    return msgspec.convert(tree, shape)


def items(tree: object, where: str) -> list[object]:
    """Read a list of anything; `null`, `""` and absence mean empty (rest.md 0.3). Raises Unreadable for all else."""
    if tree is None or tree == "":
        return []
    if type(tree) is not list:
        raise Unreadable(f"{where}: expected a list, found {shown(tree)}")
    return tree


def all_of(tree: object, shape: type[Shape], where: str) -> list[Shape]:
    """Read a list in which every row counts; raises Unreadable for one that is not an object."""
    return [one(item, shape, where) for item in items(tree, where)]


def readable(tree: object, shape: type[Shape], where: str, read: Callable[[Shape, Notes], Value]) -> Iterator[Value]:
    """Read a list in which a bad row costs only itself: it is logged and skipped. Raises Unreadable for no list."""
    for item in items(tree, where):
        notes = Notes()
        try:
            value = read(one(item, shape, where), notes)
        except Unreadable as error:
            log.warning("%s: a row was skipped: %s", where, error)
            continue
        tell(notes, where)
        yield value


def tell(notes: Notes, where: str) -> None:
    """Log what was odd about a row that could be read all the same."""
    for line in (*notes.odd, *notes.doubt):
        log.warning("%s: %s", where, line)
