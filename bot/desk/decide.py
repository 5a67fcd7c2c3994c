"""Answer a proposal, once, and hold a model's terms against the price of that moment (architecture 9(c))."""
from __future__ import annotations

from collections.abc import Callable

from bot.desk.requote import requote
from bot.desk.seat import Seat
from bot.desk.settle import Answer, price_for, settle
from bot.domain.ids import ProposalId
from bot.domain.proposal import Proposal, ProposalState
from bot.domain.refusal import Refusal
from bot.ports.ledger import Tx

__all__ = ["Answer", "decide"]


async def decide(
    seat: Seat, proposal_id: ProposalId, answer: Answer, look: Callable[[Tx, Proposal], None] | None = None
) -> Proposal | Refusal:
    """Record an answer by compare-and-set; gives the proposal APPROVED or REJECTED, or why the answer did not count.

    A vote that does not complete the quorum gives it back AWAITING. Refusals: unknown, already decided (and by whom),
    expired, other terms than those shown, a person's terms which the price has left. A model's terms which the price
    has left are written anew once (`requoted`: new numbers to look at), then they are over. Whether the person may
    decide at all is the chat gate's question, asked before. `look` may read, in the transaction of an approval, what
    follows it.
    """

    found = await price_for(seat, proposal_id) if answer.yes else None
    if isinstance(found, Refusal):
        return found
    price = found

    def work(tx: Tx) -> Proposal | Refusal:
        settled = settle(tx, seat, proposal_id, answer, price)
        if look is not None and isinstance(settled, Proposal) and settled.state is ProposalState.APPROVED:
            look(tx, settled)
        return settled

    settled = await seat.ledger.transact(work)
    if isinstance(settled, Refusal) or settled.state is not ProposalState.CLAIMED:
        return settled
    assert price is not None, "Only what was checked against a price is claimed."
    return await requote(seat, settled, price, by=answer.by)
