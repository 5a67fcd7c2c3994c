"""Slow down whoever approves without reading: the yes of a tired person is no control (security section 9)."""
from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil

from bot.desk.seat import Seat
from bot.domain.ids import PersonId
from bot.domain.intent import Effect
from bot.domain.proposal import Proposal, effect_of
from bot.domain.refusal import Refusal, refuse
from bot.ports.ledger import Tx


def hasty(tx: Tx, seat: Seat, proposal: Proposal, by: PersonId) -> Refusal | None:
    """Say that a person's next yes has to wait, after too many that were given at a glance; None where it counts.

    A glance is the time since the card was raised, or since this person's answer before it, whichever is less. What
    people typed themselves and what only closes is never slowed.
    """
    rules, now = seat.rules, seat.clock.now()
    if proposal.origin.person == by or effect_of(proposal.terms) is Effect.CLOSE:
        return None
    given = [one for one in tx.decisions.since(now - timedelta(seconds=rules.haste_window_s)) if one.by == by]
    if sum(one.answer for one in given) < rules.haste_yeses:
        return None
    wait_s = rules.haste_pause_s - (now - given[-1].at).total_seconds()
    if wait_s <= 0:
        return None
    glances, before = 0, None
    for one in given:
        answered = tx.proposals.get(one.proposal_id)
        foreign = answered is not None and answered.origin.person != by
        if one.answer and answered is not None and foreign:
            glances += _seconds(one.at, answered.raised_at, before) < rules.haste_glance_s
        before = one.at
    if glances < rules.haste_yeses:
        return None
    return refuse(
        "haste",
        f"You approved {glances} ideas within {rules.haste_window_s / 60:.0f} minutes, each in less than "
        f"{rules.haste_glance_s:g} s.",
        f"Read this one: its button works again in {ceil(wait_s)} s.",
        value=str(glances),
        limit=str(rules.haste_yeses),
    )


def _seconds(at: datetime, raised: datetime, before: datetime | None) -> float:
    since = raised if before is None else max(raised, before)
    return (at - since).total_seconds()
