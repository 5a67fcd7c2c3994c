"""The only mutable heart of the emulator: one bot, its people and chats, and what changed when."""
from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any

from bot.sandbox.telegram.errors import CHAT_EMPTY, CHAT_NOT_FOUND, bad
from bot.sandbox.telegram.faults import Faults
from bot.sandbox.telegram.files import Files
from bot.sandbox.telegram.limits import OFF, Allowance, Limits
from bot.sandbox.telegram.state import BotCard, Callback, Chat, Message, Person, Rules, Webhook
from bot.sandbox.telegram.updates import UpdateQueue

TOKEN = "4242424242:AAEmulatorTokenForLocalUse_0123456789ab"
FIRST_PERSON = 7001


class World:
    """Everything the Bot API and the people share; single-threaded, without I/O.

    `now` gives Unix seconds, `sleep` waits; both may be a test's own.
    """

    def __init__(
        self, *, token: str = TOKEN, now: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep, rules: Rules | None = None,
        allowance: Allowance = OFF, seed: int = 1, people: bool = True,
    ) -> None:
        self.now = now
        self.sleep = sleep
        self.rules = rules or Rules()
        self.random = random.Random(seed)
        self.bot = BotCard(id=int(token.partition(":")[0]), token=token)
        self.born = now()
        self.people: dict[int, Person] = {}
        self.chats: dict[int, Chat] = {}
        self.updates = UpdateQueue(now, self.rules)
        self.webhook = Webhook()
        self.faults = Faults()
        self.limits = Limits(allowance)
        self.files = Files()
        self.callbacks: dict[str, Callback] = {}
        self.revision = 0
        self.last_conflict = float("-inf")
        self.last_offset: tuple[int, float] = (0, float("-inf"))
        self._numbers = itertools.count(101)
        self._long = itertools.count(self.random.getrandbits(61) | 1 << 61)
        self._groups = itertools.count(1_234_567_890)
        self._changed = asyncio.Event()
        if people:
            self.add_person("owner", username="owner_local", started=True)
            self.add_person("trader", username="trader_local", started=True)
            self.add_person("stranger", username="stranger_local")

    def add_person(self, name: str, *, username: str | None = None, started: bool = False) -> Person:
        """Add somebody with a private chat of their own; ids count up from 7001."""
        person = Person(id=FIRST_PERSON + len(self.people), name=name, username=username, started=started)
        self.people[person.id] = person
        self.chats[person.id] = Chat(
            id=person.id, kind="private", members={person.id}, instance=str(-self.random.getrandbits(62)),
        )
        self.touch()
        return person

    def add_group(self, title: str, members: set[int], *, supergroup: bool = True, forum: bool = False) -> Chat:
        """Open a group the bot is in; supergroups have ids from -100…."""
        number = next(self._groups)
        chat = Chat(
            id=-1_000_000_000_000 - number if supergroup else -number, kind="supergroup" if supergroup else "group",
            title=title, members=set(members), forum=forum and supergroup, instance=str(-self.random.getrandbits(62)),
            next_id=2 if forum else 1,  # a forum's own topic "General" has number 1
        )
        self.chats[chat.id] = chat
        self.touch()
        return chat

    def person_named(self, name: str) -> Person:
        """Return the person of that name; raises KeyError."""
        for person in self.people.values():
            if person.name == name:
                return person
        raise KeyError(name)

    def long_number(self) -> str:
        """Return the next long decimal id, as a string."""
        return str(next(self._long))

    def new_id(self, chat: Chat) -> int:
        """Number a message: one counter for private chats and basic groups, one for each supergroup."""
        if chat.kind in ("private", "group"):
            return next(self._numbers)
        chat.next_id += 1
        return chat.next_id - 1

    def post(self, chat: Chat, message: Message) -> Message:
        """Put a message into its chat."""
        chat.messages[message.id] = message
        if message.sender_id == self.bot.id and message.kind != "service":
            chat.action, chat.draft = None, ""
        self.touch(message)
        return message

    def touch(self, message: Message | None = None) -> None:
        """Count a change, mark the message with it and wake all watchers."""
        self.revision += 1
        if message is not None:
            message.revision = self.revision
            latest = self.chats[message.chat_id].latest
            latest.pop(message.id, None)
            latest[message.id] = message
        self._changed.set()
        self._changed = asyncio.Event()

    async def changed(self, seen: int, seconds: float) -> bool:
        """Wait until something changed after the revision seen; false when nothing did in time."""
        if self.revision > seen:
            return True
        event = self._changed
        try:
            await asyncio.wait_for(event.wait(), seconds)
        except TimeoutError:
            return False
        return True

    def chat(self, value: str) -> Chat:
        """Return the chat a `chat_id` names: a number or @username; raises 400."""
        value = value.strip()
        if not value:
            raise bad(CHAT_EMPTY)
        if value.startswith("@"):
            person = next((p for p in self.people.values() if p.username and f"@{p.username}" == value), None)
            found = self.chats.get(person.id) if person else None
        else:
            try:
                found = self.chats.get(int(value))
            except ValueError:
                found = None
        if found is None:
            raise bad(CHAT_NOT_FOUND)
        return found

    def message(self, chat: Chat, message_id: int) -> Message | None:
        """Return a message that is still there, or None."""
        found = chat.messages.get(message_id)
        return None if found is None or found.deleted else found
