"""Let an agent from outside propose, close, tighten and take back: always a card for people, never an order."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from bot.desk.advise import life_of
from bot.desk.agent import Agent, beyond_quota, held_back
from bot.desk.brief import brief
from bot.desk.enter import write
from bot.desk.facts import find_instrument
from bot.desk.note import PROPOSED, SHADOW, blocked_by, note_idea
from bot.desk.plan import pick, plan
from bot.desk.plan_idea import flaw, plan_idea, quoted
from bot.desk.planned import Plan
from bot.desk.propose import Raised, as_was, facts_for, preview_risk, propose
from bot.desk.seat import Seat
from bot.desk.track import spoken, track_of
from bot.desk.verdict import moved
from bot.desk.wish import CloseWish, Level, ProtectWish, Which, Wish, symbol_words
from bot.domain.events_proposals import AdvisorAbstained, ProposalWithdrawn
from bot.domain.ids import ProposalId, RequestKey, Symbol
from bot.domain.intent import Direction
from bot.domain.mandate import Rung
from bot.domain.numbers import ZERO, plain
from bot.domain.position import Position
from bot.domain.proposal import Proposal, ProposalState
from bot.domain.proposal_table import Move, lost
from bot.domain.refusal import Refusal, refuse
from bot.ports.advisor import AGAINST_MAX, INVALIDATION_MAX, THESIS_MAX, Context, Idea, Needs
from bot.ports.ledger import Tx

KEY_MAX = 64
LENGTHS = {"5m": 5, "15m": 15, "30m": 30, "1h": 60, "4h": 240}
BARS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """An agent's view of one symbol, as it sent it: no size, no leverage, no order type; texts are only quoted."""

    symbol: str
    direction: Direction
    stop: Decimal
    target: Decimal
    timeframe: str = "15m"
    chance_percent: int | None = None
    horizon_s: int = 4 * 3600
    thesis: str = ""
    against: str = ""
    invalidation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shadowed:
    """An idea that was noted and is scored, but not shown: people keep this agent on `rung`."""

    rung: str
    idea: str


async def check_idea(seat: Seat, agent: Agent, view: View, risk: Decimal) -> Plan | Refusal:
    """Say what a card would say of an idea, changing nothing."""
    found = await _sized(seat, agent, view, risk)
    if isinstance(found, Refusal):
        return found
    _, _, wish = found
    return await _checked(seat, agent, wish)


async def propose_idea(
    seat: Seat, agent: Agent, view: View, key: str, risk: Decimal
) -> Raised | Shadowed | Refusal:
    """Put an agent's idea on the table, sized by us; the same key gives the same proposal and counts once."""
    name = await _admitted(seat, agent, key)
    if isinstance(name, Raised | Refusal):
        return name
    context = await _context(seat, view)
    if isinstance(context, Refusal):
        return context
    idea = _idea(view, context)
    if isinstance(idea, Refusal):
        return idea
    rung = await seat.ledger.read(lambda tx: held_back(tx, agent, seat.clock.now()))
    life = life_of(seat, context, idea)
    noted = await seat.ledger.transact(lambda tx: note_idea(
        tx, agent.origin.name, context, idea, int(life.total_seconds()), SHADOW if rung is not None else PROPOSED
    ))
    if rung is not None:
        return Shadowed(rung=rung.value, idea=noted)
    sized = await plan_idea(seat, agent.origin, idea, risk)
    now = seat.clock.now()
    track = await seat.ledger.read(
        lambda tx: track_of(tx, agent.origin.name, idea.direction, idea.probability_bp, now))
    raised = sized if isinstance(sized, Refusal) else await propose(
        seat, agent.origin, name, sized.wish, thesis=idea.thesis or None, reasons=(idea.against, idea.invalidation),
        life=life, shrunk=sized.shrunk, record=spoken(track, sized.reward_risk),
    )
    if isinstance(raised, Refusal):
        await _blocked(seat, agent, context.symbol, noted, raised)
        return raised
    await seat.ledger.transact(lambda tx: tx.lab_record.move_idea(noted, PROPOSED, raised.proposal.id))
    return raised


async def propose_close(
    seat: Seat, agent: Agent, symbol: str, direction: Direction | None, share: Decimal, why: str, key: str
) -> Raised | Refusal:
    """Propose to reduce or close a position: people decide."""
    wish = CloseWish(which=Which.ONE, symbol=symbol, direction=direction, share=share)
    return await _reduce(seat, agent, wish, why, key)


async def propose_tighten(
    seat: Seat, agent: Agent, symbol: str, direction: Direction | None, stop: Decimal, why: str, key: str
) -> Raised | Refusal:
    """Propose a stop nearer to the price than the one that stands; a wider one is refused (advisor section 9)."""
    instrument = find_instrument(seat, symbol)
    if isinstance(instrument, Refusal):
        return instrument
    position = await seat.ledger.read(lambda tx: _position(tx, instrument.symbol, direction))
    if isinstance(position, Refusal):
        return position
    stands = await seat.ledger.read(lambda tx: _stop(tx, position))
    if stands is None:
        return refuse("stop_unknown", f"The stop of {instrument.symbol} was not read back yet.", "Ask again shortly.")
    if (stop - stands) * position.direction.sign <= ZERO:
        return refuse(
            "wider_stop", f"The stop stands at {plain(stands)}; {plain(stop)} would not be tighter.",
            "Name one nearer to the price.", value=plain(stop), limit=plain(stands),
        )
    wish = ProtectWish(symbol=str(instrument.symbol), direction=position.direction, stop=Level(price=stop))
    return await _reduce(seat, agent, wish, why, key)


async def withdraw(seat: Seat, agent: Agent, proposal: str, why: str) -> Proposal | Refusal:
    """Take back an own proposal while it waits."""

    def work(tx: Tx) -> Proposal | Refusal:
        found = own_proposal(tx, agent, proposal)
        if isinstance(found, Refusal):
            return found
        if found.state is not ProposalState.AWAITING:
            return lost(found, "decided")
        after = tx.proposals.save(found, moved(found, Move.WITHDRAW))
        words = quoted(why, INVALIDATION_MAX) or "no reason given"
        write(tx, ProposalWithdrawn(proposal=after, why=words), seat.clock.now(), agent.actor)
        return after

    return await seat.ledger.transact(work)


def own_proposal(tx: Tx, agent: Agent, proposal: str) -> Proposal | Refusal:
    """Find an own proposal by its id; others' are as unknown as none."""
    wanted = proposal.strip().removeprefix("P-")
    found = tx.proposals.get(ProposalId(wanted))
    if found is None or found.origin != agent.origin:
        return refuse("proposal_unknown", f"{agent.name} has no proposal {wanted[:40]}.", "See list_my_proposals.",
                      value=wanted[:40])
    return found


def key_of(agent: Agent, key: str) -> RequestKey | Refusal:
    """Name a request for the desk by agent and its own key."""
    if not 8 <= len(key) <= KEY_MAX or not key.isascii() or not key.isprintable():
        return refuse("idempotency_key", "The idempotency key has to be 8 to 64 plain letters.",
                      "Make one per idea, and send it again when an answer is lost.", value=str(len(key)), limit="8-64")
    return RequestKey(f"{agent.origin.name}:{key}")


async def _admitted(seat: Seat, agent: Agent, key: str) -> RequestKey | Raised | Refusal:
    """Name a new request within the quota; an old key gives what it raised and counts no second time."""
    name = key_of(agent, key)
    if isinstance(name, Refusal):
        return name

    def look(tx: Tx) -> Proposal | Refusal | None:
        return tx.proposals.by_request_key(name) or beyond_quota(tx, agent, seat.clock.now())

    found = await seat.ledger.read(look)
    if isinstance(found, Proposal):
        return Raised(proposal=found, plan=as_was(found), again=True)
    return name if found is None else found


async def _context(seat: Seat, view: View) -> Context | Refusal:
    if view.timeframe not in LENGTHS:
        return refuse("timeframe", f"{view.timeframe[:10]!r} is no timeframe here.", f"Take {', '.join(LENGTHS)}.",
                      value=view.timeframe[:10], limit=", ".join(LENGTHS))
    needs = Needs(timeframe=view.timeframe, bars=BARS)
    return await brief(seat, symbol_words(view.symbol), needs, timedelta(minutes=LENGTHS[view.timeframe]))


def _idea(view: View, context: Context) -> Idea | Refusal:
    idea = Idea(
        symbol=context.symbol, direction=view.direction, stop=view.stop, target=view.target,
        horizon=timedelta(seconds=view.horizon_s), thesis=quoted(view.thesis, THESIS_MAX),
        against=quoted(view.against, AGAINST_MAX), invalidation=quoted(view.invalidation, INVALIDATION_MAX),
        context_digest=context.digest,
        probability_bp=None if view.chance_percent is None else view.chance_percent * 100,
    )
    wrong = flaw(idea, context)
    if wrong is None:
        return idea
    return refuse(
        "geometry", f"The idea does not fit the market at {plain(context.mark)}: {wrong}.",
        "Stop and target lie on their own sides of the price, the target within three times the risk.",
        value=f"stop {plain(view.stop)}, target {plain(view.target)}", limit=plain(context.mark),
    )


async def _sized(seat: Seat, agent: Agent, view: View, risk: Decimal) -> tuple[Context, Idea, Wish] | Refusal:
    context = await _context(seat, view)
    if isinstance(context, Refusal):
        return context
    idea = _idea(view, context)
    if isinstance(idea, Refusal):
        return idea
    sized = await plan_idea(seat, agent.origin, idea, risk)
    return sized if isinstance(sized, Refusal) else (context, idea, sized.wish)


async def _checked(seat: Seat, agent: Agent, wish: Wish) -> Plan | Refusal:
    planned = await plan(seat, agent.origin, wish)
    if isinstance(planned, Refusal):
        return planned
    facts = await facts_for(seat, planned)
    if isinstance(facts, Refusal):
        return facts
    refused = await seat.ledger.read(lambda tx: preview_risk(tx, seat, agent.origin, planned, facts))
    return planned if refused is None else refused


async def _reduce(seat: Seat, agent: Agent, wish: Wish, why: str, key: str) -> Raised | Refusal:
    name = await _admitted(seat, agent, key)
    if isinstance(name, Raised | Refusal):
        return name
    rung = await seat.ledger.read(lambda tx: held_back(tx, agent, seat.clock.now()))
    if rung is not None:
        return refuse(
            "rung", f"People keep {agent.name} on {rung.value}: nobody is asked.",
            "Propose ideas: they are scored, and an owner may let you ask.", value=rung.value, limit=Rung.PROPOSE.value,
        )
    return await propose(seat, agent.origin, name, wish, thesis=quoted(why, THESIS_MAX) or None)


async def _blocked(seat: Seat, agent: Agent, symbol: Symbol, noted: str, why: Refusal) -> None:
    fact = AdvisorAbstained(
        advisor=agent.origin.name, symbol=symbol, reason=f"blocked: {why.reasons[0].sentence}"
    )

    def work(tx: Tx) -> None:
        tx.lab_record.move_idea(noted, blocked_by(why))
        write(tx, fact, seat.clock.now(), agent.actor)

    await seat.ledger.transact(work)


def _position(tx: Tx, symbol: Symbol, direction: Direction | None) -> Position | Refusal:
    return pick(tuple(one for one in tx.positions.held() if one.symbol == symbol), direction, symbol)


def _stop(tx: Tx, position: Position) -> Decimal | None:
    guard = tx.protections.get(position.symbol, position.direction)
    return guard.stop if guard is not None else None
