"""getUpdates: offsets, ages, filters, parked and cut polls, conflicts."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest

from bot.sandbox.telegram import people
from bot.sandbox.telegram.errors import POLL_SET_WEBHOOK, POLL_TERMINATED, POLL_WEBHOOK
from bot.sandbox.telegram.people import Said
from bot.sandbox.telegram.server import Served
from bot.sandbox.telegram.state import Rules
from bot.sandbox.telegram.world import World
from tests.sandbox.telegram.conftest import Caller, Clock, until

OWNER = 7001


def say(world: World, words: str, **more: int) -> int:
    said = people.say(world, OWNER, words, date=more.get("date"))
    assert isinstance(said, Said) and said.update_id is not None
    return said.update_id


async def test_offsets_confirm_and_fetching_does_not(api: Caller, world: World) -> None:
    ids = [say(world, f"/m{n}") for n in range(4)]
    assert [u["update_id"] for u in await api.ok("getUpdates")] == ids
    assert [u["update_id"] for u in await api.ok("getUpdates", limit=2)] == ids[:2]
    assert [u["update_id"] for u in await api.ok("getUpdates", offset=ids[1])] == ids[1:]
    assert [u["update_id"] for u in await api.ok("getUpdates", offset=-2)] == ids[2:]
    assert await api.ok("getUpdates", offset=ids[-1] + 100) == []
    assert not world.updates.pending


async def test_a_persons_text_carries_the_command_entity(api: Caller, world: World) -> None:
    say(world, "/buy BTC 0.01")
    [update] = await api.ok("getUpdates")
    assert update["message"]["entities"] == [{"offset": 0, "length": 4, "type": "bot_command"}]
    assert update["message"]["chat"] == {
        "id": OWNER,
        "first_name": "owner",
        "username": "owner_local",
        "type": "private",
    }


async def test_allowed_updates_filter_when_an_update_is_made(api: Caller, world: World) -> None:
    say(world, "one")
    await api.ok("getUpdates", allowed_updates=["callback_query"])
    filtered = people.say(world, OWNER, "two")
    assert isinstance(filtered, Said) and filtered.update_id is None
    assert len(await api.ok("getUpdates", allowed_updates="not json")) == 1
    await api.ok("getUpdates", allowed_updates=[])
    say(world, "three")


async def test_messages_last_a_day_and_presses_150_seconds(api: Caller, world: World, clock: Clock) -> None:
    m = await api.ok(
        "sendMessage",
        chat_id=OWNER,
        text="x",
        reply_markup={
            "inline_keyboard": [[{"text": "A", "callback_data": "a"}]],
        },
    )
    say(world, "/buy")
    await people.tap(world, OWNER, m["message_id"], label="A", seconds=0)
    assert len(await api.ok("getUpdates")) == 2
    clock.now += 151
    assert [list(u)[1] for u in await api.ok("getUpdates")] == ["message"]
    clock.now += 86_400
    assert await api.ok("getUpdates") == []


async def test_the_newer_of_two_polls_stays(api: Caller, world: World) -> None:
    first = asyncio.create_task(api.raw("getUpdates", timeout=20))
    await asyncio.sleep(0)
    second = asyncio.create_task(api.raw("getUpdates", timeout=20))
    ended = await first
    assert (ended["error_code"], ended["description"]) == (409, POLL_TERMINATED)
    number = say(world, "hello")
    assert [u["update_id"] for u in (await second)["result"]] == [number]


async def test_a_webhook_ends_and_forbids_polling(api: Caller, world: World) -> None:
    poll = asyncio.create_task(api.raw("getUpdates", timeout=20))
    await asyncio.sleep(0)
    done = await api.raw("setWebhook", url="http://127.0.0.1:9/hook", secret_token="s")
    assert done["description"] == "Webhook was set"
    assert (await poll)["description"] == POLL_SET_WEBHOOK
    assert await api.refused("getUpdates") == POLL_WEBHOOK
    assert (await api.raw("setWebhook", url="http://127.0.0.1:9/hook", secret_token="s"))["description"] == (
        "Webhook is already set"
    )
    assert (await api.raw("deleteWebhook"))["description"] == "Webhook was deleted"
    assert (await api.raw("deleteWebhook"))["description"] == "Webhook is already deleted"
    for bad in ("http://example.org", "https://example.org:99/x"):
        assert (await api.refused("setWebhook", url=bad)).startswith("Bad Request: bad webhook: ")
    assert "unallowed characters" in await api.refused("setWebhook", url="https://example.org", secret_token="a b")


async def test_repeated_short_polls_are_slowed_in_strict_mode() -> None:
    clock = Clock()
    api = Caller(World(now=clock, sleep=clock.sleep, rules=Rules(anti_spin=True)))
    assert await api.ok("getUpdates", offset=1) == []
    say(api.world, "a")
    say(api.world, "b")
    assert len(await api.ok("getUpdates", offset=1)) == 1
    clock.now += 1
    assert len(await api.ok("getUpdates", offset=1)) == 2


async def test_a_cut_poll_loses_nothing_and_causes_no_conflict(served: Served) -> None:
    world = served.emulator.world
    url = f"{served.root}/bot{world.bot.token}/getUpdates"
    async with aiohttp.ClientSession() as session:
        cut = asyncio.create_task(session.get(url, params={"timeout": 20}))
        await until(lambda: world.updates.parked is not None)
        parked = world.updates.parked
        cut.cancel()
        await until(lambda: world.updates.parked is not parked)
        number = say(world, "while nobody listened")
        async with session.get(url, params={"timeout": 0}) as response:
            assert [u["update_id"] for u in (await response.json())["result"]] == [number]


async def test_keep_alive_and_plain_sockets(served: Served) -> None:
    host, port = served.root.removeprefix("http://").split(":")
    token = served.emulator.world.bot.token
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        for body in (b"", b"{}"):
            writer.write(
                f"POST /bot{token}/getMe HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
            )
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = int(
                next(line for line in head.split("\r\n") if line.lower().startswith("content-length")).split(":")[1]
            )
            answer = json.loads(await reader.readexactly(length))
            assert answer["result"]["username"] == "desk_local_bot" and "application/json" in head
    finally:
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize(("token", "status"), [("123:abc", 401), ("nonsense", 401), ("0123:abc", 401)])
async def test_wrong_tokens(served: Served, token: str, status: int) -> None:
    async with aiohttp.ClientSession() as session, session.get(f"{served.root}/bot{token}/getMe") as response:
        assert response.status == status
        assert (await response.json())["description"].startswith("Unauthorized")
