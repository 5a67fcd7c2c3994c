"""Say when the price has left what a yes was given for: the band holds at the press and again at the send.

What a stop of the desk left unsent may leave up to `yes_life_s` later; by then the market may have moved (reliability
5.3, advisor section 10).
"""
from __future__ import annotations

from decimal import Decimal

from bot.domain.intent import Effect
from bot.domain.numbers import plain
from bot.domain.proposal import Action, Drift, Proposal, ProposalState, drift, effect_of
from bot.domain.refusal import Refusal, refuse

# Amending waits for the old order's end, and guards only ever add safety.
BOUND = frozenset({Action.PLACE, Action.REVERSE})


def moved_on(proposal: Proposal, price: Decimal) -> Refusal | None:
    """Refuse to send what the price has left since the yes; None while it is inside what was shown.

    What was begun, and what only reduces, is carried on at any price.
    """
    bound = proposal.state is ProposalState.APPROVED and proposal.terms.action in BOUND
    if not bound or effect_of(proposal.terms) is not Effect.OPEN or drift(proposal, price) is Drift.WITHIN:
        return None
    reference = proposal.reference_price or price
    return refuse(
        "price_left",
        f"The price was {plain(price)} when it was to be sent, {plain(reference)} on the card.",
        "Nothing was sent. Try again to see new numbers.",
        value=plain(price),
        limit=plain(reference),
    )
