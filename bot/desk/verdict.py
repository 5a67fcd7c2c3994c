"""Reach the verdict and plan the order in one transaction: nothing leaves without both (P1, P2, R1, R13)."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from bot.desk.control import trading_now
from bot.desk.enter import write
from bot.desk.exposure import read_exposure
from bot.desk.facts import Facts
from bot.desk.mandate import spend
from bot.desk.rules import Rules
from bot.desk.seat import Seat
from bot.domain.decision import Decision, may_answer
from bot.domain.events_control import LimitNear
from bot.domain.events_orders import OrderPlanned
from bot.domain.events_proposals import ProposalRefused
from bot.domain.happenings import Sending
from bot.domain.ids import ClientOrderId, PersonId, ProposalId, Symbol, client_order_id
from bot.domain.intent import Effect, OrderIntent
from bot.domain.limits import Limits, tightest
from bot.domain.order import Order, OrderState
from bot.domain.order_table import apply
from bot.domain.principal import principal_of
from bot.domain.proposal import Leg, LegAfter, Origin, OriginKind, Proposal, ProposalState, purpose_of, terms_digest
from bot.domain.proposal_table import Move, move
from bot.domain.record import from_plain
from bot.domain.refusal import Reason, Refusal, refuse
from bot.domain.risk import Near, Refused, Verdict, evaluate, near_limits
from bot.domain.trading import Readiness, may_leave
from bot.ports.ledger import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """An order as saved; `fresh` when this very transaction planned it and the caller shall send it, once."""

    order: Order
    fresh: bool


def limits_for(tx: Tx, symbol: Symbol | None, person: PersonId | None) -> Limits:
    """Combine the limits in force for a symbol and a person; each layer can only lower (FF-77)."""
    names = ("ceiling", "account", f"symbol:{symbol}", f"person:{person}")
    layers: list[Limits] = [from_plain(Limits, row.values) for row in tx.desk.limits() if row.scope in names]
    return tightest(*layers) if layers else Limits()


def child_id(seat: Seat, proposal: Proposal, leg: Leg) -> ClientOrderId:
    """Derive the client order id of a leg: the same after every restart (C7)."""
    return client_order_id(seat.tag, proposal.id, proposal.revision, leg.child)


def permitted(tx: Tx, seat: Seat, origin: Origin, effect: Effect, readiness: Readiness, now: datetime) -> Reason | None:
    """Ask everything that must hold for anything to leave: trading state, readiness, lease (P6, I14, I18)."""
    reason = may_leave(trading_now(tx, seat), readiness, effect, purpose_of(origin))
    if reason is not None:
        return reason
    epoch, margin = seat.fence.epoch, timedelta(seconds=seat.rules.lease_margin_s)
    if epoch is None or not tx.lease.holds(epoch, now, margin):
        return Reason(
            code="lease",
            value="not held" if epoch is None else f"epoch {epoch} is over",
            limit="the lease of this desk",
            remedy="Another Wiredesk may be running on this account; see wiredesk status.",
            sentence="This process does not hold the lease of the desk, so nothing leaves it.",
        )
    return None


def plan_order(
    tx: Tx,
    seat: Seat,
    proposal_id: ProposalId,
    leg: Leg,
    facts: Facts,
    *,
    size: Decimal | None = None,
    replaces: ClientOrderId | None = None,
) -> Planned | Refusal:
    """Plan one leg of a decided proposal: verdict, reservation and order row together, or a refusal and its line.

    An order that exists already is given back unfresh: one yes makes at most one order (P3). `size` overrides the
    leg's where the size follows from what was filled; it can only be smaller.
    """
    proposal = tx.proposals.get(proposal_id)
    if proposal is None or proposal.state not in (ProposalState.APPROVED, ProposalState.ORDERED):
        return _gone(proposal_id, proposal)
    identity = child_id(seat, proposal, leg)
    known = tx.orders.get(identity)
    if known is not None:
        return Planned(order=known, fresh=False)
    yes, now = _yes(tx, proposal), seat.clock.now()
    if yes is None or leg not in proposal.terms.legs:
        return _gone(proposal_id, proposal)
    intent = leg.intent if size is None else replace(leg.intent, size=min(size, leg.intent.size or size))
    limits = limits_for(tx, intent.symbol, proposal.origin.person)
    late = _late(leg, yes.at, now, seat.rules, linked=replaces is not None)
    answer = late or judge(tx, seat, proposal.origin, intent, facts, limits, now)
    refused: Refusal | None
    if isinstance(answer, Refused):
        refused = Refusal(reasons=answer.reasons)
    elif intent.effect is Effect.OPEN and not still_may(tx, proposal, yes):
        refused = refuse("role_lost", "Whoever said yes may not say it any more.", "Ask somebody who may.")
    else:
        refused = spend(tx, proposal, intent, answer, now)
    if isinstance(answer, Refused) or refused is not None:
        assert refused is not None, "A verdict that refuses has its reasons."
        if proposal.state is ProposalState.APPROVED:
            tx.proposals.save(proposal, moved(proposal, Move.REFUSE))
        write(tx, ProposalRefused(proposal=proposal, reasons=refused.reasons), now, actor_of(proposal.origin))
        return refused
    order = Order(
        account=seat.account,
        client_order_id=identity,
        proposal_id=proposal.id,
        intent=intent,
        state=OrderState.NEW,
        created_at=now,
        replaces=replaces,
    )
    order = apply(order, Sending(signed_at=now))
    tx.orders.insert(order)
    if proposal.state is ProposalState.APPROVED:
        tx.proposals.save(proposal, moved(proposal, Move.ORDER))
    write(tx, OrderPlanned(order=order), now, actor_of(proposal.origin))
    if intent.effect is Effect.OPEN:
        for close in near_limits(answer.after, limits):
            tell_near(tx, close, _scope(close, proposal.origin, intent), now, actor_of(proposal.origin))
    return Planned(order=order, fresh=True)


def judge(
    tx: Tx, seat: Seat, origin: Origin, intent: OrderIntent, facts: Facts, limits: Limits, now: datetime
) -> Verdict:
    """Ask what must hold for anything to leave, then risk by the numbers of this transaction: every reason, or yes."""
    blocked = permitted(tx, seat, origin, intent.effect, seat.gate.readiness(), now)
    if blocked is not None:
        return Refused(intent=intent, reasons=(blocked,))
    exposure = read_exposure(tx, facts, intent.direction, limits, now, seat.shelf.marks, origin.person)
    return evaluate(intent, facts.instrument, exposure, limits, now)


def _scope(close: Near, origin: Origin, intent: OrderIntent) -> str:
    """Name what a nearly used limit is counted for."""
    whole = {"symbol_notional": intent.symbol, "side_notional": intent.direction.value}
    return f"person:{origin.person}" if close.code == "person_notional" else whole.get(close.code, "account")


def tell_near(tx: Tx, close: Near, scope: str, now: datetime, actor: str) -> None:
    """Warn that a limit is nearly used up, once a day and scope, before it binds."""
    name, day = f"near:{close.code}:{scope}", now.date().isoformat()
    stored: Mapping[str, object] = tx.desk.value(name) or {}
    if stored.get("day") == day:
        return
    tx.desk.set_value(name, {"day": day}, now)
    symbol = Symbol(scope) if close.code == "symbol_notional" else None
    write(tx, LimitNear(code=close.code, value=close.value, limit=close.limit, symbol=symbol), now, actor)


def _yes(tx: Tx, proposal: Proposal) -> Decision | None:
    """Find the latest recorded yes over exactly these terms and this revision (P2, I12)."""
    shown = terms_digest(proposal)
    return next((
        one for one in reversed(tx.decisions.of_proposal(proposal.id))
        if one.answer and one.revision == proposal.revision and one.digest == shown
    ), None)


def still_may(tx: Tx, proposal: Proposal, vote: Decision) -> bool:
    """Tell whether whoever gave a vote may still give it: a yes dies with the role (security section 4).

    Nobody who is no person loses a role; people are never deleted, so that somebody unknown was never in the chat.
    """
    person = tx.people.get(vote.by) if vote.by is not None else None
    return person is None or may_answer(principal_of(person), proposal, four_eyes=False) is None


def _late(leg: Leg, decided: datetime, now: datetime, rules: Rules, *, linked: bool) -> Refused | None:
    """Refuse an opening whose yes, or whose hour in a schedule, is too long ago: the desk was away (FF-114).

    What takes the place of another order, or follows a close, may wait until that one is proven over.
    """
    if leg.intent.effect is not Effect.OPEN:
        return None
    linked = linked or leg.after is LegAfter.PREVIOUS_SETTLED
    due = decided + timedelta(seconds=leg.delay_s if leg.after is LegAfter.DELAY else 0)
    age, life = now - due, timedelta(seconds=rules.unknown_alarm_s if linked else rules.yes_life_s)
    if age <= life:
        return None
    reason = Reason(
        code="yes_late",
        value=f"{age.total_seconds():.0f} s",
        limit=f"{life.total_seconds():.0f} s",
        remedy="Say it again if you still mean it.",
        sentence=f"It should have left {age.total_seconds():.0f} s ago and the market has moved on: nothing was sent.",
    )
    return Refused(intent=leg.intent, reasons=(reason,))


def moved(proposal: Proposal, verb: Move) -> Proposal:
    """Take an arrow that the caller has just checked to exist; raises AssertionError otherwise."""
    after = move(proposal, verb)
    assert isinstance(after, Proposal), str(after)
    return after


def _gone(proposal_id: ProposalId, proposal: Proposal | None) -> Refusal:
    state = proposal.state.value if proposal is not None else "unknown"
    reason = Reason(
        code="not_approved",
        value=state,
        limit=ProposalState.APPROVED.value,
        remedy="Raise it again if it is still wanted.",
        sentence=f"Proposal {proposal_id} is {state}: nothing was sent.",
    )
    return Refusal(reasons=(reason,))



def actor_of(origin: Origin) -> str:
    """Write an origin as the journal's actor."""
    words = {
        OriginKind.PERSON: f"person:{origin.person}",
        OriginKind.ADVISOR: f"advisor:{origin.name}",
        OriginKind.SYSTEM: f"system:{origin.name}",
        OriginKind.LOCAL: "local",
        OriginKind.SIGNAL: f"signal:{origin.name}",
    }
    return words[origin.kind]
