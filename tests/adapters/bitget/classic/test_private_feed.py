from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest

from bot.adapters.bitget.classic.private_feed import NEEDED, RESYNC_EVERY_S, PrivateFeed
from bot.adapters.bitget.classic.stream_frames import Credentials
from bot.adapters.bitget.classic.stream_protocol import StreamState
from bot.domain.fill import Fill
from bot.domain.instrument import ProductLine
from bot.domain.reports import AccountReport, Deleveraged, OrderReport, PositionsReport
from bot.ports.venue import StreamDown, StreamUp, VenueEvent
from tests.adapters.bitget.classic.feeds import Venue
from tests.adapters.bitget.classic.pushes import SPOILS, row, vector
from tests.support.clock import FakeClock

USDT, USDC, COIN = ProductLine.USDT, ProductLine.USDC, ProductLine.COIN


class Desk:
    """A reader of the feed's events with a clock moved by hand."""

    def __init__(self, venue: Venue, *lines: ProductLine, **options: Any) -> None:
        self.clock = FakeClock()
        self.feed = PrivateFeed(
            url="ws://test", connector=venue, clock=self.clock, chance=lambda: 1.0, lines=lines,
            credentials=Credentials(api_key="k", passphrase="p", sign=lambda timestamp: "s"), **options,
        )
        self.told: list[VenueEvent] = []
        self.states: list[StreamState] = []

    async def read(self) -> None:
        async with aclosing(self.feed.events()) as events:  # type: ignore[type-var]
            async for event in events:
                self.told.append(event)
                self.states.append(self.feed.state)

    async def settle(self, seconds: float = 0.0) -> list[VenueEvent]:
        """Let time pass and everything run; gives what was told meanwhile."""
        before = len(self.told)
        for _ in range(int(seconds)):
            await self.clock.advance(1.0)
            await _run_dry()
        await _run_dry()
        return self.told[before:]


async def _run_dry() -> None:
    for _ in range(30):
        await asyncio.sleep(0)


@asynccontextmanager
async def reading(venue: Venue, *lines: ProductLine, **options: Any) -> AsyncIterator[Desk]:
    desk = Desk(venue, *(lines or (USDT,)), **options)
    task = asyncio.get_running_loop().create_task(desk.read())
    try:
        await desk.settle()
        yield desk
    finally:
        task.cancel()
        await asyncio.wait([task])


def kinds(events: list[VenueEvent]) -> list[str]:
    return [type(event).__name__ for event in events]


async def test_every_line_is_up_once_its_channels_are_acknowledged() -> None:
    venue = Venue()
    async with reading(venue, USDT, USDC) as desk:
        assert kinds(desk.told) == ["StreamUp", "StreamUp"]
        assert {event.line for event in desk.told if isinstance(event, StreamUp)} == {USDT, USDC}
        args = [arg for request in venue.asked if request["op"] == "subscribe" for arg in request["args"]]
        assert {arg["channel"] for arg in args} == {*NEEDED, "adl-noti"}
        assert desk.states == [StreamState.CATCHING_UP, StreamState.CATCHING_UP], "FF-64: told, not yet read"
        assert desk.feed.state is StreamState.LIVE


async def test_each_channel_tells_its_report() -> None:
    venue = Venue()
    async with reading(venue) as desk:
        venue.push(("orders", "orders_algo", "fill", "positions", "account", "adl_noti"))
        told = await desk.settle()
        assert [type(event) for event in told] == [
            OrderReport, OrderReport, Fill, PositionsReport, Deleveraged, AccountReport]
        await desk.settle(3)
        assert desk.feed.ages(USDT) == dict.fromkeys((*NEEDED, "adl-noti"), 3.0)
        assert not desk.feed.unreadable


async def test_an_empty_list_is_flat_for_its_line_alone_ff31() -> None:
    venue = Venue()
    async with reading(venue, USDT, COIN) as desk:
        venue.last.push({"action": "snapshot", "data": [],
                         "arg": {"instType": "COIN-FUTURES", "channel": "positions", "instId": "default"}})
        (report,) = await desk.settle()
        assert isinstance(report, PositionsReport)
        assert (report.line, report.positions) == (COIN, ())


@pytest.mark.parametrize("data", [None, "", {}, [None], [{"instId": "BTCUSDT"}]])
async def test_positions_that_cannot_be_read_never_count_as_flat_ff29(data: object) -> None:
    venue = Venue()
    async with reading(venue) as desk:
        venue.last.push(json.loads(vector("positions")) | {"data": data})
        assert kinds(await desk.settle()) == ["StreamDown", "StreamUp"]
        assert desk.feed.unreadable["positions"] == 1


async def test_a_row_that_cannot_be_read_calls_for_a_read_and_costs_no_other() -> None:
    venue = Venue()
    async with reading(venue) as desk:
        rows = [row("orders"), row("orders", orderId=None), row("orders", orderId="2")]
        venue.last.push(json.loads(vector("orders")) | {"data": rows})
        told = await desk.settle()
        assert kinds(told) == ["OrderReport", "OrderReport", "StreamDown", "StreamUp"]
        down = told[2]
        assert isinstance(down, StreamDown)
        assert "orderId: expected a word, found None" in down.why
        assert desk.feed.unreadable == {"orders": 1}


async def test_reads_are_not_called_for_faster_than_they_can_be_made() -> None:
    venue = Venue()
    async with reading(venue) as desk:
        for _ in range(5):
            venue.last.push("<html>")
        assert kinds(await desk.settle()) == ["StreamDown", "StreamUp", "StreamDown"]
        assert desk.feed.unreadable == {"frame": 5}
        assert kinds(await desk.settle(int(RESYNC_EVERY_S) - 1)) == []
        assert kinds(await desk.settle(60)) == ["StreamUp"]


async def test_a_drop_is_told_and_so_is_the_return() -> None:
    venue = Venue()
    async with reading(venue, USDT, COIN) as desk:
        venue.last.drop()
        told = await desk.settle()
        assert kinds(told) == ["StreamDown", "StreamDown"]
        assert all(isinstance(event, StreamDown) and event.why == "dropped" for event in told)
        assert desk.feed.state is StreamState.DOWN
        assert kinds(await desk.settle(2)) == ["StreamUp", "StreamUp"]
        assert len(venue.pipes) == 2
        assert sum(request["op"] == "login" for request in venue.asked) == 2


async def test_a_refused_key_says_so_once_and_is_not_hammered_ff67() -> None:
    venue = Venue(login=30011)
    async with reading(venue) as desk:
        (down,) = desk.told
        assert isinstance(down, StreamDown)
        assert "30011: no such key" in down.why
        assert await desk.settle(200) == []
        assert 3 <= len(venue.pipes) <= 8


async def test_an_unreachable_venue_is_told_before_it_was_ever_up() -> None:
    async with reading(Venue(login="unreachable")) as desk:
        assert kinds(desk.told) == ["StreamDown"]


async def test_a_refused_needed_channel_keeps_its_line_down() -> None:
    async with reading(Venue({"positions": 30001})) as desk:
        (down,) = desk.told
        assert isinstance(down, StreamDown)
        assert "positions: 30001" in down.why


async def test_a_refused_welcome_channel_does_not() -> None:
    async with reading(Venue({"adl-noti": 30001})) as desk:
        assert kinds(desk.told) == ["StreamUp"]


async def test_an_accepted_order_that_nobody_pushes_is_a_lost_stream_ff63() -> None:
    venue = Venue()
    async with reading(venue) as desk:
        desk.feed.expect_order(USDT)
        venue.push(["orders"])
        assert kinds(await desk.settle(8)) == ["OrderReport"]
        desk.feed.expect_order(USDT)
        assert kinds(await desk.settle(8)) == ["StreamDown", "StreamUp"]


async def test_an_overflow_is_loss_of_truth_not_back_pressure() -> None:
    venue = Venue()
    async with reading(venue, queue_max=50) as desk:
        for _ in range(200):
            venue.last.push(vector("fill"))
        told = kinds(await desk.settle(3))
        assert told[-2:] == ["StreamDown", "StreamUp"]
        assert any(isinstance(event, StreamDown) and "overflowed" in event.why for event in desk.told)


async def test_a_rotation_misses_nothing_and_says_nothing_ff65() -> None:
    venue = Venue()
    async with reading(venue, rotate_after_s=100.0) as desk:
        assert kinds(await desk.settle(99)) == []
        venue.push(["fill"])
        assert kinds(await desk.settle(5)) == ["Fill"]
        assert len(venue.pipes) == 2
        assert [pipe.closed for pipe in venue.pipes] == [True, False]
        venue.push(["fill"])
        assert kinds(await desk.settle()) == ["Fill"]
        venue.last.drop()
        assert kinds(await desk.settle(2)) == ["StreamDown", "StreamUp"]


async def test_a_successor_that_fails_leaves_the_old_connection_in_peace() -> None:
    venue = Venue()
    async with reading(venue, rotate_after_s=100.0) as desk:
        venue.login = 30005
        assert await desk.settle(130) == []
        assert [pipe.closed for pipe in venue.pipes] == [False, True]
        venue.pipes[0].push(vector("fill"))
        assert kinds(await desk.settle()) == ["Fill"]
        venue.login = 0
        assert await desk.settle(700) == []
        assert venue.pipes[0].closed


async def test_no_push_of_any_kind_ends_the_feed() -> None:
    venue = Venue()
    async with reading(venue) as desk:
        for channel in ("orders", "orders_algo", "fill", "positions", "account", "adl_noti"):
            for name in row(channel):
                for spoil in SPOILS:
                    venue.last.push(json.loads(vector(channel)) | {"data": [row(channel, **{name: spoil})]})
                await desk.settle()
            for spoil in SPOILS:
                venue.last.push(json.loads(vector(channel)) | {"data": spoil, "ts": spoil, "action": spoil})
            await desk.settle()
        assert len(venue.pipes) == 1
        venue.push(["fill"])
        assert "Fill" in kinds(await desk.settle())


async def test_one_reader_at_a_time() -> None:
    async with reading(Venue()) as desk:
        with pytest.raises(RuntimeError, match="followed already"):
            await anext(desk.feed.events())
