"""Change what lies on the table before a yes: half of it, another stop, price or target; another digest each time."""
from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from bot.desk.enter import write
from bot.desk.plan import plan
from bot.desk.planned import Plan
from bot.desk.propose import PEOPLE, Raised, facts_for, preview_risk
from bot.desk.seat import Seat
from bot.desk.wish import Level, OpenWish, TargetWish
from bot.domain.events_proposals import ProposalRevised
from bot.domain.ids import PersonId, ProposalId
from bot.domain.intent import Effect
from bot.domain.numbers import HUNDRED, ZERO, plain
from bot.domain.proposal import (
    BUTTON_DIGEST,
    Action,
    Leg,
    Proposal,
    ProposalState,
    Terms,
    lacks_stop,
    terms_digest,
)
from bot.domain.proposal import revise as revised
from bot.domain.proposal_table import lost
from bot.domain.refusal import Refusal, refuse
from bot.domain.sizing import loss_per_unit
from bot.ports.ledger import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What shall be other than it is; None leaves it. `share` keeps that many percent of the size."""

    share: Decimal | None = None
    amount: str | None = None
    price: Decimal | None = None
    stop: Level | None = None
    targets: tuple[TargetWish, ...] | None = None


async def revise(
    seat: Seat, proposal_id: ProposalId, change: Change, *, by: PersonId | None, name: str, digest: str
) -> Raised | Refusal:
    """Give the proposal's next revision, planned anew at today's price; earlier votes and buttons are void.

    `digest` is that of the card the change was asked on. Refusals: not waiting any more, other terms than those shown,
    terms of several entries, anything the plan or the limits refuse, a larger risk than a model asked for (advisor
    sections 9 and 10: people may shrink and tighten, enlarging is a trade of their own).
    """
    found = await seat.ledger.read(lambda tx: tx.proposals.get(proposal_id))
    refused = _open_to_change(found, proposal_id, digest)
    if refused is not None:
        return refused
    assert found is not None
    before = wish_of(found.terms)
    if isinstance(before, Refusal):
        return before
    if lacks_stop(found) and change.stop is None:
        # Planning it anew would attach the default stop, which nobody chose.
        return refuse("stop_missing", "This signal names no stop yet.", "Set its stop first.", value="no stop")
    planned = await plan(seat, found.origin, changed(before, found.terms, change))
    if isinstance(planned, Refusal):
        return planned
    larger = _larger(seat, found, planned)
    if larger is not None:
        return larger
    facts = await facts_for(seat, planned)
    if isinstance(facts, Refusal):
        return facts

    def work(tx: Tx) -> Proposal | Refusal:
        current = tx.proposals.get(proposal_id)
        refused = _open_to_change(current, proposal_id, digest) or preview_risk(tx, seat, found.origin, planned, facts)
        if refused is not None:
            return refused
        assert current is not None
        return save_revision(tx, seat, current, planned, by=by, why=f"changed by {name}")

    after = await seat.ledger.transact(work)
    return after if isinstance(after, Refusal) else Raised(proposal=after, plan=planned)


def save_revision(
    tx: Tx, seat: Seat, current: Proposal, planned: Plan, *, by: PersonId | None, why: str
) -> Proposal:
    """Store the next revision of a proposal with the numbers of its plan; it waits long enough to be read."""
    now = seat.clock.now()
    people = current.origin.kind in PEOPLE
    least = timedelta(seconds=seat.rules.ticket_life_s if people else seat.rules.idea_life_least_s)
    after = revised(
        current, planned.terms, expires_at=max(current.expires_at, now + least), reference_price=planned.reference
    )
    after = tx.proposals.save(current, after)
    numbers = planned.preview
    fact = ProposalRevised(
        proposal=after,
        by=by,
        why=why,
        worst_loss=numbers.loss if numbers else None,
        worst_loss_percent=numbers.loss_percent if numbers else None,
        notional=numbers.notional if numbers else None,
        exposure_before=numbers.exposure_before if numbers else None,
        exposure_after=numbers.exposure_after if numbers else None,
        liquidation=numbers.liquidation if numbers else None,
    )
    write(tx, fact, now, f"person:{by}" if by is not None else "system:requote")
    return after


def entry_of(terms: Terms) -> Leg | Refusal:
    """Give the one opening leg of terms; a Refusal where they open in several steps or not at all."""
    opening = [leg for leg in terms.legs if leg.intent.effect is Effect.OPEN]
    if terms.action is Action.PLACE and len(opening) == 1 and opening[0].intent.size is not None:
        return opening[0]
    return refuse(
        "not_editable",
        "Only a single entry can be changed here.",
        "Cancel it and write it anew.",
        value=terms.action.value,
        limit=Action.PLACE.value,
    )


def wish_of(terms: Terms) -> OpenWish | Refusal:
    """Write an entry's terms as the wish that would plan them again."""
    leg = entry_of(terms)
    if isinstance(leg, Refusal):
        return leg
    intent = leg.intent
    assert intent.size is not None
    targets = tuple(
        TargetWish(level=Level(price=one.intent.trigger.price), share=one.intent.size * HUNDRED / intent.size)
        for one in terms.legs
        if one is not leg and one.intent.trigger is not None and one.intent.size is not None
    )
    if intent.attached is not None and intent.attached.target is not None:
        targets = (TargetWish(level=Level(price=intent.attached.target)),)
    trigger = intent.trigger
    return OpenWish(
        symbol=str(intent.symbol),
        direction=intent.direction,
        amount=plain(intent.size),
        kind=intent.kind,
        price=intent.limit_price,
        trigger=trigger.price if trigger is not None else None,
        callback=trigger.callback if trigger is not None else None,
        time_in_force=intent.time_in_force,
        stop=Level(price=intent.stop) if intent.stop is not None else None,
        targets=targets,
        leverage=intent.leverage,
        margin_mode=intent.margin_mode,
        no_stop=terms.waiver,
    )


def changed(wish: OpenWish, terms: Terms, change: Change) -> OpenWish:
    """Apply a change to a wish."""
    leg = entry_of(terms)
    assert isinstance(leg, Leg), "The wish was made of these terms."
    size = leg.intent.size or ZERO
    amount = change.amount or wish.amount
    if change.share is not None:
        amount = plain(size * change.share / HUNDRED)
    return replace(
        wish,
        amount=amount,
        price=wish.price if change.price is None else change.price,
        stop=wish.stop if change.stop is None else change.stop,
        no_stop=wish.no_stop if change.stop is None else None,
        targets=wish.targets if change.targets is None else change.targets,
    )


def _open_to_change(found: Proposal | None, proposal_id: ProposalId, digest: str) -> Refusal | None:
    if found is None:
        return refuse("proposal_unknown", f"There is no proposal {proposal_id}.", "Raise it anew.", value=proposal_id)
    if found.state is not ProposalState.AWAITING:
        return lost(found, "decided")
    shown = terms_digest(found)
    if digest not in (shown, shown[:BUTTON_DIGEST]):
        return refuse(
            "terms_changed", "The terms changed since this card was shown.", "Use the newest card.",
            value=digest[:BUTTON_DIGEST], limit=shown[:BUTTON_DIGEST],
        )
    return None


def _larger(seat: Seat, proposal: Proposal, planned: Plan) -> Refusal | None:
    """Refuse a change that risks more than a model's own terms would at the same price."""
    numbers, leg = planned.preview, entry_of(proposal.terms)
    if proposal.origin.kind in PEOPLE or numbers is None or isinstance(leg, Refusal):
        return None
    stop, size = leg.intent.stop, leg.intent.size
    instrument = seat.shelf.instruments[leg.intent.symbol]
    if stop is None or size is None:
        return None
    was = size * loss_per_unit(instrument, numbers.price, stop)
    if numbers.loss is not None and numbers.loss <= was and numbers.size <= size:
        return None
    return refuse(
        "larger_than_proposed",
        f"That would risk more than {proposal.origin.name} proposed ({plain(round(was, 2))} {instrument.margin_coin}).",
        "Make it smaller or its stop closer, or place a trade of your own.",
        value="none" if numbers.loss is None else plain(round(numbers.loss, 2)),
        limit=plain(round(was, 2)),
    )
