"""Run the chat by the library's parts: initialise, start, poll; stop in reverse (architecture section 10).

Polling confirms an update only once the inbox has it: the queue between the library's parts stores what is put into
it first (FF-92). Order per chat is kept, except for what stops or reduces, which overtakes.
"""
from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from telegram import Bot, Update
from telegram.error import Conflict, InvalidToken, NetworkError, TelegramError
from telegram.ext import (
    Application,
    ApplicationBuilder,
    BaseUpdateProcessor,
    ContextTypes,
    ExtBot,
    TypeHandler,
    Updater,
)

from bot.chat.door import Door
from bot.chat.grammar import BY_NAME
from bot.chat.heard import ALLOWED_UPDATES, Pressed, Said, Unheard, hear
from bot.chat.inbox import Arrived, left_over, store
from bot.chat.menus import set_menus
from bot.chat.mishaps import serve_guarded
from bot.chat.polls import Polls, away_s, keep
from bot.chat.request import AioRequest
from bot.desk.control import pause
from bot.desk.enter import write
from bot.desk.seat import Seat
from bot.domain.events_control import ChatConflict
from bot.domain.principal import Permission
from bot.ports.ledger_rows import LedgerRefused

log = logging.getLogger(__name__)

AT_ONCE = 64
# No chat has this number: the turn that all strangers share.
STRANGERS = -1
BEAT_S = 5.0
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 30.0
# A poll that is overdue by more than this means that the library's polling has died without a word (401, 404).
OVERDUE_S = 45.0
CONFLICT_ONCE_S = 600.0
URGENT = frozenset({Permission.REDUCE, Permission.STOP})
ACTOR = "system:chat"

TelegramBot = Bot
App = Application[Any, Any, Any, Any, Any, Any]


class Inlet(asyncio.Queue[object]):
    """The queue of incoming updates: what is put in is stored first, and what nobody may obey is dropped there."""

    def __init__(self, keep: Callable[[Update], Awaitable[Arrived | None]]) -> None:
        super().__init__()
        self._keep = keep

    async def put(self, item: object) -> None:
        """Store an update and pass it on; raises NetworkError when it was not stored, so that it is asked for again."""
        if not isinstance(item, Update):
            await super().put(item)
            return
        try:
            arrived = await self._keep(item)
        except LedgerRefused as refused:
            raise NetworkError(f"An update could not be stored: {refused}") from refused
        if arrived is not None:
            await super().put(arrived)


class Turns(BaseUpdateProcessor):
    """Serve each chat's typed commands in order; presses and what stops or reduces do not wait for anything.

    All strangers together take one turn after the other: the desk's people wait for one of them at most (T18).
    """

    def __init__(self) -> None:
        super().__init__(AT_ONCE)
        self._locks: dict[int, asyncio.Lock] = {}

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Serve one update when it is its turn."""
        if not isinstance(update, Arrived) or (urgent(update) and not update.stranger):
            await coroutine
            return
        turn = STRANGERS if update.stranger else update.heard.chat or 0
        async with self._locks.setdefault(turn, asyncio.Lock()):
            await coroutine

    async def initialize(self) -> None:
        """Begin with no turns taken."""

    async def shutdown(self) -> None:
        """Forget the turns."""
        self._locks.clear()


def urgent(arrived: Arrived) -> bool:
    """Tell whether an update may overtake the others of its chat."""
    heard = arrived.heard
    if not isinstance(heard, Said):
        return isinstance(heard, Pressed)
    spec = BY_NAME.get(heard.text.split(maxsplit=1)[0].lstrip("/").partition("@")[0].lower()) if heard.text else None
    return heard.command and spec is not None and spec.permission in URGENT


@dataclass(slots=True)
class Chat:
    """The chat of one desk: the bot with its two pools, the library's parts, and the door behind them."""

    seat: Seat
    bot: ExtBot[None]
    polls: Polls
    door_of: Callable[[Bot], Door]
    poll_s: int = 15
    gap_s: float = 20.0
    conflict: bool = False
    conflict_told: float | None = None

    async def run(self) -> None:
        """Serve for ever; on cancellation the parts are stopped in reverse."""
        try:
            await self._reach()
            door = self.door_of(self.bot)
            inlet = Inlet(partial(self.keep, door=door))
            app = self._application(door, inlet)
            try:
                await app.initialize()
                await app.start()
                await self._left_over(inlet)
                await self._menus()
                await self._poll(app)
            finally:
                await _stopped(app)
        finally:
            await self.bot.shutdown()

    async def keep(self, update: Update, *, door: Door) -> Arrived | None:
        """Store one update; gives it with what it says when somebody must handle it."""
        now, heard = self.seat.clock.now(), hear(update, self.bot.username)
        if not isinstance(heard, Unheard) and await door.unheard(heard):
            return None
        stale = self.polls.gap_s > self.gap_s
        fresh = await self.seat.ledger.transact(lambda tx: store(tx, update, heard, now))
        if not fresh or isinstance(heard, Unheard):
            return None
        return Arrived(update=update, heard=heard, stale=stale, stranger=door.strange(heard))

    def _application(self, door: Door, inlet: Inlet) -> App:
        async def handle(arrived: Arrived, _: ContextTypes.DEFAULT_TYPE) -> None:
            await serve_guarded(door, arrived)

        builder = ApplicationBuilder().updater(Updater(self.bot, inlet)).concurrent_updates(Turns())
        app: App = builder.build()
        app.add_handler(TypeHandler(Arrived, handle))
        return app

    async def _reach(self) -> None:
        """Wait until the Bot API answers; gives up for nothing, for the desk trades without chat as well."""
        wait = FIRST_WAIT_S
        while True:
            try:
                await self.bot.initialize()
                return
            except InvalidToken:
                log.error("Telegram does not know this bot token; check WIREDESK_TELEGRAM_TOKEN.")
            except TelegramError as fault:
                log.warning("Telegram does not answer yet: %s", fault.message)
            await self.seat.clock.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT_S)

    async def _left_over(self, inlet: Inlet) -> None:
        """Hand over what an earlier process stored and did not finish; its presses are stale."""
        now = self.seat.clock.now()
        away = await self.seat.ledger.read(lambda tx: away_s(tx, now))
        self.polls.away(away)
        for incoming in await self.seat.ledger.transact(lambda tx: left_over(tx, now)):
            update = Update.de_json(incoming.body, self.bot)
            heard = hear(update, self.bot.username)
            if not isinstance(heard, Unheard):
                inlet.put_nowait(Arrived(update=update, heard=heard, stale=away > self.gap_s))

    async def _menus(self) -> None:
        people = await self.seat.ledger.read(lambda tx: tx.people.all())
        try:
            await set_menus(self.bot, people)
        except TelegramError as fault:
            log.info("The menus were not set: %s", fault.message)

    async def _poll(self, app: App) -> None:
        """Keep polling alive: it dies silently on some answers, and a second poller is somebody else with our token."""
        updater = app.updater
        assert updater is not None
        while True:
            if not updater.running:
                await updater.start_polling(
                    timeout=self.poll_s, allowed_updates=list(ALLOWED_UPDATES), bootstrap_retries=-1,
                    error_callback=self._trouble,
                )
            await self.seat.clock.sleep(BEAT_S)
            if self.polls.age() < self.poll_s + BEAT_S:
                now = self.seat.clock.now()
                await self.seat.ledger.transact(lambda tx, at=now: keep(tx, at))  # type: ignore[misc]
            if self.conflict:
                await self._conflicted()
            if self.polls.age() > OVERDUE_S + self.poll_s:
                self.polls.again()
                log.warning("Polling fell silent; starting it anew.")
                with suppress(TelegramError):
                    await updater.stop()

    async def _conflicted(self) -> None:
        """Somebody else polls with our token: open nothing until a person has looked, say it once (FF-98).

        Two pollers win by turns, so that the refusal comes and goes; it is one conflict all the same.
        """
        self.conflict, now = False, self.seat.clock.monotonic()
        if self.conflict_told is not None and now - self.conflict_told < CONFLICT_ONCE_S:
            return
        self.conflict_told = now
        log.error("Another process polls with this bot's token, so that each of you misses messages. Stop the other "
                  "one, or make a new token with @BotFather. Nothing is opened until an owner sends /resume.")
        await pause(self.seat, by=None, why="another process polls with this bot's token", actor=ACTOR)
        words = "Another process polls with this bot token."
        await self.seat.ledger.transact(
            lambda tx: write(tx, ChatConflict(words=words), self.seat.clock.now(), ACTOR)
        )

    def _trouble(self, fault: TelegramError) -> None:
        if isinstance(fault, Conflict):
            self.conflict = True
        log.warning("Polling: %s", fault.message)


def build_bot(token: str, root: str, polls: Polls, *, poll_s: int) -> ExtBot[None]:
    """Make the bot with its two pools; nothing is connected yet. `root` is the Bot API's address."""
    return ExtBot(
        token,
        base_url=f"{root}/bot",
        base_file_url=f"{root}/file/bot",
        request=AioRequest(connections=16),
        get_updates_request=AioRequest(
            connections=1, read_s=poll_s + BEAT_S, monotonic=polls.monotonic, heard=polls.heard
        ),
    )


async def _stopped(app: App) -> None:
    """Stop in reverse, each part on its own: a fault of one must not keep the next running."""
    updater = app.updater
    if updater is not None and updater.running:
        with suppress(TelegramError, RuntimeError):
            await updater.stop()
    if app.running:
        await app.stop()
    await app.shutdown()
