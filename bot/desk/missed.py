"""End ideas and signals that came too late: the price did not wait for an answer (advisor section 10)."""
from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import partial

from bot.desk.agent import agent_name
from bot.desk.seat import Seat
from bot.desk.settle import expire
from bot.domain.proposal import OriginKind, Proposal, ProposalState, stop_of
from bot.ports.ledger import Tx
from bot.ports.market import MarketSilent

MISSED_SHARE = Decimal("0.5")


async def watch_missed(seat: Seat) -> None:
    """Look for ever after what came from outside: signals, and the ideas of agents."""
    while True:
        await end_missed(seat, from_outside)
        await seat.clock.sleep(seat.rules.advice_period_s)


def from_outside(proposal: Proposal) -> bool:
    """Tell whether nobody of this desk, neither person nor model, raised a proposal."""
    return proposal.origin.kind is OriginKind.SIGNAL or agent_name(proposal.origin) is not None


async def end_missed(seat: Seat, mine: Callable[[Proposal], bool]) -> None:
    """End those of `mine` that wait and whose stop was touched or whose way to the target is half gone."""
    waiting = await seat.ledger.read(lambda tx: tuple(
        one for one in tx.proposals.awaiting() if one.state is ProposalState.AWAITING and mine(one)
    ))
    for proposal in waiting:
        if proposal.terms.symbol is None:
            continue
        try:
            price = (await seat.market.ticker(proposal.terms.symbol)).mark
        except MarketSilent:
            continue
        why = missed(proposal, price)
        if why is not None:
            await seat.ledger.transact(partial(_expire, seat=seat, proposal=proposal, why=why))


def missed(proposal: Proposal, price: Decimal) -> str | None:
    """Say why an idea came too late at a price, None while it still stands."""
    direction, reference, stop = proposal.terms.direction, proposal.reference_price, stop_of(proposal.terms)
    attached = next((leg.intent.attached for leg in proposal.terms.legs if leg.intent.attached is not None), None)
    if direction is None or reference is None or stop is None:
        return None
    if (price - stop) * direction.sign <= 0:
        return "missed: its stop was touched before anybody answered"
    if attached is None or attached.target is None:
        return None
    gone = (price - reference) * direction.sign
    half = (attached.target - reference) * direction.sign * MISSED_SHARE
    return "missed: half the way to its target is gone" if gone >= half else None


def _expire(tx: Tx, *, seat: Seat, proposal: Proposal, why: str) -> None:
    current = tx.proposals.get(proposal.id)
    if current is not None and current.state is ProposalState.AWAITING and current.revision == proposal.revision:
        expire(tx, current, seat.clock.now(), why)
