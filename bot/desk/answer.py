"""Take an answer to a proposal and, when it completes the yes, carry it out (architecture 9(a) and 9(c))."""
from __future__ import annotations

from dataclasses import dataclass

from bot.desk.decide import Answer, decide
from bot.desk.execute import Done, Seen, execute, see
from bot.desk.seat import Seat
from bot.domain.ids import ProposalId
from bot.domain.proposal import Proposal, ProposalState
from bot.domain.refusal import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The proposal as it is after the answer; `done` what carrying it out came to, None for a no or a lone vote."""

    proposal: Proposal
    done: Done | None


async def answer(seat: Seat, proposal_id: ProposalId, given: Answer) -> Answered | Refusal:
    """Decide once and carry out; a Refusal says politely why the answer did not count (P3)."""
    seen: list[Seen] = []
    # What carrying out begins with is read with the decision: the books need not be asked again before bytes leave.
    decided = await decide(seat, proposal_id, given, lambda tx, approved: seen.append(see(tx, seat, approved)))
    if isinstance(decided, Refusal):
        return decided
    if decided.state is not ProposalState.APPROVED:
        return Answered(proposal=decided, done=None)
    done = await execute(seat, decided.id, seen[-1] if seen else None)
    after = await seat.ledger.read(lambda tx: tx.proposals.get(decided.id))
    return Answered(proposal=after or decided, done=done)
