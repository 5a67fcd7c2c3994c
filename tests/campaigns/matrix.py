"""Try every kind of update from every kind of sender with every command and button: `python -m tests.campaigns.matrix`.

The real hearing, inbox, door and ledger; what would act only notes that it was reached. Whoever reaches what the table
of security section 3 (written down here once more, by hand) does not give them is a hole (T1). `--every N` tries each
N-th cell only, as the gate does.
"""
from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import tempfile
import time
from collections import Counter as Tally
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

from telegram import Bot, Update

from bot.chat.call import Call, ChatRules, Counter, Handler, Reply
from bot.chat.commands_table import SPECS
from bot.chat.door import Door
from bot.chat.grammar import Spoken, read
from bot.chat.heard import Unheard, hear
from bot.chat.inbox import Arrived, store
from bot.chat.messenger import TelegramMessenger
from bot.chat.render.text import Chip
from bot.desk.front import Desk
from bot.domain.ids import PersonId
from bot.domain.principal import Person, Role
from bot.domain.trading import Environment
from bot.sandbox.telegram.emulator import Emulator
from bot.sandbox.telegram.world import World as Telegram
from tests.chat.in_process import bot_of
from tests.support.scripted import Bench

Raw = dict[str, Any]
KINDS = (
    "message", "edited_message", "channel_post", "edited_channel_post", "business_message", "edited_business_message",
    "callback_query", "inline_query", "chosen_inline_result", "message_reaction", "poll_answer", "my_chat_member",
    "chat_member", "chat_join_request",
)
# Numbers of people by what they are here; the last four are nobody.
KNOWN = {"owner": 1, "trader": 2, "approver": 3, "viewer": 4}
SENDERS = {**KNOWN, "revoked": 5, "stranger": 6, "bot": 7, "anonymous admin": 1087968824}
PLACES = {"private": 0, "open group": -100, "closed group": -200}
# Security section 3, by hand: who may do what. What is in none of them reads.
OWNERS = frozenset({
    "resume", "preflight", "logs", "audit", "users", "invite", "role", "revoke", "backup", "drill", "config",
})
TRADERS = frozenset({
    "long", "short", "close", "add", "reduce", "reverse", "sl", "tp", "be", "trail", "cancel", "amend", "ladder",
    "twap", "margin", "signal", "preset", "export", "propose", "unlock", "pause", "halt", "flat", "stop", "reconcile",
    "pin", "totp",
})
APPROVERS = frozenset({"approve", "reject"})
SETTING = {"limits": "owner", "allow": "owner", "deny": "owner", "models": "owner", "auto": "owner", "lev": "trader"}
# What each known sender holds of these; an owner holds all.
HOLDS = {
    "owner": frozenset(("viewer", "trader", "approver", "owner")), "trader": frozenset(("viewer", "trader")),
    "approver": frozenset(("viewer", "approver")), "viewer": frozenset(("viewer",)),
}
PRESSES = {
    # Whoever is here reaches a proposal; who may answer it is asked with the row in hand.
    "p:K7Q2M4X9TB:y:a1b2c3d4": "viewer", "p:K7Q2M4X9TB:n": "viewer", "p:K7Q2M4X9TB:w": "viewer",
    "p:K7Q2M4X9TB:h:a1b2c3d4": "viewer", "p:K7Q2M4X9TB:x": "trader",
    "h:BTCUSDT.L:100:a1b2c3d4": "trader", "h:BTCUSDT.L:25:a1b2c3d4": "trader", "h:BTCUSDT.L:be:a1b2c3d4": "trader",
    "h:BTCUSDT.L:sl:a1b2c3d4": "trader", "h:BTCUSDT.L:tp:a1b2c3d4": "trader", "h:BTCUSDT.L:ch": "viewer",
    "o:wd-x:x": "trader", "o:wd-x:u": "trader", "o:wd-x:ad": "trader", "o:wd-x:ig": "trader", "o:wd-x:v": "viewer",
    "a:7:ok": "viewer", "w:abc:u50": "trader", "d:7:r": "viewer", "l:ab:s": "viewer", "l:ab:x": "viewer",
    "c:halt:now": "trader", "c:pause:now": "trader", "c:flat:go": "trader", "c:flat:ask": "trader",
    "c:close:all": "trader", "c:cancel:all": "trader", "c:cancel:no": "viewer", "c:long:": "trader",
    "c:lev:btc": "viewer", "c:lev:btc.5": "trader", "c:resume:now": "owner", "c:limits:": "viewer",
    "c:limits:ok-abc": "owner", "c:limits:no-abc": "owner", "c:auto:": "viewer", "c:auto:revoke.rules": "trader",
    "c:auto:rules.semi": "owner", "c:models:use.M-1": "owner", "c:role:7.owner": "owner", "c:invite:owner": "owner",
    "c:allow:doge": "owner", "c:positions:2": "viewer", "c:notify:fill.off": "viewer", "c:sudo:now": "", "x:1:2": "",
    "p:": "", "\U0001f4a5": "",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One try: a kind of update, from whom, where, with which words, and the role those words need ("" nobody's)."""

    kind: str
    sender: str
    place: str
    words: str
    role: str

    @property
    def allowed(self) -> bool:
        """Say whether it may have an effect: an original message or a press, of somebody here who holds the role."""
        fits = self.kind == ("callback_query" if self.words in PRESSES else "message")
        if not fits or not self.role or self.sender not in KNOWN or self.role not in HOLDS[self.sender]:
            return False
        if self.place == "closed group":
            # An owner opens it by this, and by nothing else.
            return self.sender == "owner" and self.words == "/start"
        return self.place == "private" or self.reads

    @property
    def understood(self) -> bool:
        """Say whether the words are whole: a bare name of a command that wants words is asked about, not served."""
        return self.words in PRESSES or isinstance(read(self.words), Spoken)

    @property
    def reads(self) -> bool:
        """Say whether a group may do it: only what shows something, never an answer to a proposal."""
        if self.words in PRESSES:
            calm = not self.words.startswith("p:") or self.words.split(":")[2][:1] in "nwv"
            return self.role == "viewer" and calm
        return self.role == "viewer"


def words_of() -> Iterator[tuple[str, str]]:
    """List every command, bare, by its aliases and with its example, and every button; each with its role."""
    for spec in SPECS:
        bare = "owner" if spec.name in OWNERS else "trader" if spec.name in TRADERS else "viewer"
        bare = "approver" if spec.name in APPROVERS else bare
        for name in (spec.name, *spec.aliases):
            yield f"/{name}", bare
        if spec.example:
            sets = len(spec.example.split()) > (2 if spec.name == "lev" else 1)
            yield spec.example, SETTING.get(spec.name, bare) if sets else bare
    yield "/auto revoke rules", "trader"
    yield "/limits set leverage=50", "owner"
    yield from PRESSES.items()


def cells() -> Iterator[Cell]:
    """List the whole matrix."""
    tried = list(words_of())
    for (words, role), kind, sender, place in product(tried, KINDS, SENDERS, PLACES):
        yield Cell(kind=kind, sender=sender, place=place, words=words, role=role)


def raw(cell: Cell, number: int, now: int) -> Raw:
    """Write a cell as Telegram does."""
    person: Raw = {"id": SENDERS[cell.sender], "is_bot": cell.sender in ("bot", "anonymous admin"), "first_name": "x"}
    chat: Raw = {"id": PLACES[cell.place], "type": "supergroup", "title": "g"}
    if cell.place == "private":
        chat = {"id": person["id"], "type": "private", "first_name": "x"}
    named = {"type": "bot_command", "offset": 0, "length": len(cell.words.split()[0])}
    message: Raw = {"message_id": number, "date": now, "chat": chat, "from": person, "text": cell.words}
    if cell.words.startswith("/"):
        message["entities"] = [named]
    if cell.sender == "anonymous admin":
        message["sender_chat"] = {"id": PLACES[cell.place] or -300, "type": "supergroup", "title": "g"}
    member = {"user": person, "status": "member"}
    reaction = {"type": "emoji", "emoji": "\U0001f44d"}
    bodies: dict[str, Raw] = {
        "message": message, "edited_message": message | {"edit_date": now},
        "channel_post": {name: one for name, one in message.items() if name != "from"} | {"chat": chat},
        "edited_channel_post": message | {"edit_date": now},
        "business_message": message | {"business_connection_id": "b"},
        "edited_business_message": message | {"business_connection_id": "b", "edit_date": now},
        "callback_query": {"id": str(number), "from": person, "chat_instance": "1", "data": cell.words[:64],
                           "message": message | {"from": {"id": 99, "is_bot": True, "first_name": "b"}}},
        "inline_query": {"id": "1", "from": person, "query": cell.words, "offset": ""},
        "chosen_inline_result": {"result_id": cell.words[:64], "from": person, "query": cell.words},
        "message_reaction": {"chat": chat, "message_id": 1, "user": person, "date": now, "old_reaction": [],
                             "new_reaction": [reaction]},
        "poll_answer": {"poll_id": "1", "user": person, "option_ids": [0], "option_persistent_ids": []},
        "my_chat_member": {"chat": chat, "from": person, "date": now, "old_chat_member": member,
                           "new_chat_member": member},
        "chat_member": {"chat": chat, "from": person, "date": now, "old_chat_member": member,
                        "new_chat_member": member},
        "chat_join_request": {"chat": chat, "from": person, "user_chat_id": person["id"], "date": now,
                              "bio": cell.words},
    }
    return {"update_id": number, cell.kind: bodies[cell.kind]}


@dataclass(slots=True, kw_only=True)
class Gate:
    """The way in over a ledger of its own, with handlers that only note that they were reached."""

    bench: Bench
    bot: Bot
    door: Door
    reached: list[str] = field(default_factory=list)

    async def tried(self, cell: Cell, number: int) -> int:
        """Send a cell; gives how often something that acts was reached."""
        self.reached.clear()
        seat = self.bench.seat
        update = Update.de_json(raw(cell, number, int(self.bench.clock.now().timestamp())), self.bot)
        heard = hear(update, "wiredesk_bot")
        if isinstance(heard, Unheard) or await self.door.unheard(heard):
            return len(self.reached)
        fresh = await seat.ledger.transact(lambda tx: store(tx, update, heard, self.bench.clock.now()))
        assert fresh, "Every cell is an update of its own."
        await self.door.serve(Arrived(update=update, heard=heard))
        return len(self.reached)


@asynccontextmanager
async def gate(directory: Path) -> AsyncIterator[Gate]:
    """Open the way in: four people with a role each, one revoked, one group that may read."""
    bench = await Bench(directory).open()
    clock, reached = bench.clock, list[str]()
    roles = {"owner": Role.OWNER, "trader": Role.TRADER, "approver": Role.APPROVER, "viewer": Role.VIEWER}

    def people(tx: Any) -> None:
        for name, number in {**KNOWN, "revoked": SENDERS["revoked"]}.items():
            held = frozenset({roles.get(name, Role.OWNER)})
            tx.people.save(Person(person=PersonId(number), name=name, roles=held, active=name != "revoked",
                                  since=clock.now()))
        tx.desk.set_value("groups", {str(PLACES["open group"]): True}, clock.now())

    await bench.seat.ledger.transact(people)
    bot = bot_of(Emulator(Telegram(now=lambda: clock.now().timestamp(), sleep=asyncio.sleep)))
    await bot.initialize()

    async def note(counter: Counter, call: Call) -> Reply:
        reached.append(call.spec.name)
        return Reply()

    def noting(names: Any) -> dict[str, Handler]:
        return dict.fromkeys(names, note)

    rules = ChatRules(commands_per_minute=10**9)
    counter = Counter(desk=Desk(bench.seat), chip=Chip(environment=Environment.SANDBOX), rules=rules,
                      wake=lambda: None, health=dict)
    door = Door(counter, bot, TelegramMessenger(bot), noting(spec.name for spec in SPECS), noting("phocawdl"),
                noting(()))
    yield Gate(bench=bench, bot=bot, door=door, reached=reached)
    await bot.shutdown()
    await bench.close()


async def campaign(directory: Path, every: int, first: int = 0) -> tuple[Tally[str], list[str]]:
    """Try the cells; gives how many were tried, allowed and reached, and what was wrong, in words."""
    tally, wrong = Tally[str](), []
    async with gate(directory) as way:
        for number, cell in enumerate(cells()):
            if number % every != first % every:
                continue
            count = await way.tried(cell, number + 1)
            tally["tried"] += 1
            tally["allowed"] += cell.allowed
            tally["reached"] += count > 0
            if count > int(cell.allowed) or (cell.understood and count < int(cell.allowed)):
                wrong.append(f"{cell.kind} of {cell.sender} in {cell.place}: {cell.words!r} (needs "
                             f"{cell.role or 'nobody'}) reached {count} handlers, expected {int(cell.allowed)}")
    return tally, wrong


def main() -> int:
    """Print what was tried and every hole; 1 when there is one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1)
    given = parser.parse_args()
    logging.disable(logging.WARNING)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as directory:
        tally, wrong = asyncio.run(campaign(Path(directory), given.every))
    for line in wrong[:50]:
        print(f"HOLE: {line}")
    print(f"{tally['tried']:,} cells, {tally['allowed']:,} allowed, {tally['reached']:,} reached, {len(wrong)} holes, "
          f"{time.monotonic() - began:.0f} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
