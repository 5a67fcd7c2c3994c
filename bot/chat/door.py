"""Serve one update from the gate to the answer: let in, read, check, hand to its command, queue what it said.

The answer is queued and the update marked as done in one transaction; the effect before it is safe to meet twice,
because it is keyed by chat and message (architecture 9(a) 3). A press is decided first and acknowledged within a
second at best effort (FF-95).
"""
from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from telegram import Bot, ReplyKeyboardMarkup
from telegram.error import TelegramError

from bot.chat.buttons import read_press
from bot.chat.call import Call, Counter, Handler, Reply
from bot.chat.card import Card, to_body, to_message
from bot.chat.gate import SAFE, Counts, Stranger, counted, enter, fresh, permitted
from bot.chat.grammar import BY_NAME, Misunderstood, Spoken, Unclear, permission_of, read
from bot.chat.heard import Forwarded, Heard, Pressed, Said
from bot.chat.inbox import Arrived, done, looks_secret
from bot.chat.menus import set_menu
from bot.chat.outbox import rows_of, show
from bot.chat.pasted import spoken_signal, understood_anew
from bot.chat.people import Known, denied, known, lately_denied, redeem
from bot.chat.permissions import command_of, press_permission
from bot.chat.render import control, replies
from bot.desk.enter import write
from bot.desk.mandate import active
from bot.domain.events_control import CommandExpired, CommandGiven, CommandRefused
from bot.domain.ids import RequestKey
from bot.domain.principal import Permission, Principal, Role, may, principal_of
from bot.domain.refusal import Refusal
from bot.ports.ledger import Tx
from bot.ports.messenger import Delivered, Message, Messenger

log = logging.getLogger(__name__)

KEYBOARD = (("Positions", "PnL", "Orders"), ("Long", "Short", "Alerts"), ("Inbox", "Health", "Menu"))
TOAST_MAX = 200
AWAITED = timedelta(seconds=60)
# Cards of which a chat has one each, and which people ask for anew.
HELD = ("position:", "notify")
# Answers to a proposal that only stop or show something are never stale.
CALM = frozenset({"n", "v", "w", "x", "rj"})


@dataclass(frozen=True, slots=True)
class Door:
    """The way in: the counter, the tables of handlers, and the bot for what is best effort only."""

    counter: Counter
    bot: Bot
    messenger: Messenger
    commands: Mapping[str, Handler]
    presses: Mapping[str, Handler]
    questions: Mapping[str, Handler]
    counts: Counts = field(default_factory=Counts)

    async def serve(self, arrived: Arrived) -> None:
        """Serve one update to its end."""
        heard, counter = arrived.heard, self.counter
        ledger, clock = counter.desk.seat.ledger, counter.desk.seat.clock
        who = await ledger.read(lambda tx: known(tx, heard.person, counter.now()))
        entered = enter(heard, who, self.counts, counter.rules, clock.monotonic())
        if isinstance(entered, Principal):
            if isinstance(heard, Said):
                await self._said(heard, entered, who)
            elif isinstance(heard, Forwarded):
                await self._forwarded(heard, entered)
            else:
                await self._pressed(heard, entered, arrived.stale)
        elif isinstance(entered, Stranger) and not isinstance(heard, Forwarded):
            await self._stranger(heard, entered)
        else:
            await self._close(heard.update, "not in this chat")

    async def unheard(self, heard: Heard) -> bool:
        """Tell whether this is a stranger who gets silence: then it need not even be stored (security T18).

        Storing is what costs: a flood of strangers would make the people of the desk wait behind it.
        """
        seat, code = self.counter.desk.seat, code_of(heard) is not None
        if not heard.private:
            return False
        now = seat.clock.monotonic()
        if not self.counts.fresh(now):
            people = await seat.ledger.read(lambda tx: tx.people.all())
            self.counts.hold(frozenset(one.person for one in people if one.active), now)
        if heard.person in self.counts.members:
            return False
        return not self.counts.heeded(heard.person, now, self.counter.rules, code=code)

    def strange(self, heard: Heard) -> bool:
        """Tell whether somebody in a private chat was no member when the members were last read."""
        return heard.private and heard.person not in self.counts.members

    async def _said(self, said: Said, principal: Principal, who: Known) -> None:
        if who.question is not None and said.private and not said.command:
            call = replace(_call(said, principal, "menu"), asked=who.question, words=said.text)
            handler = self.questions[str(who.question["what"])]
            await self._run(call, handler)
            return
        if looks_secret(said):
            await self._finish(_call(said, principal, "menu"), Reply(
                cards=(replies.late_secret(self.counter.chip),), delete=True
            ), note="a PIN too late")
            return
        understood = read(said.text, command=said.command)
        if said.private and not said.command:
            understood = understood_anew(said.text, understood)
        if not said.private and said.chat not in who.groups and not _opens(understood, principal):
            await self._close(said.update, "not in this chat")
            return
        if isinstance(understood, Misunderstood):
            nearest = (understood.nearest.name,) if understood.nearest is not None else ()
            card = control.hint(
                f"No command {understood.word}. Nothing was done.", self.counter.chip, nearest=nearest,
                example=understood.nearest.example if understood.nearest is not None else "/help",
            )
            await self._finish(_call(said, principal, "menu"), Reply(cards=(card,)), note="not understood")
            return
        call = _call(said, principal, understood.spec.name)
        no = self._refusal(said, principal, understood)
        if no is not None:
            await self._refuse(call, said.text, no, "Not done")
        elif isinstance(understood, Unclear):
            await self._refuse(call, said.text, understood.refusal, "Not understood")
        elif isinstance(understood, Spoken):
            call = replace(call, args=understood.args, words=understood.words)
            await self._run(call, self.commands[understood.spec.name])

    async def _forwarded(self, passed: Forwarded, principal: Principal) -> None:
        """Read what was forwarded as a signal, where this person may trade; it is never anything else (FF-94)."""
        spoken = spoken_signal(passed.text)
        if not passed.private or not may(principal, spoken.spec.permission):
            await self._close(passed.update, "forwarded")
            return
        call = replace(_call(passed, principal, "signal"), source=passed.source)
        no = self._refusal(passed, principal, spoken)
        if no is not None:
            await self._refuse(call, passed.text, no, "Not done")
            return
        await self._run(replace(call, args=spoken.args, words=spoken.words), self.commands["signal"])

    def _refusal(self, said: Said | Forwarded, principal: Principal, understood: Spoken | Unclear) -> Refusal | None:
        wanted = permission_of(understood) if isinstance(understood, Spoken) else understood.spec.permission
        private = said.private or understood.spec.name == "start"
        rules, clock = self.counter.rules, self.counter.desk.seat.clock
        return (
            permitted(principal, wanted, private=private)
            or fresh(wanted, said.at, self.counter.now(), rules)
            or counted(principal, wanted, self.counts, rules, clock.monotonic())
        )

    async def _pressed(self, pressed: Pressed, principal: Principal, stale: bool) -> None:
        press = read_press(pressed.data)
        wanted = press_permission(press) if press is not None else None
        if press is None or wanted is None or pressed.chat is None:
            await self._toast(pressed, "This button is not mine any more.", loud=True)
            await self._close(pressed.update, "unknown button")
            return
        no = permitted(principal, wanted, private=pressed.private)
        risky = wanted not in SAFE or (press.kind == "p" and press.verb.partition("-")[0] not in CALM)
        if no is None and not pressed.private and risky:
            no = permitted(principal, Permission.CONTROL, private=False)
        if no is not None:
            await self._toast(pressed, str(no), loud=True)
            await self._note(pressed.update, CommandRefused(
                person=principal.person, words=pressed.data, reasons=no.reasons
            ), principal)
            return
        if stale and risky:
            await self._toast(
                pressed, "I was away when you pressed this. Press again if you still mean it.", loud=True
            )
            await self._close(pressed.update, "stale press")
            return
        name = command_of(press) or "menu"
        call = Call(
            principal=principal, chat=pressed.chat, private=pressed.private, update=pressed.update,
            key=RequestKey(f"tg:{pressed.chat}:{pressed.message}:{pressed.data}"), spec=BY_NAME[name], press=press,
            ref=pressed.message,
        )
        await self._run(call, self.presses[press.kind], pressed)

    async def _run(self, call: Call, handler: Handler, pressed: Pressed | None = None) -> None:
        """Let the command act, then queue what it says; what follows runs while the press is acknowledged."""
        reply = await handler(self.counter, call)
        if reply.then is None:
            await self._finish(call, reply, pressed=pressed)
            return
        first = replace(reply, then=None)
        await self._queue(call, first, closing=False)
        async with asyncio.TaskGroup() as both:
            if pressed is not None:
                both.create_task(self._toast(pressed, reply.toast, loud=reply.loud))
            after = both.create_task(_awaited(reply))
        await self._finish(call, after.result())

    async def _finish(
        self, call: Call, reply: Reply, *, pressed: Pressed | None = None, note: str | None = None
    ) -> None:
        await self._queue(call, reply, closing=True, note=note)
        if pressed is not None:
            await self._toast(pressed, reply.toast, loud=reply.loud)
        await self._best_effort(call, reply)

    async def _queue(self, call: Call, reply: Reply, *, closing: bool, note: str | None = None) -> None:
        def work(tx: Tx) -> None:
            now = self.counter.now()
            if reply.work is not None:
                reply.work(tx)
            for card in reply.cards:
                # Somebody waits for it: an answer is told by itself, however much else is queued.
                more = {"anew": True} if self._far_up(tx, call, card, now) else {}
                show(tx, call.chat, card, now, until=(now + AWAITED).isoformat(), **more)
            if closing:
                if call.spec.permission not in (Permission.READ, Permission.TRADE) and call.asked is None:
                    given = CommandGiven(
                        person=call.principal.person, name=call.spec.name, words=call.words[:200]
                    )
                    write(tx, given, now, call.actor)
                if may(call.principal, Permission.APPROVE):
                    active(tx, now)
                done(tx, call.update, now, note)

        await self.counter.desk.seat.ledger.transact(work)
        self.counter.wake()

    def _far_up(self, tx: Tx, call: Call, card: Card, now: datetime) -> bool:
        """Tell whether a position's card has scrolled away: who asks for it anew must not look at nothing happening."""
        if card.key is None or not card.key.startswith(HELD):
            return False
        before = rows_of(tx, call.chat, card.key)
        if not before or (call.press is not None and call.ref == before[-1].ref):
            return False
        return (now - before[-1].queued_at).total_seconds() > self.counter.rules.repeat_s

    async def _best_effort(self, call: Call, reply: Reply) -> None:
        """Do what may fail without harm: show another page in place, hide a secret, refresh keyboard and menu."""
        if reply.edit is not None and call.ref is not None:
            await self.messenger.retell(call.chat, call.ref, to_message(to_body(reply.edit)))
        try:
            if reply.delete and call.ref is not None:
                await self.bot.delete_message(call.chat, call.ref)
            for ref in reply.away:
                await self.bot.delete_message(call.chat, ref)
            if reply.secret is not None and call.private:
                await self._secretly(call, reply.secret, fleeting=reply.fleeting)
            if reply.keys and call.private:
                await self.bot.send_message(
                    call.chat, "The keys below: the lists used most.", disable_notification=True,
                    reply_markup=ReplyKeyboardMarkup(KEYBOARD, resize_keyboard=True, is_persistent=True),
                )
            if reply.menus:
                people = await self.counter.desk.seat.ledger.read(lambda tx: tx.people.all())
                for person in people:
                    await set_menu(self.bot, person)
        except TelegramError as fault:
            log.info("Not shown: %s", fault.message)

    async def _secretly(self, call: Call, message: Message, *, fleeting: bool) -> None:
        """Send what no row may hold, and note its number where it has to be taken away again."""
        told = await self.messenger.tell(call.chat, message)
        if isinstance(told, Delivered) and fleeting:
            place, ref = f"shown:{call.principal.person}", told.ref
            now = self.counter.now()
            await self.counter.desk.seat.ledger.transact(lambda tx: tx.desk.set_value(place, {"ref": ref}, now))

    async def _refuse(self, call: Call, words: str, no: Refusal, what: str) -> None:
        example, topic = (call.spec.example, call.spec.name) if what == "Not understood" else ("", "")
        card = control.refusal(no, self.counter.chip, reuse=example, topic=topic, tried=words)

        def work(tx: Tx) -> None:
            if no.code == "command_old":
                age = int(no.reasons[0].value.split()[0])
                fact: CommandExpired | CommandRefused = CommandExpired(
                    person=call.principal.person, words=words[:200], age_s=age
                )
            elif what == "Not done":
                fact = CommandRefused(person=call.principal.person, words=words[:200], reasons=no.reasons)
            else:
                return
            write(tx, fact, self.counter.now(), call.actor)

        await self._finish(call, Reply(cards=(card,), work=work), note=no.code)

    async def _stranger(self, heard: Said | Pressed, stranger: Stranger) -> None:
        """Let somebody in by a code; else give their one line, write it down, and be silent."""
        now, code = self.counter.now(), code_of(heard)
        person = None
        if code is not None:
            found = await self.counter.desk.seat.ledger.transact(
                lambda tx: redeem(tx, code, heard.person, heard.name, now)
            )
            person = None if isinstance(found, Refusal) else found
            self.counts.forget()
        if person is not None and isinstance(heard, Said):
            call = _call(heard, principal_of(person, heard.chat), "start")
            await self._run(call, self.commands["start"])
            return

        def work(tx: Tx) -> None:
            again = timedelta(seconds=self.counter.rules.stranger_pause_s)
            if not stranger.answer or lately_denied(tx, heard.person, now, again):
                done(tx, heard.update, now, "stranger")
                return
            denied(tx, heard.person, heard.name, heard.chat, "not known here", now)
            if heard.chat is not None:
                show(tx, heard.chat, control.unknown_sender(heard.person), now)
            done(tx, heard.update, now, "stranger")

        await self.counter.desk.seat.ledger.transact(work)
        self.counter.wake()

    async def _note(self, update: int, fact: CommandRefused, principal: Principal) -> None:
        def work(tx: Tx) -> None:
            write(tx, fact, self.counter.now(), f"person:{principal.person}")
            done(tx, update, self.counter.now(), "not permitted")

        await self.counter.desk.seat.ledger.transact(work)

    async def _close(self, update: int, note: str) -> None:
        await self.counter.desk.seat.ledger.transact(lambda tx: done(tx, update, self.counter.now(), note))

    async def _toast(self, pressed: Pressed, words: str, *, loud: bool = False) -> None:
        try:
            await self.bot.answer_callback_query(pressed.query, words[:TOAST_MAX] or None, show_alert=loud or None)
        except TelegramError as fault:
            # Too old, or no connection: the row has decided, the card tells the outcome (FF-95).
            log.info("A press was not acknowledged: %s", fault.message)


async def _awaited(reply: Reply) -> Reply:
    assert reply.then is not None
    return await reply.then()


def _call(said: Said | Forwarded, principal: Principal, name: str) -> Call:
    return Call(
        principal=principal, chat=said.chat, private=said.private, update=said.update,
        key=RequestKey(f"tg:{said.chat}:{said.message}"), spec=BY_NAME[name], ref=said.message,
        quoted=said.quoted if isinstance(said, Said) else None,
    )


def code_of(heard: Heard) -> str | None:
    """Give the invitation code that somebody brings by /start; None for everything else."""
    if not isinstance(heard, Said) or not heard.private:
        return None
    head, _, rest = heard.text.partition(" ")
    return rest.strip() if head.partition("@")[0] == "/start" and rest.strip() else None


def _opens(understood: Spoken | Unclear | Misunderstood, principal: Principal) -> bool:
    """Tell whether an owner opens a group by /start."""
    return isinstance(understood, Spoken) and understood.spec.name == "start" and Role.OWNER in principal.roles
