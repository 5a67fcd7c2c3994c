"""Deliver what is queued: in order per chat, paced, exactly as long silent as told, at least once (reliability 5.4).

NEW → SENDING → SENT or DEAD. A row found SENDING at start is sent again. Each chat has its own worker while it has
anything due, so one deaf chat delays nobody.
"""
from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from bot.chat.backlog import LATE, Digest, Rest, Send, next_for
from bot.chat.card import to_body, to_message
from bot.chat.outbox import ref_of
from bot.chat.pace import Pace
from bot.chat.prefs import quiet_now, read_prefs
from bot.chat.render.alerts import digest
from bot.chat.render.text import Chip
from bot.chat.suit import suited
from bot.desk.enter import write
from bot.domain.alert import Severity
from bot.domain.events_control import ChatUnreachable
from bot.domain.ids import PersonId
from bot.ports.clock import Clock
from bot.ports.ledger import Ledger, Tx
from bot.ports.ledger_rows import MessageState, Outgoing
from bot.ports.messenger import (
    Delivered,
    Doubtful,
    Gone,
    Later,
    Message,
    Messenger,
    Moved,
    Refused,
    Unreachable,
)
from bot.ports.messenger import Delivery as Outcome

log = logging.getLogger(__name__)

GIVEN_UP = timedelta(hours=24)
COPIES_MAX = 3
DEAF_FOR = 300.0
AFTER_DOUBT_S = (2.0, 5.0, 15.0)
PROBES_S = (1.0, 2.0, 5.0, 10.0, 15.0)
IDLE_S = 60.0
GRAIN_S = 0.001
MOVED = "moved"
ACTOR = "system:chat"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A row marked SENDING with what to show, and the message to edit, None to send anew."""

    row: Outgoing
    message: Message
    ref: int | None


@dataclass(slots=True)
class Delivery:
    """The outbox at work; `wake` it after every commit that queued something."""

    ledger: Ledger
    clock: Clock
    messenger: Messenger
    chip: Chip
    pace: Pace = field(default_factory=Pace)
    bell: asyncio.Event = field(default_factory=asyncio.Event)
    busy: set[int] = field(default_factory=set)
    down: bool = False
    probing: asyncio.Lock = field(default_factory=asyncio.Lock)
    on_sent: Callable[[Outgoing, int], None] | None = None

    def wake(self) -> None:
        """Tell that something was queued."""
        self.bell.set()

    async def run(self) -> None:
        """Deliver for ever."""
        await self.ledger.transact(lambda tx: tx.messages.requeue_sending(self.clock.now()))
        async with asyncio.TaskGroup() as workers:
            while True:
                self.bell.clear()
                chats, due = await self.ledger.read(self._waiting)
                for chat in chats - self.busy:
                    self.busy.add(chat)
                    workers.create_task(self._serve(chat), name=f"chat {chat}")
                await self._rest(due)

    def _waiting(self, tx: Tx) -> tuple[set[int], datetime | None]:
        """List the chats with something due, and when the next something is due elsewhere."""
        now, chats, due = self.clock.now(), set(), None
        for row in tx.messages.unfinished():
            if row.state is not MessageState.NEW:
                continue
            if row.due_at <= now:
                chats.add(row.chat)
            elif due is None or row.due_at < due:
                due = row.due_at
        return chats, due

    async def _rest(self, due: datetime | None) -> None:
        seconds = IDLE_S if due is None else max(0.0, (due - self.clock.now()).total_seconds())
        async with asyncio.TaskGroup() as both:
            bell = both.create_task(self.bell.wait())
            timer = both.create_task(self.clock.sleep(min(seconds, IDLE_S)))
            await asyncio.wait((bell, timer), return_when=asyncio.FIRST_COMPLETED)
            bell.cancel()
            timer.cancel()

    async def _serve(self, chat: int) -> None:
        """Send to one chat what is due, one after the other."""
        try:
            while True:
                wait = self.pace.wait(chat, self.clock.monotonic())
                if wait > 0:
                    # A wait below the clock's own grain would never end on a clock that only sleeping moves.
                    await self.clock.sleep(max(wait, GRAIN_S))
                    continue
                if self.down:
                    await self._until_up()
                claim = await self.ledger.transact(partial(self.claim, chat=chat))
                if claim is None:
                    return
                self.pace.spend(chat, self.clock.monotonic())
                outcome = await self._send(claim)
                if isinstance(outcome, Later) and outcome.flood:
                    self.pace.freeze(chat, outcome.seconds, self.clock.monotonic())
                elif isinstance(outcome, Later | Doubtful):
                    self.down = True
                await self.ledger.transact(partial(self.record, claim=claim, outcome=outcome))
                if isinstance(outcome, Delivered):
                    await self._after(claim, outcome.ref)
        finally:
            self.busy.discard(chat)
            self.wake()

    async def _until_up(self) -> None:
        """Wait until the service answers again: an outage costs no message a try, and so no copies."""
        async with self.probing:
            tries = 0
            while self.down:
                if await self.messenger.alive():
                    self.down = False
                    return
                await self.clock.sleep(PROBES_S[min(tries, len(PROBES_S) - 1)])
                tries += 1

    def claim(self, tx: Tx, *, chat: int) -> Claim | None:
        """Choose what this chat is told next and mark it SENDING; None when nothing is due."""
        now = self.clock.now()
        rows = [row for row in tx.messages.unfinished() if row.chat == chat and row.state is MessageState.NEW]
        for row in [one for one in rows if now - one.queued_at > GIVEN_UP]:
            tx.messages.dead(row.id, now, "not delivered within a day")
            rows.remove(row)
        chosen = next_for(rows, now, lambda row: ref_of(tx, row) is not None)
        if isinstance(chosen, Digest):
            return self._digested(tx, chat, chosen, now)
        if isinstance(chosen, Rest):
            return None
        return self._claimed(tx, chosen, now)

    def _claimed(self, tx: Tx, chosen: Send, now: datetime) -> Claim:
        for row in chosen.overtaken:
            tx.messages.dead(row.id, now, f"overtaken by {chosen.row.id}")
        tx.messages.sending(chosen.row.id, now)
        row, ref = chosen.row, ref_of(tx, chosen.row)
        message = to_message(row.body)
        if chosen.loud and ref is None:
            message = replace(message, silent=False)
        severity = row.body.get("severity")
        if row.chat > 0:
            prefs = read_prefs(tx, PersonId(row.chat))
            message = suited(message, prefs, pushed=severity is not None and ref is None)
            if not row.critical and severity != Severity.CRITICAL.value and severity is not None:
                # Quiet hours are asked now, not when it was queued: after an outage it may be night (features 2.9).
                message = replace(message, silent=message.silent or quiet_now(prefs, now))
        if row.critical:
            message = replace(message, silent=False)
        return Claim(row=row, message=message, ref=ref)

    def _digested(self, tx: Tx, chat: int, chosen: Digest, now: datetime) -> Claim | None:
        """Put late rows together into one message, more only where one cannot hold them; none is lost."""
        kept = [(row.queued_at, str(row.body.get("line") or row.body["plain"].split("\n")[0])) for row in chosen.rows]
        queued = []
        for one in digest(kept, self.chip, away=now - kept[0][0] > LATE):
            body = to_body(one, severity=Severity.NORMAL.value, digest=True)
            queued.append(tx.messages.queue(chat, body, now))
        for row in (*chosen.overtaken, *chosen.rows):
            tx.messages.dead(row.id, now, f"told in {queued[0]}")
        first = tx.messages.get(queued[0])
        assert first is not None
        return self._claimed(tx, Send(row=first), now)

    async def _send(self, claim: Claim) -> Outcome:
        try:
            if claim.ref is not None:
                return await self.messenger.retell(claim.row.chat, claim.ref, claim.message)
            return await self.messenger.tell(claim.row.chat, claim.message)
        except Exception as fault:
            # The messenger answers with values; anything it raises is a bug of ours that must not end the delivery.
            log.exception("Message %s could not be sent", claim.row.id)
            return Doubtful(why=f"{type(fault).__name__}")

    async def _after(self, claim: Claim, ref: int) -> None:
        if claim.message.pin and claim.ref is None:
            # Pins count like messages; one that fails is worth no second try.
            self.pace.spend(claim.row.chat, self.clock.monotonic())
            pinned = await self.messenger.pin(claim.row.chat, ref)
            if isinstance(pinned, Later) and pinned.flood:
                self.pace.freeze(claim.row.chat, pinned.seconds, self.clock.monotonic())
        if self.on_sent is not None:
            self.on_sent(claim.row, ref)

    def record(self, tx: Tx, *, claim: Claim, outcome: Outcome) -> None:
        """Write down what became of a message."""
        now, row = self.clock.now(), claim.row
        if isinstance(outcome, Delivered):
            tx.messages.sent(row.id, outcome.ref, now)
            self._heard(tx, row.chat, now)
        elif isinstance(outcome, Later):
            tx.messages.later(row.id, now + timedelta(seconds=outcome.seconds), outcome.why)
        elif isinstance(outcome, Doubtful):
            self._doubtful(tx, claim, outcome, now)
        elif isinstance(outcome, Refused):
            tx.messages.dead(row.id, now, outcome.why)
            log.error("Message %s was refused: %s", row.id, outcome.why)
        elif isinstance(outcome, Gone):
            tx.messages.later(row.id, now, outcome.why)
            tx.messages.rewrite(row.id, row.body | {"anew": True})
        elif isinstance(outcome, Moved):
            tx.desk.set_value(MOVED, (tx.desk.value(MOVED) or {}) | {str(row.chat): outcome.chat}, now)
            tx.messages.queue(outcome.chat, row.body, now, card=row.card, critical=row.critical, cause=row.cause)
            tx.messages.dead(row.id, now, f"moved to {outcome.chat}")
        else:
            self._deaf(tx, row, outcome, now)

    def _doubtful(self, tx: Tx, claim: Claim, outcome: Doubtful, now: datetime) -> None:
        """Send again what may have arrived: edits do no harm twice, others at most three copies (FF-89, FF-90)."""
        row = claim.row
        attempts = row.attempts + 1
        if claim.ref is None and not row.critical and attempts >= COPIES_MAX:
            tx.messages.dead(row.id, now, f"may have arrived, {attempts} copies sent: {outcome.why}")
            return
        pause = AFTER_DOUBT_S[min(attempts, len(AFTER_DOUBT_S)) - 1]
        tx.messages.later(row.id, now + timedelta(seconds=pause), outcome.why)

    def _deaf(self, tx: Tx, row: Outgoing, outcome: Unreachable, now: datetime) -> None:
        """Keep the chat's rows, try again slowly, and say once that nobody hears there (FF-99)."""
        tx.messages.later(row.id, now + timedelta(seconds=DEAF_FOR), outcome.why)
        for other in tx.messages.unfinished():
            if other.chat == row.chat and other.state is MessageState.NEW and other.id != row.id:
                tx.messages.sending(other.id, now)
                tx.messages.later(other.id, now + timedelta(seconds=DEAF_FOR), outcome.why)
        deaf = tx.desk.value("deaf") or {}
        if str(row.chat) not in deaf:
            tx.desk.set_value("deaf", deaf | {str(row.chat): now.isoformat()}, now)
            person = PersonId(row.chat) if row.chat > 0 else None
            write(tx, ChatUnreachable(chat=row.chat, person=person, why=outcome.why), now, ACTOR)

    def _heard(self, tx: Tx, chat: int, now: datetime) -> None:
        deaf = tx.desk.value("deaf") or {}
        if str(chat) in deaf:
            tx.desk.set_value("deaf", {name: at for name, at in deaf.items() if name != str(chat)}, now)


def hear_again(tx: Tx, chat: int, now: datetime) -> None:
    """Try a chat again at once: its person unblocked the bot or wrote to it."""
    for row in tx.messages.unfinished():
        if row.chat == chat and row.state is MessageState.NEW and row.due_at > now:
            tx.messages.sending(row.id, now)
            tx.messages.later(row.id, now, "the chat is back")
