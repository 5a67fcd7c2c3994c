"""The venue offers every verb of the port with its signature, and the stream it was given."""
from __future__ import annotations

import inspect

from bot.adapters.bitget.classic.venue import ClassicVenue
from bot.ports.venue import (
    Venue,
)
from tests.adapters.bitget.classic.venues import (
    venue_over,
)
from tests.adapters.bitget.lab import Script


def test_every_verb_of_the_port_is_there() -> None:
    venue: Venue = venue_over(Script())
    for name, verb in inspect.getmembers(Venue, inspect.isfunction):
        if not name.startswith("_"):
            assert inspect.signature(getattr(ClassicVenue, name)) == inspect.signature(verb), name
    assert venue


async def test_events_are_the_given_stream() -> None:
    assert [event async for event in venue_over(Script()).events()] == []
