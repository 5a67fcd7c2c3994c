"""Move a proposal: the arrows of architecture section 5 and advisor section 10, each a compare-and-set."""
from __future__ import annotations

from dataclasses import replace
from enum import Enum

from bot.domain.proposal import Proposal, ProposalState
from bot.domain.refusal import Refusal, refuse


class Move(Enum):
    """What can be done to a proposal; RELEASE takes back a claim that a crash or a requote left."""

    CLAIM = "CLAIM"
    RELEASE = "RELEASE"
    APPROVE = "APPROVE"
    ORDER = "ORDER"
    REFUSE = "REFUSE"
    REJECT = "REJECT"
    EXPIRE = "EXPIRE"
    SUPERSEDE = "SUPERSEDE"
    WITHDRAW = "WITHDRAW"


S = ProposalState
TABLE: dict[tuple[ProposalState, Move], ProposalState] = {
    (S.AWAITING, Move.CLAIM): S.CLAIMED,
    (S.AWAITING, Move.APPROVE): S.APPROVED,
    (S.AWAITING, Move.REFUSE): S.REFUSED,
    (S.AWAITING, Move.REJECT): S.REJECTED,
    (S.AWAITING, Move.EXPIRE): S.EXPIRED,
    (S.AWAITING, Move.SUPERSEDE): S.SUPERSEDED,
    (S.AWAITING, Move.WITHDRAW): S.WITHDRAWN,
    (S.CLAIMED, Move.RELEASE): S.AWAITING,
    (S.CLAIMED, Move.APPROVE): S.APPROVED,
    (S.CLAIMED, Move.REFUSE): S.REFUSED,
    (S.CLAIMED, Move.EXPIRE): S.EXPIRED,
    (S.CLAIMED, Move.WITHDRAW): S.WITHDRAWN,
    (S.APPROVED, Move.ORDER): S.ORDERED,
    (S.APPROVED, Move.REFUSE): S.REFUSED,
    (S.APPROVED, Move.EXPIRE): S.EXPIRED,
}
FINAL = frozenset({S.ORDERED, S.REFUSED, S.REJECTED, S.EXPIRED, S.SUPERSEDED, S.WITHDRAWN})
WORDS = {
    S.AWAITING: "still waiting for a decision",
    S.CLAIMED: "being checked right now",
    S.APPROVED: "already approved",
    S.ORDERED: "already approved and sent",
    S.REFUSED: "refused by a limit",
    S.REJECTED: "already rejected",
    S.EXPIRED: "expired",
    S.SUPERSEDED: "replaced by a newer idea",
    S.WITHDRAWN: "withdrawn",
}


def move(proposal: Proposal, verb: Move, *, version: int | None = None) -> Proposal | Refusal:
    """Take an arrow if the proposal still is what the caller read (`version`); the version grows by one.

    A lost race, a second tap and a redelivered update get a refusal that says what the proposal is now (P3).
    """
    if version is not None and version != proposal.version:
        return lost(proposal, "changed")
    target = TABLE.get((proposal.state, verb))
    if target is None:
        return lost(proposal, "decided")
    return replace(proposal, state=target, version=proposal.version + 1)


def lost(proposal: Proposal, code: str) -> Refusal:
    """Say politely what the proposal is now to whoever came too late."""
    return refuse(
        f"proposal_{code}", f"Proposal {proposal.id} is {WORDS[proposal.state]}.",
        "Nothing was done; open it again to see how it stands.",
        value=f"{proposal.state.value} version {proposal.version}", limit=S.AWAITING.value,
    )
