"""Ask the advisor on each closed candle and put its ideas on the table, sized by us (architecture 9(c), advisor 9)."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from bot.desk.abstain import abstain, failed, said_by, silent
from bot.desk.agent import FIRST, agents
from bot.desk.ai_cost import cost_line
from bot.desk.brief import brief, closed_bars
from bot.desk.enter import write
from bot.desk.keep import Asked, keep, own_trade
from bot.desk.ladder import fall_if_due, reaches, suspend_if_due
from bot.desk.mandate import cap_of, ruling_for
from bot.desk.missed import end_missed
from bot.desk.note import PROPOSED, SHADOW, blocked_by, note_idea
from bot.desk.plan_idea import flaw, plan_idea, quoted
from bot.desk.propose import Raised, propose
from bot.desk.reconsider import reconsider, waiting
from bot.desk.scale import hear
from bot.desk.seat import Seat
from bot.desk.track import spoken, track_of
from bot.desk.verdict import moved
from bot.desk.veto import Window, act_unvetoed
from bot.domain.events_proposals import ProposalSuperseded
from bot.domain.ids import RequestKey, Symbol
from bot.domain.mandate import Rung
from bot.domain.numbers import plain
from bot.domain.proposal import Origin, OriginKind, Proposal, ProposalState
from bot.domain.proposal_table import Move
from bot.domain.refusal import Refusal
from bot.domain.trading import Readiness, TradingState
from bot.ports.advisor import (
    AGAINST_MAX,
    INVALIDATION_MAX,
    THESIS_MAX,
    Abstained,
    Advisor,
    Context,
    Idea,
    Keeper,
    Scaler,
)
from bot.ports.assessor import Assessor
from bot.ports.ledger import Tx

UNREADABLE = ("no_price", "no_candles", "price_old", "mark_age")


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """How one advisor is asked: which symbols, how much of equity an idea may lose, how long it rests after one.

    `length` is that of its candles; `rung` counts where people stored no mandate. `keeper` looks after its open trades,
    None where nobody does; `scaler` says what share of its risk it wants. `seen` remembers the last closed
    candle asked about, by symbol.
    """

    advisor: Advisor
    symbols: tuple[Symbol, ...]
    length: timedelta
    rung: Rung
    risk_percent: Decimal
    cool_down_s: float
    keeper: Keeper | None = None
    scaler: Scaler | None = None
    seen: dict[Symbol, datetime] = field(default_factory=dict)

    @property
    def origin(self) -> Origin:
        """Name the advisor as who raised a proposal."""
        return Origin(kind=OriginKind.ADVISOR, name=self.advisor.name)

    @property
    def actor(self) -> str:
        """Name the advisor in the journal."""
        return f"advisor:{self.advisor.name}"


async def keep_rungs(seat: Seat, assessor: Assessor, advices: Sequence[Advice]) -> None:
    """Let advisors, and agents from outside, fall for ever as soon as something says so."""
    judged: dict[str, datetime] = {}
    while True:
        for outside in await seat.ledger.read(agents):
            await fall_if_due(seat, assessor, outside.origin, FIRST, judged)
        for one in advices:
            await fall_if_due(seat, assessor, one.origin, one.rung, judged)
            await suspend_if_due(seat, assessor, one.origin, one.rung)
        await seat.clock.sleep(seat.rules.ladder_period_s)


async def advise(seat: Seat, advice: Advice) -> None:
    """Look for newly closed candles for ever; the last closed one is asked about at once."""
    while True:
        await look(seat, advice)
        await seat.clock.sleep(seat.rules.advice_period_s)


async def look(seat: Seat, advice: Advice) -> None:
    """End ideas whose moment is gone, then ask about every symbol with a candle closed since the last look."""
    await end_missed(seat, lambda one: one.origin == advice.origin)
    await act_unvetoed(seat, advice.origin)
    rung = await seat.ledger.read(lambda tx: rung_of(tx, advice, seat.clock.now()))
    if rung is Rung.OFF or seat.gate.readiness() is not Readiness.READY:
        return
    newest = replace(advice.advisor.needs, bars=1)
    for symbol in advice.symbols:
        closed = await closed_bars(seat, symbol, newest)
        if closed and advice.seen.get(symbol) != closed[-1].opened_at and await consider(seat, advice, symbol):
            advice.seen[symbol] = closed[-1].opened_at


async def consider(seat: Seat, advice: Advice, symbol: Symbol) -> bool:
    """Ask about one symbol unasked, unless something speaks against it; what came of it stands in the journal.

    Gives False when the market could not be read well enough to ask: the same candle is to be looked at again.
    """
    answer: Raised | Refusal | Abstained | None = await _look_after(seat, advice, symbol)
    if answer is not None:
        return not _unreadable(answer)
    mine = await seat.ledger.read(lambda tx: waiting(tx, advice.origin, symbol))
    if mine is not None and advice.keeper is not None:
        # Asked about the same candle it says the same; a model that costs money is not asked for this.
        return not isinstance(await reconsider(seat, advice.advisor, advice.length, mine), Refusal)
    against = await seat.ledger.read(lambda tx: guard(tx, advice, symbol, seat.clock.now()))
    if against is not None:
        await abstain(seat, advice.advisor.name, symbol, against)
        return True
    return not _unreadable(await ask(seat, advice, symbol))


async def _look_after(seat: Seat, advice: Advice, symbol: Symbol) -> Raised | Refusal | Abstained | None:
    """Ask about the advisor's own open trade; None where it has none, or looks after none."""
    if advice.keeper is None:
        return None
    now = seat.clock.now()
    held = await seat.ledger.read(lambda tx: own_trade(tx, advice.origin, symbol, now))
    if held is None:
        return None
    rung = await seat.ledger.read(lambda tx: rung_of(tx, advice, now))
    asked = Asked(keeper=advice.keeper, origin=advice.origin, needs=advice.advisor.needs, length=advice.length,
                  rung=rung)
    return await keep(seat, asked, held)


def _unreadable(answer: Raised | Refusal | Abstained) -> bool:
    return isinstance(answer, Refusal) and answer.code in UNREADABLE


async def ask(seat: Seat, advice: Advice, symbol: Symbol, *, asked: bool = False) -> Raised | Refusal | Abstained:
    """Show the advisor one symbol and raise what it proposes; a person's request for an idea (`asked`) comes here too.

    Gives the proposal (none on rung SHADOW: the idea is only noted), why our rules refuse it, or why there is no idea.
    """
    context = await brief(seat, symbol, advice.advisor.needs, advice.length)
    if isinstance(context, Refusal):
        return context
    if advice.scaler is not None:
        await hear(seat, advice.advisor.name, context, advice.scaler.scale(context))
    idea = await advice.advisor.propose(replace(context, asked=asked))
    if isinstance(idea, Abstained):
        return await silent(seat, advice.advisor.name, context, idea.reason)
    wrong = flaw(idea, context)
    if wrong is not None:
        return await failed(seat, advice.advisor.name, context, wrong)
    rung = await seat.ledger.read(lambda tx: rung_of(tx, advice, seat.clock.now()))
    shadow = rung in (Rung.OFF, Rung.SHADOW)
    noted = await seat.ledger.transact(lambda tx: note_idea(
        tx, advice.advisor.name, context, idea, int(life_of(seat, context, idea).total_seconds()),
        SHADOW if shadow else PROPOSED,
    ))
    if shadow:
        view = f"{idea.direction.value} stop {plain(idea.stop)} target {plain(idea.target)}"
        return await abstain(seat, advice.advisor.name, symbol, f"{rung.value.lower()}: {view}")
    raised = await raise_idea(seat, advice, context, idea)
    if isinstance(raised, Raised):
        await seat.ledger.transact(lambda tx: tx.lab_record.move_idea(noted, PROPOSED, raised.proposal.id))
    elif raised.code not in UNREADABLE:
        await seat.ledger.transact(lambda tx: tx.lab_record.move_idea(noted, blocked_by(raised)))
        await abstain(seat, advice.advisor.name, symbol, f"blocked: {said_by(raised)}")
    return raised


async def raise_idea(seat: Seat, advice: Advice, context: Context, idea: Idea) -> Raised | Refusal:
    """Size an idea and put it on the table, in place of an older one of the same symbol; once per candle.

    Under a live mandate nobody is asked: the yes is the mandate's, and it is spent when the order leaves.
    """
    name = advice.advisor.name
    cap = await seat.ledger.read(lambda tx: cap_of(tx, name, idea.symbol, seat.clock.now()))
    sized = await plan_idea(seat, advice.origin, idea, advice.risk_percent, cap)
    if isinstance(sized, Refusal):
        return sized
    opened, now = context.bars[-1].opened_at, seat.clock.now()
    track, cost = await seat.ledger.read(lambda tx: (
        track_of(tx, name, idea.direction, idea.probability_bp, now), cost_line(tx, name, now)))
    window = Window()
    claimed = None if idea.probability_bp is None else Decimal(idea.probability_bp) / 10_000
    raised = await propose(
        seat,
        advice.origin,
        RequestKey(f"advice:{name}:{idea.symbol}:{context.timeframe}:{opened:%Y%m%dT%H%M}"),
        sized.wish,
        thesis=quoted(idea.thesis, THESIS_MAX),
        reasons=(quoted(idea.against, AGAINST_MAX), quoted(idea.invalidation, INVALIDATION_MAX)),
        life=life_of(seat, context, idea),
        confidence=claimed,
        shrunk=sized.shrunk,
        record=(*spoken(track, sized.reward_risk), *cost),
        alone=lambda tx, planned: window.hold(seat, ruling_for(tx, name, planned, claimed, seat.clock.now())),
    )
    if isinstance(raised, Raised) and not raised.again:
        await seat.ledger.transact(lambda tx: window.open(tx, seat, raised.proposal))
        await seat.ledger.transact(lambda tx: _supersede(tx, advice, raised.proposal, seat.clock.now()))
    return raised


def life_of(seat: Seat, context: Context, idea: Idea) -> timedelta:
    """Give how long an idea may wait: a quarter of its candle, 60 s to 20 min, all scaled (advisor section 10).

    Never longer than the idea itself is meant to live, nor past the next payment of funding.
    """
    rules, now = seat.rules, seat.clock.now()
    quarter = context.length.total_seconds() / 4
    life = timedelta(seconds=min(max(quarter, rules.idea_life_least_s), rules.idea_life_most_s))
    ends = [life, idea.horizon]
    if context.funding_at is not None and context.funding_at > now:
        ends.append(context.funding_at - now)
    return min(ends)


def rung_of(tx: Tx, advice: Advice, now: datetime) -> Rung:
    """Give how far the advisor reaches now."""
    return reaches(tx, advice.advisor.name, advice.rung, now)


def guard(tx: Tx, advice: Advice, symbol: Symbol, now: datetime) -> str | None:
    """Say what speaks against asking unasked: halted, held, another idea waiting, or the rest after the last one."""
    if tx.desk.trading_state() is not TradingState.ACTIVE:
        return "nothing opens now"
    if any(one.symbol == symbol for one in tx.positions.held()):
        return "there is a position in it already"
    mine = [one for one in tx.proposals.since(now - timedelta(days=1)) if one.origin == advice.origin]
    if any(one.state is ProposalState.AWAITING and one.terms.symbol != symbol for one in mine):
        return "another idea is waiting"
    raised = max((one.raised_at for one in mine if one.terms.symbol == symbol), default=None)
    if raised is not None and (now - raised).total_seconds() < advice.cool_down_s:
        return "it rests after its last idea"
    return None


def _waiting(tx: Tx, advice: Advice) -> tuple[Proposal, ...]:
    return tuple(
        one for one in tx.proposals.awaiting()
        if one.origin == advice.origin and one.state is ProposalState.AWAITING
    )


def _supersede(tx: Tx, advice: Advice, newer: Proposal, now: datetime) -> None:
    for older in _waiting(tx, advice):
        if older.terms.symbol == newer.terms.symbol and older.id != newer.id:
            after = tx.proposals.save(older, moved(older, Move.SUPERSEDE))
            write(tx, ProposalSuperseded(proposal=after, by=newer.id), now, advice.actor)
