"""Note every idea and every abstention of an advisor, whatever becomes of it: a row of its own (advisor section 13).

An id follows from advisor, symbol and candle, so that one candle makes one idea, after a restart too, and a replay of
the same day gives the same rows.
"""
from __future__ import annotations

import hashlib
from datetime import datetime

from bot.domain.ids import ProposalId, Symbol
from bot.domain.proposal import ProposalState
from bot.domain.refusal import Refusal
from bot.ports.advisor import (
    AGAINST_MAX,
    INVALIDATION_MAX,
    TARGET_R_MOST,
    THESIS_MAX,
    Close,
    Context,
    Held,
    Idea,
    Tighten,
)
from bot.ports.lab_rows import IdeaRow
from bot.ports.ledger import Tx

OPEN, CLOSE, TIGHTEN, SCALE, ABSTAINED = "OPEN", "CLOSE", "TIGHTEN", "SCALE", "ABSTAINED"
SHADOW, PROPOSED, BLOCKED, FORBIDDEN, FLAWED = "shadow", "proposed", "blocked", "forbidden", "flawed"
# What a proposal's end makes of its idea; the others are still under way.
FATES = {
    ProposalState.ORDERED: "ordered", ProposalState.REFUSED: "refused", ProposalState.REJECTED: "rejected",
    ProposalState.EXPIRED: "expired", ProposalState.SUPERSEDED: "superseded", ProposalState.WITHDRAWN: "withdrawn",
}


def idea_id(advisor: str, symbol: Symbol, timeframe: str, opened_at: datetime, kind: str) -> str:
    """Give the id of what an advisor said of one candle."""
    said = f"{advisor}|{symbol}|{timeframe}|{opened_at.isoformat()}|{kind}"
    return f"I-{hashlib.sha256(said.encode()).hexdigest()[:10].upper()}"


def note_idea(tx: Tx, advisor: str, context: Context, idea: Idea, life_s: int, fate: str) -> str:
    """Store an idea; the one a candle has already stays as it was said first. Gives its id."""
    name = idea_id(advisor, context.symbol, context.timeframe, context.bars[-1].opened_at, OPEN)
    if tx.lab_record.idea(name) is not None:
        return name
    low, high, count = idea.usual or (None, None, None)
    tx.lab_record.add_idea(IdeaRow(
        id=name, advisor=advisor, kind=OPEN, symbol=context.symbol, direction=idea.direction.value, entry=None,
        stop=idea.stop, target=idea.target, valid_s=life_s, horizon_s=int(idea.horizon.total_seconds()),
        claim_bp=idea.probability_bp, chance_bp=None, thesis=idea.thesis[:THESIS_MAX],
        against=idea.against[:AGAINST_MAX], invalidation=idea.invalidation[:INVALIDATION_MAX], reasons="[]",
        context=context.digest, fate=fate, abstained=None, proposal=None, at=context.as_of, range_low=low,
        range_high=high, range_of=count,
    ))
    return name


def note_exit(tx: Tx, advisor: str, context: Context, held: Held, idea: Close | Tighten, fate: str) -> str:
    """Store an idea about an open trade; the one a candle has already stays as it was said first. Gives its id.

    It is followed for as long as the idea behind the trade would have lived; without a target to three times the risk.
    """
    kind = CLOSE if isinstance(idea, Close) else TIGHTEN
    name = idea_id(advisor, context.symbol, context.timeframe, context.bars[-1].opened_at, kind)
    if tx.lab_record.idea(name) is not None:
        return name
    reach = held.entry + held.direction.sign * TARGET_R_MOST * held.risk
    left = max(context.length, held.until - context.as_of)
    tx.lab_record.add_idea(IdeaRow(
        id=name, advisor=advisor, kind=kind, symbol=held.symbol, direction=held.direction.value, entry=None,
        stop=idea.stop if isinstance(idea, Tighten) else held.stop, target=held.target or reach, valid_s=0,
        horizon_s=int(left.total_seconds()), claim_bp=None, chance_bp=None, thesis=idea.why[:THESIS_MAX], against="",
        invalidation="", reasons="[]", context=context.digest, fate=fate, abstained=None, proposal=None,
        at=context.as_of, stood=held.stop, unit=held.risk,
        percent=idea.share if isinstance(idea, Close) else None,
    ))
    return name


def note_silence(tx: Tx, advisor: str, context: Context, reason: str, fate: str = ABSTAINED.lower()) -> None:
    """Store why an advisor said nothing usable of a candle, once; nothing of it is followed."""
    name = idea_id(advisor, context.symbol, context.timeframe, context.bars[-1].opened_at, ABSTAINED)
    if tx.lab_record.idea(name) is not None:
        return
    tx.lab_record.add_idea(IdeaRow(
        id=name, advisor=advisor, kind=ABSTAINED, symbol=context.symbol, direction=None, entry=None, stop=None,
        target=None, valid_s=0, horizon_s=0, claim_bp=None, chance_bp=None, thesis="", against="", invalidation="",
        reasons="[]", context=context.digest, fate=fate, abstained=reason[:THESIS_MAX] or "no reason", proposal=None,
        at=context.as_of,
    ))


def blocked_by(why: Refusal) -> str:
    """Give the fate of an idea that a rule kept off the table, with the rule: what each is worth is added up."""
    return f"{BLOCKED}:{why.code}"


def fate_of(tx: Tx, idea: IdeaRow) -> str:
    """Say what became of an idea by now: what its proposal ended as, or what was noted."""
    proposal = tx.proposals.get(ProposalId(idea.proposal)) if idea.proposal is not None else None
    return idea.fate if proposal is None else FATES.get(proposal.state, idea.fate)
