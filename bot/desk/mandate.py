"""Let a mandate's yes count, and spend it in the transaction that lets the order leave (advisor section 11).

What was used is one small row per mandate, read and written by nobody else: it survives a restart, and as the ledger
does one transaction after the other, two orders can never spend the same remainder.
"""
from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from bot.desk.enter import LAST_LOSS, write
from bot.desk.planned import Plan
from bot.desk.score import GROUP
from bot.domain.decision import Manner
from bot.domain.events_proposals import MandateChanged, MandateSpent
from bot.domain.ids import PersonId, Symbol
from bot.domain.intent import Effect, OrderIntent
from bot.domain.mandate import ALONE, Forbids, Idea, Mandate, NeedsHuman, Permits, Ruling, Rung, Usage, rule
from bot.domain.numbers import ZERO, plain
from bot.domain.proposal import Proposal, effect_of
from bot.domain.record import milliseconds, moment_of
from bot.domain.refusal import Reason, Refusal
from bot.domain.risk import Approved
from bot.ports.ledger import Tx

SPENT, SUSPENDED = "mandate_spent", "suspended"
ACTIVE = "approver_active"
NOT_LIVE = "mandate_over"
# What says that a mandate is used up.
DAILY = frozenset({"mandate_day", "mandate_trades", "mandate_budget"})
# The price may move between sizing and sending.
ROOM = Decimal("0.995")
# It moves the distance to the stop far more than the worth.
ROOM_AT_RISK = Decimal("0.9")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """The most that a trade may be worth, and may lose at its stop (None: not bounded), in quote units."""

    notional: Decimal
    risk: Decimal | None


def acts_alone(tx: Tx, advisor: str) -> bool:
    """Tell whether an advisor stands on a rung on which a mandate counts: whoever put it lower ended that at once.

    What keeps it lower for now counts as well.
    """
    row = tx.lab_record.rung(advisor, GROUP)
    return row is not None and row.rung in ALONE and suspended(tx, advisor) is None


def suspended(tx: Tx, advisor: str) -> Rung | None:
    """Give how far at most an advisor reaches for now; None where nothing passing keeps it lower than its rung."""
    stored = tx.desk.value(f"{SUSPENDED}:{advisor}")
    return Rung(stored["to"]) if stored else None


def suspend(tx: Tx, advisor: str, to: Rung | None, now: datetime) -> None:
    """Keep an advisor at a rung for now, or no longer (None)."""
    tx.desk.set_value(f"{SUSPENDED}:{advisor}", {} if to is None else {"to": to.value}, now)


def live_mandate(tx: Tx, advisor: str, now: datetime) -> Mandate | None:
    """Give the mandate under which an advisor may act alone now; the newest where there are several."""
    return lent_mandate(tx, advisor, now) if acts_alone(tx, advisor) else None


def lent_mandate(tx: Tx, advisor: str, now: datetime) -> Mandate | None:
    """Give the newest mandate of an advisor that is neither revoked nor over, whether or not it counts just now."""
    mine = (one for one in tx.desk.mandates() if one.advisor == advisor and one.rung in ALONE)
    return next((one for one in mine if one.live(now)), None)


def usage_of(tx: Tx, mandate: Mandate, now: datetime) -> Usage:
    """Give what was done under a mandate: today (UTC), and of its risk ever."""
    stored = tx.desk.value(f"{SPENT}:{mandate.id}") or {}
    losses = [moment_of(one["at"]) for one in tx.desk.values(f"{LAST_LOSS}:").values() if one]
    today = stored.get("day") == now.date().isoformat()
    traded = stored.get("last_trade_at")
    return Usage(
        trades=int(stored["trades"]) if today else 0,
        notional=Decimal(stored["notional"]) if today else ZERO,
        risk=Decimal(stored.get("risk", "0")),
        last_trade_at=moment_of(traded) if traded is not None else None,
        last_loss_at=max(losses, default=None),
        refused=bool(stored.get("refused", False)) if today else False,
    )


def _keep(tx: Tx, mandate: Mandate, usage: Usage, now: datetime) -> None:
    traded = usage.last_trade_at
    tx.desk.set_value(f"{SPENT}:{mandate.id}", {
        "day": now.date().isoformat(), "trades": usage.trades, "notional": plain(usage.notional),
        "risk": plain(usage.risk),
        "last_trade_at": None if traded is None else milliseconds(traded), "refused": usage.refused,
    }, now)


def ruling_for(tx: Tx, advisor: str, planned: Plan, confidence: Decimal | None, now: datetime) -> Ruling:
    """Say whether an advisor's own yes counts for a plan; without a live mandate people decide.

    An idea beyond what is left of the day uses the mandate up: it falls back to asking (advisor section 11).
    """
    mandate, symbol = live_mandate(tx, advisor, now), planned.terms.symbol
    if mandate is None or symbol is None:
        return NeedsHuman(reasons=())
    usage, numbers, effect = usage_of(tx, mandate, now), planned.preview, effect_of(planned.terms)
    direction = planned.terms.direction
    if direction is None:
        # What concerns both sides of a symbol only reduces.
        return Permits(mandate_id=mandate.id) if effect is Effect.CLOSE else NeedsHuman(reasons=())
    notional = numbers.notional if numbers is not None else ZERO
    loss = numbers.loss if numbers is not None and numbers.loss is not None else notional
    idea = Idea(symbol=symbol, direction=direction, effect=effect, notional=notional, risk=loss, confidence=confidence)
    answer = rule(mandate, idea, usage, now)
    if isinstance(answer, (Forbids, NeedsHuman)) and any(one.code in DAILY for one in answer.reasons):
        _keep(tx, mandate, replace(usage, refused=True), now)
        return NeedsHuman(reasons=answer.reasons)
    return answer


def spend(tx: Tx, proposal: Proposal, intent: OrderIntent, verdict: Approved, now: datetime) -> Refusal | None:
    """Spend what an order takes of the mandate whose yes it has; a Refusal where it is not covered any more.

    None, and nothing spent, where people or the system said yes, and for what only reduces. Notional and money at risk
    are those that the verdict counted against the limits in this very transaction.
    """
    name = mandate_of(tx, proposal)
    if name is None:
        return None
    mandate = tx.desk.mandate(name)
    if mandate is None or not mandate.live(now) or not acts_alone(tx, mandate.advisor):
        return Refusal(reasons=(_over(name, mandate, now),))
    if intent.effect is not Effect.OPEN:
        return None
    notional = verdict.after.account_notional - verdict.before.account_notional
    risk = verdict.after.open_risk - verdict.before.open_risk
    usage = usage_of(tx, mandate, now)
    idea = Idea(
        symbol=intent.symbol, direction=intent.direction, effect=intent.effect, notional=notional, risk=risk,
        confidence=proposal.confidence,
    )
    answer = rule(mandate, idea, usage, now)
    if not isinstance(answer, Permits):
        if any(one.code in DAILY for one in answer.reasons):
            _keep(tx, mandate, replace(usage, refused=True), now)
        return Refusal(reasons=answer.reasons)
    after = replace(
        usage, trades=usage.trades + 1, notional=usage.notional + notional, risk=usage.risk + risk, last_trade_at=now,
    )
    _keep(tx, mandate, after, now)
    fact = MandateSpent(
        mandate_id=mandate.id, proposal_id=proposal.id, trades_today=after.trades,
        trades_per_day=mandate.trades_per_day, notional_today=after.notional,
        notional_per_day=mandate.notional_per_day, risk_used=after.risk, risk_budget=mandate.risk_budget,
    )
    write(tx, fact, now, f"advisor:{mandate.advisor}")
    return None


def mandate_of(tx: Tx, proposal: Proposal) -> str | None:
    """Name the mandate whose yes a proposal has; None where somebody else said it."""
    yes = [one for one in tx.decisions.of_proposal(proposal.id) if one.answer and one.revision == proposal.revision]
    return (yes[-1].reason or "") if yes and yes[-1].manner is Manner.MANDATE else None


def _over(name: str, mandate: Mandate | None, now: datetime) -> Reason:
    ended = "unknown" if mandate is None else (mandate.revoked_at or mandate.expires_at).isoformat()
    return Reason(
        code=NOT_LIVE, value=now.isoformat(), limit=ended, remedy="An owner can renew it with /auto.",
        sentence=f"The mandate {name or 'of this yes'} is over, so the model's yes does not count.",
    )


def end_mandates(tx: Tx, advisor: str, by: PersonId | None, why: str, now: datetime, actor: str) -> int:
    """Revoke whatever lets an advisor act alone; gives how many were live."""
    mine = [one for one in tx.desk.mandates() if one.advisor == advisor and one.rung in ALONE and one.live(now)]
    for one in mine:
        after = tx.desk.save_mandate(one, replace(one, revoked_at=now, version=one.version + 1))
        write(tx, MandateChanged(was=one, now=after, by=by, why=why), now, actor)
    return len(mine)


def active(tx: Tx, now: datetime) -> None:
    """Note that somebody who may approve is there."""
    tx.desk.set_value(ACTIVE, {"at": milliseconds(now)}, now)


def nobody_for(tx: Tx, length: timedelta, now: datetime) -> bool:
    """Tell whether nobody who may approve was there for so long; granting a mandate is being there."""
    stored = tx.desk.value(ACTIVE)
    seen = [moment_of(stored["at"])] if stored else []
    seen += [one.granted_at for one in tx.desk.mandates()]
    return now - max(seen, default=now) >= length


def cap_of(tx: Tx, advisor: str, symbol: Symbol, now: datetime) -> Cap | None:
    """Give the most one trade of an advisor that acts alone in AUTO may be; None where people decide."""
    mandate = live_mandate(tx, advisor, now)
    if mandate is None or mandate.rung is not Rung.AUTO or symbol not in mandate.symbols:
        return None
    risk = None if mandate.risk_per_trade is None else mandate.risk_per_trade * ROOM_AT_RISK
    return Cap(notional=mandate.notional_per_trade * ROOM, risk=risk)
