"""Know who speaks: persons, their roles, and what a role permits."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from bot.domain.ids import PersonId


class Role(Enum):
    """What a person is to the desk; OWNER holds the other three."""

    VIEWER = "VIEWER"
    TRADER = "TRADER"
    APPROVER = "APPROVER"
    OWNER = "OWNER"


class Permission(Enum):
    """What an action needs (security section 3)."""

    READ = "READ"
    REDUCE = "REDUCE"
    STOP = "STOP"
    TRADE = "TRADE"
    APPROVE = "APPROVE"
    CONTROL = "CONTROL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """An authenticated person in a chat, as the gate resolved them."""

    person: PersonId
    roles: frozenset[Role]
    name: str = ""
    chat: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A row of the people table: numeric id, display name (never an identity), roles, and whether still welcome."""

    person: PersonId
    name: str
    roles: frozenset[Role]
    active: bool
    since: datetime
    invited_by: PersonId | None = None


PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.VIEWER: frozenset({Permission.READ}),
    Role.TRADER: frozenset({Permission.READ, Permission.REDUCE, Permission.STOP, Permission.TRADE}),
    Role.APPROVER: frozenset({Permission.READ, Permission.APPROVE}),
    Role.OWNER: frozenset(Permission),
}


def permissions(roles: frozenset[Role]) -> frozenset[Permission]:
    """Give all that a set of roles permits; nothing for none (deny by default, FF-104)."""
    return frozenset(permission for role in roles for permission in PERMISSIONS[role])


def may(principal: Principal, permission: Permission) -> bool:
    """Tell whether a person may do what needs this permission: one table for typed words and taps."""
    return permission in permissions(principal.roles)


def principal_of(person: Person, chat: int | None = None) -> Principal:
    """Give the principal of a stored person; somebody no longer welcome has no role."""
    roles = person.roles if person.active else frozenset()
    return Principal(person=person.person, roles=roles, name=person.name, chat=chat)
