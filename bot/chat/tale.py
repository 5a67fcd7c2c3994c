"""Read the tale of a proposal out of one transaction: all that its card shows, so that renderers never query."""
from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from bot.desk.veto import window_of
from bot.domain.decision import Decision
from bot.domain.events_proposals import IdeaResolved, ProposalRaised, ProposalRefused, ProposalRevised
from bot.domain.fill import Fill
from bot.domain.ids import PersonId, ProposalId
from bot.domain.intent import Effect
from bot.domain.order import Order, OrderState
from bot.domain.proposal import Proposal, ProposalState
from bot.domain.protection import Protection
from bot.domain.record import moment_of
from bot.domain.refusal import Reason
from bot.ports.ledger import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Tale:
    """A proposal with what became of it.

    `raised` carries the numbers people saw, `revised` the last change of its terms, `names` the display names of those
    who voted, `protection` the guard of the position an opening made, `refusals` why risk said no.
    `outcome` is what became of the model's idea behind it, `sends_at` when it is sent unless somebody says no.
    """

    proposal: Proposal
    raised: ProposalRaised | None = None
    revised: ProposalRevised | None = None
    decisions: tuple[Decision, ...] = ()
    names: dict[PersonId, str]
    orders: tuple[Order, ...] = ()
    fills: tuple[Fill, ...] = ()
    protection: Protection | None = None
    refusals: tuple[Reason, ...] = ()
    outcome: IdeaResolved | None = None
    sends_at: datetime | None = None

    @property
    def decided_by(self) -> str:
        """Name who gave the last answer; empty before one."""
        votes = [one for one in self.decisions if one.revision == self.proposal.revision]
        if not votes:
            return ""
        last = votes[-1]
        return self.names.get(last.by, str(last.by)) if last.by is not None else last.manner.value.lower()


def unsent(tale: Tale) -> bool:
    """Tell whether a proposal is over and provably nothing of it ever reached the exchange. Pure."""
    if tale.orders:
        return all(one.state is OrderState.NOT_PLACED for one in tale.orders)
    return tale.proposal.state in (ProposalState.EXPIRED, ProposalState.REFUSED)


def renumbered(raised: ProposalRaised, revised: ProposalRevised) -> ProposalRaised:
    """Give the numbers of the newest revision in place of those of the first. Pure."""
    return replace(
        raised,
        proposal=revised.proposal,
        worst_loss=revised.worst_loss,
        worst_loss_percent=revised.worst_loss_percent,
        notional=revised.notional,
        exposure_before=revised.exposure_before,
        exposure_after=revised.exposure_after,
        liquidation=revised.liquidation,
    )


def tale_of(tx: Tx, proposal_id: ProposalId) -> Tale | None:
    """Read a proposal's tale; None for an unknown id."""
    proposal = tx.proposals.get(proposal_id)
    if proposal is None:
        return None
    decisions = tx.decisions.of_proposal(proposal.id)
    orders = tx.orders.of_proposal(proposal.id)
    raised, revised = None, None
    refusals: tuple[Reason, ...] = ()
    resolved: IdeaResolved | None = None
    for entry in tx.journal.about(proposal.id):
        if isinstance(entry.fact, ProposalRaised):
            raised = entry.fact
        elif isinstance(entry.fact, ProposalRevised) and raised is not None:
            revised = entry.fact
            raised = renumbered(raised, revised)
        elif isinstance(entry.fact, ProposalRefused):
            refusals = entry.fact.reasons
        elif isinstance(entry.fact, IdeaResolved):
            resolved = entry.fact
    window = window_of(tx, proposal) if proposal.state is ProposalState.AWAITING else None
    people = {one.by for one in decisions if one.by is not None}
    known = {person: tx.people.get(person) for person in people}
    opening = next((one.intent for one in orders if one.intent.effect is Effect.OPEN), None)
    return Tale(
        proposal=proposal,
        raised=raised,
        revised=revised,
        decisions=decisions,
        names={person: found.name for person, found in known.items() if found is not None},
        orders=orders,
        fills=tuple(fill for one in orders for fill in tx.fills.of_order(one.client_order_id)),
        protection=tx.protections.get(opening.symbol, opening.direction) if opening is not None else None,
        refusals=refusals,
        outcome=resolved,
        sends_at=moment_of(window["until"]) if window is not None else None,
    )
