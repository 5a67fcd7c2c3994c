"""Serve who is here: users, invitations, roles; each change asks an owner for the second factor."""
from __future__ import annotations

from bot.chat import people
from bot.chat.arguments import Grant
from bot.chat.call import Call, Counter, Handler, Reply
from bot.chat.card import to_body, to_message
from bot.chat.commands.raise_wish import no
from bot.chat.commands.second_factor import demand
from bot.chat.render import control, replies
from bot.chat.render.text import code, rich
from bot.domain.ids import PersonId
from bot.domain.principal import Role
from bot.domain.refusal import Refusal, refuse
from bot.ports.ledger import Tx
from bot.ports.ledger_rows import Plain


async def users(counter: Counter, call: Call) -> Reply:
    """Serve /users."""
    found = await counter.desk.seat.ledger.read(lambda tx: tx.people.all())
    return Reply(cards=(control.people(found, counter.chip),))


def _one(role: Role) -> str:
    name = role.value.lower()
    return f"{'an' if name[0] in 'ao' else 'a'} {name}"


async def invite(counter: Counter, call: Call) -> Reply:
    """Serve /invite: a link for one person, once, within a day."""
    grant: Grant = call.args  # type: ignore[assignment]
    return await demand(counter, call, "invite", f"To invite {_one(grant.role)}.", role=grant.role.value)


async def invited(counter: Counter, call: Call, data: Plain) -> Reply:
    """Make the link after the second factor."""
    token, role = counter.desk.seat.ids.new_token(people.CODE_LENGTH), Role(data["role"])

    def work(tx: Tx) -> None:
        people.new_invitation(tx, token, role, call.principal.person, counter.now())

    link = f"https://t.me/{counter.bot_name}?start={token}"
    card = replies.said(
        counter.chip, f"Link for one {role.value.lower()}", rich("Valid once, for 24 hours: ", code(link)),
        rich("Or let them send ", code(f"/start {token}")), protect=True,
    )
    # A row would keep the code in copies and exports for as long as it works.
    return Reply(work=work, secret=to_message(to_body(card)))


async def role(counter: Counter, call: Call) -> Reply:
    """Serve /role."""
    grant: Grant = call.args  # type: ignore[assignment]
    known = await counter.desk.seat.ledger.read(lambda tx: tx.people.get(PersonId(grant.person or 0)))
    if known is None:
        return no(counter, call, refuse(
            "person_unknown", f"Nobody here has the number {grant.person}.", "See /users, or make a link by /invite.",
        ))
    words = f"To make {known.name} ({grant.person}) {_one(grant.role)}."
    return await demand(counter, call, "role", words, person=grant.person, role=grant.role.value)


async def role_set(counter: Counter, call: Call, data: Plain) -> Reply:
    """Change the role after the second factor."""
    person = PersonId(int(data["person"]))
    done = await counter.desk.seat.ledger.transact(
        lambda tx: people.set_role(tx, person, Role(data["role"]), call.principal.person, counter.now())
    )
    return await _changed(counter, call, done)


async def revoke(counter: Counter, call: Call) -> Reply:
    """Serve /revoke."""
    return await demand(counter, call, "revoke", f"To take the access of {call.args}.", person=call.args)


async def revoked(counter: Counter, call: Call, data: Plain) -> Reply:
    """Take the access after the second factor."""
    person = PersonId(int(data["person"]))
    done = await counter.desk.seat.ledger.transact(
        lambda tx: people.revoke(tx, person, call.principal.person, counter.now())
    )
    return await _changed(counter, call, done)


async def _changed(counter: Counter, call: Call, done: object) -> Reply:
    if isinstance(done, Refusal):
        return no(counter, call, done)
    found = await counter.desk.seat.ledger.read(lambda tx: tx.people.all())
    return Reply(cards=(control.people(found, counter.chip),), menus=True)


HANDLERS: dict[str, Handler] = {"users": users, "invite": invite, "role": role, "revoke": revoke}
