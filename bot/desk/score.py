"""Follow every idea to its end on one-minute bars, whatever became of it, and weigh what came of it (advisor 11)."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from bot.desk.ai_cost import cost_in_r
from bot.desk.brought import brought
from bot.desk.enter import write
from bot.desk.note import OPEN, fate_of
from bot.desk.seat import Seat
from bot.domain.events_proposals import IdeaResolved
from bot.domain.executed import Executed
from bot.domain.ids import ProposalId, Symbol
from bot.domain.instrument import Instrument
from bot.domain.proposal import Proposal, ProposalState
from bot.ports.assessor import Assessor, Followed
from bot.ports.lab_rows import IdeaRow, OutcomeRow
from bot.ports.ledger import Tx
from bot.ports.market import Candle, MarketSilent

# The ladder counts per symbol group; until groups are named, all symbols are one.
GROUP = "all"
MINUTE = timedelta(minutes=1)
# A trade held longer than its idea was to live is counted at that moment's price, this many horizons after the idea.
OVERSTAYED = 2
AT_ONCE = 500
# What was weighed before is skipped; nothing that is not stays open for as long as this.
LOOK_BACK = timedelta(days=30)
# Without the minutes right after it an idea cannot be followed.
GAP_MOST = 5 * MINUTE
LOST = Followed(
    filled=False, exit="LOST", gross_r=Decimal(0), net_r=Decimal(0), entered_at=None, ended_at=None,
)
FUNDING_ROWS = 300
R_PLACES = Decimal("0.0001")


@dataclass(slots=True)
class Tape:
    """The closed minutes read so far, by symbol: memory only, read anew after a restart."""

    bars: dict[Symbol, list[Candle]] = field(default_factory=dict)


async def score(seat: Seat, assessor: Assessor) -> None:
    """Look after the open ideas for ever."""
    tape = Tape()
    while True:
        await look(seat, assessor, tape)
        await seat.clock.sleep(seat.rules.score_period_s)


async def look(seat: Seat, assessor: Assessor, tape: Tape) -> int:
    """Follow what is open as far as the market's minutes go; gives how many ideas ended."""
    open_ideas = await seat.ledger.read(lambda tx: tx.lab_record.unresolved(AT_ONCE))
    found = 0
    for symbol in sorted({one.symbol for one in open_ideas}):
        mine = [one for one in open_ideas if one.symbol == symbol]
        instrument = seat.shelf.instruments.get(symbol)
        if instrument is not None and await _read_on(seat, tape, symbol, mine[0].at):
            for idea in mine:
                found += await _follow(seat, assessor, idea, instrument, tape.bars[symbol])
    for gone in set(tape.bars).difference(one.symbol for one in open_ideas):
        del tape.bars[gone]
    return found


async def _read_on(seat: Seat, tape: Tape, symbol: Symbol, since: datetime) -> bool:
    """Read the minutes that closed since the last look; False while the market is silent."""
    kept = [one for one in tape.bars.get(symbol, []) if one.opened_at >= since]
    if kept and kept[0].opened_at - since >= MINUTE:
        # An older idea than those the tape was begun for: begin anew.
        kept = []
    start, now = kept[-1].opened_at + MINUTE if kept else since, seat.clock.now()
    try:
        if now - start >= MINUTE:
            async for page in seat.market.history(symbol, "1m", start, now):
                kept += [one for one in page if not one.forming and one.opened_at >= start]
    except MarketSilent:
        return False
    tape.bars[symbol] = kept
    return True


async def _follow(
    seat: Seat, assessor: Assessor, idea: IdeaRow, instrument: Instrument, bars: Sequence[Candle]
) -> bool:
    after = [one for one in bars if one.opened_at >= idea.at]
    if not after:
        return False
    lost = after[0].opened_at - idea.at > GAP_MOST
    found = LOST if lost else assessor.follow(idea, after, instrument.taker_fee)
    if found is None:
        return False
    if found.filled:
        try:
            paid = await seat.market.funding_history(idea.symbol, FUNDING_ROWS)
        except MarketSilent:
            return False
        found = assessor.follow(idea, after, instrument.taker_fee, paid)
        assert found is not None, "Funding changes no exit."
    last, result = after[-1].close, found
    return await seat.ledger.transact(lambda tx: _settle(tx, seat, assessor, idea, result, instrument, last))


def _settle(
    tx: Tx, seat: Seat, assessor: Assessor, idea: IdeaRow, found: Followed, instrument: Instrument, last: Decimal
) -> bool:
    """Store an outcome once nothing of its idea's own trade is under way any more; weigh it in the same transaction."""
    now = seat.clock.now()
    proposal = tx.proposals.get(ProposalId(idea.proposal)) if idea.proposal is not None else None
    opens = idea.kind == OPEN
    done = None if proposal is None or not opens else brought(tx, proposal, instrument, last)
    late = now >= idea.at + OVERSTAYED * timedelta(seconds=idea.horizon_s)
    if opens and proposal is not None and not late and _under_way(tx, proposal, done):
        return False
    real = None if done is None else done.result_r.quantize(R_PLACES)
    tx.lab_record.add_outcome(OutcomeRow(
        idea=idea.id, filled=found.filled, exit=found.exit, gross_r=found.gross_r, net_r=found.net_r, executed_r=real,
        ai_cost_r=cost_in_r(tx, idea, proposal, instrument) if opens else Decimal(0),
        entered_at=found.entered_at, ended_at=found.ended_at, resolved_at=now,
    ))
    tx.lab_record.move_idea(idea.id, fate_of(tx, idea))
    fact = IdeaResolved(
        proposal_id=None if proposal is None else proposal.id, symbol=idea.symbol, advisor=idea.advisor,
        outcome=found.exit, result_r=found.net_r, executed_r=real, at=found.ended_at or now, idea=idea.id,
    )
    write(tx, fact, now, "system:score")
    if opens:
        weigh(tx, assessor, idea.advisor, now)
    return True


def _under_way(tx: Tx, proposal: Proposal, done: Executed | None) -> bool:
    """Tell whether a proposal may still be decided or its trade still is open."""
    if proposal.state in (ProposalState.AWAITING, ProposalState.CLAIMED, ProposalState.APPROVED):
        return True
    if done is None:
        return any(not one.state.settled for one in tx.orders.of_proposal(proposal.id))
    return done.closed < done.opened


def weigh(tx: Tx, assessor: Assessor, advisor: str, now: datetime) -> None:
    """Bring an advisor's evidence up to date: outcomes count in the order of their ideas, none before an open one."""
    stored = tx.lab_record.evidence(advisor, GROUP)
    still_open = [one.at for one in tx.lab_record.unresolved(AT_ONCE) if one.advisor == advisor and one.kind == OPEN]
    outcomes = tx.lab_record.outcomes(advisor, None if stored is None else now - LOOK_BACK)
    until = min(still_open, default=None)
    ripe = [each for each in outcomes if until is None or each[0].at < until]
    tx.lab_record.save_evidence(assessor.weigh(stored, advisor, GROUP, ripe, now))
