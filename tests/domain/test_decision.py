from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.decision import Decision, Manner, Need, Quorum, decide, may_answer, need_for
from bot.domain.ids import PersonId
from bot.domain.principal import Principal, Role
from bot.domain.proposal import Action, Origin, OriginKind, Proposal, ProposalState, button_digest, terms_digest
from bot.domain.proposal_table import Move
from bot.domain.refusal import Refusal
from tests.domain.builders import DESK, D, after
from tests.domain.test_proposal import CLOSING, TERMS, proposal

ANA, BEN = PersonId(1), PersonId(2)
S = ProposalState


def answer(by: PersonId | None = ANA, yes: bool = True, **changes: Any) -> Decision:
    usual = Decision(
        account=DESK, proposal_id=proposal().id, revision=0, answer=yes, manner=Manner.BUTTON, by=by, at=after(10),
        digest=button_digest(proposal()),
    )
    return replace(usual, **changes)


def state_after(decision: Decision, **rest: Any) -> ProposalState:
    result = decide(proposal(), decision, **rest)
    assert isinstance(result, Proposal), str(result)
    return result.state


def code_of(decision: Decision, on: Proposal | None = None) -> str:
    result = decide(on or proposal(), decision)
    assert isinstance(result, Refusal)
    return result.code


def test_a_yes_approves_and_a_no_ends() -> None:
    assert state_after(answer()) is S.APPROVED
    assert state_after(answer(digest=terms_digest(proposal()))) is S.APPROVED
    assert state_after(answer(yes=False)) is S.REJECTED
    assert state_after(answer(), complete=Move.CLAIM) is S.CLAIMED


@pytest.mark.parametrize("state", [state for state in S if state is not S.AWAITING])
def test_who_comes_later_loses_politely(state: ProposalState) -> None:
    """FF-95, FF-97."""
    assert code_of(answer(), proposal(state=state)) == "proposal_decided"


def test_an_old_card_decides_nothing() -> None:
    """FF-96, FF-114."""
    assert code_of(answer(at=after(240))) == "proposal_expired"
    assert code_of(answer(revision=1)) == "terms_changed"
    assert code_of(answer(digest="00000000")) == "terms_changed"
    assert code_of(answer(digest="")) == "terms_changed"
    changed = proposal(terms=replace(TERMS, leverage=D(50)))
    assert code_of(answer(), changed) == "terms_changed"


def test_a_no_is_never_too_late_for_an_open_card() -> None:
    assert state_after(answer(yes=False, at=after(240))) is S.REJECTED


def test_two_votes_are_of_two_people() -> None:
    """Security section 4: four eyes."""
    need = Need(votes=2)
    assert state_after(answer(ANA), need=need) is S.AWAITING
    assert state_after(answer(ANA), need=need, earlier=(answer(ANA),)) is S.AWAITING
    assert state_after(answer(BEN), need=need, earlier=(answer(ANA),)) is S.APPROVED
    assert state_after(answer(BEN), need=need, earlier=(answer(ANA, revision=-1),)) is S.AWAITING
    assert state_after(answer(BEN), need=need, earlier=(answer(ANA, yes=False),)) is S.AWAITING


def test_an_owner_is_among_them_where_needed() -> None:
    need = Need(votes=2, owner=True)
    assert state_after(answer(BEN), need=need, earlier=(answer(ANA),)) is S.AWAITING
    assert state_after(answer(BEN), need=need, earlier=(answer(ANA),), owners=frozenset({ANA})) is S.APPROVED


@pytest.mark.parametrize(
    ("risk", "solo", "need"),
    [
        ("0.5", True, Need()),
        ("0.51", True, Need(second_factor=True)),
        ("1.01", True, Need(owner=True, second_factor=True)),
        ("0.5", False, Need()),
        ("1", False, Need(votes=2)),
        ("5", False, Need(votes=2, owner=True)),
    ],
)
def test_the_quorum_grows_with_the_risk(risk: str, solo: bool, need: Need) -> None:
    assert need_for(D(risk), Quorum(solo=solo)) == need


def test_above_the_hard_cap_nothing_helps() -> None:
    refusal = need_for(D("5.01"), Quorum())
    assert isinstance(refusal, Refusal)
    assert refusal.code == "risk_cap"


def person(identity: PersonId, *roles: Role) -> Principal:
    return Principal(person=identity, roles=frozenset(roles))


def test_models_ideas_need_an_approver() -> None:
    assert may_answer(person(ANA, Role.APPROVER), proposal(), four_eyes=False) is None
    for roles in ((), (Role.VIEWER,), (Role.TRADER,)):
        refusal = may_answer(person(ANA, *roles), proposal(), four_eyes=False)
        assert refusal is not None
        assert refusal.code == "not_permitted"


def test_confirming_the_own_trade_needs_the_right_to_trade_and_no_fourth_eye() -> None:
    own = proposal(origin=Origin(kind=OriginKind.PERSON, name="Ana", person=ANA))
    assert may_answer(person(ANA, Role.TRADER), own, four_eyes=False) is None
    assert may_answer(person(ANA, Role.VIEWER), own, four_eyes=False) is not None
    assert may_answer(person(BEN, Role.TRADER), own, four_eyes=False) is not None
    refusal = may_answer(person(ANA, Role.OWNER), own, four_eyes=True)
    assert refusal is not None
    assert refusal.code == "own_proposal"
    closing = replace(own, terms=replace(TERMS, action=Action.CLOSE, legs=(CLOSING,)))
    assert may_answer(person(ANA, Role.TRADER), closing, four_eyes=False) is None
