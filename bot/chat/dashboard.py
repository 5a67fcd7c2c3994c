"""Keep the live dashboard: one pinned message a chat, edited while somebody looks, never resent (chat_ux section 7)."""
from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from bot.chat.card import to_body, to_message
from bot.chat.outbox import same
from bot.chat.pace import Pace
from bot.chat.render.dashboard import Board, dashboard
from bot.chat.render.text import Chip
from bot.domain.events import Fact, FillRecorded, FlatReported, TradingStateChanged
from bot.ports.clock import Clock
from bot.ports.ledger import Ledger, Tx
from bot.ports.ledger_rows import Plain
from bot.ports.messenger import Delivered, Gone, Later, Messenger

BOARDS = "dashboards"
LOOKED_S = 120.0
LOOKING_S = 5.0
RESTING_S = 60.0


@dataclass(slots=True)
class Dashboards:
    """The dashboards of all chats: which message each is, who looked lately, what was shown last."""

    ledger: Ledger
    clock: Clock
    messenger: Messenger
    chip: Chip
    pace: Pace
    board: Callable[[], Awaitable[Board]]
    looked: dict[int, float] = field(default_factory=dict)
    edited: dict[int, float] = field(default_factory=dict)
    shown: dict[int, Plain] = field(default_factory=dict)
    bell: asyncio.Event = field(default_factory=asyncio.Event)

    def look(self, chat: int) -> None:
        """Somebody looks at the dashboard of a chat: it is fresh for two minutes."""
        self.looked[chat] = self.clock.monotonic()
        self.edited.pop(chat, None)
        self.bell.set()

    def seen(self, fact: Fact) -> None:
        """Bring all of them up to date at once when what they show has just changed: a fill, a halt."""
        if isinstance(fact, FillRecorded | TradingStateChanged | FlatReported):
            self.edited.clear()
            self.bell.set()

    async def place(self, chat: int) -> None:
        """Send and pin a new dashboard in a chat; the one before is forgotten, the newest wins."""
        card = dashboard(await self.board(), self.chip, chat)
        body = to_body(card)
        sent = await self.messenger.tell(chat, to_message(body))
        self.pace.spend(chat, self.clock.monotonic())
        if isinstance(sent, Delivered):
            await self.messenger.pin(chat, sent.ref)
            self.shown[chat] = body
            self.looked[chat] = self.edited[chat] = self.clock.monotonic()
            await self.ledger.transact(lambda tx: _remember(tx, chat, sent.ref, self.clock.now()))

    async def run(self) -> None:
        """Edit what changed, for ever: every 5 s where somebody looks, every minute elsewhere."""
        while True:
            self.bell.clear()
            boards = await self.ledger.read(lambda tx: dict(tx.desk.value(BOARDS) or {}))
            now = self.clock.monotonic()
            due = [int(chat) for chat in boards if self._due(int(chat), now)]
            if due:
                board = await self.board()
                for chat in due:
                    await self._edit(chat, int(boards[str(chat)]["ref"]), board)
            await self._rest()

    def _due(self, chat: int, now: float) -> bool:
        looking = now - self.looked.get(chat, -LOOKED_S) < LOOKED_S
        period = LOOKING_S if looking else RESTING_S
        return now - self.edited.get(chat, -RESTING_S) >= period and self.pace.wait(chat, now) <= 0

    async def _edit(self, chat: int, ref: int, board: Board) -> None:
        body = to_body(dashboard(board, self.chip, chat))
        now = self.clock.monotonic()
        before = self.shown.get(chat)
        self.edited[chat] = now
        looking = now - self.looked.get(chat, -LOOKED_S) < LOOKED_S
        if before is not None and same(_timeless(before), _timeless(body)) and not looking:
            return
        answer = await self.messenger.retell(chat, ref, to_message(body))
        self.pace.spend(chat, now)
        if isinstance(answer, Later):
            self.pace.freeze(chat, answer.seconds, now)
        elif isinstance(answer, Gone):
            await self.place(chat)
        elif isinstance(answer, Delivered):
            self.shown[chat] = body

    async def _rest(self) -> None:
        async with asyncio.TaskGroup() as both:
            bell = both.create_task(self.bell.wait())
            timer = both.create_task(self.clock.sleep(LOOKING_S))
            await asyncio.wait((bell, timer), return_when=asyncio.FIRST_COMPLETED)
            bell.cancel()
            timer.cancel()


def _timeless(body: Plain) -> Plain:
    """Leave out the line that holds the moment of the update: it alone is no reason for an edit."""
    return {**body, "html": body["html"].rpartition("\n")[0]}


def _remember(tx: Tx, chat: int, ref: int, at: datetime) -> None:
    known = tx.desk.value(BOARDS) or {}
    tx.desk.set_value(BOARDS, {**known, str(chat): {"ref": ref, "at": at.isoformat()}}, at)


def forget(tx: Tx, chat: int, at: datetime) -> None:
    """Stop editing the dashboard of a chat: its person left or unpinned it."""
    known = tx.desk.value(BOARDS) or {}
    tx.desk.set_value(BOARDS, {name: one for name, one in known.items() if name != str(chat)}, at)


def day_start(now: datetime) -> datetime:
    """Give the start of the UTC day, the day of the limits."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


