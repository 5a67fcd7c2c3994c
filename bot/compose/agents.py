"""Answer agents from outside over a socket of their own: each call carries a token, and nothing here can trade.

A call is `{"do": tool, "token": …, "args": {…}}`; the answer is the tool's, or `{"refused": [{rule, value, limit,
sentence, would_pass}]}`. Whatever the asking process believes, scope, end, rate and quota are judged here.
"""
from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from bot.compose import agent_views as say
from bot.desk.agent import PREFIX, Agent, Scope, agent_of, beyond_scope, hash_of, own
from bot.desk.agent_ideas import (
    View,
    check_idea,
    own_proposal,
    propose_close,
    propose_idea,
    propose_tighten,
    withdraw,
)
from bot.desk.seat import Seat
from bot.desk.signal_numbers import storable
from bot.domain.intent import Direction
from bot.domain.numbers import HUNDRED, ZERO, parse
from bot.domain.refusal import Refusal, refuse
from bot.runtime.local_socket import Action
from bot.settings import Settings

MINUTE_S, A_MINUTE, UNKNOWN_A_MINUTE = 60.0, 60, 20
DAYS_LISTED = 7
TEXT_MAX = 2000
Answer = dict[str, Any]
Tool = Callable[["Agents", Agent, dict[str, Any]], Awaitable[Answer]]


def agents_directory(settings: Settings) -> Path:
    """Give the directory of the agents' own socket, made private; it holds nothing else."""
    place = settings.data_dir / "agents"
    place.mkdir(mode=0o700, exist_ok=True)
    return place


class Unreadable(Exception):
    """An argument is not what its tool takes; the text is the sentence."""


@dataclass(slots=True)
class Agents:
    """The counter where agents are served; calls are counted in memory, quotas in the ledger."""

    seat: Seat
    risk: Decimal
    calls: dict[str, deque[float]] = field(default_factory=dict)
    # Tokens that counted once: others' guesses must not keep their agents out. They are judged all the same.
    proven: set[str] = field(default_factory=set)
    turns: dict[str, asyncio.Lock] = field(default_factory=dict)

    def actions(self) -> Mapping[str, Action]:
        """Give what the agents' socket can ask for, by name; `whoami` only proves a token."""
        return {name: self._action(name) for name in TOOLS}

    def _action(self, name: str) -> Action:
        scope, tool = TOOLS[name]

        async def act(given: dict[str, Any]) -> Answer:
            # Proving a token comes before each call over HTTP; it is the call that counts.
            agent = await self._entered(str(given.get("token", "")), count=name != "whoami")
            if isinstance(agent, Refusal):
                return say.refused(agent)
            if (no := beyond_scope(agent, scope)) is not None:
                return say.refused(no)
            args = given.get("args") or {}
            if not isinstance(args, dict):
                return say.refused(refuse("argument", "args has to be an object.", "See the tool's schema."))
            try:
                # One call at a time: quotas are counted before what they bound is stored.
                async with self.turns.setdefault(agent.name, asyncio.Lock()):
                    return await tool(self, agent, args)
            except Unreadable as fault:
                return say.refused(refuse("argument", str(fault), "See the tool's schema."))

        return act

    async def _entered(self, token: str, *, count: bool) -> Agent | Refusal:
        now = self.seat.clock.monotonic()
        if hash_of(token) not in self.proven and self._many("", now, UNKNOWN_A_MINUTE, count=False):
            return refuse("rate", "Too many unknown tokens within a minute.", "Wait a minute.")
        agent = await self.seat.ledger.read(lambda tx: agent_of(tx, token, self.seat.clock.now()))
        if isinstance(agent, Refusal):
            self._many("", now, UNKNOWN_A_MINUTE)
            self.proven.discard(hash_of(token))
            return agent
        self.proven.add(hash_of(token))
        if self._many(agent.name, now, A_MINUTE, count=count):
            return refuse("rate", f"{agent.name} called more than {A_MINUTE} times within a minute.", "Wait a minute.",
                          limit=str(A_MINUTE))
        return agent

    def _many(self, who: str, now: float, most: int, *, count: bool = True) -> bool:
        stamps = self.calls.setdefault(who, deque())
        while stamps and now - stamps[0] > MINUTE_S:
            stamps.popleft()
        if len(stamps) >= most:
            return True
        if count:
            stamps.append(now)
        return False


def _text(args: dict[str, Any], name: str, *, needed: bool = True) -> str:
    value = args.get(name, "")
    if not isinstance(value, str) or len(value) > TEXT_MAX or (needed and not value) or storable(value) != value:
        raise Unreadable(f"{name} has to be a text of at most {TEXT_MAX} letters.")
    return value


def _price(args: dict[str, Any], name: str, most: Decimal | None = None) -> Decimal:
    found = parse(_text(args, name))
    if found is None or found <= ZERO or (most is not None and found > most):
        raise Unreadable(f"{name} has to be a number above 0, as text.")
    return found


def _side(args: dict[str, Any], *, needed: bool = True) -> Direction | None:
    word = _text(args, "direction", needed=needed)
    if word in ("LONG", "SHORT"):
        return Direction(word)
    if word or needed:
        raise Unreadable("direction has to be LONG or SHORT.")
    return None


def _count(args: dict[str, Any], name: str, usual: int, most: int) -> int:
    value = args.get(name, usual)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise Unreadable(f"{name} has to be a whole number from 1 to {most}.")
    return value


def _view(args: dict[str, Any]) -> View:
    idea = args.get("idea")
    if not isinstance(idea, dict):
        raise Unreadable("idea has to be an object.")
    side = _side(idea)
    assert side is not None
    return View(
        symbol=_text(idea, "symbol"), direction=side, stop=_price(idea, "stop"), target=_price(idea, "target"),
        timeframe=_text(idea, "timeframe", needed=False) or "15m",
        chance_percent=None if idea.get("chance_percent") is None else _count(idea, "chance_percent", 50, 99),
        horizon_s=_count(idea, "horizon_minutes", 240, 7 * 1440) * 60, thesis=_text(idea, "thesis", needed=False),
        against=_text(idea, "against", needed=False), invalidation=_text(idea, "invalidation", needed=False),
    )


async def _whoami(at: Agents, agent: Agent, args: dict[str, Any]) -> Answer:
    return {"agent": agent.name, "scopes": sorted(one.value for one in agent.scopes), "until": agent.until.isoformat()}


async def _capabilities(at: Agents, agent: Agent, args: dict[str, Any]) -> Answer:
    return await say.capabilities(at.seat, agent, at.risk)


async def _account(at: Agents, agent: Agent, args: dict[str, Any]) -> Answer:
    return await say.account(at.seat)


async def _positions(at: Agents, agent: Agent, args: dict[str, Any]) -> Answer:
    return await say.positions(at.seat)


async def _orders(at: Agents, agent: Agent, args: dict[str, Any]) -> Answer:
    return await say.orders(at.seat)


async def _market(at: Agents, agent: Agent, args: dict[str, Any]) -> Answer:
    return await say.market(at.seat, _text(args, "symbol"))


async def _candles(at: Agents, agent: Agent, args: dict[str, Any]) -> Answer:
    count = _count(args, "n", 50, say.CANDLES_MOST)
    return await say.candles(at.seat, _text(args, "symbol"), _text(args, "timeframe"), count)


async def _features(at: Agents, agent: Agent, args: dict[str, Any]) -> Answer:
    return await say.features(at.seat, _text(args, "symbol"), _text(args, "timeframe", needed=False) or "15m")


async def _record(at: Agents, agent: Agent, args: dict[str, Any]) -> Answer:
    return await say.track_record(at.seat, _text(args, "advisor", needed=False) or f"{PREFIX}{agent.name}")


async def _proposal(at: Agents, agent: Agent, args: dict[str, Any]) -> Answer:
    name = _text(args, "id")
    found = await at.seat.ledger.read(lambda tx: own_proposal(tx, agent, name))
    return say.refused(found) if isinstance(found, Refusal) else say.proposal(found)


async def _mine(at: Agents, agent: Agent, args: dict[str, Any]) -> Answer:
    since = at.seat.clock.now() - timedelta(days=DAYS_LISTED)
    found = await at.seat.ledger.read(lambda tx: own(tx, agent, since))
    return {"proposals": [say.proposal(one) for one in reversed(found)]}


async def _check(at: Agents, agent: Agent, args: dict[str, Any]) -> Answer:
    return say.checked(await check_idea(at.seat, agent, _view(args), at.risk))


async def _propose(at: Agents, agent: Agent, args: dict[str, Any]) -> Answer:
    return say.raised(await propose_idea(at.seat, agent, _view(args), _text(args, "idempotency_key"), at.risk))


async def _close(at: Agents, agent: Agent, args: dict[str, Any]) -> Answer:
    share = _price(args, "share_percent", HUNDRED) if "share_percent" in args else HUNDRED
    return say.raised(await propose_close(
        at.seat, agent, _text(args, "symbol"), _side(args, needed=False), share, _text(args, "reason", needed=False),
        _text(args, "idempotency_key"),
    ))


async def _tighten(at: Agents, agent: Agent, args: dict[str, Any]) -> Answer:
    return say.raised(await propose_tighten(
        at.seat, agent, _text(args, "symbol"), _side(args, needed=False), _price(args, "stop"),
        _text(args, "reason", needed=False), _text(args, "idempotency_key"),
    ))


async def _withdraw(at: Agents, agent: Agent, args: dict[str, Any]) -> Answer:
    found = await withdraw(at.seat, agent, _text(args, "id"), _text(args, "reason", needed=False))
    return say.refused(found) if isinstance(found, Refusal) else say.proposal(found)


# Each tool with the scope it takes; there is no other, and none of them places, approves, cancels or sets anything.
TOOLS: dict[str, tuple[Scope, Tool]] = {
    "whoami": (Scope.READ, _whoami),
    "get_capabilities": (Scope.READ, _capabilities),
    "get_account": (Scope.READ, _account),
    "get_positions": (Scope.READ, _positions),
    "get_open_orders": (Scope.READ, _orders),
    "get_market": (Scope.READ, _market),
    "get_candles": (Scope.READ, _candles),
    "get_features": (Scope.READ, _features),
    "get_track_record": (Scope.READ, _record),
    "get_proposal": (Scope.READ, _proposal),
    "list_my_proposals": (Scope.READ, _mine),
    "check_idea": (Scope.READ, _check),
    "propose_trade": (Scope.PROPOSE, _propose),
    "propose_close": (Scope.PROPOSE, _close),
    "propose_tighten": (Scope.PROPOSE, _tighten),
    "withdraw_proposal": (Scope.PROPOSE, _withdraw),
}
