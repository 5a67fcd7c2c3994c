"""Say yes or no: by whom, how and when, over exactly which terms."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum

from bot.domain.ids import AccountId, PersonId, ProposalId
from bot.domain.intent import Effect
from bot.domain.numbers import plain
from bot.domain.principal import Permission, Principal, may
from bot.domain.proposal import BUTTON_DIGEST, Proposal, ProposalState, effect_of, lacks_stop, terms_digest
from bot.domain.proposal_table import Move, lost, move
from bot.domain.refusal import Refusal, refuse


class Manner(Enum):
    """How a decision was made."""

    COMMAND = "COMMAND"
    BUTTON = "BUTTON"
    MANDATE = "MANDATE"
    TIME = "TIME"
    LOCAL = "LOCAL"
    SYSTEM = "SYSTEM"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One answer to one proposal revision; `digest` is that of the terms that were shown (security section 4)."""

    account: AccountId
    proposal_id: ProposalId
    revision: int
    answer: bool
    manner: Manner
    by: PersonId | None
    at: datetime
    digest: str
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quorum:
    """How many yeses a risk needs (advisor section 10): up to `one` percent of equity one, up to `two` two people.

    Above `two` one of two is an owner; above `cap` nothing passes. On a `solo` desk the second vote is the same
    person's second factor.
    """

    one: Decimal = Decimal("0.5")
    two: Decimal = Decimal(1)
    cap: Decimal = Decimal(5)
    solo: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What a yes takes: votes of different people, an owner among them, a second factor in place of the second vote.

    `other` says that the author's own yes does not count, so that four eyes see what one person typed.
    """

    votes: int = 1
    owner: bool = False
    second_factor: bool = False
    other: bool = False

    @property
    def four_eyes(self) -> bool:
        """Tell whether nobody may approve their own."""
        return self.other or self.votes > 1


def need_for(risk_percent: Decimal, quorum: Quorum) -> Need | Refusal:
    """Say what a risk in percent of equity needs; a refusal above the cap."""
    if risk_percent > quorum.cap:
        return refuse(
            "risk_cap", f"It risks {plain(risk_percent)}% of equity; the hard cap is {plain(quorum.cap)}%.",
            "Make it smaller or its stop closer.", value=plain(risk_percent), limit=plain(quorum.cap),
        )
    if risk_percent <= quorum.one:
        return Need()
    owner = risk_percent > quorum.two
    return Need(votes=1, owner=owner, second_factor=True) if quorum.solo else Need(votes=2, owner=owner)


def may_answer(principal: Principal, proposal: Proposal, *, four_eyes: bool) -> Refusal | None:
    """Say whether this person may decide on this proposal now (security sections 3 and 4); None for yes.

    Deciding on one's own typed trade is confirming it and needs TRADE; others' and models' proposals need APPROVE.
    With four eyes nobody approves the own one. A no needs no more than a yes.
    """
    own = proposal.origin.person is not None and proposal.origin.person == principal.person
    if own and four_eyes:
        return refuse(
            "own_proposal", "This is your own proposal and needs somebody else's yes.", "Ask another approver.",
            value="author", limit="another person",
        )
    wanted = Permission.TRADE if own else Permission.APPROVE
    if own and effect_of(proposal.terms) is Effect.CLOSE:
        wanted = Permission.REDUCE
    if not may(principal, wanted):
        return refuse(
            "not_permitted", f"Deciding this needs the right to {wanted.value.lower()}.", "Ask an owner for the role.",
            value=", ".join(sorted(role.value for role in principal.roles)) or "no role", limit=wanted.value,
        )
    return None


ONE_YES = Need()


def decide(
    proposal: Proposal,
    decision: Decision,
    *,
    need: Need = ONE_YES,
    earlier: tuple[Decision, ...] = (),
    owners: frozenset[PersonId] = frozenset(),
    complete: Move = Move.APPROVE,
) -> Proposal | Refusal:
    """Let an answer move a proposal: one no ends it, enough yeses of different people approve it.

    Compares state, expiry, revision and digest (or its first eight letters, as on a button); a signal without a stop
    takes no yes, and a vote that does not yet complete the quorum gives the proposal back unchanged. Earlier votes
    count only for the same revision; pass those of people who may still vote, and who of them are `owners`. The last
    yes takes the arrow `complete`: CLAIM where the price is to be checked before it counts. The second factor is the
    caller's affair.
    """
    if proposal.state is not ProposalState.AWAITING:
        return lost(proposal, "decided")
    if decision.at >= proposal.expires_at and decision.answer:
        return refuse(
            "proposal_expired", f"Proposal {proposal.id} has expired.", "Raise it again at today's price.",
            value=decision.at.isoformat(), limit=proposal.expires_at.isoformat(),
        )
    digest = terms_digest(proposal)
    if decision.revision != proposal.revision or decision.digest not in (digest, digest[:BUTTON_DIGEST]):
        return refuse(
            "terms_changed", "The terms changed since this card was shown.", "Decide on the newest card.",
            value=decision.digest[:BUTTON_DIGEST], limit=digest[:BUTTON_DIGEST],
        )
    if not decision.answer:
        return move(proposal, Move.REJECT)
    if lacks_stop(proposal):
        return refuse(
            "stop_missing", "This signal names no stop, so it cannot be approved.", "Set one with its button, or Edit.",
            value="no stop", limit="a stop",
        )
    same = (vote for vote in (*earlier, decision) if vote.answer and vote.revision == proposal.revision)
    people = {vote.by for vote in same}
    enough = len(people) >= need.votes and (not need.owner or bool(people & owners))
    return move(proposal, complete) if enough else proposal
