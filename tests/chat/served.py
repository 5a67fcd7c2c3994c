"""The whole chat for a test: real sandbox exchange and Bot API emulator over real sockets, the running desk between."""
from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp

from bot.compose.run import live
from bot.runtime.data_dir import claimed
from bot.sandbox.launch import Options, Sandbox, launch
from bot.sandbox.telegram import people, view
from bot.sandbox.telegram.people import Said, Tapped
from bot.settings import PREFIX, Settings

PATIENCE_S = 20.0
Shown = dict[str, Any]


class Phone:
    """One person's phone: says, taps, waits for what the chat shows."""

    def __init__(self, sandbox: Sandbox, name: str) -> None:
        self.world = sandbox.telegram.emulator.world
        self.id = int(sandbox.ready["people"][name])

    def say(self, text: str, **more: Any) -> int:
        """Send a message; gives its number."""
        said = people.say(self.world, self.id, text, **more)
        assert isinstance(said, Said), said
        return said.message_id

    async def tap(self, shown: Shown, label: str | None = None, *, data: str | None = None,
                  seconds: float = 15.0) -> Tapped:
        """Press a button of a message; gives its answer."""
        tapped = await people.tap(self.world, self.id, shown["message_id"], label=label, press_data=data,
                                  seconds=seconds)
        assert isinstance(tapped, Tapped), tapped
        return tapped

    def messages(self, after: int = 0) -> list[Shown]:
        """List what the private chat shows from a message on."""
        chat = self.world.chats[self.id]
        return [one for one in view.chat(self.world, chat)["messages"] if one["message_id"] > after]

    def heard(self, after: int = 0) -> list[Shown]:
        """List what the bot sent from a message on."""
        return [one for one in self.messages(after) if one["from"] != self.id and not one["deleted"]]

    async def sees(self, words: str, after: int = 0) -> Shown:
        """Wait until the bot shows a text; gives the message."""
        end = time.monotonic() + PATIENCE_S
        while True:
            for one in reversed(self.heard(after)):
                if words in one["text"]:
                    return one
            assert time.monotonic() < end, f"{words!r} never came; seen: {[m['text'] for m in self.heard(after)]}"
            await asyncio.sleep(0.02)

    async def ask(self, text: str, words: str, **more: Any) -> Shown:
        """Say something and wait for an answer with these words."""
        return await self.sees(words, self.say(text, **more))


class Served:
    """A sandbox and the desk that joins it, which may be stopped and started again."""

    def __init__(self, sandbox: Sandbox, directory: Path) -> None:
        self.sandbox, self.directory = sandbox, directory
        self.owner, self.trader = Phone(sandbox, "owner"), Phone(sandbox, "trader")
        self.stranger = Phone(sandbox, "stranger")
        self._life: asyncio.Task[int] | None = None
        self._claim: Any = None

    def settings(self) -> Settings:
        """Give the settings with which the desk joins."""
        env = {name.removeprefix(PREFIX).lower(): value for name, value in self.sandbox.ready["env"].items()}
        return Settings(**(env | {"data": self.directory, "product_lines": "USDT"}))

    async def start(self) -> None:
        """Start the desk and wait until its chat polls and trading is possible."""
        after = max((one["message_id"] for one in self.owner.messages()), default=0)
        self._claim = claimed(self.directory)
        self._claim.__enter__()
        self._life = asyncio.create_task(live(self.settings()), name="desk")
        end = time.monotonic() + PATIENCE_S
        while self.sandbox.telegram.emulator.world.updates.parked is None:
            assert not self._life.done(), self._life
            assert time.monotonic() < end, "the bot does not poll"
            await asyncio.sleep(0.02)
        while not any("ready" in one["text"].split() for one in self.owner.heard(after)):
            assert time.monotonic() < end, "the desk does not become ready"
            self.owner.say("/health")
            await asyncio.sleep(1.0)

    async def stop(self) -> None:
        """End the desk where it stands."""
        assert self._life is not None
        self._life.cancel()
        with suppress(asyncio.CancelledError):
            await self._life
        self._claim.__exit__(None, None, None)

    async def exchange(self) -> dict[str, Any]:
        """Read the exchange's own ledger."""
        async with aiohttp.ClientSession() as session, session.get(
            f"{self.sandbox.ready['control']}/exchange/ledger"
        ) as answer:
            return dict(json.loads(await answer.read()))

    async def entries(self) -> int:
        """Count the opening orders the exchange ever took."""
        rows = (await self.exchange())["orders"]
        return sum(1 for row in rows if row.get("tradeSide") == "open")

    async def held(self) -> list[Any]:
        """List the open positions at the exchange."""
        return [row for row in (await self.exchange())["positions"] if float(row.get("total", 0)) > 0]


@asynccontextmanager
async def served(directory: Path) -> AsyncIterator[Served]:
    """Start everything and stop it again."""
    async with launch(Options(with_limits=False)) as sandbox:
        world = Served(sandbox, directory)
        try:
            await world.start()
            yield world
        finally:
            await world.stop()
