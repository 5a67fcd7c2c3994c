"""Tie names to what serves them: commands, kinds of buttons, questions. Every command of the grammar is here."""
from __future__ import annotations

from dataclasses import replace

from bot.chat import wizard
from bot.chat.alarms import acknowledge, open_alarms
from bot.chat.call import Call, Counter, Handler, Reply, Work
from bot.chat.commands import (
    autonomy,
    control,
    folk,
    ideas,
    limits,
    market,
    me,
    portfolio,
    reports,
    signals,
    trade,
    watchers,
)
from bot.chat.commands.raise_wish import no, propose, turn
from bot.chat.commands.second_factor import Act, answer_with, ask_new, keep_new, keep_totp, show_totp
from bot.chat.commands_table import SPECS
from bot.chat.grammar import BY_NAME, Spoken, permission_of
from bot.chat.permissions import spoken_by
from bot.chat.render import replies
from bot.desk.wish import CancelWish, CloseWish, Which
from bot.domain.ids import Symbol
from bot.domain.intent import Direction
from bot.domain.numbers import HUNDRED, parse
from bot.domain.principal import Permission, may
from bot.domain.refusal import refuse
from bot.ports.ledger import Tx

# What a chosen way may do after the second factor.
ACTS: dict[str, Act] = {
    "resume": control.resumed,
    "limits": limits.limits_set,
    "symbols": control.symbols_set,
    "auto": autonomy.auto_set,
    "answer": ideas.with_factor,
    "invite": folk.invited,
    "role": folk.role_set,
    "revoke": folk.revoked,
    "new_pin": ask_new,
    "new_totp": show_totp,
}


# The role each of them needs when the factor comes; the others ask themselves, or concern the person alone.
NEEDS = dict.fromkeys(
    ("resume", "limits", "symbols", "auto", "invite", "role", "revoke"), Permission.CONTROL
)


async def not_built(counter: Counter, call: Call) -> Reply:
    """Say honestly that a command does nothing here yet."""
    return no(counter, call, refuse(
        "not_built", f"/{call.spec.name} is not built into this desk yet; nothing was done.", "See /help for what is.",
    ))


BUILT: dict[str, Handler] = {
    **trade.HANDLERS, **portfolio.HANDLERS, **market.HANDLERS, **reports.HANDLERS, **ideas.HANDLERS,
    **control.HANDLERS, **limits.HANDLERS, **folk.HANDLERS, **me.HANDLERS, **watchers.HANDLERS,
    **autonomy.HANDLERS, **signals.HANDLERS,
}
COMMANDS: dict[str, Handler] = {spec.name: BUILT.get(spec.name, not_built) for spec in SPECS}
PAGED = {"orders": portfolio.page_of_orders, "positions": portfolio.page_of_positions}


async def command_pressed(counter: Counter, call: Call) -> Reply:
    """Serve a button that stands for a command: the same handler as for the typed one, with the same permission."""
    press = call.press
    assert press is not None
    name, verb = press.id, press.verb
    if verb == "no":
        return Reply(edit=replies.said(counter.chip, "Nothing was done"), toast="Nothing was done.",
                     work=_forget(counter, call))
    if name == "flat" and verb == "go":
        return await control.flatten(counter, call)
    if name in ("close", "cancel") and verb:
        return await _many(counter, call, name, verb)
    if name in ("long", "short"):
        return await wizard.begin(counter, call, Direction(name.upper()), Symbol(verb) if verb else None)
    if name == "limits" and verb.partition("-")[0] in ("ok", "no"):
        return await limits.raise_pressed(counter, call, verb)
    if name in PAGED and verb.isdigit():
        return await _in_place(counter, call, await PAGED[name](counter, int(verb)))
    spoken = spoken_by(press)
    if not isinstance(spoken, Spoken) or not may(call.principal, permission_of(spoken)):
        return Reply(toast="This button is not mine any more.", loud=True)
    typed = replace(call, args=spoken.args, words=spoken.words)
    reply = await COMMANDS[spoken.spec.name](counter, typed)
    return await _in_place(counter, call, reply) if spoken.spec.permission is Permission.READ else reply


def _forget(counter: Counter, call: Call) -> Work:
    def work(tx: Tx) -> None:
        tx.desk.set_value(f"asked:{call.principal.person}", {}, counter.now())

    return work


async def _many(counter: Counter, call: Call, name: str, verb: str) -> Reply:
    """Carry out a list that was shown: everything it stands for now, once per press."""
    key = await turn(counter, call)
    if name == "cancel":
        wish = CancelWish() if verb == "all" else CancelWish(symbol=verb)
        return await propose(counter, call, wish, key)
    which, _, share = verb.partition(".")
    found = next((one for one in Which if one.value.lower() == which), None)
    if found is None or found is Which.ONE:
        return Reply(toast="This button is not mine any more.", loud=True)
    wish_all = CloseWish(which=found, share=parse(share) or HUNDRED)
    return await propose(counter, call, wish_all, key)


async def _in_place(counter: Counter, call: Call, reply: Reply) -> Reply:
    """Show a list where its button was pressed, unless that message is a card that lives (dashboard, order)."""
    if len(reply.cards) != 1 or reply.cards[0].key is not None or reply.cards[0].document is not None:
        return reply
    ref = call.ref
    row = await counter.desk.seat.ledger.read(lambda tx: tx.messages.by_ref(call.chat, ref) if ref else None)
    if row is None or row.card is not None or row.body.get("photo"):
        return reply
    return replace(reply, cards=(), edit=reply.cards[0])


async def alarm_pressed(counter: Counter, call: Call) -> Reply:
    """Take a "Got it": nobody is told again, everybody sees who has seen it."""
    press = call.press
    assert press is not None
    if not press.id.isdigit():
        return Reply(toast="I do not know this alarm.", loud=True)
    seq, who = int(press.id), call.principal

    def work(tx: Tx) -> bool:
        shown = call.chat in (open_alarms(tx).get(seq) or {}).get("chats", ())
        return shown and acknowledge(tx, seq, who.person, who.name, counter.chip, counter.now())

    noted = await counter.desk.seat.ledger.transact(work)
    counter.wake()
    return Reply(toast="Noted." if noted else "This alarm is over, or was told to somebody else.")


PRESSES: dict[str, Handler] = {
    "p": ideas.pressed,
    "h": portfolio.holding_pressed,
    "o": portfolio.order_pressed,
    "c": command_pressed,
    "a": alarm_pressed,
    "w": wizard.pressed,
    "d": watchers.dash_pressed,
    "l": watchers.alert_pressed,
}
QUESTIONS: dict[str, Handler] = {
    "pin": answer_with(ACTS, NEEDS),
    "new_pin": keep_new,
    "new_totp": keep_totp,
    "wizard": wizard.answered,
    "edit": ideas.edited,
    "level": portfolio.level_typed,
    "flat": control.flat_typed,
}
UNBUILT = tuple(spec.name for spec in SPECS if spec.name not in BUILT)
assert set(BUILT) <= set(BY_NAME), "A handler without a command is dead."
