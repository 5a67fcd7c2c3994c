"""The venue offers every verb of the port with its signature, and the stream it was given."""
from __future__ import annotations

import inspect
from collections.abc import AsyncIterator

from bot.adapters.bitget.classic.venue import ClassicVenue
from bot.ports.venue import StreamUp, Venue, VenueEvent
from tests.adapters.bitget.classic.venues import USDT, venue_over
from tests.adapters.bitget.lab import NOON, Script, link_over, ok, order, recorded


def test_every_verb_of_the_port_is_there() -> None:
    venue: Venue = venue_over(Script())
    for name, verb in inspect.getmembers(Venue, inspect.isfunction):
        if not name.startswith("_"):
            assert inspect.signature(getattr(ClassicVenue, name)) == inspect.signature(verb), name
    assert venue


async def test_events_are_the_given_stream() -> None:
    assert [event async for event in venue_over(Script()).events()] == []


async def test_ff45_mode_is_read_again_after_a_reconnect() -> None:
    async def events() -> AsyncIterator[VenueEvent]:
        yield StreamUp(line=USDT, at=NOON)

    script = Script(ok({"orderId": "1"}), recorded("account.account.sample"), ok({"orderId": "2"}))
    venue = ClassicVenue(link_over(script), events)
    await venue.submit(order("wd-1"))
    assert [type(event) for event in [event async for event in venue.events()]] == [StreamUp]
    await venue.submit(order("wd-2"))
    assert script.paths == ["place-order", "account", "place-order"]
