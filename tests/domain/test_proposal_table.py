from __future__ import annotations

from itertools import product
from random import Random

import pytest

from bot.domain.proposal import Proposal, ProposalState
from bot.domain.proposal_table import FINAL, TABLE, WORDS, Move, move
from bot.domain.refusal import Refusal
from tests.domain.test_proposal import proposal

S, M = ProposalState, Move
ARROWS = {
    S.AWAITING: {M.CLAIM: S.CLAIMED, M.APPROVE: S.APPROVED, M.REFUSE: S.REFUSED, M.REJECT: S.REJECTED,
                 M.EXPIRE: S.EXPIRED, M.SUPERSEDE: S.SUPERSEDED, M.WITHDRAW: S.WITHDRAWN},
    S.CLAIMED: {M.RELEASE: S.AWAITING, M.APPROVE: S.APPROVED, M.REFUSE: S.REFUSED, M.EXPIRE: S.EXPIRED,
                M.WITHDRAW: S.WITHDRAWN},
    S.APPROVED: {M.ORDER: S.ORDERED, M.REFUSE: S.REFUSED, M.EXPIRE: S.EXPIRED},
}


@pytest.mark.parametrize(("state", "verb"), list(product(S, M)))
def test_every_arrow_and_no_other(state: ProposalState, verb: Move) -> None:
    result = move(proposal(state=state), verb)
    expected = ARROWS.get(state, {}).get(verb)
    if expected is None:
        assert isinstance(result, Refusal)
        assert WORDS[state] in str(result)
    else:
        assert isinstance(result, Proposal)
        assert (result.state, result.version) == (expected, 1)


def test_what_is_final_has_no_arrow() -> None:
    assert not {state for state, _ in TABLE} & FINAL
    assert {state for state, _ in TABLE} | FINAL == set(S)


def test_a_lost_race_changes_nothing() -> None:
    """P3: compare-and-set."""
    result = move(proposal(version=4), M.APPROVE, version=3)
    assert isinstance(result, Refusal)
    assert result.code == "proposal_changed"


def test_of_many_racing_moves_exactly_one_wins() -> None:
    """FF-97: fifty presses, one effect."""
    for seed in range(50):
        rng, row, wins = Random(seed), proposal(), 0
        for verb in rng.choices([M.APPROVE, M.REJECT, M.EXPIRE], k=50):
            result = move(row, verb, version=0)
            if isinstance(result, Proposal):
                row, wins = result, wins + 1
        assert wins == 1
