"""Judge what a model did alone: every order has its idea, its lease and its verdict, and no bound was exceeded."""
from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from bot.domain.decision import Manner
from bot.domain.events_orders import OrderPlanned
from bot.domain.events_proposals import MandateSpent
from bot.domain.intent import Effect
from bot.domain.order import Order
from bot.domain.proposal import OriginKind, Proposal, ProposalState
from bot.ports.ledger import Tx

LINES = 10_000_000


@dataclass(slots=True)
class Findings:
    """What was looked at, and every sentence that should not be."""

    ideas: int = 0
    abstained: int = 0
    proposals: int = 0
    orders: int = 0
    mandates: int = 0
    outcomes: int = 0
    falls: int = 0
    states: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def judge(tx: Tx, advisor: str, asked: int, exchange: list[Mapping[str, Any]]) -> Findings:
    """Read the whole ledger and hold it against itself and against the exchange's own opening orders."""
    found = Findings()
    ideas = tx.lab_record.ideas(advisor=advisor)
    found.ideas = sum(one.abstained is None for one in ideas)
    found.abstained = len(ideas) - found.ideas
    found.mandates = len(tx.desk.mandates())
    found.outcomes = len(tx.lab_record.outcomes(advisor))
    found.falls = sum(one.by == "auto" for one in tx.lab_record.rungs(advisor))
    if len(ideas) > asked:
        found.wrong.append(f"{len(ideas)} rows of {asked} calls: more than one idea of a call.")
    by_proposal = {one.proposal: one for one in ideas if one.proposal is not None}
    planned, spent, beyond = _lines(tx)
    found.wrong += beyond
    used: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    proposals = [one for one in tx.proposals.recent(LINES) if one.origin.kind is OriginKind.ADVISOR]
    for proposal in proposals:
        found.proposals += 1
        found.states[proposal.state.value] += 1
        if str(proposal.id) not in by_proposal:
            found.wrong.append(f"Proposal {proposal.id} has no idea.")
        for order in tx.orders.of_proposal(proposal.id):
            found.orders += 1
            found.wrong += _order(tx, proposal, order, planned, spent, used)
    _bounds(tx, used, found)
    ours = {str(one.client_order_id) for one in planned.values()}
    found.wrong += [f"The exchange has an opening order {row.get('clientOid')} that nobody planned." for row in exchange
                    if row.get("tradeSide") == "open" and row.get("clientOid") not in ours]
    return found


def _lines(tx: Tx) -> tuple[dict[str, Order], Counter[str], list[str]]:
    """Index the verdicts by order and the spending by proposal; the chain itself must hold."""
    assert tx.journal.verify() is None, "The journal's chain is broken."
    planned: dict[str, Order] = {}
    spent: Counter[str] = Counter()
    wrong: list[str] = []
    before: dict[str, Decimal] = {}
    seq = 0
    while entries := tx.journal.after(seq, 500):
        seq = entries[-1].seq
        for entry in entries:
            if isinstance(entry.fact, OrderPlanned):
                planned[entry.fact.order.client_order_id] = entry.fact.order
            elif isinstance(entry.fact, MandateSpent):
                spent[str(entry.fact.proposal_id)] += 1
                wrong += _risk(tx, entry.fact, before)
    return planned, spent, wrong


def _risk(tx: Tx, fact: MandateSpent, before: dict[str, Decimal]) -> list[str]:
    """Hold the money at risk of one trade against its lease: it is counted exactly, without slack."""
    lease = tx.desk.mandate(fact.mandate_id)
    assert lease is not None, "Nothing is spent of a lease that never was."
    assert None not in (fact.risk_used, lease.risk_per_trade, lease.risk_budget), "Every lease of today bounds risk."
    of_this = fact.risk_used - before.get(lease.id, Decimal(0))  # type: ignore[operator]
    before[lease.id] = fact.risk_used  # type: ignore[assignment]
    if of_this > lease.risk_per_trade or fact.risk_used > lease.risk_budget:  # type: ignore[operator]
        return [f"{lease.id} put {of_this} at risk, {fact.risk_used} in all: beyond its bounds."]
    return []


def _order(
    tx: Tx, proposal: Proposal, order: Order, planned: Mapping[str, Order], spent: Mapping[str, int],
    used: dict[tuple[str, str], list[Decimal]],
) -> list[str]:
    wrong = []
    yes = [one for one in tx.decisions.of_proposal(proposal.id) if one.answer]
    lease = tx.desk.mandate(yes[0].reason or "") if len(yes) == 1 and yes[0].manner is Manner.MANDATE else None
    if lease is None:
        wrong.append(f"Order {order.client_order_id} has no lease behind its yes.")
    elif not lease.granted_at <= order.created_at < min(lease.expires_at, lease.revoked_at or lease.expires_at):
        wrong.append(f"Order {order.client_order_id} left outside the time of {lease.id}.")
    elif order.intent.direction not in lease.directions:
        side = order.intent.direction.value
        wrong.append(f"Order {order.client_order_id} is {side}, which {lease.id} does not allow.")
    elif order.intent.symbol not in lease.symbols:
        wrong.append(f"Order {order.client_order_id} is in {order.intent.symbol}, which {lease.id} does not name.")
    else:
        assert proposal.reference_price is not None
        notional = (order.intent.size or Decimal(0)) * proposal.reference_price
        used[(lease.id, order.created_at.date().isoformat())].append(notional)
    if order.client_order_id not in planned:
        wrong.append(f"Order {order.client_order_id} has no verdict.")
    if order.intent.effect is Effect.OPEN and order.intent.stop is None:
        wrong.append(f"Order {order.client_order_id} opened without a stop.")
    if spent[str(proposal.id)] != 1:
        wrong.append(f"Proposal {proposal.id} was spent {spent[str(proposal.id)]} times.")
    if proposal.state is not ProposalState.ORDERED:
        wrong.append(f"Proposal {proposal.id} is {proposal.state.value} and has an order.")
    return wrong


def _bounds(tx: Tx, used: Mapping[tuple[str, str], list[Decimal]], found: Findings) -> None:
    for (name, day), notionals in used.items():
        lease = tx.desk.mandate(name)
        assert lease is not None
        # The price moves between sizing and sending: what was spent is what counts, within the slack of one step.
        slack = Decimal("1.01")
        if len(notionals) > lease.trades_per_day:
            found.wrong.append(f"{name} made {len(notionals)} trades on {day}, allowed {lease.trades_per_day}.")
        if max(notionals) > lease.notional_per_trade * slack:
            found.wrong.append(f"{name} made a trade of {max(notionals):.0f}, allowed {lease.notional_per_trade}.")
        if sum(notionals) > lease.notional_per_day * slack:
            found.wrong.append(f"{name} traded {sum(notionals):.0f} on {day}, allowed {lease.notional_per_day}.")
