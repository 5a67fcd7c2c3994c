"""Webhook delivery over real sockets: secret, order, retries, a body that is a call."""

from __future__ import annotations

import json
from typing import Any

import aiohttp
from aiohttp import web

from bot.sandbox.telegram import people
from bot.sandbox.telegram.emulator import Emulator
from bot.sandbox.telegram.server import address, serve, start_loopback
from bot.sandbox.telegram.state import Rules
from bot.sandbox.telegram.world import World
from tests.sandbox.telegram.conftest import until


async def test_updates_are_pushed_with_the_secret_until_confirmed() -> None:
    got: list[tuple[dict[str, str], dict[str, Any]]] = []
    failing = [500, 500]

    async def hook(request: web.Request) -> web.Response:
        if failing:
            return web.Response(status=failing.pop())
        got.append((dict(request.headers), json.loads(await request.read())))
        answer = {"method": "sendMessage", "chat_id": 7001, "text": "from the body"}
        return web.json_response(answer if len(got) == 1 else {})

    app = web.Application()
    app.router.add_post("/hook", hook)
    receiver = await start_loopback(app)
    world = World(rules=Rules(webhook_retry=0.01))
    try:
        async with serve(Emulator(world)) as served, aiohttp.ClientSession() as session:
            base = f"{served.root}/bot{world.bot.token}"
            form = {"url": f"{address(receiver)}/hook", "secret_token": "s3cret_-"}
            async with session.post(f"{base}/setWebhook", data=form) as response:
                assert (await response.json())["result"] is True
            for n in range(3):
                people.say(world, 7001, f"m{n}")
            await until(lambda: len(got) == 3 and not world.updates.pending)
            assert [update["message"]["text"] for _, update in got] == ["m0", "m1", "m2"]
            assert got[0][0]["Content-Type"] == "application/json"
            assert got[0][0]["X-Telegram-Bot-Api-Secret-Token"] == "s3cret_-"
            async with session.get(f"{base}/getWebhookInfo") as response:
                info = (await response.json())["result"]
            assert info["pending_update_count"] == 0 and "500" in info["last_error_message"]
            assert [m.text for m in world.chats[7001].messages.values()][-1] == "from the body"
    finally:
        await receiver.cleanup()
