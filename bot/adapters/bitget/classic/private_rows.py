"""Read the rows of a private push, channel by channel: a row that cannot be read costs itself alone."""
from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from bot.adapters.bitget.classic import map_push, map_push_state, wire_push
from bot.adapters.bitget.classic.row_reader import RowReader
from bot.adapters.bitget.classic.stream_events import Pushed
from bot.adapters.bitget.classic.wire_value import Notes, Unreadable
from bot.ports.venue import VenueEvent

Row = TypeVar("Row")


def _each(
    reader: RowReader[Row],
    read_one: Callable[[Row, Pushed, Notes], VenueEvent],
    pushed: Pushed,
    notes: Notes,
) -> list[VenueEvent]:
    rows, unreadable = reader.read(pushed.frame)
    notes.doubt += unreadable
    events: list[VenueEvent] = []
    for row in rows:
        try:
            events.append(read_one(row, pushed, notes))
        except Unreadable as fault:
            notes.doubt.append(str(fault))
    return events


def _orders(pushed: Pushed, notes: Notes) -> list[VenueEvent]:
    rows, unreadable = wire_push.ORDERS.read(pushed.frame)
    notes.doubt += unreadable
    events: list[VenueEvent] = []
    for row in rows:
        try:
            events.append(map_push.order(row, pushed, notes))
        except Unreadable as fault:
            notes.doubt.append(str(fault))
            fill = map_push.lone_fill(row, pushed, notes)
            if fill is not None:
                events.append(fill)
    return events


def _positions(pushed: Pushed, notes: Notes) -> list[VenueEvent]:
    rows, unreadable = wire_push.POSITIONS.read(pushed.frame)
    notes.doubt += unreadable
    if unreadable:
        return []
    try:
        return [map_push_state.positions(rows, pushed, notes)]
    except Unreadable as fault:
        notes.doubt.append(str(fault))
        return []


def read(pushed: Pushed, notes: Notes) -> list[VenueEvent]:
    """Read one push of a private channel; what could not be read is in `notes.doubt`, and nothing is raised.

    A positions push with a hole tells nothing at all: what it does not list would count as flat (FF-29, FF-30).
    Channels without reports of their own (equity, positions-history) give none.
    """
    channel = pushed.topic.channel
    if channel == "orders":
        return _orders(pushed, notes)
    if channel == "fill":
        return _each(wire_push.FILLS, map_push.fill, pushed, notes)
    if channel == "positions":
        return _positions(pushed, notes)
    if channel == "account":
        return _each(wire_push.ACCOUNTS, map_push_state.account, pushed, notes)
    if channel == "orders-algo":
        return _each(wire_push.PLANS, map_push.plan, pushed, notes)
    if channel == "adl-noti":
        return _each(wire_push.DELEVERAGED, map_push_state.deleveraged, pushed, notes)
    return []
