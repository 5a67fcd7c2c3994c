"""Settle an answer inside a transaction: the first yes or no wins, everybody else is told who was first (P3)."""
from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from bot.desk.enter import write
from bot.desk.eyes import new_by, too_new
from bot.desk.haste import hasty
from bot.desk.seat import Seat
from bot.desk.verdict import moved, still_may
from bot.domain.decision import ONE_YES, Decision, Manner, Need
from bot.domain.decision import decide as rule
from bot.domain.events_proposals import ProposalDecided, ProposalExpired, VoteCast
from bot.domain.ids import PersonId, ProposalId
from bot.domain.principal import Role
from bot.domain.proposal import Drift, OriginKind, Proposal, ProposalState, drift, terms_digest
from bot.domain.proposal_table import Move, lost
from bot.domain.refusal import Refusal, refuse
from bot.domain.sizing import reward_risk
from bot.ports.ledger import Tx
from bot.ports.market import MarketSilent


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A yes or no as given: over the terms with this digest (whole, or its first eight letters), by whom and how."""

    yes: bool
    manner: Manner
    by: PersonId | None
    name: str
    digest: str
    reason: str | None = None
    need: Need = ONE_YES


def settle(
    tx: Tx, seat: Seat, proposal_id: ProposalId, answer: Answer, price: Decimal | None
) -> Proposal | Refusal:
    """Decide inside a transaction; `price` is the mark now, None where the terms name no reference.

    A yes that does not complete the quorum is kept as a vote and gives the proposal back still AWAITING. One that
    completes it where a model's terms no longer hold is no decision yet: the proposal comes back CLAIMED.
    """
    proposal = tx.proposals.get(proposal_id)
    if proposal is None:
        return refuse("proposal_unknown", f"There is no proposal {proposal_id}.", "Raise it anew.", value=proposal_id)
    now = seat.clock.now()
    if proposal.state is not ProposalState.AWAITING:
        return _already(tx, proposal)
    if proposal.expires_at <= now and answer.yes:
        expire(tx, proposal, now, "its time ran out")
    checked = price is not None and proposal.drift_in_r
    if answer.yes and not checked and price is not None and drift(proposal, price) is not Drift.WITHIN:
        return refuse(
            "price_moved",
            f"The price is {price} now, the terms were written at {proposal.reference_price}.",
            "Ask again to see new terms.",
            value=str(price),
            limit=str(proposal.reference_price),
        )
    if answer.yes and answer.by is not None and (slow := hasty(tx, seat, proposal, answer.by)) is not None:
        return slow
    decision = Decision(
        account=seat.account,
        proposal_id=proposal.id,
        revision=proposal.revision,
        answer=answer.yes,
        manner=answer.manner,
        by=answer.by,
        at=now,
        digest=answer.digest,
        reason=answer.reason,
    )
    earlier = _votes(tx, seat, proposal, answer)
    if isinstance(earlier, Refusal):
        return earlier
    complete = Move.CLAIM if checked else Move.APPROVE
    after = rule(proposal, decision, need=answer.need, earlier=earlier, owners=_owners(tx), complete=complete)
    if isinstance(after, Refusal):
        return after
    if after.state is ProposalState.CLAIMED:
        assert price is not None, "Only what is checked against a price is claimed."
        if not still_holds(seat, proposal, price):
            return tx.proposals.save(proposal, after)
        after = moved(after, Move.APPROVE)
    decision = replace(decision, digest=terms_digest(proposal))
    tx.decisions.insert(decision)
    actor = f"person:{answer.by}" if answer.by is not None else answer.manner.value.lower()
    if after is proposal:
        votes = len({one.by for one in (*earlier, decision) if one.answer and one.revision == proposal.revision})
        assert answer.by is not None, "Only people vote."
        vote = VoteCast(
            proposal_id=proposal.id,
            revision=proposal.revision,
            by=answer.by,
            name=answer.name,
            answer=answer.yes,
            votes=votes,
            needed=answer.need.votes,
        )
        write(tx, vote, now, actor)
        return proposal
    after = tx.proposals.save(proposal, after)
    write(tx, ProposalDecided(proposal=after, decision=decision, name=answer.name), now, actor)
    return after


def _votes(tx: Tx, seat: Seat, proposal: Proposal, answer: Answer) -> tuple[Decision, ...] | Refusal:
    """Give the earlier votes that still count beside this answer; a Refusal where it is no vote of its own."""
    earlier = tuple(one for one in tx.decisions.of_proposal(proposal.id) if still_may(tx, proposal, one))
    if not (answer.yes and answer.need.four_eyes):
        return earlier
    author = proposal.origin.person
    if new_by(tx, seat, answer.by, (author, *(one.by for one in earlier if one.answer))):
        return too_new()
    return tuple(one for one in earlier if not new_by(tx, seat, one.by, (author, answer.by)))


def _owners(tx: Tx) -> frozenset[PersonId]:
    return frozenset(one.person for one in tx.people.all() if one.active and Role.OWNER in one.roles)


def _already(tx: Tx, proposal: Proposal) -> Refusal:
    decisions = [one for one in tx.decisions.of_proposal(proposal.id) if one.revision == proposal.revision]
    if not decisions:
        return lost(proposal, "decided")
    last = decisions[-1]
    person = tx.people.get(last.by) if last.by is not None else None
    who = person.name if person is not None else last.manner.value.lower()
    word = "approved" if last.answer else "rejected"
    return refuse(
        "proposal_decided",
        f"Already {word} by {who} at {last.at:%H:%M:%S} UTC.",
        "Nothing more was done.",
        value=proposal.state.value,
        limit=ProposalState.AWAITING.value,
    )


def expire(tx: Tx, proposal: Proposal, now: datetime, why: str) -> None:
    """End a proposal that nobody answered in time."""
    after = tx.proposals.save(proposal, moved(proposal, Move.EXPIRE))
    write(tx, ProposalExpired(proposal=after, why=why), now, "system:time")


def still_holds(seat: Seat, proposal: Proposal, price: Decimal) -> bool:
    """Tell whether a model's terms still are what was thought out: drift in R, and enough to gain after costs.

    What a signal may gain for its risk is for people to judge: its card shows both.
    """
    if drift(proposal, price) is not Drift.WITHIN:
        return False
    if proposal.origin.kind is OriginKind.SIGNAL:
        return True
    entry = next((leg.intent for leg in proposal.terms.legs if leg.intent.stop is not None), None)
    if entry is None or entry.attached is None or entry.stop is None or entry.attached.target is None:
        return True
    instrument = seat.shelf.instruments[entry.symbol]
    ratio = reward_risk(instrument, entry.direction, price, entry.stop, entry.attached.target)
    return ratio >= seat.rules.reward_risk_least


async def price_for(seat: Seat, proposal_id: ProposalId) -> Decimal | Refusal | None:
    """Give the mark to hold a proposal against; None where its terms name no price, a Refusal where one is needed."""
    proposal = await seat.ledger.read(lambda tx: tx.proposals.get(proposal_id))
    if proposal is None or proposal.reference_price is None or proposal.terms.symbol is None:
        return None
    try:
        return (await seat.market.ticker(proposal.terms.symbol)).mark
    except MarketSilent as silent:
        if proposal.drift_in_r:
            return refuse("no_price", f"There is no price to check it by: {silent}", "Press again in a moment.")
        # The verdict asks again for the price and its age inside the submitting path; here silence decides nothing.
        return None
