"""Put the chat before the desk on the virtual loop: real door, courier, delivery and library, the emulator in process.

A restart drops every task and object of desk and chat and keeps the database, the exchange and Telegram's own state.
"""
from __future__ import annotations

import asyncio
import gc
import warnings
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any
from weakref import WeakSet

from telegram.ext import ExtBot

from bot.charts import qr
from bot.chat import alarms, courier, raises
from bot.chat.application import Chat
from bot.chat.call import ChatRules, Counter
from bot.chat.commands.table import COMMANDS, PRESSES, QUESTIONS
from bot.chat.daily import Curve, Daily, no_curve, tell_daily
from bot.chat.dashboard import Dashboards
from bot.chat.delivery import Delivery
from bot.chat.door import Door
from bot.chat.messenger import TelegramMessenger
from bot.chat.people import seed
from bot.chat.polls import Polls
from bot.chat.render.dashboard import Board
from bot.chat.render.text import Chip
from bot.desk.control import pause
from bot.domain.trading import Environment
from bot.sandbox.telegram import people, view
from bot.sandbox.telegram.emulator import Emulator
from bot.sandbox.telegram.limits import OFF, Allowance
from bot.sandbox.telegram.people import Said, Tapped
from bot.sandbox.telegram.world import TOKEN
from bot.sandbox.telegram.world import World as Telegram
from tests.chat.in_process import InProcessRequest
from tests.support.simulated import Life, World

OWNER, TRADER, STRANGER = 7001, 7002, 7003
PIN = "000000"
LOOK_S = 0.05
Shown = dict[str, Any]
CHIP = Chip(environment=Environment.SANDBOX)


# Where the tasks that a life of the chat starts are noted, those of the library included: a kill ends them all.
NOTED: ContextVar[WeakSet[asyncio.Task[Any]] | None] = ContextVar("noted", default=None)


def _note_tasks(loop: asyncio.AbstractEventLoop) -> None:
    bear = loop.get_task_factory()
    assert bear is not None

    def factory(where: asyncio.AbstractEventLoop, coro: Any, **more: Any) -> Any:
        task, noted = bear(where, coro, **more), NOTED.get()
        if noted is not None and isinstance(task, asyncio.Task):
            noted.add(task)
        return task

    loop.set_task_factory(factory)


@contextmanager
def _noting(tasks: WeakSet[asyncio.Task[Any]]) -> Iterator[None]:
    token = NOTED.set(tasks)
    try:
        yield
    finally:
        NOTED.reset(token)


class Polling(InProcessRequest):
    """The pool that polls; it tells when a poll that was answered had begun."""

    def __init__(self, emulator: Emulator, polls: Polls) -> None:
        super().__init__(emulator)
        self._polls = polls

    async def do_request(self, url: str, method: str, *given: Any, **more: Any) -> tuple[int, bytes]:
        began = self._polls.monotonic()
        status, body = await super().do_request(url, method, *given, **more)
        if status < 300:
            self._polls.heard(began)
        return status, body


class Talk:
    """An exchange, a Telegram, a database, and the lives of desk and chat between them."""

    def __init__(
        self, directory: Path, number: int = 1, *, allowance: Allowance = OFF, rules: ChatRules | None = None,
        roles: dict[int, list[str]] | None = None, second: alarms.Channel | None = None,
    ) -> None:
        self.world = World(directory, number, with_limits=False)
        self.clock = self.world.clock
        self.telegram = Telegram(
            now=lambda: self.clock.now().timestamp(), sleep=self.clock.sleep, allowance=allowance
        )
        self.emulator = Emulator(self.telegram)
        self.rules = rules or ChatRules()
        self.roles = roles or {OWNER: ["OWNER"], TRADER: ["TRADER"]}
        self.second = second
        self.owner, self.trader = Phone(self, OWNER), Phone(self, TRADER)
        self.stranger = Phone(self, STRANGER)
        self.curve: Curve = no_curve
        self.life: Life | None = None
        self.chat: Chat | None = None
        self.started: WeakSet[asyncio.Task[Any]] = WeakSet()
        self.counter: Counter | None = None

    async def begin(self) -> Life:
        """Let time pass at the exchange and start the first life."""
        _note_tasks(asyncio.get_running_loop())
        self.world.begin()
        return await self.start()

    async def start(self) -> Life:
        """Start a life of desk and chat, wait until it is READY and polls."""
        life = await self.world.life()
        now = self.clock.now()
        rows = [{"id": one, "name": self.telegram.people[one].name, "roles": held, "pin": PIN}
                for one, held in self.roles.items()]
        await life.seat.ledger.transact(lambda tx: seed(tx, rows, "salt", now))
        self._join(life)
        self.life = life
        while self.telegram.updates.parked is None:
            life.check()
            await self.clock.sleep(LOOK_S)
        return life

    def _join(self, life: Life) -> None:
        seat, clock = life.seat, self.clock
        polls = Polls(monotonic=clock.monotonic)
        bot = ExtBot(
            TOKEN, base_url="http://emulator/bot", request=InProcessRequest(self.emulator),
            get_updates_request=Polling(self.emulator, polls),
        )
        messenger = TelegramMessenger(bot)
        delivery = Delivery(ledger=seat.ledger, clock=clock, messenger=messenger, chip=CHIP)
        boards = Dashboards(ledger=seat.ledger, clock=clock, messenger=messenger, chip=CHIP, pace=delivery.pace,
                            board=lambda: _board(life))

        def door_of(ready: Any) -> Door:
            self.counter = Counter(
                desk=life.desk, chip=CHIP, rules=self.rules, wake=delivery.wake,
                health=lambda: {"readiness": life.gate.now.value, "streams": {}, "reasons": {}}, version="0",
                bot_name=ready.username, config={"account": "main"}, dashboards=boards, curve=self.curve,
                qr=_qr, seal_key=b"a key of this test alone",
            )
            return Door(self.counter, ready, messenger, COMMANDS, PRESSES, QUESTIONS)

        async def unreached(why: str) -> None:
            await pause(seat, by=None, why=why, actor="system:chat")

        self.chat = Chat(seat=seat, bot=bot, polls=polls, door_of=door_of, poll_s=self.rules.poll_s,
                         gap_s=self.rules.command_age_s)
        mail = courier.Courier(ledger=seat.ledger, clock=clock, chip=CHIP, books=lambda: seat.shelf.instruments,
                               wake=delivery.wake, seen=boards.seen, quorums=self.rules.quorums)
        ladder = alarms.Ladder(ledger=seat.ledger, clock=clock, chip=CHIP, second=self.second, unreached=unreached,
                               wake=delivery.wake)
        self.started = WeakSet()
        with _noting(self.started):
            life.spawn(delivery.run(), "delivery")
            life.spawn(courier.run(mail), "courier")
            life.spawn(alarms.ring(ladder), "alarms")
            life.spawn(boards.run(), "dashboards")
            daily = Daily(desk=life.desk, chip=CHIP, wake=delivery.wake, curve=self.curve)
            life.spawn(tell_daily(daily), "digest")
            life.spawn(raises.watch(life.desk, CHIP, delivery.wake), "raises")
            life.spawn(self.chat.run(), "chat")

    def cut(self, after: Callable[[], Awaitable[bool]]) -> asyncio.Event:
        """Let the process stop dead behind the first committed write for which `after` holds; gives the event of it.

        From then on nothing of this life reads, writes or sends anything; `stop` clears it away.
        """
        life, dead = self.life, asyncio.Event()
        assert life is not None
        run, send = life.engine.run, life.seat.venue.submit

        async def stored(unit: Any, *, write: bool) -> Any:
            if dead.is_set():
                await asyncio.get_running_loop().create_future()
            told = await run(unit, write=write)
            if write and (dead.is_set() or await after()):
                dead.set()
                await asyncio.get_running_loop().create_future()
            return told

        async def sent(*given: Any) -> Any:
            if dead.is_set():
                await asyncio.get_running_loop().create_future()
            return await send(*given)

        life.engine.run = stored  # type: ignore[method-assign]
        life.seat.venue.submit = sent  # type: ignore[method-assign]
        return dead

    async def stop(self) -> None:
        """End the life as by SIGKILL."""
        if self.life is None:
            return
        with warnings.catch_warnings():
            # The library made coroutines for updates that the kill keeps from their first step.
            warnings.simplefilter("ignore", RuntimeWarning)
            for task in list(self.started):
                task.cancel()
            await self.life.die()
            self.life = None
            parked = self.telegram.updates.parked
            if parked is not None:
                parked.cancel()
            self.telegram.updates.parked = None
            await asyncio.sleep(0)
            gc.collect()

    async def end(self) -> None:
        """Stop everything."""
        await self.stop()
        await self.world.end()

    def orders(self, side: str = "open") -> int:
        """Count the market and limit orders that the exchange ever took to open (or `close`)."""
        rows = self.world.venue.outside.ledger("main")["orders"]
        return sum(1 for row in rows if row.get("tradeSide") == side)


async def _qr(words: str) -> bytes | None:
    return qr.draw(words)


async def _board(life: Life) -> Board:
    account, held, status = await life.desk.account(), await life.desk.holdings(), await life.desk.status()
    return Board(account=account, holdings=held, status=status, readiness=life.gate.now, today=None, risk_used=None,
                 models="off", waiting=0, at=life.seat.clock.now())


class Phone:
    """One person's phone in virtual time: says, taps, waits for what the chat shows."""

    def __init__(self, talk: Talk, person: int) -> None:
        self.talk, self.id = talk, person

    def say(self, text: str, **more: Any) -> int:
        """Send a message; gives its number."""
        said = people.say(self.talk.telegram, self.id, text, **more)
        assert isinstance(said, Said), said
        return said.message_id

    async def tap(self, shown: Shown, label: str | None = None, *, data: str | None = None,
                  seconds: float = 15.0) -> Tapped:
        """Press a button of a message; gives its answer."""
        tapped = await people.tap(self.talk.telegram, self.id, shown["message_id"], label=label, press_data=data,
                                  seconds=seconds)
        assert isinstance(tapped, Tapped), tapped
        return tapped

    def heard(self, after: int = 0) -> list[Shown]:
        """List what the bot shows from a message on."""
        chat = self.talk.telegram.chats[self.id]
        return [one for one in view.chat(self.talk.telegram, chat)["messages"]
                if one["message_id"] > after and one["from"] != self.id and not one["deleted"]]

    async def sees(self, words: str, after: int = 0, within_s: float = 30.0, *, label: str | None = None) -> Shown:
        """Wait until the bot shows a text (on a card with a button of this label); gives the message."""
        end = self.talk.clock.monotonic() + within_s
        while True:
            for one in reversed(self.heard(after)):
                if words in one["text"] and (label is None or label in _labels(one)):
                    return one
            if self.talk.life is not None:
                self.talk.life.check()
            seen = [one["text"] for one in self.heard(after)]
            assert self.talk.clock.monotonic() < end, f"{words!r} never came; seen: {seen}"
            await self.talk.clock.sleep(LOOK_S)

    async def ask(self, text: str, words: str, **more: Any) -> Shown:
        """Say something and wait for an answer with these words."""
        return await self.sees(words, self.say(text, **more))


def _labels(shown: Shown) -> list[str]:
    return [str(one["text"]) for row in shown["buttons"] for one in row]


def button(shown: Shown, label: str) -> str:
    """Give the data of a button by its label."""
    return next(str(one["data"]) for row in shown["buttons"] for one in row if one["text"] == label)
