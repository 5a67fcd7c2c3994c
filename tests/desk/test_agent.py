"""Let agents in by tokens that are kept as hashes, end, and can be taken away."""
from __future__ import annotations

from datetime import timedelta

import pytest

from bot.desk.agent import Agent, Scope, add_agent, agent_name, agent_of, agents, beyond_scope, revoke_agent
from bot.domain.events_control import SettingChanged
from bot.domain.proposal import Origin, OriginKind
from bot.domain.refusal import Refusal
from tests.desk.trade import journal
from tests.support.scripted import Bench

BOTH = frozenset(Scope)


async def enter(bench: Bench, name: str = "bot-1", token: str = "wda-1", days: int = 30) -> Agent | Refusal:
    now = bench.clock.now()
    return await bench.seat.ledger.transact(lambda tx: add_agent(tx, name, token, BOTH, days, now, "local"))


async def find(bench: Bench, token: str) -> Agent | Refusal:
    return await bench.seat.ledger.read(lambda tx: agent_of(tx, token, bench.clock.now()))


async def test_a_token_is_kept_as_its_hash_and_found_again(bench: Bench) -> None:
    made = await enter(bench)
    assert isinstance(made, Agent) and await find(bench, "wda-1") == made
    assert "wda-1" not in str(await bench.seat.ledger.read(lambda tx: tx.desk.value("agents")))
    facts = [one.fact for one in await journal(bench) if isinstance(one.fact, SettingChanged)]
    assert facts[-1].name == "agent bot-1" and "propose, read until" in str(facts[-1].now)
    unknown = await find(bench, "wda-2")
    assert isinstance(unknown, Refusal) and unknown.code == "token_unknown"


async def test_a_token_ends_by_itself_and_by_hand(bench: Bench) -> None:
    await enter(bench, days=1)
    bench.clock.jump(timedelta(days=1).total_seconds())
    over = await find(bench, "wda-1")
    assert isinstance(over, Refusal) and over.code == "token_expired"
    assert isinstance(await enter(bench, token="wda-2"), Agent), "an ended one may be replaced"
    old = await find(bench, "wda-1")
    assert isinstance(old, Refusal) and old.code == "token_unknown"
    now = bench.clock.now()
    for _ in range(2):
        ended = await bench.seat.ledger.transact(lambda tx: revoke_agent(tx, "bot-1", now, "local"))
        assert isinstance(ended, Agent) and ended.revoked_at == now
    gone = await find(bench, "wda-2")
    assert isinstance(gone, Refusal) and gone.code == "token_revoked"


@pytest.mark.parametrize(("name", "days", "code"), [
    ("Bad Name", 30, "agent_name"), ("x", 30, "agent_name"), ("ok-bot", 0, "agent_days"), ("ok-bot", 366, "agent_days"),
])
async def test_names_and_spans_are_bounded(bench: Bench, name: str, days: int, code: str) -> None:
    refused = await enter(bench, name=name, days=days)
    assert isinstance(refused, Refusal) and refused.code == code
    assert not await bench.seat.ledger.read(agents)


async def test_a_living_token_is_not_replaced(bench: Bench) -> None:
    await enter(bench)
    refused = await enter(bench, token="wda-2")
    assert isinstance(refused, Refusal) and refused.code == "agent_known"
    unknown = await bench.seat.ledger.transact(lambda tx: revoke_agent(tx, "nobody", bench.clock.now(), "local"))
    assert isinstance(unknown, Refusal) and unknown.code == "agent_unknown"


async def test_scopes_bound_and_names_tell_where_it_comes_from(bench: Bench) -> None:
    made = await enter(bench)
    assert isinstance(made, Agent) and beyond_scope(made, Scope.PROPOSE) is None
    assert agent_name(made.origin) == "bot-1"
    assert agent_name(Origin(kind=OriginKind.ADVISOR, name="rules")) is None
    assert agent_name(Origin(kind=OriginKind.SIGNAL, name="mcp:x")) is None
