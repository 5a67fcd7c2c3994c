"""One person with two accounts is no four eyes on the day the second one came in (security section 4)."""
from __future__ import annotations

from datetime import timedelta

import pytest

from bot.desk.decide import Answer, decide
from bot.desk.propose import Raised
from bot.domain.decision import Manner, Need
from bot.domain.ids import PersonId
from bot.domain.principal import Person, Role
from bot.domain.proposal import Origin, OriginKind, Proposal, terms_digest
from bot.domain.refusal import Refusal
from bot.ports.ledger import Tx
from tests.desk.trade import say
from tests.support.scripted import Bench

AUTHOR, OWNER, PUPPET, BOB = PersonId(1), PersonId(2), PersonId(3), PersonId(4)
TWO, OTHER = Need(votes=2), Need(other=True)


async def people(bench: Bench, by: PersonId, age: timedelta = timedelta(minutes=5)) -> None:
    """Keep everybody an owner; the puppet was let in by somebody, a while ago."""
    now = bench.clock.now()

    def work(tx: Tx) -> None:
        for number in (AUTHOR, OWNER, PUPPET, BOB):
            new = number == PUPPET
            tx.people.save(Person(
                person=number, name="x", roles=frozenset({Role.OWNER}), active=True,
                since=now - (age if new else timedelta(days=100)), invited_by=by if new else None,
            ))

    await bench.seat.ledger.transact(work)


async def card(bench: Bench) -> Proposal:
    author = Origin(kind=OriginKind.PERSON, name="author", person=AUTHOR)
    raised = await say(bench, "long btc 0.01 sl 2%", "k", origin=author, yes=None)
    assert isinstance(raised, Raised)
    return raised.proposal


async def vote(bench: Bench, proposal: Proposal, by: PersonId, need: Need) -> str:
    answer = Answer(yes=True, manner=Manner.BUTTON, by=by, name="x", digest=terms_digest(proposal), need=need)
    done = await decide(bench.seat, proposal.id, answer)
    return done.code if isinstance(done, Refusal) else done.state.value


async def test_the_account_an_owner_let_in_today_does_not_second_him(bench: Bench) -> None:
    await people(bench, by=OWNER)
    proposal = await card(bench)
    assert await vote(bench, proposal, OWNER, TWO) == "AWAITING"
    assert await vote(bench, proposal, PUPPET, TWO) == "new_eyes"
    assert await vote(bench, proposal, BOB, TWO) == "APPROVED"


async def test_nor_does_he_second_it(bench: Bench) -> None:
    await people(bench, by=OWNER)
    proposal = await card(bench)
    assert await vote(bench, proposal, PUPPET, TWO) == "AWAITING"
    assert await vote(bench, proposal, OWNER, TWO) == "AWAITING"
    assert await vote(bench, proposal, BOB, TWO) == "APPROVED"


async def test_nor_does_it_approve_what_its_inviter_typed(bench: Bench) -> None:
    await people(bench, by=AUTHOR)
    proposal = await card(bench)
    assert await vote(bench, proposal, PUPPET, OTHER) == "new_eyes"
    assert await vote(bench, proposal, BOB, OTHER) == "APPROVED"


@pytest.mark.parametrize(("by", "age"), [(OWNER, timedelta(hours=25)), (BOB, timedelta(minutes=5))])
async def test_a_day_later_or_let_in_by_another_its_yes_counts(bench: Bench, by: PersonId, age: timedelta) -> None:
    await people(bench, by=by, age=age)
    proposal = await card(bench)
    assert await vote(bench, proposal, OWNER, TWO) == "AWAITING"
    assert await vote(bench, proposal, PUPPET, TWO) == "APPROVED"


async def test_where_one_yes_is_enough_nobody_is_too_new(bench: Bench) -> None:
    await people(bench, by=AUTHOR)
    assert await vote(bench, await card(bench), PUPPET, Need()) == "APPROVED"
