"""Say how many yeses a proposal takes: the chat's one rule, asked by cards, presses and the courier alike. Pure."""
from __future__ import annotations

from dataclasses import dataclass, replace

from bot.chat.tale import Tale
from bot.domain.decision import Need, Quorum, need_for
from bot.domain.intent import Effect
from bot.domain.proposal import OriginKind
from bot.domain.refusal import Refusal

TYPED = (OriginKind.PERSON, OriginKind.LOCAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quorums:
    """The bounds for what models and signals propose, and for what people type themselves."""

    proposed: Quorum
    typed: Quorum


def need_of(tale: Tale, quorums: Quorums) -> Need | Refusal:
    """Say what a proposal needs by what is lost at its stop; waiving a stop takes a second factor."""
    proposal = tale.proposal
    waived = proposal.terms.waiver is not None
    typed = proposal.origin.kind in TYPED
    risk = tale.raised.worst_loss_percent if tale.raised is not None else None
    opening = any(leg.intent.effect is Effect.OPEN for leg in proposal.terms.legs)
    if not opening:
        return Need(second_factor=waived)
    if risk is None:
        return Need(second_factor=waived or not typed)
    quorum = quorums.typed if typed else quorums.proposed
    need = need_for(risk, quorum)
    if isinstance(need, Refusal):
        return need
    if typed and need.votes > 1:
        # What a person typed is theirs up to `two`, proven by their second factor; above it somebody else has to agree.
        need = Need(other=True) if risk > quorum.two else Need(second_factor=True)
    return replace(need, second_factor=True) if waived else need
