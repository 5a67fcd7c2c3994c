"""What leaves is what was approved, by somebody who still may: one step in any field is refused (T4, FF-108)."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

import pytest

from bot.desk.decide import Answer, decide
from bot.desk.facts import gather
from bot.desk.propose import Raised
from bot.desk.verdict import Planned, plan_order
from bot.domain.decision import Manner, Need
from bot.domain.ids import PersonId
from bot.domain.principal import Person, Role
from bot.domain.proposal import Proposal, ProposalState, terms_digest
from bot.domain.refusal import Refusal
from tests.desk.trade import ANA, say
from tests.support.scripted import BTC, Bench

WORDS = "long btc 0.01 @59000 sl 2% tp 4% 5x"
BEN = PersonId(8)


def other(value: Any) -> Any:
    """Give a neighbour of a value: one step, the next member, one letter more."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, Decimal):
        return value + Decimal("0.1")
    if isinstance(value, Enum):
        members = list(type(value))
        return members[(members.index(value) + 1) % len(members)]
    if isinstance(value, datetime):
        return value + timedelta(seconds=1)
    return value + 1 if isinstance(value, int | float) else value + "X" if isinstance(value, str) else None


def neighbours(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """List all values that differ in one field, however deep, with the field's name."""
    for field in fields(value):
        held = getattr(value, field.name)
        if is_dataclass(held):
            yield from ((name, replace(value, **{field.name: one})) for name, one in
                        neighbours(held, f"{place}{field.name}."))
        elif isinstance(held, tuple) and held and is_dataclass(held[0]):
            for name, one in neighbours(held[0], f"{place}{field.name}[0]."):
                yield name, replace(value, **{field.name: (one, *held[1:])})
            yield f"{place}{field.name} less", replace(value, **{field.name: held[1:]})
        elif held is not None and not isinstance(held, tuple) and other(held) is not None:
            try:
                yield place + field.name, replace(value, **{field.name: other(held)})
            except ValueError:
                # No such value can be built at all.
                continue


async def approved(bench: Bench) -> Proposal:
    raised = await say(bench, WORDS, "k", origin=ANA, yes=None)
    assert isinstance(raised, Raised), raised
    answer = Answer(yes=True, manner=Manner.BUTTON, by=ANA.person, name="Ana", digest=terms_digest(raised.proposal))
    done = await decide(bench.seat, raised.proposal.id, answer)
    assert isinstance(done, Proposal) and done.state is ProposalState.APPROVED
    return done


async def test_an_order_that_differs_in_any_field_does_not_leave(bench: Bench) -> None:
    """T4: what is to be sent is compared with what was approved, field by field."""
    proposal = await approved(bench)
    facts = await gather(bench.seat, BTC)
    assert not isinstance(facts, Refusal)
    tried = []
    for name, leg in neighbours(proposal.terms.legs[0]):
        answer = await bench.seat.ledger.transact(
            lambda tx, leg=leg: plan_order(tx, bench.seat, proposal.id, leg, facts)  # type: ignore[misc]
        )
        assert isinstance(answer, Refusal) and answer.code == "not_approved", name
        tried.append(name)
    assert {"intent.size", "intent.limit_price", "intent.attached.stop", "intent.attached.target", "intent.direction",
            "intent.margin_mode", "intent.leverage", "intent.symbol", "intent.kind", "child"} <= set(tried), tried
    honest = await bench.seat.ledger.transact(
        lambda tx: plan_order(tx, bench.seat, proposal.id, proposal.terms.legs[0], facts)
    )
    assert isinstance(honest, Planned) and honest.fresh


async def test_terms_that_changed_after_the_yes_do_not_leave(bench: Bench) -> None:
    """T4: the stored row differs by one step from what the yes was given to."""
    proposal = await approved(bench)
    facts, tried = await gather(bench.seat, BTC), []
    assert not isinstance(facts, Refusal)
    for name, changed in neighbours(proposal):
        if name.partition(".")[0] not in ("terms", "reference_price", "drift_allowed", "drift_in_r", "expires_at",
                                          "revision"):
            continue
        if terms_digest(changed) == terms_digest(proposal):
            raise AssertionError(f"{name} is not in the digest")
        answer = await bench.seat.ledger.transact(lambda tx, row=changed: _as_if(tx, bench, proposal, row, facts))  # type: ignore[misc]
        assert isinstance(answer, Refusal) and answer.code == "not_approved", name
        tried.append(name)
    assert {"terms.environment", "terms.account", "expires_at", "revision", "reference_price", "drift_allowed",
            "terms.leverage", "terms.legs[0].intent.size"} <= set(tried), tried


def _as_if(tx: Any, bench: Bench, honest: Proposal, row: Proposal, facts: Any) -> Any:
    """Plan with a changed row in the ledger, and put the honest one back."""
    stored = tx.proposals.save(tx.proposals.get(honest.id), row)
    try:
        return plan_order(tx, bench.seat, honest.id, (row.terms.legs or honest.terms.legs)[0], facts)
    finally:
        tx.proposals.save(stored, honest)


async def people(bench: Bench, **changed: Any) -> None:
    """Keep Ana (and what changed of her) and Ben, both approvers."""
    both = frozenset({Role.TRADER, Role.APPROVER})

    def work(tx: Any) -> None:
        for number, name in ((ANA.person, "Ana"), (BEN, "Ben")):
            row = Person(person=number, name=name, roles=both, active=True, since=bench.clock.now())
            tx.people.save(replace(row, **changed) if number == ANA.person else row)

    await bench.seat.ledger.transact(work)


LOST = [{"active": False}, {"roles": frozenset({Role.VIEWER})}, {"roles": frozenset()}]


@pytest.mark.parametrize("lost", LOST)
async def test_a_yes_dies_with_the_role_of_who_said_it(bench: Bench, lost: dict[str, Any]) -> None:
    """T3, security section 4: the role is asked again in the transaction that lets the order leave."""
    await people(bench)
    proposal = await approved(bench)
    await people(bench, **lost)
    facts = await gather(bench.seat, BTC)
    assert not isinstance(facts, Refusal)
    answer = await bench.seat.ledger.transact(
        lambda tx: plan_order(tx, bench.seat, proposal.id, proposal.terms.legs[0], facts)
    )
    assert isinstance(answer, Refusal) and answer.code == "role_lost"
    assert not bench.venue.sent


@pytest.mark.parametrize("lost", [*LOST, {"roles": frozenset({Role.TRADER})}])
async def test_a_vote_dies_with_the_role_of_who_gave_it(bench: Bench, lost: dict[str, Any]) -> None:
    """T3: one of four eyes was revoked before the other looked."""
    await people(bench)
    from_model = replace(ANA, person=PersonId(9))
    raised = await say(bench, WORDS, "k", origin=from_model, yes=None)
    assert isinstance(raised, Raised)
    need = Need(votes=2)

    async def vote(by: PersonId) -> Proposal | Refusal:
        digest = terms_digest(raised.proposal)
        return await decide(bench.seat, raised.proposal.id, Answer(
            yes=True, manner=Manner.BUTTON, by=by, name="x", digest=digest, need=need))

    assert ANA.person is not None
    first = await vote(ANA.person)
    assert isinstance(first, Proposal) and first.state is ProposalState.AWAITING
    await people(bench, **lost)
    second = await vote(BEN)
    assert isinstance(second, Proposal) and second.state is ProposalState.AWAITING
