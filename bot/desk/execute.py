"""Carry out what was decided: settings first and read back, then each leg when it is due; safe to call again.

Client order ids follow from proposal, revision and child, so that carrying out twice, or after a crash, sends nothing
twice (P3). Legs that wait (a delay, an earlier leg, a fill) are carried on by the watch.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from bot.desk.cancel import cancel
from bot.desk.enter import write
from bot.desk.facts import Facts, gather, gather_exit, symbols_carried
from bot.desk.guard import carry_out
from bot.desk.lapse import moved_on
from bot.desk.replace import replace_order
from bot.desk.seat import Seat
from bot.desk.settings import ensure_settings
from bot.desk.submit import submit
from bot.desk.verdict import actor_of, child_id, moved
from bot.domain.events import subject_of
from bot.domain.events_proposals import ProposalRefused
from bot.domain.ids import ClientOrderId, ProposalId, Symbol
from bot.domain.intent import Effect
from bot.domain.numbers import ZERO, plain
from bot.domain.order import Order
from bot.domain.proposal import Action, Leg, LegAfter, Proposal, ProposalState
from bot.domain.proposal_table import Move
from bot.domain.refusal import Refusal, refuse
from bot.ports.ledger import Tx

# What has not left by then was overtaken by events; the same look back is made after a restart.
CARRIED_FOR = timedelta(days=2)
# So many of the last lines about a proposal are looked at before a refusal is told again.
LINES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What carrying out has come to so far: orders sent, legs still waiting, refusals met."""

    orders: tuple[Order, ...] = ()
    waiting: int = 0
    refusals: tuple[Refusal, ...] = ()


async def execute(seat: Seat, proposal_id: ProposalId, seen: Seen | None = None) -> Done:
    """Carry out an approved proposal as far as it may go now; a Refusal of one leg does not stop exits (FF-16).

    `seen` is what the caller has just seen of it; else it is looked up. What leaves is judged by the books of its own
    transaction in any case.
    """
    found = seen or await seat.ledger.read(lambda tx: _look(tx, seat, proposal_id))
    if found is None or found.proposal.state not in (ProposalState.APPROVED, ProposalState.ORDERED):
        seat.unfinished.ids.discard(proposal_id)
        return Done(refusals=(refuse("not_approved", f"{proposal_id} is not approved.", "Nothing was sent."),))
    proposal, terms = found.proposal, found.proposal.terms
    standing: Standing | None = found.standing
    if terms.action in (Action.LEVERAGE, Action.MARGIN_MODE, Action.CANCEL):
        return await _without_legs(seat, proposal)
    if terms.action is Action.PROTECT:
        return await _guards(seat, proposal)
    if terms.action is Action.AMEND:
        return await _amend(seat, proposal)
    if proposal.state is ProposalState.APPROVED:
        refused = await ensure_settings(seat, terms, actor_of(proposal.origin))
        if refused is not None:
            return await _refused(seat, proposal, refused)
        if terms.action in (Action.CLOSE, Action.REVERSE):
            await _free(seat, proposal)
        if terms.targets or terms.leverage is not None or terms.margin_mode is not None:
            # That took its time at the exchange; what was read before is old.
            standing = None
    if len(terms.legs) < 2:
        return await _legs(seat, proposal, standing)
    seat.unfinished.ids.add(proposal_id)
    done = await _legs(seat, proposal, standing)
    if not done.waiting or proposal.raised_at < seat.clock.now() - CARRIED_FOR:
        seat.unfinished.ids.discard(proposal_id)
    return done


async def _without_legs(seat: Seat, proposal: Proposal) -> Done:
    actor = actor_of(proposal.origin)
    refused = await ensure_settings(seat, proposal.terms, actor)
    if refused is not None:
        return await _refused(seat, proposal, refused)
    refusals = []
    for target in proposal.terms.targets:
        answer = await cancel(seat, target, actor=actor, why=f"proposal {proposal.id}")
        if isinstance(answer, Refusal) and answer.code != "order_over":
            refusals.append(answer)
    await seat.ledger.transact(lambda tx: _ordered(tx, proposal.id))
    return Done(refusals=tuple(refusals))


async def _guards(seat: Seat, proposal: Proposal) -> Done:
    if proposal.state is not ProposalState.APPROVED:
        # What a crash left half done is not repeated from here: the protection audit looks at what is there.
        return Done()
    orders, refusals = await carry_out(seat, proposal)
    await seat.ledger.transact(lambda tx: _ordered(tx, proposal.id))
    return Done(orders=orders, refusals=refusals)


async def _amend(seat: Seat, proposal: Proposal) -> Done:
    result = await replace_order(seat, proposal)
    if result is None:
        return Done(waiting=1)
    await seat.ledger.transact(lambda tx: _ordered(tx, proposal.id))
    if isinstance(result, Refusal):
        await _skip(seat, proposal, proposal.terms.legs[0], result)
        return Done(refusals=(result,))
    return Done(orders=(result,))


def _ordered(tx: Tx, proposal_id: ProposalId) -> None:
    current = tx.proposals.get(proposal_id)
    if current is not None and current.state is ProposalState.APPROVED:
        tx.proposals.save(current, moved(current, Move.ORDER))


async def _free(seat: Seat, proposal: Proposal) -> None:
    """Cancel our own resting exits before a close, so that they do not compete for its size (FF-43)."""
    for target in proposal.terms.targets:
        await cancel(seat, target, actor=actor_of(proposal.origin), why="making room for a close")


async def _refused(seat: Seat, proposal: Proposal, refused: Refusal) -> Done:
    def work(tx: Tx) -> None:
        current = tx.proposals.get(proposal.id)
        if current is not None and current.state is ProposalState.APPROVED:
            after = tx.proposals.save(current, moved(current, Move.REFUSE))
            fact = ProposalRefused(proposal=after, reasons=refused.reasons)
            write(tx, fact, seat.clock.now(), actor_of(proposal.origin))

    await seat.ledger.transact(work)
    return Done(refusals=(refused,))


async def _legs(seat: Seat, proposal: Proposal, standing: Standing | None) -> Done:
    if standing is None:
        standing = await seat.ledger.read(lambda tx: _standing(tx, seat, proposal))
    orders, decided, refused = standing.orders, standing.decided, standing.refused
    sent: list[Order] = []
    refusals: list[Refusal] = []
    waiting = 0
    facts: dict[tuple[str, Effect], Facts | Refusal] = {}
    for place, leg in enumerate(proposal.terms.legs):
        if leg.child in orders or leg.child in refused:
            continue
        size = due_size(proposal.terms.legs, place, orders, decided, seat.clock.now())
        if size is None:
            waiting += 1
            continue
        key = (leg.intent.symbol, leg.intent.effect)
        instrument = seat.shelf.instruments[leg.intent.symbol]
        if key not in facts:
            if leg.intent.effect is Effect.OPEN:
                facts[key] = await gather(seat, instrument, carried=None if sent else standing.carried)
            else:
                facts[key] = await gather_exit(seat, instrument)
        found = facts[key]
        # A share of what was filled need not lie on the step that the exchange takes.
        part = None if size.size is None else instrument.round_size(size.size)
        if part is not None and part < instrument.minimum_size:
            found = refuse("too_small", f"{leg.child} would be {plain(part)} {instrument.base}.", "Set it by hand.")
        gone = moved_on(proposal, found.mark) if isinstance(found, Facts) and not orders else None
        if gone is not None:
            return await _refused(seat, proposal, gone)
        result = found if isinstance(found, Refusal) else await submit(seat, proposal.id, leg, found, size=part)
        if isinstance(result, Refusal):
            refusals.append(result)
            await _skip(seat, proposal, leg, result)
            continue
        sent.append(result)
        orders = {**orders, leg.child: result}
    return Done(orders=tuple(sent), waiting=waiting, refusals=tuple(refusals))


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A leg may leave now; `size` None means its own."""

    size: Decimal | None = None


def due_size(
    legs: tuple[Leg, ...], place: int, orders: Mapping[str, Order], decided: datetime, now: datetime
) -> Due | None:
    """Say whether a leg may leave now and with which size; None while it has to wait.

    A leg that waits for the entry to fill takes its own share of what was really filled.
    """
    leg = legs[place]
    if leg.after is LegAfter.NOW:
        return Due()
    if leg.after is LegAfter.DELAY:
        return Due() if now >= decided + timedelta(seconds=leg.delay_s) else None
    if leg.after is LegAfter.PREVIOUS_SETTLED:
        previous = orders.get(legs[place - 1].child)
        return Due() if previous is not None and previous.state.settled else None
    entry = orders.get(legs[0].child)
    if entry is None or entry.filled <= ZERO or not entry.state.settled:
        return None
    whole, wished = entry.intent.size, leg.intent.size
    if whole is None or wished is None:
        return Due()
    return Due(size=wished * entry.filled / whole)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a proposal stands: its orders by leg, when the yes was given, the legs refused; and the symbols carried."""

    orders: dict[str, Order]
    decided: datetime
    refused: frozenset[str]
    carried: frozenset[Symbol]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A proposal and where it stands, of one moment."""

    proposal: Proposal
    standing: Standing


def see(tx: Tx, seat: Seat, proposal: Proposal) -> Seen:
    """Look where a proposal stands."""
    return Seen(proposal=proposal, standing=_standing(tx, seat, proposal))


def _look(tx: Tx, seat: Seat, proposal_id: ProposalId) -> Seen | None:
    proposal = tx.proposals.get(proposal_id)
    return see(tx, seat, proposal) if proposal is not None else None


def _standing(tx: Tx, seat: Seat, proposal: Proposal) -> Standing:
    by_id: dict[ClientOrderId, Order] = {one.client_order_id: one for one in tx.orders.of_proposal(proposal.id)}
    orders = {
        leg.child: by_id[identity]
        for leg in proposal.terms.legs
        if (identity := child_id(seat, proposal, leg)) in by_id
    }
    yes = [one.at for one in tx.decisions.of_proposal(proposal.id) if one.answer]
    stored = tx.desk.value(_refused_name(proposal)) or {}
    return Standing(
        orders=orders,
        decided=yes[-1] if yes else proposal.raised_at,
        refused=frozenset(stored),
        carried=symbols_carried(tx),
    )


def _refused_name(proposal: Proposal) -> str:
    return f"legs-refused:{proposal.id}:{proposal.revision}"


async def _skip(seat: Seat, proposal: Proposal, leg: Leg, refused: Refusal) -> None:
    """Remember that a leg was refused, so that the watch does not ask for it again every half second.

    The verdict has told of its own refusals; of any other this does, for the watch has nobody to answer.
    """

    def work(tx: Tx) -> None:
        now = seat.clock.now()
        stored = tx.desk.value(_refused_name(proposal)) or {}
        tx.desk.set_value(_refused_name(proposal), {**stored, leg.child: refused.code}, now)
        fact = ProposalRefused(proposal=tx.proposals.get(proposal.id) or proposal, reasons=refused.reasons)
        told = [line.fact for line in tx.journal.about(subject_of(fact), LINES)]
        if not any(isinstance(one, ProposalRefused) and one.reasons == refused.reasons for one in told):
            write(tx, fact, now, actor_of(proposal.origin))

    await seat.ledger.transact(work)


async def carry_on(seat: Seat) -> int:
    """Carry on every decided proposal that has legs left, after a restart too; gives how many legs still wait."""

    def open_ones(tx: Tx) -> list[ProposalId]:
        found = [one.id for one in tx.proposals.awaiting() if one.state is ProposalState.APPROVED]
        if not seat.unfinished.known:
            seat.unfinished.ids |= set(_left_behind(tx, seat))
            seat.unfinished.known = True
        return [*found, *sorted(seat.unfinished.ids.difference(found))]

    waiting = 0
    for proposal_id in await seat.ledger.read(open_ones):
        waiting += (await execute(seat, proposal_id)).waiting
    return waiting


def _left_behind(tx: Tx, seat: Seat) -> Iterator[ProposalId]:
    """Find what an earlier life of the desk had begun and not finished."""
    for proposal in tx.proposals.since(seat.clock.now() - CARRIED_FOR):
        if proposal.state is not ProposalState.ORDERED or len(proposal.terms.legs) < 2:
            continue
        standing = _standing(tx, seat, proposal)
        if len(standing.orders) + len(standing.refused) < len(proposal.terms.legs):
            yield proposal.id
