"""Keep people: numeric ids, names that identify nobody, roles, and whether they are still welcome."""
from __future__ import annotations

from typing import Any

from sqlalchemy import Row, insert

from bot.adapters.store.link import Link
from bot.adapters.store.statements import change, pick
from bot.adapters.store.tables_desk import people
from bot.domain.ids import AccountId, PersonId
from bot.domain.principal import Person, Role

INSERT = insert(people)
CHANGE = change(people, "person")
GET = pick(people, "person")
ALL = pick(people).order_by(people.c.person)


def from_row(row: Row[Any]) -> Person:
    """Read a person back."""
    return Person(
        person=PersonId(row.person),
        name=row.name,
        roles=frozenset(Role(role) for role in row.roles),
        active=row.active,
        since=row.since,
        invited_by=row.invited_by,
    )


class StoredPeople:
    """The repository behind `ports.ledger_desk.People`."""

    __slots__ = ("_account", "_link")

    def __init__(self, account: AccountId, link: Link) -> None:
        """Bind to an account and the open transaction."""
        self._account = account
        self._link = link

    def save(self, person: Person) -> None:
        """Store a person."""
        row = {
            "account": self._account,
            "person": person.person,
            "name": person.name,
            "roles": sorted(role.value for role in person.roles),
            "active": person.active,
            "since": person.since,
            "invited_by": person.invited_by,
        }
        keys = {"key_account": self._account, "key_person": person.person}
        if self._link.run(CHANGE, {**row, **keys}).rowcount == 0:
            self._link.run(INSERT, row)

    def get(self, person: PersonId) -> Person | None:
        """Find by numeric id."""
        row = self._link.run(GET, {"key_account": self._account, "key_person": person}).first()
        return None if row is None else from_row(row)

    def all(self) -> tuple[Person, ...]:
        """List everybody, by id."""
        return tuple(from_row(row) for row in self._link.run(ALL, {"key_account": self._account}))
