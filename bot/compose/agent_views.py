"""Say to an agent what it may know: shares instead of amounts, an age with every figure, plain values only."""
from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from bot.adapters.advisors.bar import Bar
from bot.adapters.advisors.kernel import KERNELS, WARMUP, Kernel
from bot.desk.agent import AWAITING_MOST, DAY_MOST, Agent, held_back, own
from bot.desk.agent_ideas import LENGTHS, Shadowed
from bot.desk.brief import closed_bars
from bot.desk.facts import find_instrument
from bot.desk.planned import Plan
from bot.desk.propose import Raised
from bot.desk.seat import Seat
from bot.desk.views import account_view, holdings, open_orders
from bot.domain.mandate import Rung
from bot.domain.numbers import HUNDRED, ZERO, plain
from bot.domain.proposal import Proposal, ProposalState, stop_of
from bot.domain.record import milliseconds
from bot.domain.refusal import Refusal, refuse
from bot.domain.trading import Environment
from bot.ports.advisor import Needs
from bot.ports.ledger import Tx
from bot.ports.market import Candle, MarketSilent

Answer = dict[str, Any]
CANDLES_MOST, AT_ONCE, KERNEL = 200, 100, "k1"


def figure(value: Decimal | None, places: int | None = None) -> str | None:
    """Write a figure as text; None stays None."""
    if value is None:
        return None
    return plain(value if places is None else round(value, places))


def age_s(since: datetime | None, now: datetime) -> str | None:
    """Say how old something is, in seconds."""
    return None if since is None else str(round((now - since).total_seconds(), 1))


def refused(no: Refusal) -> Answer:
    """Say no: rule, what was found, what is allowed, what would pass."""
    return {"refused": [
        {"rule": one.code, "value": one.value, "limit": one.limit, "sentence": one.sentence, "would_pass": one.remedy}
        for one in no.reasons
    ]}


async def capabilities(seat: Seat, agent: Agent, risk: Decimal) -> Answer:
    """Say what this agent may do now, what is left of it, and what is switched off and why."""
    now = seat.clock.now()

    def read(tx: Tx) -> tuple[list[Proposal], Rung | None, str]:
        return own(tx, agent, now - timedelta(days=1)), held_back(tx, agent, now), tx.desk.trading_state().value

    mine, kept, state = await seat.ledger.read(read)
    waiting = sum(1 for one in mine if one.state is ProposalState.AWAITING and one.expires_at > now)
    off = [f"the desk is {state}: nothing opens"] if state != "ACTIVE" else []
    off += [f"people keep {agent.name} on {kept.value}: ideas are noted, not shown"] if kept is not None else []
    readiness = seat.gate.readiness().value
    off += [f"the desk is {readiness}"] if readiness not in ("READY", "DEGRADED") else []
    return {
        "agent": agent.name, "scopes": sorted(one.value for one in agent.scopes), "until": agent.until.isoformat(),
        "account": str(seat.account), "environment": seat.environment.value,
        "real_money": seat.environment is Environment.LIVE, "trading_state": state, "readiness": readiness,
        "rung": (kept or Rung.PROPOSE).value, "awaiting": waiting, "awaiting_most": AWAITING_MOST,
        "proposed_within_24h": len(mine), "proposed_most": DAY_MOST, "risk_per_idea_percent": plain(risk),
        "timeframes": list(LENGTHS), "switched_off": off,
    }


async def account(seat: Seat) -> Answer:
    """Say how the wallets stand, in shares of their equity."""
    view, now = await account_view(seat), seat.clock.now()
    return {
        "wallets": [
            {"coin": one.margin_coin, "free_percent": _share(one.available, one.equity),
             "unrealised_percent": _share(one.unrealised, one.equity), "margin_ratio": figure(one.margin_ratio),
             "age_s": age_s(one.as_of, now)}
            for one in view.accounts if one.equity > ZERO
        ],
        "positions": view.positions, "open_orders": view.orders, "trading_state": view.trading.value,
    }


def _share(part: Decimal, whole: Decimal) -> str | None:
    return figure(part / whole * HUNDRED, 2) if whole > ZERO else None


async def positions(seat: Seat) -> Answer:
    """List what is open, without sizes."""
    return {"positions": [
        {"symbol": str(one.position.symbol), "direction": one.position.direction.value,
         "entry": figure(one.position.entry), "mark": figure(one.mark), "mark_age_s": figure(one.age_s, 1),
         "stop": figure(one.protection.stop) if one.protection is not None else None, "guarded": one.guarded,
         "leverage": figure(one.position.leverage), "profit_percent_of_equity": figure(one.percent_of_equity, 3),
         "to_liquidation_percent": figure(one.distance, 2), "age_s": age_s(one.position.as_of, seat.clock.now())}
        for one in await holdings(seat)
    ]}


async def orders(seat: Seat) -> Answer:
    """List the live orders, without sizes."""
    now = seat.clock.now()
    return {"orders": [
        {"symbol": str(one.intent.symbol), "direction": one.intent.direction.value, "effect": one.intent.effect.value,
         "kind": one.intent.kind.value, "state": one.state.value, "price": figure(one.intent.limit_price),
         "trigger": figure(one.intent.trigger.price) if one.intent.trigger is not None else None,
         "stop": figure(one.intent.stop), "age_s": age_s(one.created_at, now)}
        for one in await open_orders(seat)
    ]}


async def market(seat: Seat, symbol: str) -> Answer:
    """Say where a market stands."""
    found = find_instrument(seat, symbol)
    if isinstance(found, Refusal):
        return refused(found)
    try:
        one = await seat.market.ticker(found.symbol)
    except MarketSilent as silent:
        return refused(refuse("no_price", f"{found.symbol} cannot be read: {silent}", "Ask again shortly."))
    return {
        "symbol": str(found.symbol), "last": figure(one.last), "mark": figure(one.mark), "bid": figure(one.bid),
        "ask": figure(one.ask), "high_24h": figure(one.high_24h), "low_24h": figure(one.low_24h),
        "change_24h": figure(one.change_24h), "volume_24h": figure(one.volume_24h),
        "open_interest": figure(one.open_interest), "funding_rate": figure(one.funding_rate),
        "price_step": figure(found.price_step), "tradable": found.tradable,
        "age_s": age_s(one.received_at, seat.clock.now()),
    }


async def candles(seat: Seat, symbol: str, timeframe: str, count: int) -> Answer:
    """List closed candles, oldest first."""
    bars = await _bars(seat, symbol, timeframe, count)
    if isinstance(bars, Refusal):
        return refused(bars)
    return {"symbol": symbol, "timeframe": timeframe, "candles": [
        {"opened_at": one.opened_at.isoformat(), "open": figure(one.open), "high": figure(one.high),
         "low": figure(one.low), "close": figure(one.close), "volume": figure(one.volume)}
        for one in bars
    ]}


async def features(seat: Seat, symbol: str, timeframe: str) -> Answer:
    """Say the features of the last closed candle, as the desk's own models see it; none before the warm-up is over."""
    bars = await _bars(seat, symbol, timeframe, WARMUP + 1)
    if isinstance(bars, Refusal):
        return refused(bars)
    kernel, row = Kernel(KERNEL, timeframe), [0.0]
    for number, one in enumerate(bars, 1):
        row = kernel.push(Bar(
            milliseconds(one.opened_at), float(one.open), float(one.high), float(one.low), float(one.close),
            float(one.volume),
        ))
        if number % AT_ONCE == 0:
            await asyncio.sleep(0)
    if kernel.seen < WARMUP:
        words = f"{len(bars)} closed candles are there; {WARMUP + 1} are needed."
        return refused(refuse("warm_up", words, "Take a shorter timeframe, or ask later.", value=str(len(bars))))
    named = {name: f"{value:.6g}" for name, value in zip(KERNELS[KERNEL], row, strict=True)}
    return {"symbol": symbol, "timeframe": timeframe, "kernel": KERNEL, "of": bars[-1].opened_at.isoformat(),
            "features": named}


async def _bars(seat: Seat, symbol: str, timeframe: str, count: int) -> Sequence[Candle] | Refusal:
    found = find_instrument(seat, symbol)
    if isinstance(found, Refusal):
        return found
    if timeframe not in LENGTHS:
        return refuse("timeframe", f"{timeframe[:10]!r} is no timeframe here.", f"Take {', '.join(LENGTHS)}.")
    bars = await closed_bars(seat, found.symbol, Needs(timeframe=timeframe, bars=count))
    return bars or refuse("no_candles", f"There are no candles of {found.symbol} now.", "Ask again shortly.")


async def track_record(seat: Seat, advisor: str) -> Answer:
    """Say how an advisor did: ideas resolved to their barriers whatever happened to them, in R after costs."""

    def read(tx: Tx) -> tuple[int, list[Decimal]]:
        ideas = [one for one in tx.lab_record.ideas(advisor=advisor) if one.abstained is None]
        return len(ideas), [outcome.net_r for _, outcome in tx.lab_record.outcomes(advisor=advisor)]

    ideas, results = await seat.ledger.read(read)
    won = sum(1 for one in results if one > ZERO)
    return {
        "advisor": advisor, "ideas": ideas, "resolved": len(results), "won": won,
        "average_r": figure(sum(results, ZERO) / len(results), 3) if results else None,
        "sum_r": figure(sum(results, ZERO), 3) if results else None,
    }


def proposal(one: Proposal) -> Answer:
    """Say how a proposal stands."""
    entry = next((leg.intent for leg in one.terms.legs), None)
    target = entry.attached.target if entry is not None and entry.attached is not None else None
    return {
        "id": str(one.id), "state": _word(one.state), "action": one.terms.action.value,
        "symbol": str(one.terms.symbol) if one.terms.symbol is not None else None,
        "direction": one.terms.direction.value if one.terms.direction is not None else None,
        "stop": figure(stop_of(one.terms)), "target": figure(target), "reference_price": figure(one.reference_price),
        "revision": one.revision, "raised_at": one.raised_at.isoformat(), "expires_at": one.expires_at.isoformat(),
    }


def _word(state: ProposalState) -> str:
    return "pending" if state in (ProposalState.AWAITING, ProposalState.CLAIMED) else state.value.lower()


def raised(found: Raised | Shadowed | Refusal) -> Answer:
    """Say what became of a wish to propose."""
    if isinstance(found, Refusal):
        return refused(found)
    if isinstance(found, Shadowed):
        return {"state": "shadow", "id": None, "idea": found.idea,
                "note": f"People keep this agent on {found.rung}: the idea is noted and scored, nobody is asked."}
    return proposal(found.proposal) | {"again": found.again, "note": "People decide on their phones; ask get_proposal."}


def checked(found: Plan | Refusal) -> Answer:
    """Say what a card would say."""
    if isinstance(found, Refusal):
        return refused(found) | {"would_be_shown": False}
    numbers = found.preview
    assert numbers is not None, "An opening has its numbers."
    return {
        "would_be_shown": True, "summary": found.summary, "risk_percent": figure(numbers.loss_percent, 3),
        "reward_to_risk": figure(numbers.reward_risk, 2), "leverage": figure(numbers.leverage),
        "liquidation": figure(numbers.liquidation), "to_liquidation_percent": figure(numbers.distance, 2),
        "exposure_before": figure(numbers.exposure_before, 3), "exposure_after": figure(numbers.exposure_after, 3),
        "stop": figure(numbers.stop), "targets": [figure(one) for one in numbers.targets],
        "reference_price": figure(found.reference),
    }
