"""Let a model ask for a share of its granted risk: less counts at once, more in small steps by people (advisor 9)."""
from __future__ import annotations

from datetime import datetime, timedelta

from bot.desk.enter import write
from bot.desk.note import SCALE, idea_id
from bot.desk.seat import Seat
from bot.domain.events_proposals import RiskScaled
from bot.domain.ids import PersonId, Symbol
from bot.domain.refusal import Refusal, refuse
from bot.ports.advisor import THESIS_MAX, Context, Scale
from bot.ports.lab_rows import IdeaRow, ScaleRow
from bot.ports.ledger import Tx

WHOLE = 100
STEP_MOST = 10
DAY = timedelta(days=1)
MODEL = "advisor"


def share_of(tx: Tx, advisor: str, symbol: Symbol) -> int:
    """Give how much of its granted risk an advisor may take in a symbol, in percent."""
    history = tx.lab_record.scales(advisor, symbol)
    return history[-1].effective if history else WHOLE


def pending(tx: Tx, advisor: str, symbol: Symbol) -> ScaleRow | None:
    """Give what an advisor asks for beyond what it may take; None where nothing waits for people."""
    history = tx.lab_record.scales(advisor, symbol)
    return history[-1] if history and history[-1].requested > history[-1].effective else None


async def hear(seat: Seat, advisor: str, context: Context, wish: Scale) -> RiskScaled | None:
    """Take in what share a model wants; gives what changed or is asked for, None where that is known already."""
    now = seat.clock.now()

    def work(tx: Tx) -> RiskScaled | None:
        fact = _note(tx, advisor, context.symbol, wish, now)
        if fact is not None:
            _idea(tx, advisor, context, wish, fact)
            write(tx, fact, now, f"advisor:{advisor}")
        return fact

    asks = await seat.ledger.read(lambda tx: _changes(tx, advisor, context.symbol, wish, now))
    return await seat.ledger.transact(work) if asks else None


def _changes(tx: Tx, advisor: str, symbol: Symbol, wish: Scale, now: datetime) -> bool:
    """Tell whether a wish says anything new: less than it may take, or more, which it may ask for once a day."""
    share = share_of(tx, advisor, symbol)
    if not 0 <= wish.percent <= WHOLE or wish.percent == share:
        return False
    asked = [one for one in tx.lab_record.scales(advisor, symbol) if one.requested > one.effective]
    return wish.percent < share or not asked or now - asked[-1].at >= DAY


def _note(tx: Tx, advisor: str, symbol: Symbol, wish: Scale, now: datetime) -> RiskScaled | None:
    if not _changes(tx, advisor, symbol, wish, now):
        return None
    was = share_of(tx, advisor, symbol)
    to = min(was, wish.percent)
    _append(tx, advisor, symbol, wish.percent, to, MODEL, wish.why, now)
    return RiskScaled(advisor=advisor, symbol=symbol, was=was, now=to, asked=wish.percent, why=wish.why)


def _idea(tx: Tx, advisor: str, context: Context, wish: Scale, fact: RiskScaled) -> None:
    """Keep the wish among the ideas: it is one, with nothing to follow."""
    name = idea_id(advisor, context.symbol, context.timeframe, context.bars[-1].opened_at, SCALE)
    if tx.lab_record.idea(name) is None:
        tx.lab_record.add_idea(IdeaRow(
            id=name, advisor=advisor, kind=SCALE, symbol=context.symbol, direction=None, entry=None, stop=None,
            target=None, valid_s=0, horizon_s=0, claim_bp=None, chance_bp=None, thesis=wish.why[:THESIS_MAX],
            against="", invalidation="", reasons="[]", context=context.digest,
            fate="scaled" if fact.now == wish.percent else "asked", abstained=None, proposal=None, at=context.as_of,
            percent=wish.percent,
        ))


async def allow(seat: Seat, advisor: str, symbol: Symbol, by: PersonId, actor: str) -> RiskScaled | Refusal:
    """Give a model one step more of what it asks for: 10 points a day at most, by a person's tap."""
    now = seat.clock.now()

    def work(tx: Tx) -> RiskScaled | Refusal:
        asked = pending(tx, advisor, symbol)
        if asked is None:
            share = share_of(tx, advisor, symbol)
            return refuse("not_asked", f"{advisor} does not ask for more in {symbol}.", "Nothing was changed.",
                          value=f"{share}%", limit=f"{share}%")
        steps = [one for one in tx.lab_record.scales(advisor, symbol) if one.by != MODEL and one.at > now - DAY]
        if steps:
            again = steps[-1].at + DAY
            return refuse("step_a_day", f"It got a step more at {steps[-1].at:%d %b %H:%M} UTC.",
                          f"The next is possible at {again:%d %b %H:%M} UTC.", value=f"{asked.effective}%",
                          limit=f"{STEP_MOST} points a day")
        to = min(asked.requested, asked.effective + STEP_MOST)
        _append(tx, advisor, symbol, asked.requested, to, str(by), "allowed in chat", now)
        fact = RiskScaled(advisor=advisor, symbol=symbol, was=asked.effective, now=to, asked=asked.requested,
                          why=asked.why, by=by)
        write(tx, fact, now, actor)
        return fact

    return await seat.ledger.transact(work)


def _append(
    tx: Tx, advisor: str, symbol: Symbol, requested: int, effective: int, by: str, why: str, now: datetime
) -> None:
    history = tx.lab_record.scales(advisor, symbol)
    edition = history[-1].edition + 1 if history else 1
    tx.lab_record.add_scale(ScaleRow(
        advisor=advisor, symbol=symbol, edition=edition, requested=requested, effective=effective, by=by,
        why=why[:THESIS_MAX], at=now,
    ))
