"""Charge what a model's questions cost to its own result, in units of the risk its ideas take (advisor section 11)."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from bot.domain.instrument import Instrument
from bot.domain.numbers import ZERO, percent_of, plain
from bot.domain.proposal import Proposal, stop_of
from bot.ports.lab_rows import IdeaRow
from bot.ports.ledger import Tx
from bot.ports.llm_calls import LlmCallRow

# What an idea that reached no table would have risked, percent of the wallet.
NOMINAL_PERCENT = Decimal("0.5")
PLACES = Decimal("0.0001")
# Questions that brought nothing are charged to the next idea, if it comes within this.
LOOK_BACK = timedelta(days=2)


def cost_in_r(tx: Tx, idea: IdeaRow, proposal: Proposal | None, instrument: Instrument) -> Decimal:
    """Give the cost of an idea's own questions, and of those since the idea before it that brought none, in R.

    The currency of the price list is taken as the quote currency. Zero where nothing was paid or no wallet is known.
    """
    paid = _paid(tx, idea)
    if paid <= ZERO:
        return ZERO
    risk = _risk(tx, idea, proposal, instrument)
    return (paid / risk).quantize(PLACES) if risk > ZERO else ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class AiCost:
    """What models' questions cost, in the currency of the price list; `today` (UTC) also by advisor."""

    day: Decimal
    month: Decimal
    today: Mapping[str, Decimal]


def paid_between(tx: Tx, since: datetime, until: datetime, advisor: str | None = None) -> Decimal:
    """Add up what questions of a span cost, of one advisor or all; one that is not settled counts as reserved."""
    calls = [one for one in tx.llm_calls.since(since) if one.at <= until and advisor in (None, one.advisor)]
    return _sum(calls)


def ai_cost(tx: Tx, now: datetime) -> AiCost:
    """Read what models cost today and this month."""
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    by_advisor: dict[str, list[LlmCallRow]] = {}
    for one in tx.llm_calls.since(day):
        by_advisor.setdefault(one.advisor, []).append(one)
    today = {name: _sum(calls) for name, calls in sorted(by_advisor.items())}
    return AiCost(day=sum(today.values(), ZERO), month=tx.llm_calls.spent(day.replace(day=1)), today=today)


def cost_line(tx: Tx, advisor: str, now: datetime) -> tuple[str, ...]:
    """Say for a card what an advisor's questions cost today; nothing where none was paid."""
    cost = ai_cost(tx, now).today.get(advisor, ZERO)
    return (f"AI cost today {plain(round(cost, 4))}",) if cost > ZERO else ()


def _sum(calls: Iterable[LlmCallRow]) -> Decimal:
    return sum((one.reserved if one.cost is None else one.cost for one in calls), ZERO)


def _paid(tx: Tx, idea: IdeaRow) -> Decimal:
    since = idea.at - LOOK_BACK
    calls = [one for one in tx.llm_calls.since(since) if one.advisor == idea.advisor]
    if not calls:
        return ZERO
    ideas = tx.lab_record.ideas(since, idea.advisor)
    before = max((one for one in ideas if one.abstained is None and one.at < idea.at), key=lambda one: one.at,
                 default=None)
    if before is not None:
        calls = [one for one in calls if one.at >= before.at and one.context != before.context]
    mine = [one for one in calls if one.at < idea.at or one.context == idea.context]
    return _sum(mine)


def _risk(tx: Tx, idea: IdeaRow, proposal: Proposal | None, instrument: Instrument) -> Decimal:
    stop = stop_of(proposal.terms) if proposal is not None else None
    if proposal is not None and proposal.reference_price is not None and stop is not None:
        size = sum((leg.intent.size or ZERO for leg in proposal.terms.legs), ZERO)
        return size * abs(proposal.reference_price - stop)
    wallet = tx.equity_marks.last_before(instrument.line, instrument.margin_coin, idea.at)
    if wallet is None:
        return ZERO
    worth = wallet.equity * (idea.stop or ZERO) if instrument.inverse else wallet.equity
    return percent_of(NOMINAL_PERCENT, worth)
