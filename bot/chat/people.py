"""Know people: the first owner by a code from the console, others by invitation, roles, and who is not welcome.

Every function works inside a transaction and writes its journal line with its effect. Codes are kept as hashes.
"""
from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.chat import stepup
from bot.chat.seal import Unsealable, unseal
from bot.chat.stepup import Factor, Proof
from bot.domain.events_control import PersonChanged, PersonDenied, StepUpFailed
from bot.domain.ids import PersonId
from bot.domain.principal import Person, Role
from bot.domain.refusal import Refusal, refuse
from bot.ports.ledger import Tx
from bot.ports.ledger_rows import Plain

log = logging.getLogger(__name__)

CODE_LENGTH = 12
CODE_LIFE, CODE_TRIES = timedelta(minutes=10), 3
INVITATION_LIFE = timedelta(hours=24)
FIRST = "first_owner"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a transaction knows of a sender."""

    person: Person | None
    question: Plain | None
    groups: frozenset[int]
    enrolled: bool


def known(tx: Tx, person: PersonId, now: datetime) -> Known:
    """Read a sender: person, the question put to them that is still open, registered groups."""
    question = tx.desk.value(f"asked:{person}")
    if question is not None and (not question or question["until"] < now.timestamp()):
        question = None
    groups = frozenset(int(one) for one, on in (tx.desk.value("groups") or {}).items() if on)
    return Known(
        person=tx.people.get(person), question=question, groups=groups, enrolled=factor_of(tx, person).enrolled
    )


def owners(tx: Tx) -> tuple[Person, ...]:
    """List the owners who are still welcome."""
    return tuple(one for one in tx.people.all() if one.active and Role.OWNER in one.roles)


def new_first_code(tx: Tx, token: str, now: datetime) -> bool:
    """Keep a code for the first owner; False, and nothing kept, where there is an owner already."""
    if owners(tx):
        return False
    tx.desk.set_value(FIRST, {"hash": _hash(token), "until": (now + CODE_LIFE).timestamp(), "tries": 0}, now)
    return True


def new_invitation(tx: Tx, token: str, role: Role, by: PersonId, now: datetime) -> None:
    """Keep an invitation for one use within a day."""
    tx.desk.set_value(
        f"invite:{_hash(token)}",
        {"role": role.value, "by": by, "until": (now + INVITATION_LIFE).timestamp(), "used": False},
        now,
    )


def redeem(tx: Tx, code: str, person: PersonId, name: str, now: datetime) -> Person | Refusal:
    """Let a stranger in by a code; gives the person, or one sentence that tells a guesser nothing."""
    no = refuse("code_wrong", "This code is not valid.", "Ask an owner for a new link.")
    before = tx.people.get(person)
    first = tx.desk.value(FIRST)
    if first and not owners(tx):
        if first["until"] < now.timestamp() or first["tries"] >= CODE_TRIES:
            return no
        if first["hash"] == _hash(code):
            tx.desk.set_value(FIRST, {}, now)
            return save(tx, before, Person(
                person=person, name=name, roles=frozenset({Role.OWNER}), active=True, since=now
            ), by=None, now=now)
        tx.desk.set_value(FIRST, {**first, "tries": first["tries"] + 1}, now)
        return no
    place = f"invite:{_hash(code)}"
    invitation = tx.desk.value(place)
    if not invitation or invitation["used"] or invitation["until"] < now.timestamp():
        return no
    by = PersonId(invitation["by"])
    inviter = tx.people.get(by)
    if inviter is None or not inviter.active or Role.OWNER not in inviter.roles:
        return no
    tx.desk.set_value(place, {**invitation, "used": True}, now)
    roles = (before.roles if before is not None and before.active else frozenset()) | {Role(invitation["role"])}
    return save(tx, before, Person(
        person=person, name=name, roles=roles, active=True, since=now, invited_by=by
    ), by=by, now=now)


def set_role(tx: Tx, person: PersonId, role: Role, by: PersonId, now: datetime) -> Person | Refusal:
    """Give a known person exactly this role; the last owner stays one."""
    before = tx.people.get(person)
    if before is None:
        return refuse("person_unknown", f"Nobody here has the number {person}.", "See /users, or /invite somebody.")
    if _last_owner(tx, before) and role is not Role.OWNER:
        return refuse("last_owner", "This is the last owner.", "Make somebody else an owner first.")
    # What they were being asked for was asked of the role they had.
    tx.desk.set_value(f"asked:{person}", {}, now)
    return save(tx, before, replace(before, roles=frozenset({role}), active=True), by=by, now=now)


def revoke(tx: Tx, person: PersonId, by: PersonId, now: datetime) -> Person | Refusal:
    """Take a person's access; their open buttons die with it, for every press asks for the role anew."""
    before = tx.people.get(person)
    if before is None or not before.active:
        return refuse("person_unknown", f"Nobody here has the number {person}.", "See /users.")
    if _last_owner(tx, before):
        return refuse("last_owner", "This is the last owner.", "Make somebody else an owner first.")
    tx.desk.set_value(f"asked:{person}", {}, now)
    return save(tx, before, replace(before, active=False), by=by, now=now)


def save(tx: Tx, before: Person | None, after: Person, *, by: PersonId | None, now: datetime) -> Person:
    """Store a person and write who made them what."""
    tx.people.save(after)
    fact = PersonChanged(was=before, now=after, by=by)
    actor = f"person:{by}" if by is not None else "local"
    tx.journal.append(fact, at=now, actor=actor, subject=str(after.person))
    return after


def denied(tx: Tx, person: int, name: str, chat: int | None, what: str, now: datetime) -> None:
    """Write that somebody was turned away."""
    fact = PersonDenied(person=person, name=name[:64], chat=chat, what=what)
    tx.journal.append(fact, at=now, actor=f"stranger:{person}", subject=str(person))


def lately_denied(tx: Tx, person: int, now: datetime, within: timedelta) -> bool:
    """Tell whether somebody was turned away lately, by an earlier process too."""
    return any(isinstance(one.fact, PersonDenied) and now - one.at < within for one in tx.journal.about(str(person), 5))


def factor_of(tx: Tx, person: PersonId) -> Factor:
    """Read a person's second factor."""
    return stepup.from_plain(tx.desk.value(f"stepup:{person}"))


def keep_factor(tx: Tx, person: PersonId, factor: Factor, now: datetime) -> None:
    """Store a person's second factor; the ledger's export leaves it out."""
    tx.desk.set_value(f"stepup:{person}", stepup.to_plain(factor), now)


def prove(tx: Tx, person: PersonId, given: str, now: datetime, seal_key: bytes = b"") -> Proof:
    """Check a second factor and keep the count of failures with it.

    Codes of an app count only where `seal_key` opens their secret; a lost key leaves the PIN.
    """
    kept = factor_of(tx, person)
    proof = stepup.prove(replace(kept, totp=_opened(kept.totp, seal_key, person)), given, now)
    keep_factor(tx, person, replace(proof.factor, totp=kept.totp), now)
    if not proof.right:
        failed = StepUpFailed(person=person, failures=proof.factor.failures, locked_until=proof.locked_until)
        tx.journal.append(failed, at=now, actor=f"person:{person}", subject=str(person))
    return proof


def _opened(sealed: str | None, key: bytes, person: PersonId) -> str | None:
    if sealed is None:
        return None
    try:
        return unseal(key, sealed)
    except Unsealable as why:
        log.error("The app codes of %s cannot be checked: %s", person, why)
        return None


def seed(tx: Tx, rows: Iterable[dict[str, Any]], salt: str, now: datetime) -> int:
    """Store the sandbox's people (name, id, roles, pin) where they are not known yet; gives how many were new."""
    new = 0
    for row in rows:
        person = PersonId(int(row["id"]))
        if tx.people.get(person) is not None:
            continue
        roles = frozenset(Role(one) for one in row["roles"])
        # Data of the sandbox, not an event anybody has to be told of.
        tx.people.save(Person(person=person, name=str(row["name"]), roles=roles, active=True, since=now))
        if row.get("pin"):
            keep_factor(tx, person, Factor(pin=stepup.hashed(str(row["pin"]), salt)), now)
        new += 1
    return new


def _last_owner(tx: Tx, person: Person) -> bool:
    return Role.OWNER in person.roles and person.active and len(owners(tx)) == 1


def _hash(code: str) -> str:
    return hashlib.sha256(code.strip().lower().encode()).hexdigest()[:40]


def until(now: datetime, seconds: float) -> float:
    """Give the end of a span as seconds since 1970, as kept in the ledger."""
    return (now.astimezone(UTC) + timedelta(seconds=seconds)).timestamp()
