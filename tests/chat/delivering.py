"""A chat's driven half in a test: the real emulator over real sockets, a ledger, delivery, time moved by hand."""
from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
from telegram import Bot
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot.chat.courier import Courier
from bot.chat.courier import run as run_courier
from bot.chat.delivery import Delivery
from bot.chat.messenger import TelegramMessenger
from bot.chat.render.text import Chip
from bot.desk.enter import write
from bot.domain.events import Fact
from bot.domain.ids import PersonId
from bot.domain.principal import Person, Role
from bot.domain.trading import Environment
from bot.ports.ledger import Ledger
from bot.ports.ledger_rows import MessageState, Outgoing
from bot.sandbox.telegram.emulator import Emulator
from bot.sandbox.telegram.limits import OFF, Allowance
from bot.sandbox.telegram.server import serve
from bot.sandbox.telegram.world import TOKEN, World
from tests.domain.builders import BTC, instrument
from tests.support.clock import FakeClock
from tests.support.ledgers import inline, sqlite

CHIP = Chip(environment=Environment.SANDBOX)
OWNER, TRADER = 7001, 7002
BOOKS = {BTC: instrument()}


class PlainRequest(BaseRequest):
    """A request class as small as can be, so that these tests need nobody else's."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        return 5.0

    async def initialize(self) -> None:
        self._session = self._session or aiohttp.ClientSession()

    async def shutdown(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def do_request(self, url: str, method: str, request_data: RequestData | None = None,
                         *timeouts: Any, **more: Any) -> tuple[int, bytes]:
        assert self._session is not None
        body: Any = request_data.json_parameters if request_data else None
        if request_data and request_data.multipart_data:
            form = aiohttp.FormData(request_data.json_parameters)
            for name, (file, content, kind) in request_data.multipart_data.items():
                form.add_field(name, content, filename=file, content_type=kind)
            body = form
        try:
            async with self._session.request(method, url, data=body) as answer:
                return answer.status, await answer.read()
        except aiohttp.ServerTimeoutError as late:
            raise TimedOut from late
        except aiohttp.ClientError as broken:
            raise NetworkError(type(broken).__name__) from broken


@dataclass(slots=True, kw_only=True)
class Half:
    """Everything of one test; `tasks` are what was started and must be stopped."""

    clock: FakeClock
    world: World
    emulator: Emulator
    ledger: Ledger
    messenger: TelegramMessenger
    delivery: Delivery
    courier: Courier
    tasks: list[asyncio.Task[Any]] = field(default_factory=list)

    def start(self) -> None:
        """Start courier and delivery."""
        self.tasks = [asyncio.create_task(self.delivery.run()), asyncio.create_task(run_courier(self.courier))]

    async def stop(self) -> None:
        """Stop them where they are, as a crash does."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        self.tasks = []

    def reborn(self) -> None:
        """Begin a new life with the same database."""
        self.delivery = Delivery(ledger=self.ledger, clock=self.clock, messenger=self.messenger, chip=CHIP)
        self.courier = Courier(ledger=self.ledger, clock=self.clock, chip=CHIP, books=lambda: BOOKS,
                               wake=self.delivery.wake)
        self.start()

    async def happen(self, *facts: Fact, actor: str = "system:test") -> None:
        """Write facts into the journal, as the desk does."""
        now = self.clock.now()
        for fact in facts:
            await self.ledger.transact(lambda tx, one=fact: write(tx, one, now, actor))

    async def until(self, condition: Callable[[], bool], seconds: float = 4.0) -> None:
        """Let real time pass until something is so, time of the desk standing still."""
        async with asyncio.timeout(seconds):
            while not condition():
                self.check()
                await asyncio.sleep(0.002)

    async def pass_time(self, seconds: float, step: float = 1.0) -> None:
        """Let the desk's time pass, giving the sockets room after each step."""
        left = seconds
        while left > 0:
            await self.clock.advance(min(step, left))
            left -= step
            for _ in range(3):
                await asyncio.sleep(0.001)
            self.check()

    async def quiet(self, steps: int = 400) -> None:
        """Let time pass until nothing waits to be delivered."""
        for _ in range(steps):
            if not await self.rows(MessageState.NEW, MessageState.SENDING):
                return
            await self.pass_time(1.0)
        raise AssertionError(f"still waiting: {await self.rows(MessageState.NEW, MessageState.SENDING)}")

    def check(self) -> None:
        """Raise what a task failed with."""
        for task in self.tasks:
            if task.done() and not task.cancelled() and task.exception() is not None:
                raise task.exception()  # type: ignore[misc]

    async def rows(self, *states: MessageState) -> list[Outgoing]:
        """List message rows in these states."""
        def read(tx: Any) -> list[Outgoing]:
            found = []
            number = 1
            while (row := tx.messages.get(number)) is not None:
                found.append(row)
                number += 1
            return found
        return [row for row in await self.ledger.read(read) if not states or row.state in states]

    def texts(self, chat: int = OWNER) -> list[str]:
        """List what a chat shows by the bot, oldest first."""
        bot = self.world.bot.id
        shown = [one for one in self.world.chats[chat].messages.values() if one.sender_id == bot and not one.deleted]
        return [one.text or getattr(one, "caption", "") for one in shown if one.kind != "service"]

    def fault(self, name: str, **given: Any) -> None:
        """Set a fault of the emulator."""
        refused = self.world.faults.set(name, given, self.world.now())
        assert refused is None, refused


@asynccontextmanager
async def half(directory: Path, *, allowance: Allowance = OFF, start: bool = True,
               roles: dict[int, frozenset[Role]] | None = None) -> AsyncIterator[Half]:
    """Run the emulator, a database and the driven half of the chat until the context ends."""
    clock = FakeClock()
    world = World(now=lambda: clock.now().timestamp(), sleep=clock.sleep, allowance=allowance)
    emulator = Emulator(world)
    async with serve(emulator) as served, inline(sqlite(directory)) as ledger:
        bot = Bot(TOKEN, base_url=f"{served.root}/bot", request=PlainRequest(), get_updates_request=PlainRequest())
        await bot.initialize()
        try:
            people = roles or {OWNER: frozenset({Role.OWNER}), TRADER: frozenset({Role.TRADER})}
            for number, held in people.items():
                person = Person(person=PersonId(number), name="Ana" if number == OWNER else "Ben", roles=held,
                                active=True, since=clock.now() - timedelta(days=1))
                await ledger.transact(lambda tx, one=person: tx.people.save(one))
            messenger = TelegramMessenger(bot)
            delivery = Delivery(ledger=ledger, clock=clock, messenger=messenger, chip=CHIP)
            courier = Courier(ledger=ledger, clock=clock, chip=CHIP, books=lambda: BOOKS, wake=delivery.wake)
            found = Half(clock=clock, world=world, emulator=emulator, ledger=ledger, messenger=messenger,
                         delivery=delivery, courier=courier)
            if start:
                found.start()
            try:
                yield found
            finally:
                await found.stop()
        finally:
            await bot.shutdown()
