"""Ask an advisor about its own open trade on each closed candle; cutting it or tightening its stop needs no card.

What reduces risk is done at once from PROPOSE on (advisor section 9); a stop that would be wider is refused. Trades of
people, of other advisors, and those somebody added to are left alone.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from bot.desk.abstain import abstain, failed, said_by, silent
from bot.desk.brief import brief
from bot.desk.enter import write
from bot.desk.note import BLOCKED, PROPOSED, SHADOW, note_exit
from bot.desk.plan_idea import quoted
from bot.desk.planned import Plan
from bot.desk.propose import Raised, propose
from bot.desk.seat import Seat
from bot.desk.wish import CloseWish, Level, ProtectWish, Which, Wish
from bot.domain.decision import Manner
from bot.domain.events_proposals import TradeReduced
from bot.domain.fill import Fill
from bot.domain.ids import RequestKey, Symbol
from bot.domain.intent import Effect
from bot.domain.mandate import Forbids, NeedsHuman, Ruling, Rung
from bot.domain.numbers import ZERO, plain
from bot.domain.position import Position
from bot.domain.proposal import Origin, Proposal, stop_of
from bot.domain.refusal import Reason, Refusal
from bot.ports.advisor import THESIS_MAX, Abstained, Close, Context, Held, Keeper, Needs, Tighten
from bot.ports.ledger import Tx

# How far back the proposal behind an open trade is looked for.
TRADE_LIFE = timedelta(days=30)
USUAL_HORIZON = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who is asked about an open trade: the advisor's name, what it wants to be shown, how far it reaches."""

    keeper: Keeper
    origin: Origin
    needs: Needs
    length: timedelta
    rung: Rung


async def keep(seat: Seat, asked: Asked, held: Held) -> Raised | Refusal | Abstained:
    """Show an advisor its open trade and do at once what it says; on SHADOW it is only noted and scored.

    Gives what was carried out, why our rules refuse it, or why there is nothing to do.
    """
    context = await brief(seat, held.symbol, asked.needs, asked.length)
    if isinstance(context, Refusal):
        return context
    said = await asked.keeper.review(context, held)
    if isinstance(said, Abstained):
        return await silent(seat, asked.origin.name, context, said.reason)
    wrong = flaw(said, context, held)
    if wrong is not None:
        return await failed(seat, asked.origin.name, context, wrong)
    shadow = asked.rung in (Rung.OFF, Rung.SHADOW)
    noted = await seat.ledger.transact(
        lambda tx: note_exit(tx, asked.origin.name, context, held, said, SHADOW if shadow else PROPOSED))
    if shadow:
        return await abstain(
            seat, asked.origin.name, held.symbol, f"{asked.rung.value.lower()}: {spelled(said)}")
    raised = await propose(
        seat, asked.origin, _key(asked, context, said), _wish(said), thesis=quoted(said.why, THESIS_MAX),
        yes=Manner.SYSTEM, alone=lambda tx, planned: _still_reduces(tx, held, said, planned),
    )
    if isinstance(raised, Refusal):
        await seat.ledger.transact(lambda tx: tx.lab_record.move_idea(noted, BLOCKED))
        await abstain(seat, asked.origin.name, held.symbol, f"blocked: {said_by(raised)}")
        return raised
    fact = _reduced(asked, held, said, raised.proposal)

    def work(tx: Tx) -> None:
        tx.lab_record.move_idea(noted, PROPOSED, raised.proposal.id)
        write(tx, fact, seat.clock.now(), f"advisor:{asked.origin.name}")

    if not raised.again:
        await seat.ledger.transact(work)
    return raised


def own_trade(tx: Tx, origin: Origin, symbol: Symbol, now: datetime) -> Held | None:
    """Give the open trade in a symbol that is wholly an advisor's own, None where there is none.

    Its stop must have been read back; one without any is for the protection, not for a model.
    """
    for position in tx.positions.held():
        if position.symbol != symbol:
            continue
        proposal = _behind(tx, origin, position, now)
        guard = tx.protections.get(symbol, position.direction)
        if proposal is None or guard is None or guard.stop is None or proposal.reference_price is None:
            continue
        first = stop_of(proposal.terms)
        assert first is not None, "Only openings with a stop are looked for."
        attached = next((leg.intent.attached for leg in proposal.terms.legs if leg.intent.attached is not None), None)
        found = tx.lab_record.of_proposal(proposal.id)
        horizon = USUAL_HORIZON if found is None else timedelta(seconds=found[0].horizon_s)
        return Held(
            symbol=symbol, direction=position.direction, entry=position.entry, stop=guard.stop,
            target=None if attached is None else attached.target, risk=abs(proposal.reference_price - first),
            until=proposal.raised_at + horizon,
        )
    return None


def _behind(tx: Tx, origin: Origin, position: Position, now: datetime) -> Proposal | None:
    """Find the one proposal that made a position; None where anybody else had a hand in it."""
    mine = [one for one in tx.proposals.since(now - TRADE_LIFE)
            if one.origin == origin and one.terms.symbol == position.symbol
            and one.terms.direction is position.direction and stop_of(one.terms) is not None]
    for proposal in sorted(mine, key=lambda one: one.raised_at, reverse=True):
        orders = {one.client_order_id for one in tx.orders.of_proposal(proposal.id)
                  if one.intent.effect is Effect.OPEN}
        entries = [fill for name in orders for fill in tx.fills.of_order(name)]
        if entries:
            since = min(fill.at for fill in entries)
            opened = [fill for fill in tx.fills.since(since, position.symbol)
                      if fill.effect is Effect.OPEN and fill.direction is position.direction]
            alone = all(fill.client_order_id in orders for fill in opened)
            return proposal if alone and position.size <= _size(entries) else None
    return None


def _size(fills: Sequence[Fill]) -> Decimal:
    return sum((fill.size for fill in fills), ZERO)


def flaw(said: Close | Tighten, context: Context, held: Held) -> str | None:
    """Say what makes an idea about an open trade unusable, None for a sound one."""
    if (said.symbol, said.direction) != (held.symbol, held.direction) or said.context_digest != context.digest:
        return "it speaks of something it was not asked about"
    if isinstance(said, Close):
        return None if 1 <= said.share <= 100 else f"it would close {said.share} percent"
    if not said.stop.is_finite() or said.stop <= ZERO:
        return "its stop is no price"
    if (said.stop - held.stop) * held.direction.sign <= ZERO:
        return f"its stop would not be tighter than {plain(held.stop)}"
    if (context.mark - said.stop) * held.direction.sign <= ZERO:
        return "its stop is on the wrong side of the price"
    return None


def spelled(said: Close | Tighten) -> str:
    """Say an idea about an open trade in a few words."""
    if isinstance(said, Tighten):
        return f"stop to {plain(said.stop)}"
    return "close it" if said.share >= 100 else f"close {said.share}%"


def _wish(said: Close | Tighten) -> Wish:
    if isinstance(said, Tighten):
        return ProtectWish(symbol=str(said.symbol), direction=said.direction, stop=Level(price=said.stop))
    return CloseWish(
        which=Which.ONE, symbol=str(said.symbol), direction=said.direction, share=Decimal(said.share))


def _key(asked: Asked, context: Context, said: Close | Tighten) -> RequestKey:
    what = "tighten" if isinstance(said, Tighten) else "close"
    opened = context.bars[-1].opened_at
    return RequestKey(f"{what}:{asked.origin.name}:{said.symbol}:{context.timeframe}:{opened:%Y%m%dT%H%M}")


def _reduced(asked: Asked, held: Held, said: Close | Tighten, proposal: Proposal) -> TradeReduced:
    tighter = isinstance(said, Tighten)
    return TradeReduced(
        advisor=asked.origin.name, symbol=held.symbol, direction=held.direction, proposal_id=proposal.id,
        why=quoted(said.why, THESIS_MAX), share=None if isinstance(said, Tighten) else said.share,
        was=held.stop if tighter else None, stop=said.stop if isinstance(said, Tighten) else None,
    )


def _still_reduces(tx: Tx, held: Held, said: Close | Tighten, planned: Plan) -> Ruling:
    """Look again inside the transaction: somebody may have moved the stop nearer meanwhile."""
    guard = tx.protections.get(held.symbol, held.direction)
    stands = held.stop if guard is None or guard.stop is None else guard.stop
    if isinstance(said, Tighten) and (said.stop - stands) * held.direction.sign <= ZERO:
        return Forbids(reasons=(Reason(
            code="wider_stop", value=plain(said.stop), limit=plain(stands), remedy="Nothing was changed.",
            sentence=f"The stop stands at {plain(stands)} by now; {plain(said.stop)} would not be tighter.",
        ),))
    return NeedsHuman(reasons=())
