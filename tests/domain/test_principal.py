from __future__ import annotations

import pytest

from bot.domain.ids import PersonId
from bot.domain.principal import Permission, Person, Principal, Role, may, permissions, principal_of
from tests.domain.builders import NOON

P = Permission
ME = PersonId(7)


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (Role.VIEWER, {P.READ}),
        (Role.TRADER, {P.READ, P.REDUCE, P.STOP, P.TRADE}),
        (Role.APPROVER, {P.READ, P.APPROVE}),
        (Role.OWNER, set(P)),
    ],
)
def test_what_each_role_permits(role: Role, allowed: set[Permission]) -> None:
    """Security section 3: approver is not implied by trader, owner holds all."""
    principal = Principal(person=ME, roles=frozenset({role}))
    assert {permission for permission in P if may(principal, permission)} == allowed


def test_nobody_may_anything_without_a_role() -> None:
    """FF-104: an empty list means nobody."""
    assert permissions(frozenset()) == frozenset()


def test_roles_add_up() -> None:
    assert permissions(frozenset({Role.TRADER, Role.APPROVER})) == frozenset(P) - {P.CONTROL}


def test_a_person_no_longer_welcome_has_no_role() -> None:
    gone = Person(person=ME, name="Ana", roles=frozenset({Role.OWNER}), active=False, since=NOON)
    assert principal_of(gone).roles == frozenset()
    assert principal_of(Person(person=ME, name="Ana", roles=frozenset({Role.OWNER}), active=True, since=NOON), 9) == (
        Principal(person=ME, roles=frozenset({Role.OWNER}), name="Ana", chat=9)
    )
