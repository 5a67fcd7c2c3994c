"""Run a model again when a candle closed while its proposal waits, and take back what it would not say any more.

Only models with a claim of their own do (advisor section 10): below its break-even chance such a model gives no idea.
"""
from __future__ import annotations

from datetime import timedelta

from bot.desk.brief import brief
from bot.desk.enter import write
from bot.desk.plan_idea import flaw
from bot.desk.seat import Seat
from bot.desk.verdict import moved
from bot.domain.events_proposals import ProposalWithdrawn
from bot.domain.ids import Symbol
from bot.domain.proposal import Origin, Proposal, ProposalState
from bot.domain.proposal_table import Move
from bot.domain.refusal import Refusal
from bot.ports.advisor import Abstained, Advisor, Context, Idea
from bot.ports.ledger import Tx


def waiting(tx: Tx, origin: Origin, symbol: Symbol) -> Proposal | None:
    """Give the proposal of an advisor that waits in a symbol and rests on a claim; None where there is none."""
    return next((one for one in tx.proposals.awaiting()
                 if one.origin == origin and one.state is ProposalState.AWAITING and one.terms.symbol == symbol
                 and one.confidence is not None), None)


async def reconsider(seat: Seat, advisor: Advisor, length: timedelta, proposal: Proposal) -> str | Refusal | None:
    """Ask again about a waiting proposal; gives why it was taken back, None where it stands.

    A Refusal where the market cannot be read: the same candle is to be looked at again.
    """
    assert proposal.terms.symbol is not None, "Only proposals of one symbol wait."
    context = await brief(seat, proposal.terms.symbol, advisor.needs, length)
    if isinstance(context, Refusal):
        return context
    why = against(await advisor.propose(context), context, proposal)
    if why is None:
        return None
    return await seat.ledger.transact(lambda tx: _withdraw(tx, seat, proposal, why))


def against(said: Idea | Abstained, context: Context, proposal: Proposal) -> str | None:
    """Say what a model's newer word has against its proposal; None where it would say it again."""
    if isinstance(said, Abstained):
        return f"a candle closed since: {said.reason}"
    if flaw(said, context) is not None:
        return None
    return None if said.direction is proposal.terms.direction else "a candle closed since: it sees the other side"


def _withdraw(tx: Tx, seat: Seat, proposal: Proposal, why: str) -> str | None:
    current = tx.proposals.get(proposal.id)
    if current is None or current.state is not ProposalState.AWAITING or current.revision != proposal.revision:
        return None
    after = tx.proposals.save(current, moved(current, Move.WITHDRAW))
    write(tx, ProposalWithdrawn(proposal=after, why=why), seat.clock.now(), f"advisor:{proposal.origin.name}")
    return why
