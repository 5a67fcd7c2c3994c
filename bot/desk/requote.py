"""Write terms anew, once, when the price left them between the card and the yes (advisor section 10)."""
from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from bot.desk.plan import plan
from bot.desk.planned import Plan
from bot.desk.revise import entry_of, save_revision, wish_of
from bot.desk.seat import Seat
from bot.desk.settle import expire
from bot.domain.ids import PersonId
from bot.domain.numbers import plain
from bot.domain.proposal import Drift, OriginKind, Proposal, ProposalState, drift
from bot.domain.proposal_table import Move, lost, move
from bot.domain.refusal import Refusal, refuse
from bot.domain.sizing import loss_per_unit
from bot.ports.ledger import Tx

WORDS = {
    Drift.CHASING: "ran ahead of the idea",
    Drift.AGAINST: "moved against the idea",
    Drift.WITHIN: "left too little to gain for what is risked",
}


async def requote(seat: Seat, claimed: Proposal, price: Decimal, *, by: PersonId | None) -> Refusal:
    """Put a claimed proposal back on the table at today's price, with no larger size; the second time it expires.

    Gives what to tell the person who pressed: new numbers to look at, or that the idea is over.
    """
    planned = await _again(seat, claimed)
    why = f"the price {WORDS[drift(claimed, price)]}"

    def work(tx: Tx) -> Refusal:
        current = tx.proposals.get(claimed.id)
        if current is None or current.state is not ProposalState.CLAIMED or current.version != claimed.version:
            return lost(current or claimed, "changed")
        now = seat.clock.now()
        if tx.desk.value(_used(claimed)) is not None:
            return _over(tx, seat, current, price, f"{why}, for the second time")
        if isinstance(planned, Refusal):
            return _over(tx, seat, current, price, f"{why}; {planned.reasons[0].sentence}")
        ratio = planned.preview.reward_risk if planned.preview is not None else None
        judged = claimed.origin.kind is not OriginKind.SIGNAL
        if judged and ratio is not None and ratio < seat.rules.reward_risk_least:
            return _over(tx, seat, current, price, f"{why}; {plain(round(ratio, 2))} to gain for 1 at risk")
        tx.desk.set_value(_used(claimed), {"at": now.isoformat()}, now)
        after = save_revision(tx, seat, current, planned, by=None, why=why)
        return refuse(
            "requoted",
            f"It is {plain(price)} now: {why}. The card shows new numbers.",
            "Look at them and press again.",
            value=plain(price),
            limit=plain(after.reference_price or price),
        )

    return await seat.ledger.transact(work)


async def _again(seat: Seat, claimed: Proposal) -> Plan | Refusal:
    """Plan the same idea at today's price: same stop and target, risk not above what it was."""
    wish, leg = wish_of(claimed.terms), entry_of(claimed.terms)
    if isinstance(wish, Refusal):
        return wish
    assert not isinstance(leg, Refusal)
    planned = await plan(seat, claimed.origin, wish)
    stop, size, was = leg.intent.stop, leg.intent.size, claimed.reference_price
    if isinstance(planned, Refusal) or planned.preview is None or stop is None or size is None or was is None:
        return planned
    instrument = seat.shelf.instruments[leg.intent.symbol]
    risk = size * loss_per_unit(instrument, was, stop)
    fits = risk / loss_per_unit(instrument, planned.preview.price, stop)
    return planned if fits >= size else await plan(seat, claimed.origin, replace(wish, amount=plain(fits)))


def release_claims(tx: Tx) -> int:
    """Put back on the table what a process that ended was still checking; give how many."""
    claimed = [one for one in tx.proposals.awaiting() if one.state is ProposalState.CLAIMED]
    for proposal in claimed:
        after = move(proposal, Move.RELEASE)
        assert isinstance(after, Proposal)
        tx.proposals.save(proposal, after)
    return len(claimed)


def _over(tx: Tx, seat: Seat, current: Proposal, price: Decimal, why: str) -> Refusal:
    expire(tx, current, seat.clock.now(), why)
    return refuse(
        "idea_over", f"The idea is over: {why}.", "Nothing was sent.",
        value=plain(price), limit=plain(current.reference_price or price),
    )


def _used(proposal: Proposal) -> str:
    return f"requoted:{proposal.id}"
