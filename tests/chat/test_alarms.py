"""A critical alert rings until somebody says so: repeat, next person, second channel, openings paused (FF-99)."""
from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from bot.chat.alarms import Ladder, acknowledge, climb, open_alarms
from bot.chat.second_channel import sign_of_life, webhook
from bot.domain import events as e
from bot.domain.ids import PersonId
from bot.domain.principal import Role
from tests.chat.delivering import CHIP, OWNER, TRADER, Half, half

KEY = e.KeyTrouble(what="The key was refused.", remedy="Make a new one.")


class Told:
    """What the second channel and the desk were told."""

    def __init__(self) -> None:
        self.second: list[str] = []
        self.paused: list[str] = []

    async def say(self, words: str) -> bool:
        self.second.append(words)
        return True

    async def pause(self, why: str) -> None:
        self.paused.append(why)


def ladder(found: Half, told: Told, *, second: bool = True) -> Ladder:
    return Ladder(ledger=found.ledger, clock=found.clock, chip=CHIP, second=told.say if second else None,
                  unreached=told.pause, wake=found.delivery.wake)


async def live(found: Half, up: Ladder, seconds: int) -> None:
    for _ in range(seconds // 5):
        await found.pass_time(5, step=5)
        await climb(up)
    await found.pass_time(3)


def alarms(found: Half, chat: int = OWNER) -> list[str]:
    return [one for one in found.texts(chat) if "key needs attention" in one.split("\n")[0]]


async def test_it_is_repeated_and_told_to_the_next_until_somebody_says_got_it(tmp_path: Path) -> None:
    async with half(tmp_path) as found:
        told = Told()
        up = ladder(found, told)
        await found.happen(KEY)
        await live(found, up, 60)
        assert len(alarms(found)) == 1 and alarms(found, TRADER) == []
        await live(found, up, 300)
        assert len(alarms(found)) == 2 and len(alarms(found, TRADER)) == 1, "five minutes: again, and the next person"
        seq = next(iter(await found.ledger.read(open_alarms)))
        now = found.clock.now()
        assert await found.ledger.transact(lambda tx: acknowledge(tx, seq, PersonId(TRADER), "Ben", CHIP, now))
        assert not await found.ledger.transact(lambda tx: acknowledge(tx, seq, PersonId(OWNER), "Ana", CHIP, now))
        found.delivery.wake()
        await live(found, up, 900)
        assert len(alarms(found)) == 2 and "Seen by Ben" in alarms(found)[-1]
        assert told.second == [] and told.paused == []


async def test_what_cannot_be_delivered_goes_to_the_second_channel_after_a_minute(tmp_path: Path) -> None:
    async with half(tmp_path) as found:
        told = Told()
        found.fault("telegram_down")
        await found.happen(KEY)
        await live(found, ladder(found, told), 55)
        assert told.second == []
        await live(found, ladder(found, told), 400)
        assert len(told.second) == 1 and "key needs attention" in told.second[0]
        assert told.paused == [], "somebody was told, by another way"


async def test_when_nobody_can_be_told_by_any_way_nothing_opens(tmp_path: Path) -> None:
    """Reliability section 5 rule 5."""
    async with half(tmp_path) as found:
        told = Told()
        found.fault("telegram_down")
        await found.happen(KEY)
        await live(found, ladder(found, told, second=False), 290)
        assert told.paused == []
        await live(found, ladder(found, told, second=False), 60)
        assert len(told.paused) == 1


async def test_an_outage_makes_no_heap_of_repetitions(tmp_path: Path) -> None:
    async with half(tmp_path, roles={OWNER: frozenset({Role.OWNER})}) as found:
        told = Told()
        found.fault("telegram_down")
        await found.happen(KEY)
        await live(found, ladder(found, told), 1200)
        found.fault("clear")
        await found.pass_time(30)
        assert len(alarms(found)) == 1


@asynccontextmanager
async def receiver(status: int) -> AsyncIterator[tuple[str, list[dict[str, str]]]]:
    got: list[dict[str, str]] = []

    async def take(request: web.Request) -> web.Response:
        got.append(await request.json())
        return web.Response(status=status)

    app = web.Application()
    app.router.add_post("/hook", take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook", got
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(("status", "taken"), [(200, True), (204, True), (500, False), (404, False)])
async def test_the_webhook_says_whether_it_was_taken(status: int, taken: bool) -> None:
    async with receiver(status) as (address, got):
        assert await webhook(address, "main")("the key was refused") is taken
        assert got == [{"text": "main: the key was refused", "content": "main: the key was refused"}]


async def test_a_webhook_that_is_not_there_is_a_no_and_not_an_error() -> None:
    assert await webhook("http://127.0.0.1:9/hook", "main")("x") is False


async def test_the_webhook_is_not_followed_elsewhere() -> None:
    """What is said there is about the account: it goes to the address of the settings or nowhere."""
    async with receiver(200) as (other, got):
        async def point(request: web.Request) -> web.Response:
            return web.Response(status=307, headers={"Location": other})

        app = web.Application()
        app.router.add_post("/hook", point)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            assert await webhook(f"http://127.0.0.1:{runner.addresses[0][1]}/hook", "main")("x") is False
        finally:
            await runner.cleanup()
        assert got == []


@pytest.mark.parametrize("address", ["http://hooks.example/x", "ftp://a.example", "ping.example", "http://127.0.0.1.x.org"])
def test_what_is_said_of_the_account_does_not_travel_in_the_clear(address: str) -> None:
    for make in (lambda: webhook(address, "main"), lambda: sign_of_life(address)):
        with pytest.raises(ValueError, match="must be an https address"):
            make()
