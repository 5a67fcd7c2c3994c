from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from bot.adapters.store.link import Link
from bot.adapters.store.tx import StoreTx
from bot.domain.decision import Manner
from bot.domain.ids import PersonId, ProposalId, RequestKey
from bot.domain.proposal import Origin, OriginKind, Proposal, ProposalState
from bot.domain.proposal_table import TABLE
from bot.ports.ledger_rows import StaleVersion
from tests.adapters.store.refusals import impossible
from tests.adapters.store.values import PROPOSAL, decision, later, proposal


def test_a_proposal_comes_back_as_it_went(tx: StoreTx) -> None:
    assert tx.proposals.insert_or_find(proposal()) == (proposal(), True)
    assert tx.proposals.get(ProposalId("P000000001")) == proposal()
    bare = replace(proposal(2), reference_price=None, drift_allowed=None, thesis=None, confidence=None, reasons=())
    tx.proposals.insert_or_find(bare)
    assert tx.proposals.by_request_key(RequestKey("tg:1:2")) == bare


def test_one_request_key_makes_one_proposal(tx: StoreTx) -> None:
    tx.proposals.insert_or_find(proposal())
    again = replace(proposal(), id=ProposalId("other"))
    assert tx.proposals.insert_or_find(again) == (proposal(), False)
    assert tx.proposals.get(ProposalId("other")) is None


def test_the_second_of_two_taps_loses(tx: StoreTx) -> None:
    before, _ = tx.proposals.insert_or_find(proposal())
    after = tx.proposals.save(before, replace(before, state=ProposalState.APPROVED))
    assert after.version == 1
    with pytest.raises(StaleVersion):
        tx.proposals.save(before, replace(before, state=ProposalState.REJECTED))
    assert tx.proposals.get(before.id) == after


def test_exactly_the_steps_of_the_domain_can_be_stored(tx: StoreTx, link: Link) -> None:
    possible = {(old, new) for (old, _), new in TABLE.items()}
    for number, (old, new) in enumerate(product(ProposalState, ProposalState), 1):
        before, _ = tx.proposals.insert_or_find(proposal(number, state=old))
        link.savepoint()
        if old is new or (old, new) in possible:
            assert tx.proposals.save(before, replace(before, state=new)).state is new
        else:
            with impossible("only moves forward"):
                tx.proposals.save(before, replace(before, state=new))
        link.undo()


def test_who_raised_it_never_changes(tx: StoreTx) -> None:
    before, _ = tx.proposals.insert_or_find(proposal())
    with impossible("Who raised a proposal never changes"):
        tx.proposals.save(before, replace(before, raised_at=later(50)))


def test_lists_hold_what_they_promise(tx: StoreTx) -> None:
    for number, state in reversed(list(enumerate(ProposalState, 1))):
        tx.proposals.insert_or_find(proposal(number, state=state))

    def states(found: tuple[Proposal, ...]) -> list[ProposalState]:
        return [each.state for each in found]

    assert states(tx.proposals.awaiting()) == [ProposalState.AWAITING, ProposalState.CLAIMED, ProposalState.APPROVED]
    assert states(tx.proposals.recent(2)) == [ProposalState.WITHDRAWN, ProposalState.SUPERSEDED]
    assert states(tx.proposals.since(later(8))) == [ProposalState.SUPERSEDED, ProposalState.WITHDRAWN]


def test_a_decision_comes_back_as_it_went(tx: StoreTx) -> None:
    assert tx.decisions.insert(decision())
    by_time = decision(by=None, manner=Manner.TIME, answer=False, at=later(5), reason=None)
    assert tx.decisions.insert(by_time)
    assert tx.decisions.of_proposal(PROPOSAL) == (decision(), by_time)
    assert tx.decisions.since(later(5)) == (by_time,)


def test_one_voter_answers_a_revision_once(tx: StoreTx) -> None:
    tx.decisions.insert(decision())
    assert not tx.decisions.insert(decision(manner=Manner.COMMAND, answer=False))
    assert tx.decisions.insert(decision(by=PersonId(18)))
    assert tx.decisions.insert(decision(revision=1))


def test_a_decision_is_written_once(tx: StoreTx, link: Link) -> None:
    tx.decisions.insert(decision())
    with impossible("written once"):
        link.plainly("UPDATE decisions SET digest = 'other'")


def test_origins_are_read_without_terms(tx: StoreTx) -> None:
    system = proposal(2, origin=Origin(kind=OriginKind.SYSTEM, name="protect"))
    tx.proposals.insert_or_find(proposal(1))
    tx.proposals.insert_or_find(system)
    asked = [proposal(1).id, system.id, system.id, ProposalId("none")]
    assert tx.proposals.origins(asked) == {proposal(1).id: proposal(1).origin, system.id: system.origin}
    assert tx.proposals.origins([]) == {}
