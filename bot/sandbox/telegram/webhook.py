"""Push updates to the webhook: in order per chat, chats side by side, again until confirmed (bot_api.md section 5)."""
from __future__ import annotations

import asyncio
import contextlib
import json

import aiohttp

from bot.sandbox.telegram import links
from bot.sandbox.telegram.emulator import Emulator
from bot.sandbox.telegram.faults import encode
from bot.sandbox.telegram.params import Params
from bot.sandbox.telegram.updates import Update

_LONGEST_WAIT = 60.0
_NOT_AS_ANSWER = ("setwebhook", "deletewebhook", "close", "logout")


class Delivery:
    """The pushing side; `run` is an endless task."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._bell = asyncio.Event()
        self._lanes: dict[int, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Start a lane for each chat that has updates, until cancelled."""
        queue = self._emulator.world.updates
        queue.listeners.append(self._bell.set)
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session:
            try:
                while True:
                    self._bell.clear()
                    if self._emulator.world.webhook.url:
                        self._open_lanes(session)
                    await self._bell.wait()
            finally:
                queue.listeners.remove(self._bell.set)
                for lane in self._lanes.values():
                    lane.cancel()
                await asyncio.gather(*self._lanes.values(), return_exceptions=True)

    def _open_lanes(self, session: aiohttp.ClientSession) -> None:
        world = self._emulator.world
        for lane in {u.lane for u in world.updates.pending}:
            running = self._lanes.get(lane)
            if running is None or running.done():
                self._lanes[lane] = asyncio.create_task(self._empty(session, lane))

    async def _empty(self, session: aiohttp.ClientSession, lane: int) -> None:
        world = self._emulator.world
        wait = 0.0
        while world.webhook.url:
            world.updates.expire()
            update = next((u for u in world.updates.pending if u.lane == lane), None)
            if update is None:
                return
            problem, asked = await self._push(session, update)
            if problem is None:
                world.updates.remove(update)
                wait = 0.0
                continue
            world.webhook.error, world.webhook.error_date = problem, int(world.now())
            await world.sleep(asked if asked is not None else wait)
            wait = min(_LONGEST_WAIT, wait * 2 or world.rules.webhook_retry)

    async def _push(self, session: aiohttp.ClientSession, update: Update) -> tuple[str | None, float | None]:
        """Return the problem, or None when confirmed, and the wait the receiver asked for."""
        hook = self._emulator.world.webhook
        headers = {"Content-Type": "application/json"}
        if hook.secret:
            headers["X-Telegram-Bot-Api-Secret-Token"] = hook.secret
        if not links.is_loopback(hook.url):
            return "Connection refused: only loopback addresses are reached from the sandbox", _LONGEST_WAIT
        try:
            async with session.post(hook.url, data=encode(update.wire()), headers=headers) as response:
                body = await response.read()
                if 200 <= response.status < 300:
                    await self._carry_out(body)
                    return None, None
                asked = response.headers.get("Retry-After", "")
                problem = f"Wrong response from the webhook: {response.status} {response.reason}"
                return problem, min(float(asked), 3600.0) if asked.isdigit() else None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return f"Connection failed: {type(error).__name__}", None

    async def _carry_out(self, body: bytes) -> None:
        """A body with a `method` is executed as a call."""
        with contextlib.suppress(ValueError):
            given = json.loads(body) if body else None
            if not isinstance(given, dict) or not isinstance(given.get("method"), str):
                return
            name = given["method"].lower()
            if name.startswith("get") or name in _NOT_AS_ANSWER:
                return
            values = {k: v if isinstance(v, str) else json.dumps(v) for k, v in given.items() if k != "method"}
            await self._emulator.call(self._emulator.world.bot.token, name, Params(values=values))
