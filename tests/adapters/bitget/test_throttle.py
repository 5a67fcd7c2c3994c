"""Budgets hold for every second, idle time is credited, and what reduces never waits behind what opens."""
from __future__ import annotations

import asyncio
import heapq
import itertools
import random
from datetime import UTC, datetime, timedelta

import pytest

from bot.adapters.bitget.throttle import MARGIN_S, Address, Bucket, Lane, Scope, Throttle

PATH = "/place-order"


class Sleepers:
    """A clock for many sleepers: time moves to the next one due when nobody else can run."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.due: list[tuple[float, int, asyncio.Future[None]]] = []
        self.count = itertools.count()

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        return self.passed

    async def sleep(self, seconds: float) -> None:
        woken = asyncio.get_running_loop().create_future()
        heapq.heappush(self.due, (self.passed + seconds, next(self.count), woken))
        await woken

    async def run(self, until: float) -> None:
        while True:
            for _ in range(5):
                await asyncio.sleep(0)
            if not self.due or self.due[0][0] > until:
                self.passed = until
                return
            at, _, woken = heapq.heappop(self.due)
            self.passed = at
            if not woken.done():
                woken.set_result(None)


class Desk:
    def __init__(self, throttle: Throttle, clock: Sleepers) -> None:
        self.throttle, self.clock = throttle, clock
        self.left: list[tuple[float, Lane, int]] = []
        self.refused: list[int] = []
        self.tasks: list[asyncio.Task[None]] = []

    def want(self, lane: Lane, number: int, within: float | None = None, path: str = PATH, rate: float = 10) -> None:
        async def call() -> None:
            if await self.throttle.admit(path, rate, Scope.UID, lane, within):
                self.left.append((self.clock.passed, lane, number))
            else:
                self.refused.append(number)

        self.tasks.append(asyncio.ensure_future(call()))

    def at(self, lane: Lane) -> list[float]:
        return [when for when, whose, _ in self.left if whose is lane]

    async def stop(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


@pytest.fixture
def desk() -> Desk:
    clock = Sleepers()
    return Desk(Throttle(clock), clock)


async def test_no_second_holds_more_than_the_budget(desk: Desk) -> None:
    for number in range(60):
        desk.want(Lane.REDUCE, number)
    await desk.clock.run(10)
    times = [when for when, _, _ in desk.left]
    assert len(times) == 60
    for start in times:
        assert len([when for when in times if start <= when < start + 1]) <= 10
    assert times[-1] < 6


async def test_idle_time_is_credited_whole(desk: Desk) -> None:
    await desk.clock.run(30)
    for number in range(10):
        desk.want(Lane.REDUCE, number)
    await desk.clock.run(30.001)
    assert len(desk.left) == 10


async def test_first_come_first_served_within_a_lane(desk: Desk) -> None:
    for number in range(30):
        desk.want(Lane.OPEN, number)
    await desk.clock.run(20)
    assert [number for _, _, number in desk.left] == list(range(30))


async def test_i24_reducing_never_waits_behind_opening(desk: Desk) -> None:
    for number in range(200):
        desk.want(Lane.OPEN, number)
    await desk.clock.run(2.0)
    for number in range(3):
        desk.want(Lane.REDUCE, number)
    await desk.clock.run(2.001)
    assert desk.at(Lane.REDUCE) == [2.0, 2.0, 2.0]
    await desk.stop()


async def test_lead_trader_reduces_first_where_one_call_a_second_is_all(desk: Desk) -> None:
    desk.throttle.limit(PATH, 1)
    for number in range(5):
        desk.want(Lane.OPEN, number)
    await desk.clock.run(0.5)
    desk.want(Lane.REDUCE, 99)
    await desk.clock.run(2.5)
    lanes = [lane for _, lane, _ in desk.left]
    assert lanes == [Lane.OPEN, Lane.REDUCE, Lane.OPEN]
    await desk.stop()


async def test_deadline_refuses_instead_of_sending_late(desk: Desk) -> None:
    for number in range(40):
        desk.want(Lane.OPEN, number, within=2.0)
    await desk.clock.run(5)
    assert all(when <= 2.0 for when, _, _ in desk.left)
    assert len(desk.left) + len(desk.refused) == 40
    assert desk.refused


async def test_slow_endpoint_gets_one_call_per_its_period(desk: Desk) -> None:
    for number in range(3):
        desk.want(Lane.ASK, number, path="/sub-account-assets", rate=0.1)
    await desk.clock.run(25)
    assert [round(when) for when, _, _ in desk.left] == [0, 10, 20]


async def test_ff66_a_429_pauses_its_endpoint_alone(desk: Desk) -> None:
    desk.throttle.refused(PATH)
    desk.want(Lane.REDUCE, 1)
    desk.want(Lane.REDUCE, 2, path="/cancel-order")
    await desk.clock.run(3)
    assert [(round(when, 2), number) for when, _, number in desk.left] == [(0.0, 2), (1.0, 1)]


async def test_repeated_429_doubles_the_pause(desk: Desk) -> None:
    desk.throttle.refused(PATH)
    await desk.clock.run(1.0)
    desk.throttle.refused(PATH)
    desk.want(Lane.REDUCE, 1)
    await desk.clock.run(10)
    assert desk.at(Lane.REDUCE) == [3.0]


async def test_ff66_429_on_three_endpoints_stops_everything_for_a_while(desk: Desk) -> None:
    for path in ("/a", "/b", "/c"):
        desk.throttle.refused(path)
    desk.want(Lane.REDUCE, 1)
    await desk.clock.run(60)
    assert desk.at(Lane.REDUCE) == [10.0]


async def test_six_thousand_a_minute_over_all_endpoints_of_an_address() -> None:
    clock = Sleepers()
    address = Address()
    desk = Desk(Throttle(clock, address), clock)
    for _ in range(6000):
        address.total.spend(0.0)
    desk.want(Lane.REDUCE, 1)
    await clock.run(59)
    assert not desk.left
    await clock.run(61)
    assert desk.at(Lane.REDUCE) == [60.0]


async def test_public_budgets_are_shared_by_all_accounts_of_an_address() -> None:
    clock, address = Sleepers(), Address()
    one, two = Throttle(clock, address), Throttle(clock, address)
    for _ in range(10):
        assert await one.admit("/tiers", 10, Scope.IP, Lane.ASK, 0)
    assert not await two.admit("/tiers", 10, Scope.IP, Lane.ASK, 0)
    assert await two.admit("/order", 10, Scope.UID, Lane.ASK, 0)


def test_bucket_never_gives_more_than_its_limit_in_any_window() -> None:
    dice = random.Random(3)
    bucket, now, times = Bucket(limit=7, period_s=1 + MARGIN_S), 0.0, []
    for _ in range(2000):
        now += dice.expovariate(20)
        if bucket.delay(now, 100) == 0.0:
            bucket.spend(now)
            times.append(now)
    for start in times:
        assert len([when for when in times if start <= when < start + 1]) <= 7


async def test_cancelled_waiter_leaves_the_queue(desk: Desk) -> None:
    for number in range(20):
        desk.want(Lane.OPEN, number)
    await desk.clock.run(0.1)
    assert desk.throttle.waiting(PATH) == 13
    await desk.stop()
    assert desk.throttle.waiting(PATH) == 0
