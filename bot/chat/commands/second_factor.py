"""Ask for the second factor before something raising, then carry exactly that out (security section 3)."""
from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

import pyotp

from bot.chat import people, questions, stepup
from bot.chat.call import Call, Counter, Reply
from bot.chat.card import to_body, to_message
from bot.chat.render import replies
from bot.chat.render.text import code, rich
from bot.chat.seal import seal, unseal
from bot.chat.stepup import FAILURES, PIN, SHORTEST_PIN, Factor, hashed
from bot.desk.enter import write
from bot.domain.events_control import SettingChanged
from bot.domain.ids import ALPHABET
from bot.domain.principal import Permission, may
from bot.ports.ledger import Tx
from bot.ports.ledger_rows import Plain

Act = Callable[[Counter, Call, Plain], Awaitable[Reply]]
SALT = 16
# 32 letters of five bits: the 160 bits that RFC 4226 asks for.
SECRET, BASE32 = 32, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


async def demand(counter: Counter, call: Call, act: str, words: str, **what: Any) -> Reply:
    """Ask for PIN or code; `act` with `what` is done once it was right, and nothing else can be."""
    person = call.principal.person
    factor = await counter.desk.seat.ledger.read(lambda tx: people.factor_of(tx, person))
    if not factor.enrolled:
        card = replies.said(
            counter.chip, "This needs your PIN", "You have none yet. Set one with /pin, or an app with /totp.",
        )
        return Reply(cards=(card,), toast="This needs your PIN; set one with /pin.", loud=True)
    card = replies.typed(
        counter.chip, "Type your PIN or code", words,
        "It is valid for this alone; your message is deleted at once.",
    )

    def work(tx: Tx) -> None:
        questions.put(tx, person, "pin", counter.now(), counter.rules.step_up_s, act=act, data=what)

    return Reply(cards=(card,), work=work, toast="Type your PIN.")


def answer_with(
    acts: dict[str, Act], needs: Mapping[str, Permission]
) -> Callable[[Counter, Call], Awaitable[Reply]]:
    """Make the reader of typed PINs over what may be done with them, and by whom: the role may be another by now."""

    async def answered(counter: Counter, call: Call) -> Reply:
        """Check a typed PIN; right: do the one thing it was asked for."""
        asked, person = call.asked or {}, call.principal.person

        def check(tx: Tx) -> tuple[bool, bool]:
            now = counter.now()
            proof = people.prove(tx, person, call.words, now, counter.seal_key)
            if proof.right or proof.locked_until is not None:
                questions.drop(tx, person, now)
            return proof.right, proof.locked_until is not None

        right, locked = await counter.desk.seat.ledger.transact(check)
        needed = needs.get(str(asked["act"]))
        if right and needed is not None and not may(call.principal, needed):
            words = "Your role does not allow it any more; nothing was done."
            return Reply(cards=(replies.said(counter.chip, "Not done", words),), delete=True)
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


async def totp(counter: Counter, call: Call) -> Reply:
    """Serve /totp: set up codes from an authenticator app; whoever has a factor proves it first."""
    if not call.private:
        card = replies.said(counter.chip, "Only in private", "Write /totp in our private chat.")
        return Reply(cards=(card,))
    factor = await counter.desk.seat.ledger.read(lambda tx: people.factor_of(tx, call.principal.person))
    if factor.enrolled:
        return await demand(counter, call, "new_totp", "Then an authenticator app is set up.")
    return await show_totp(counter, call, {})


async def show_totp(counter: Counter, call: Call, _: Plain) -> Reply:
    """Show a new secret once, as a picture to scan, and ask for its first code.

    The picture is sent past the message rows: a secret is never stored but sealed.
    """
    ids, person = counter.desk.seat.ids, call.principal.person
    secret = "".join(BASE32[ALPHABET.index(letter)] for letter in ids.new_token(SECRET))
    address = pyotp.TOTP(secret).provisioning_uri(name=call.principal.name, issuer_name="Wiredesk")
    sealed = seal(counter.seal_key, secret, ids.new_token(SALT))

    def work(tx: Tx) -> None:
        questions.put(tx, person, "new_totp", counter.now(), counter.rules.step_up_s, sealed=sealed)

    card = replies.said(
        counter.chip, "Scan this with your app", rich("Or type into it: ", code(secret)),
        "Then send me the 6 digits it shows. The picture is deleted after that.", protect=True,
    )
    return Reply(
        work=work, secret=to_message(to_body(replace(card, photo=await counter.qr(address)))), fleeting=True
    )


async def keep_totp(counter: Counter, call: Call) -> Reply:
    """Keep the new secret once a code proves that the app has it; the PIN, if any, stays."""
    asked, person = call.asked or {}, call.principal.person
    sealed = str(asked["sealed"])

    def work(tx: Tx) -> tuple[bool, int | None]:
        now = counter.now()
        proof = stepup.prove(Factor(totp=unseal(counter.seal_key, sealed)), call.words, now)
        shown = (tx.desk.value(f"shown:{person}") or {}).get("ref")
        if not proof.right:
            return False, None
        before = people.factor_of(tx, person)
        people.keep_factor(
            tx, person, Factor(pin=before.pin, totp=sealed, last_step=proof.factor.last_step), now
        )
        questions.drop(tx, person, now)
        tx.desk.set_value(f"shown:{person}", {}, now)
        write(tx, SettingChanged(name="authenticator", was=None, now="set", by=person), now, call.actor)
        return True, shown

    right, shown = await counter.desk.seat.ledger.transact(work)
    if not right:
        words = "That code does not fit. Wait for the next one; is your phone's clock right?"
        return Reply(cards=(replies.typed(counter.chip, "Not the app's code", words),), delete=True)
    card = replies.said(
        counter.chip, "Authenticator is set up", "Its codes count from now on, each once. Your PIN, if any, stays."
    )
    return Reply(cards=(card,), delete=True, away=(shown,) if shown is not None else ())


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
