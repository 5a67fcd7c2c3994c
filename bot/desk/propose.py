"""Put a wish on the table: resolve, size, preview the risk, save the proposal once per request."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from bot.desk.enter import write
from bot.desk.execute import Done, execute
from bot.desk.facts import Facts, gather
from bot.desk.plan import plan
from bot.desk.planned import Plan, Preview
from bot.desk.seat import Seat
from bot.desk.settle import Answer, settle
from bot.desk.verdict import actor_of, judge, limits_for
from bot.desk.wish import Wish
from bot.domain.decision import Manner
from bot.domain.events_control import CommandRefused
from bot.domain.events_proposals import ProposalRaised, SignalRefused
from bot.domain.ids import RequestKey
from bot.domain.intent import Effect
from bot.domain.mandate import Forbids, Permits, Ruling
from bot.domain.proposal import Origin, OriginKind, Proposal, ProposalState, effect_of, terms_digest
from bot.domain.refusal import Refusal
from bot.domain.risk import Refused
from bot.ports.ledger import Tx

PEOPLE = (OriginKind.PERSON, OriginKind.LOCAL)
Alone = Callable[[Tx, Plan], Ruling]


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """A proposal on the table with what its card says; `again` when the same request had raised it before.

    `done` is set when the request was its own yes (reducing ones): what carrying out came to.
    """

    proposal: Proposal
    plan: Plan
    again: bool = False
    done: Done | None = None


async def propose(
    seat: Seat,
    origin: Origin,
    key: RequestKey,
    wish: Wish,
    *,
    thesis: str | None = None,
    confidence: Decimal | None = None,
    reasons: tuple[str, ...] = (),
    shrunk: tuple[str, ...] = (),
    record: tuple[str, ...] = (),
    life: timedelta | None = None,
    yes: Manner | None = None,
    alone: Alone | None = None,
) -> Raised | Refusal:
    """Raise a proposal for a wish; gives it, or every reason why it cannot be.

    The same request key gives the same proposal and changes nothing (P3). What only reduces is decided by the command
    itself when a person or the local command line asks; anything else waits, unless `yes` names the manner in which
    the caller has decided already (the system's own protection). `alone` says inside the transaction whether a model's
    mandate decides it: then nobody is asked, or, where it forbids, nothing is raised. `shrunk` says what made it
    smaller than was granted, `record` how ideas like it ended.
    """
    known = await seat.ledger.read(lambda tx: tx.proposals.by_request_key(key))
    planned = await plan(seat, origin, wish)
    if known is not None:
        # What was raised stands, whatever planning it anew would come to; its numbers are shown while they fit it.
        same = planned if isinstance(planned, Plan) and planned.terms == known.terms else as_was(known)
        return Raised(proposal=known, plan=same, again=True)
    if isinstance(planned, Refusal):
        return planned
    return await lay(
        seat, origin, key, planned, thesis=thesis, confidence=confidence, reasons=reasons, shrunk=shrunk,
        record=record, life=life, yes=yes, alone=alone,
    )


async def lay(
    seat: Seat,
    origin: Origin,
    key: RequestKey,
    planned: Plan,
    *,
    judged: Plan | None = None,
    thesis: str | None = None,
    confidence: Decimal | None = None,
    reasons: tuple[str, ...] = (),
    shrunk: tuple[str, ...] = (),
    record: tuple[str, ...] = (),
    life: timedelta | None = None,
    yes: Manner | None = None,
    alone: Alone | None = None,
) -> Raised | Refusal:
    """Put a plan on the table once per request key; gives the proposal, or what the limits say against it.

    `judged` is held against the limits in place of terms that are not complete yet: a signal without its stop.
    """
    facts = await facts_for(seat, planned)
    if isinstance(facts, Refusal):
        return facts
    texts = Texts(thesis=thesis, confidence=confidence, reasons=reasons, shrunk=shrunk, record=record)

    def work(tx: Tx) -> tuple[Proposal, bool] | Refusal:
        first = tx.proposals.by_request_key(key)
        if first is not None:
            return first, False
        refused = preview_risk(tx, seat, origin, judged or planned, facts)
        if refused is not None:
            write(tx, refusal_of(origin, planned.summary, refused), seat.clock.now(), actor_of(origin))
            return refused
        ruling = alone(tx, planned) if alone is not None else None
        if isinstance(ruling, Forbids):
            return Refusal(reasons=ruling.reasons)
        said = Said(manner=yes)
        if isinstance(ruling, Permits):
            said = Said(manner=Manner.MANDATE, reason=ruling.mandate_id)
        return _save(tx, seat, origin, key, planned, texts, life, said)

    saved = await seat.ledger.transact(work)
    if isinstance(saved, Refusal):
        return saved
    proposal, fresh = saved
    if fresh and proposal.state is ProposalState.APPROVED:
        done = await execute(seat, proposal.id)
        return Raised(proposal=proposal, plan=planned, done=done)
    return Raised(proposal=proposal, plan=planned, again=not fresh)


def refusal_of(origin: Origin, words: str, refused: Refusal) -> CommandRefused | SignalRefused:
    """State that a request came to nothing; people are told of what a program sent, for nobody reads its answer."""
    if origin.kind is OriginKind.SIGNAL and origin.person is None:
        return SignalRefused(source=origin.name, words=words, reasons=refused.reasons)
    return CommandRefused(person=origin.person, words=words, reasons=refused.reasons)


def as_was(proposal: Proposal) -> Plan:
    """Give the plan of a proposal that was raised before: its terms without the numbers of that moment."""
    return Plan(terms=proposal.terms, reference=proposal.reference_price, preview=None, summary="raised before")


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """What a proposal says for itself: quoted on its card, judged by nothing."""

    thesis: str | None
    confidence: Decimal | None
    reasons: tuple[str, ...]
    shrunk: tuple[str, ...]
    record: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The yes a proposal is born with: in which manner, and for a mandate its id; `manner` None for none."""

    manner: Manner | None
    reason: str | None = None


async def facts_for(seat: Seat, planned: Plan) -> Facts | Refusal | None:
    """Read prices and settings of what a plan opens; None when it opens nothing."""
    opening = [leg for leg in planned.terms.legs if leg.intent.effect is Effect.OPEN]
    if not opening:
        return None
    return await gather(seat, seat.shelf.instruments[opening[0].intent.symbol])


def preview_risk(tx: Tx, seat: Seat, origin: Origin, planned: Plan, facts: Facts | None) -> Refusal | None:
    """Say at once what the verdict would refuse; it is asked again, with later numbers, before anything leaves."""
    opening = [leg for leg in planned.terms.legs if leg.intent.effect is Effect.OPEN]
    if facts is None or not opening:
        return None
    intent = opening[0].intent
    limits = limits_for(tx, intent.symbol, origin.person)
    answer = judge(tx, seat, origin, intent, facts, limits, seat.clock.now())
    return Refusal(reasons=answer.reasons) if isinstance(answer, Refused) else None


def _save(
    tx: Tx,
    seat: Seat,
    origin: Origin,
    key: RequestKey,
    planned: Plan,
    texts: Texts,
    life: timedelta | None,
    said: Said,
) -> tuple[Proposal, bool]:
    now = seat.clock.now()
    people = origin.kind in PEOPLE
    # A model's or a signal's terms were thought out at a price, so the way since is measured by their own risk.
    thought_out = planned.preview is not None and planned.preview.stop is not None
    in_r = not people and (thought_out or origin.kind is OriginKind.SIGNAL)
    allowed = seat.rules.drift_allowed_r if in_r else seat.rules.drift_allowed
    default = seat.rules.ticket_life_s if people else seat.rules.proposal_life_s
    proposal = Proposal(
        id=seat.ids.new_proposal_id(),
        account=seat.account,
        request_key=key,
        origin=origin,
        terms=planned.terms,
        reference_price=planned.reference,
        drift_allowed=allowed if planned.reference is not None else None,
        drift_in_r=in_r,
        raised_at=now,
        expires_at=now + (life or timedelta(seconds=default)),
        thesis=texts.thesis,
        confidence=texts.confidence,
        reasons=texts.reasons,
    )
    proposal, fresh = tx.proposals.insert_or_find(proposal)
    if not fresh:
        return proposal, False
    write(tx, _raised(proposal, planned.preview, texts), now, actor_of(origin))
    manner = said.manner
    if manner is None and people and effect_of(planned.terms) is Effect.CLOSE:
        manner = Manner.LOCAL if origin.kind is OriginKind.LOCAL else Manner.COMMAND
    if manner is not None:
        answer = Answer(
            yes=True, manner=manner, by=origin.person, name=origin.name, digest=terms_digest(proposal),
            reason=said.reason,
        )
        settled = settle(tx, seat, proposal.id, answer, None)
        assert isinstance(settled, Proposal), str(settled)
        return settled, True
    return proposal, True


def _raised(proposal: Proposal, preview: Preview | None, texts: Texts) -> ProposalRaised:
    if preview is None:
        return ProposalRaised(proposal=proposal, shrunk=texts.shrunk, record=texts.record)
    return ProposalRaised(
        proposal=proposal,
        worst_loss=preview.loss,
        worst_loss_percent=preview.loss_percent,
        notional=preview.notional,
        exposure_before=preview.exposure_before,
        exposure_after=preview.exposure_after,
        liquidation=preview.liquidation,
        shrunk=texts.shrunk,
        record=texts.record,
    )
