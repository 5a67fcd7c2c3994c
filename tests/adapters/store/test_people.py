from __future__ import annotations

from dataclasses import replace

from bot.adapters.store.link import Link
from bot.adapters.store.tx import StoreTx
from bot.domain.ids import PersonId
from bot.domain.principal import Person, Role
from tests.adapters.store.refusals import impossible
from tests.adapters.store.values import T0

ANA = Person(
    person=PersonId(6_000_000_017), name="Ana", roles=frozenset({Role.TRADER, Role.APPROVER}), active=True, since=T0,
    invited_by=PersonId(1),
)


def test_a_person_comes_back_as_stored(tx: StoreTx) -> None:
    tx.people.save(ANA)
    boss = Person(person=PersonId(1), name="Bo", roles=frozenset({Role.OWNER}), active=True, since=T0)
    tx.people.save(boss)
    assert tx.people.get(ANA.person) == ANA
    assert tx.people.get(PersonId(3)) is None
    assert tx.people.all() == (boss, ANA)


def test_who_leaves_stays_on_record(tx: StoreTx, link: Link) -> None:
    tx.people.save(ANA)
    tx.people.save(replace(ANA, active=False, roles=frozenset()))
    assert tx.people.get(ANA.person) == replace(ANA, active=False, roles=frozenset())
    with impossible("Nothing is ever deleted from people"):
        link.plainly("DELETE FROM people")
