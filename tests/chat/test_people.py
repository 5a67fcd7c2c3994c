"""Codes and invitations work once and for a while, the last owner stays, secrets are not kept in the inbox."""
from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.chat import people, questions
from bot.chat.heard import Said, hear
from bot.chat.inbox import REDACTED, left_over, store
from bot.chat.stepup import Factor, hashed
from bot.domain.ids import PersonId
from bot.domain.principal import Person, Role
from bot.domain.refusal import Refusal
from bot.ports.ledger import Ledger, Tx
from tests.chat.test_heard import message, update
from tests.chat.test_stepup import NOW
from tests.support.ledgers import inline, sqlite

ANA, BEN = PersonId(7001), PersonId(7002)


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    async with inline(sqlite(tmp_path)) as opened:
        yield opened


def owner(tx: Tx) -> None:
    people.save(tx, None, Person(person=ANA, name="Ana", roles=frozenset({Role.OWNER}), active=True, since=NOW),
                by=None, now=NOW)


async def test_the_first_owner_comes_in_by_the_code_of_the_console(ledger: Ledger) -> None:
    def work(tx: Tx) -> None:
        assert people.new_first_code(tx, "abc123", NOW)
        assert isinstance(people.redeem(tx, "wrong", BEN, "Ben", NOW), Refusal)
        found = people.redeem(tx, "ABC123", ANA, "Ana", NOW + timedelta(minutes=9))
        assert isinstance(found, Person) and found.roles == {Role.OWNER}
        assert isinstance(people.redeem(tx, "abc123", BEN, "Ben", NOW), Refusal)
        assert not people.new_first_code(tx, "again", NOW)

    await ledger.transact(work)


@pytest.mark.parametrize(("tries", "minutes"), [(3, 0), (0, 11)])
async def test_the_code_dies_of_three_tries_or_ten_minutes(ledger: Ledger, tries: int, minutes: int) -> None:
    def work(tx: Tx) -> None:
        people.new_first_code(tx, "abc123", NOW)
        for _ in range(tries):
            people.redeem(tx, "guess", BEN, "Ben", NOW)
        assert isinstance(people.redeem(tx, "abc123", ANA, "Ana", NOW + timedelta(minutes=minutes)), Refusal)

    await ledger.transact(work)


async def test_an_invitation_works_once_and_dies_with_its_inviter(ledger: Ledger) -> None:
    def work(tx: Tx) -> None:
        owner(tx)
        people.new_invitation(tx, "one", Role.TRADER, ANA, NOW)
        people.new_invitation(tx, "two", Role.VIEWER, BEN, NOW)
        found = people.redeem(tx, "one", BEN, "Ben", NOW)
        assert isinstance(found, Person) and found.roles == {Role.TRADER} and found.invited_by == ANA
        assert isinstance(people.redeem(tx, "one", PersonId(9), "Cy", NOW), Refusal)
        assert isinstance(people.redeem(tx, "two", PersonId(9), "Cy", NOW), Refusal)
        people.new_invitation(tx, "late", Role.VIEWER, ANA, NOW)
        assert isinstance(people.redeem(tx, "late", PersonId(9), "Cy", NOW + timedelta(hours=25)), Refusal)

    await ledger.transact(work)


async def test_the_last_owner_stays(ledger: Ledger) -> None:
    def work(tx: Tx) -> None:
        owner(tx)
        assert isinstance(people.revoke(tx, ANA, ANA, NOW), Refusal)
        assert isinstance(people.set_role(tx, ANA, Role.VIEWER, ANA, NOW), Refusal)

    await ledger.transact(work)


async def test_a_wrong_pin_is_counted_in_the_ledger(ledger: Ledger) -> None:
    def work(tx: Tx) -> None:
        owner(tx)
        people.keep_factor(tx, ANA, Factor(pin=hashed("000000", "s")), NOW)
        assert not people.prove(tx, ANA, "111111", NOW).right
        assert people.factor_of(tx, ANA).failures == 1
        assert people.prove(tx, ANA, "000000", NOW).right and people.factor_of(tx, ANA).failures == 0

    await ledger.transact(work)


async def test_an_awaited_secret_is_never_stored(ledger: Ledger) -> None:
    def work(tx: Tx) -> None:
        owner(tx)
        questions.put(tx, ANA, "pin", NOW, 300)
        typed = update(message=message(text="424242", entities=[]))
        heard = hear(typed, "b")
        assert isinstance(heard, Said) and store(tx, typed, heard, NOW)
        kept = tx.inbox.get(9)
        assert kept is not None and "424242" not in str(kept.body) and REDACTED in str(kept.body)
        assert not store(tx, typed, heard, NOW)

    await ledger.transact(work)


@pytest.mark.parametrize(("text", "kept"), [
    ("424242", False), (" 123456789012 ", False), ("12345", True), ("/42424", True),
])
async def test_digits_that_came_too_late_are_not_stored(ledger: Ledger, text: str, kept: bool) -> None:
    """A PIN typed after its question was over is a PIN all the same."""
    def work(tx: Tx) -> None:
        owner(tx)
        typed = update(message=message(text=text, entities=[]))
        heard = hear(typed, "b")
        assert isinstance(heard, Said) and store(tx, typed, heard, NOW)
        found = tx.inbox.get(9)
        assert found is not None and (text in str(found.body)) is kept

    await ledger.transact(work)


async def test_another_role_ends_what_the_old_one_was_asked_for(ledger: Ledger) -> None:
    def work(tx: Tx) -> None:
        owner(tx)
        second = Person(person=BEN, name="Ben", roles=frozenset({Role.OWNER}), active=True, since=NOW)
        tx.people.save(second)
        questions.put(tx, BEN, "pin", NOW, 300, act="limits", data={})
        people.set_role(tx, BEN, Role.TRADER, ANA, NOW)
        assert people.known(tx, BEN, NOW).question is None

    await ledger.transact(work)


async def test_of_strangers_only_the_fact_is_kept_and_closed_after_a_restart(ledger: Ledger) -> None:
    def work(tx: Tx) -> None:
        typed = update(message=message(text="/flat please"))
        heard = hear(typed, "b")
        assert isinstance(heard, Said) and store(tx, typed, heard, NOW)
        kept = tx.inbox.get(9)
        assert kept is not None and kept.body == {}
        assert left_over(tx, NOW) == () and tx.inbox.pending() == ()

    await ledger.transact(work)
