"""Ask for the second factor before something raising, then carry exactly that out (security section 3)."""
from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from bot.chat import people, questions
from bot.chat.call import Call, Counter, Reply
from bot.chat.render import replies
from bot.chat.stepup import FAILURES, PIN, SHORTEST_PIN, Factor, hashed
from bot.desk.enter import write
from bot.domain.events_control import SettingChanged
from bot.ports.ledger import Tx
from bot.ports.ledger_rows import Plain

Act = Callable[[Counter, Call, Plain], Awaitable[Reply]]
SALT = 16


async def demand(counter: Counter, call: Call, act: str, words: str, **what: Any) -> Reply:
    """Ask for PIN or code; `act` with `what` is done once it was right, and nothing else can be."""
    person = call.principal.person
    factor = await counter.desk.seat.ledger.read(lambda tx: people.factor_of(tx, person))
    if not factor.enrolled:
        card = replies.said(
            counter.chip, "This needs your PIN", "You have none yet. Set one with /pin in our private chat.",
        )
        return Reply(cards=(card,), toast="This needs your PIN; set one with /pin.", loud=True)
    card = replies.typed(
        counter.chip, "Type your PIN or code", words,
        "It is valid for this alone; your message is deleted at once.",
    )

    def work(tx: Tx) -> None:
        questions.put(tx, person, "pin", counter.now(), counter.rules.step_up_s, act=act, data=what)

    return Reply(cards=(card,), work=work, toast="Type your PIN.")


def answer_with(acts: dict[str, Act]) -> Callable[[Counter, Call], Awaitable[Reply]]:
    """Make the reader of typed PINs over what may be done with them."""

    async def answered(counter: Counter, call: Call) -> Reply:
        """Check a typed PIN; right: do the one thing it was asked for."""
        asked, person = call.asked or {}, call.principal.person

        def check(tx: Tx) -> tuple[bool, bool]:
            now = counter.now()
            proof = people.prove(tx, person, call.words, now)
            if proof.right or proof.locked_until is not None:
                questions.drop(tx, person, now)
            return proof.right, proof.locked_until is not None

        right, locked = await counter.desk.seat.ledger.transact(check)
        if right:
            reply = await acts[str(asked["act"])](counter, call, dict(asked["data"]))
            return replace(reply, delete=True)
        words = (f"Locked for 15 minutes after {FAILURES} wrong tries. Stopping and closing still work."
                 if locked else "That was not right. Type it again, or press Cancel.")
        return Reply(cards=(replies.said(counter.chip, "Wrong PIN or code", words),), delete=True)

    return answered


async def pin(counter: Counter, call: Call) -> Reply:
    """Serve /pin: ask for a new PIN; whoever has a factor proves it first."""
    factor = await counter.desk.seat.ledger.read(lambda tx: people.factor_of(tx, call.principal.person))
    if factor.enrolled:
        return await demand(counter, call, "new_pin", "Then choose a new one.")
    return await ask_new(counter, call, {})


async def ask_new(counter: Counter, call: Call, _: Plain) -> Reply:
    """Ask for the new PIN."""
    card = replies.typed(counter.chip, "Type a new PIN", f"{SHORTEST_PIN} to 12 digits; your message is deleted.")
    person = call.principal.person

    def work(tx: Tx) -> None:
        questions.put(tx, person, "new_pin", counter.now(), counter.rules.step_up_s)

    return Reply(cards=(card,), work=work)


async def keep_new(counter: Counter, call: Call) -> Reply:
    """Keep the new PIN; TOTP, if any, stays."""
    given, person = call.words.strip(), call.principal.person
    if not PIN.fullmatch(given):
        words = f"A PIN is {SHORTEST_PIN} to 12 digits. Type it again."
        return Reply(cards=(replies.typed(counter.chip, "Not a PIN", words),), delete=True)
    salt = counter.desk.seat.ids.new_token(SALT)

    def work(tx: Tx) -> None:
        now = counter.now()
        before = people.factor_of(tx, person)
        people.keep_factor(tx, person, Factor(pin=hashed(given, salt), totp=before.totp, last_step=before.last_step),
                           now)
        questions.drop(tx, person, now)
        write(tx, SettingChanged(name="pin", was=None, now="set", by=person), now, call.actor)

    card = replies.said(counter.chip, "PIN kept", "It will be asked for before anything that raises risk.")
    return Reply(cards=(card,), work=work, delete=True)
