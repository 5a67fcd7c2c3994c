"""Put a wish on the table: once per request, with every reason against it said at once (P3, FF-02)."""
from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.desk.control import halt, set_limits
from bot.desk.propose import Raised, propose
from bot.desk.wish import OpenWish
from bot.domain.decision import Manner
from bot.domain.ids import RequestKey
from bot.domain.intent import Direction
from bot.domain.limits import Limits
from bot.domain.proposal import Origin, OriginKind, ProposalState
from bot.domain.refusal import Refusal
from bot.ports.venue import Unknown
from tests.desk.test_protect import held
from tests.desk.trade import ANA, LOCAL, kinds, say
from tests.support.scripted import Bench

ENTRY = "long btc 0.01 sl 2%"
MODEL = Origin(kind=OriginKind.ADVISOR, name="rules")
WISH = OpenWish(symbol="btc", direction=Direction.LONG, amount="0.01")


async def test_a_wish_becomes_a_proposal_that_waits(bench: Bench) -> None:
    raised = await say(bench, ENTRY, "k", origin=ANA, yes=None)
    assert isinstance(raised, Raised)
    one = raised.proposal
    assert (one.state, one.reference_price, one.origin) == (ProposalState.AWAITING, Decimal(60_000), ANA)
    assert one.expires_at - one.raised_at == timedelta(seconds=bench.seat.rules.ticket_life_s)
    assert not bench.venue.sent and (await kinds(bench))[-1] == "ProposalRaised"


async def test_a_models_proposal_lives_longer_and_drifts_by_its_risk(bench: Bench) -> None:
    raised = await propose(bench.seat, MODEL, RequestKey("m"), WISH, thesis="up", confidence=Decimal("0.6"))
    assert isinstance(raised, Raised)
    one = raised.proposal
    assert one.drift_in_r and one.drift_allowed == bench.seat.rules.drift_allowed_r and one.thesis == "up"
    assert one.expires_at - one.raised_at == timedelta(seconds=bench.seat.rules.proposal_life_s)


async def test_the_same_request_is_one_proposal_at_any_time(bench: Bench) -> None:
    """P3: also when planning it again would be refused by now."""
    first = await say(bench, ENTRY, "k", origin=ANA, yes=None)
    lines = await kinds(bench)
    assert isinstance(first, Raised)
    await halt(bench.seat, by=None, why="test", actor="local")
    for words in (ENTRY, "long btc 0.05 sl 2%", "long btc 0.00000001"):
        again = await say(bench, words, "k", origin=ANA, yes=None)
        assert isinstance(again, Raised), f"{words}: {again}"
        assert again.again and again.proposal == first.proposal and again.plan.terms == first.proposal.terms
    assert await kinds(bench) == [*lines, "TradingStateChanged"], "nothing was refused and nothing raised"


async def test_the_same_request_sends_nothing_twice_while_the_first_is_in_doubt(bench: Bench) -> None:
    """FF-02, FF-05."""
    bench.venue.answers.append(Unknown(why="timeout"))
    await say(bench, ENTRY, "k")
    again = await say(bench, ENTRY, "k")
    assert isinstance(again, Raised) and again.again and len(bench.venue.sent) == 1


async def test_the_same_request_at_once_is_one_proposal(bench: Bench) -> None:
    raised = await asyncio.gather(*(say(bench, ENTRY, "k") for _ in range(8)))
    assert all(isinstance(one, Raised) for one in raised)
    assert len({one.proposal.id for one in raised if isinstance(one, Raised)}) == 1
    assert len(bench.venue.sent) == 1


async def test_what_only_reduces_is_its_own_yes_when_people_ask(bench: Bench) -> None:
    await held(bench)
    closed = await say(bench, "close btc", "c", origin=ANA, yes=None)
    assert isinstance(closed, Raised) and closed.done is not None and len(closed.done.orders) == 1
    decided = await bench.seat.ledger.read(lambda tx: tx.decisions.of_proposal(closed.proposal.id))
    assert [(one.by, one.manner) for one in decided] == [(ANA.person, Manner.COMMAND)]


async def test_a_models_close_waits_like_anything_else(bench: Bench) -> None:
    await held(bench)
    raised = await say(bench, "close btc", "c", origin=MODEL, yes=None)
    assert isinstance(raised, Raised) and raised.proposal.state is ProposalState.AWAITING
    assert len(bench.venue.sent) == 1


async def test_every_reason_is_told_and_written(bench: Bench) -> None:
    """FF-77: all of them, with value, limit and remedy."""
    await set_limits(bench.seat, "account", Limits(order_notional=Decimal(100), orders=0), by=None, actor="local")
    refused = await say(bench, ENTRY, "k", origin=ANA)
    assert isinstance(refused, Refusal) and {one.code for one in refused.reasons} >= {"order_notional", "orders"}
    assert (await kinds(bench))[-1] == "CommandRefused"


@pytest.mark.parametrize("seconds", [5, 600])
async def test_a_life_can_be_named(bench: Bench, seconds: int) -> None:
    raised = await propose(bench.seat, LOCAL, RequestKey("k"), WISH, life=timedelta(seconds=seconds))
    assert isinstance(raised, Raised)
    assert raised.proposal.expires_at == bench.clock.now() + timedelta(seconds=seconds)
