"""Every fault by name, as the control surface sets it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from bot.sandbox.telegram import people
from bot.sandbox.telegram.errors import Dropped
from bot.sandbox.telegram.faults import NAMES
from bot.sandbox.telegram.params import Params
from bot.sandbox.telegram.server import Served
from bot.sandbox.telegram.world import World
from tests.sandbox.telegram.conftest import Caller, Clock, until

SEND = {"chat_id": 7001, "text": "x"}


def fault(world: World, name: str, **given: Any) -> str | None:
    return world.faults.set(name, given, world.now())


async def test_flood_names_what_is_left_and_ends(api: Caller, clock: Clock) -> None:
    fault(api.world, "telegram_flood", s=10)
    assert (await api.raw("sendMessage", **SEND))["parameters"] == {"retry_after": 10}
    clock.now += 7
    assert (await api.raw("sendMessage", **SEND))["parameters"] == {"retry_after": 3}
    assert (await api.raw("getMe"))["ok"]
    clock.now += 3
    assert (await api.raw("sendMessage", **SEND))["ok"]


async def test_blocked_for_one_chat(api: Caller) -> None:
    fault(api.world, "telegram_blocked", chat=7001)
    assert await api.refused("sendMessage", **SEND) == "Forbidden: bot was blocked by the user"
    assert (await api.raw("sendMessage", chat_id=7002, text="x"))["ok"]


async def test_times_are_counted(api: Caller) -> None:
    fault(api.world, "telegram_fail", method="sendMessage", code=400, description="Bad Request: odd", times=2)
    assert [await api.refused("sendMessage", **SEND) for _ in range(2)] == ["Bad Request: odd"] * 2
    assert (await api.raw("sendMessage", **SEND))["ok"]


async def test_a_lost_answer_has_had_its_effect_and_a_lost_request_has_not(api: Caller) -> None:
    sent = api.world.chats[7001].messages
    for name, effects in (("telegram_lost_answer", 1), ("telegram_lost_request", 1)):
        fault(api.world, name, method="sendMessage", times=1)
        with pytest.raises(Dropped):
            await api.raw("sendMessage", **SEND)
        assert len(sent) == effects


async def test_conflict_and_other_statuses(api: Caller) -> None:
    fault(api.world, "telegram_conflict", times=1)
    assert (await api.raw("getUpdates"))["error_code"] == 409
    fault(api.world, "telegram_5xx", times=1)
    assert (await api.raw("getMe"))["description"] == "Internal Server Error: restart"
    fault(api.world, "telegram_unauthorized", times=1)
    assert (await api.raw("getMe"))["error_code"] == 401
    fault(api.world, "telegram_html", times=1)
    answer = await api.emulator.call(api.world.bot.token, "getMe", Params())
    assert (answer.status, answer.content_type) == (502, "text/html") and b"Bad Gateway" in answer.body
    fault(api.world, "telegram_garbage", times=1)
    answer = await api.emulator.call(api.world.bot.token, "getMe", Params())
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        json.loads(answer.body)


async def test_slow_sleeps(api: Caller, clock: Clock) -> None:
    before = clock.now
    fault(api.world, "telegram_slow", ms=2500, times=1)
    await api.ok("getMe")
    assert clock.now == before + 2.5


async def test_redelivery_repeats_confirmed_fetches(api: Caller) -> None:
    people.say(api.world, 7001, "/buy")
    [update] = await api.ok("getUpdates")
    fault(api.world, "telegram_redeliver", times=1)
    assert await api.ok("getUpdates", offset=update["update_id"] + 1) == [update]
    assert await api.ok("getUpdates", offset=update["update_id"] + 1) == []


def test_one_shot_faults_strike_once_unless_told_otherwise(world: World) -> None:
    for name, times in (("telegram_lost_answer", 1), ("telegram_conflict", None)):
        fault(world, name)
        assert world.faults.list(world.now())[-1]["times"] == times


def test_wrong_requests_are_sentences(world: World) -> None:
    assert "no fault named 'nonsense'" in str(fault(world, "nonsense"))
    assert "no parameter 'seconds'" in str(fault(world, "telegram_flood", seconds=3))
    assert "must be int" in str(fault(world, "telegram_flood", s="3"))
    assert world.faults.list(world.now()) == []


@pytest.mark.parametrize("name", NAMES)
def test_every_fault_is_listed_and_cleared(world: World, name: str) -> None:
    assert fault(world, name, **{"for": 30}) is None
    assert world.faults.list(world.now()) == [{"name": name, "times": None, "until": round((world.now() + 30) * 1000)}]
    assert fault(world, "clear") is None
    assert world.faults.list(world.now()) == []


async def test_down_cuts_parked_polls_and_every_call(served: Served) -> None:
    world = served.emulator.world
    base = f"{served.root}/bot{world.bot.token}"
    async with aiohttp.ClientSession() as session:
        poll = asyncio.create_task(session.get(f"{base}/getUpdates", params={"timeout": 20}))
        await until(lambda: world.updates.parked is not None)
        fault(world, "telegram_down")
        world.updates.wake()
        with pytest.raises(aiohttp.ClientError):
            await poll
        with pytest.raises(aiohttp.ClientError):
            await session.post(f"{base}/getMe")
        fault(world, "clear")
        async with session.post(f"{base}/getMe") as response:
            assert response.status == 200
