"""Answer why: the chain of journal lines behind any id, in order (architecture section 6)."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bot.desk.seat import Seat
from bot.domain.decision import Decision
from bot.domain.events import Entry
from bot.domain.fill import Fill
from bot.domain.ids import ClientOrderId, ProposalId
from bot.domain.order import Order
from bot.domain.proposal import Proposal
from bot.ports.lab_rows import IdeaRow
from bot.ports.ledger import Tx

MOMENT = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Everything known of one id: who proposed and decided, what was sent, what filled, line by line."""

    subject: str
    proposal: Proposal | None
    decisions: tuple[Decision, ...]
    orders: tuple[Order, ...]
    fills: tuple[Fill, ...]
    lines: tuple[Entry, ...]


async def explain(seat: Seat, subject: str) -> Story | None:
    """Tell the story of an order, proposal, idea, symbol or person by its id or its beginning; None when unknown.

    That of an idea that never reached the table says why not.
    """
    return await seat.ledger.read(lambda tx: _story(tx, _bare(subject.strip())))


def _bare(subject: str) -> str:
    """Take off what cards write before the id of a proposal."""
    return subject[2:] if subject[:2].upper() == "P-" else subject


def _story(tx: Tx, subject: str) -> Story | None:
    proposal = tx.proposals.get(ProposalId(subject.upper())) or tx.proposals.get(ProposalId(subject))
    order = tx.orders.get(ClientOrderId(subject)) or _begins(tx, subject)
    idea = tx.lab_record.idea(subject.upper()) if proposal is None and order is None else None
    if idea is not None and idea.proposal is not None:
        proposal = tx.proposals.get(ProposalId(idea.proposal))
    if proposal is None and order is not None and order.proposal_id is not None:
        proposal = tx.proposals.get(order.proposal_id)
    orders: tuple[Order, ...] = ()
    if proposal is not None:
        orders = tx.orders.of_proposal(proposal.id)
    elif order is not None:
        orders = (order,)
    names = {subject, *(one.client_order_id for one in orders)}
    if proposal is not None:
        names.add(proposal.id)
    lines = {entry.seq: entry for name in names for entry in tx.journal.about(name)}
    if idea is not None:
        lines |= {entry.seq: entry for entry in (*tx.journal.about(idea.id), *_said_of(tx, idea))}
    for entry in list(lines.values()):
        cause = entry.cause
        while cause is not None and cause not in lines:
            earlier = tx.journal.get(cause)
            if earlier is None:
                break
            lines[cause] = earlier
            cause = earlier.cause
    if not lines and proposal is None and order is None:
        return None
    return Story(
        subject=subject,
        proposal=proposal,
        decisions=tx.decisions.of_proposal(proposal.id) if proposal is not None else (),
        orders=orders,
        fills=tuple(fill for one in orders for fill in tx.fills.of_order(one.client_order_id)),
        lines=tuple(lines[seq] for seq in sorted(lines)),
    )


def _said_of(tx: Tx, idea: IdeaRow) -> list[Entry]:
    """Find what was written of an idea under its symbol, right after it was had."""
    return [entry for entry in tx.journal.about(idea.symbol)
            if timedelta(0) <= entry.at - idea.at <= MOMENT and getattr(entry.fact, "advisor", None) == idea.advisor]


def _begins(tx: Tx, subject: str) -> Order | None:
    """Find the latest order whose id begins or ends like the words; people read ids from a card."""
    if len(subject) < 4:
        return None
    found = [
        one
        for one in tx.orders.recent(500)
        if one.client_order_id.startswith(subject) or one.client_order_id.endswith(subject)
    ]
    return found[0] if found else None
