"""Nothing leaves without a decision and a positive verdict; each limit refuses by itself (P2, P6, FF-77)."""
from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.desk.answer import answer
from bot.desk.control import halt, pause, resume, set_limits
from bot.desk.decide import Answer
from bot.desk.enter import enter_fill
from bot.desk.execute import execute
from bot.desk.propose import Raised
from bot.domain.decision import Manner
from bot.domain.ids import Symbol
from bot.domain.limits import Limits
from bot.domain.proposal import ProposalState, terms_digest
from bot.domain.refusal import Refusal
from bot.domain.trading import Readiness
from tests.desk.trade import ANA, journal, kinds, say, sent
from tests.support.scripted import Bench

ENTRY = "long btc 0.01 sl 2%"
# One limit that the entry above (600 USDT, 2 % to the stop, 10x) breaks, and the word of its refusal.
CASES: dict[str, dict[str, Any]] = {
    "order_notional": {"order_notional": Decimal(599)},
    "symbol_notional": {"symbol_notional": Decimal(599)},
    "side_notional": {"side_notional": Decimal(599)},
    "account_notional": {"account_notional": Decimal(599)},
    "leverage": {"leverage": Decimal(5)},
    "account_leverage": {"account_leverage": Decimal("0.05")},
    "order_risk": {"order_risk": Decimal("0.1")},
    "open_risk": {"open_risk": Decimal("0.1")},
    "orders_per_minute": {"orders_per_minute": 0},
    "orders": {"orders": 0},
    "symbol_orders": {"symbol_orders": 0},
    "positions": {"positions": 0},
    "deny": {"deny": frozenset({Symbol("BTCUSDT")})},
    "allow": {"allow": frozenset({Symbol("ETHUSDT")})},
}


@pytest.mark.parametrize("name", CASES)
async def test_each_limit_refuses_an_order(bench: Bench, name: str) -> None:
    """FF-77: a limit that is set is a limit that binds."""
    words = f"{ENTRY} 10x" if name == "leverage" else ENTRY
    await set_limits(bench.seat, "account", Limits(**CASES[name]), by=None, actor="local")
    refused = await say(bench, words, "k")
    assert isinstance(refused, Refusal), name
    assert all(one.value and one.limit and one.remedy for one in refused.reasons), "rule, value, limit, remedy"
    assert not bench.venue.sent
    assert "CommandRefused" in await kinds(bench)


@pytest.mark.parametrize("name", ["person_notional", "person_orders_per_minute"])
async def test_a_persons_limits_bind_the_person(bench: Bench, name: str) -> None:
    limit = {"person_notional": Decimal(599)} if name == "person_notional" else {"person_orders_per_minute": 0}
    await set_limits(bench.seat, "person:7", Limits(**limit), by=None, actor="local")  # type: ignore[arg-type]
    assert isinstance(await say(bench, ENTRY, "ana", origin=ANA), Refusal)
    assert isinstance(await say(bench, ENTRY, "local"), Raised), "nobody else is bound by it"


async def test_an_old_price_decides_nothing(bench: Bench) -> None:
    await set_limits(bench.seat, "account", Limits(mark_age_s=10), by=None, actor="local")
    bench.market.age = timedelta(seconds=11)
    assert isinstance(await say(bench, ENTRY, "k"), Refusal)


async def test_a_limit_far_from_the_mark_is_refused(bench: Bench) -> None:
    await set_limits(bench.seat, "account", Limits(price_collar=Decimal(5)), by=None, actor="local")
    assert isinstance(await say(bench, "long btc 0.01 @64000 sl 2%", "far"), Refusal)
    assert isinstance(await say(bench, "long btc 0.01 @59000 sl 2%", "near"), Raised)


async def test_nothing_opens_shortly_before_funding(bench: Bench) -> None:
    await set_limits(bench.seat, "account", Limits(funding_window_s=120), by=None, actor="local")
    bench.market.funding_in = timedelta(seconds=60)
    assert isinstance(await say(bench, ENTRY, "k"), Refusal)


async def test_a_loss_of_the_day_stops_openings_and_survives_a_transfer(bench: Bench) -> None:
    """FF-78: the baseline is a stored mark."""
    await set_limits(bench.seat, "account", Limits(daily_loss=Decimal(3)), by=None, actor="local")
    assert isinstance(await say(bench, ENTRY, "before"), Raised)
    await bench.open(Decimal(9_600))
    refused = await say(bench, "long eth 0.1 sl 2%", "after")
    assert isinstance(refused, Refusal) and refused.code == "daily_loss"


@pytest.mark.parametrize("how", ["halt", "pause"])
async def test_stopped_nothing_opens_and_closing_goes_on(bench: Bench, how: str) -> None:
    """P6, FF-81, FF-82."""
    order = await sent(bench, ENTRY)
    await bench.seat.ledger.transact(lambda tx: _filled(bench, tx, order))
    verb = halt if how == "halt" else pause
    await verb(bench.seat, by=None, why="test", actor="local")
    refused = await say(bench, "long eth 0.1 sl 2%", "open")
    assert isinstance(refused, Refusal) and refused.code == "trading_state"
    closed = await say(bench, "close btc", "close")
    assert isinstance(closed, Raised) and closed.done is not None and len(closed.done.orders) == 1
    await resume(bench.seat, by=None, why="test", actor="local")
    assert isinstance(await say(bench, "long eth 0.1 sl 2%", "again"), Raised)


def _filled(bench: Bench, tx: Any, order: Any) -> None:
    enter_fill(tx, bench.seat.shelf, bench.fill(order, "0.01"), bench.clock.now())


@pytest.mark.parametrize("readiness", [Readiness.STARTING, Readiness.RECONCILING, Readiness.DEGRADED])
async def test_what_cannot_vouch_for_its_books_opens_nothing(bench: Bench, readiness: Readiness) -> None:
    bench.gate.now = readiness
    refused = await say(bench, ENTRY, "k")
    assert isinstance(refused, Refusal) and refused.code == "readiness"


async def test_a_fenced_desk_sends_nothing(bench: Bench) -> None:
    """I18, FF-74: neither opening nor closing leaves without the lease."""
    bench.seat.fence.epoch = None
    refused = await say(bench, ENTRY, "k")
    assert isinstance(refused, Refusal) and refused.code == "lease"


async def test_a_taken_over_lease_fences_the_old_holder(bench: Bench) -> None:
    def take(tx: Any) -> None:
        tx.lease.take("other", bench.clock.now(), timedelta(seconds=60), dead=lambda _: True, validity=timedelta(0))

    await bench.seat.ledger.transact(take)
    refused = await say(bench, ENTRY, "k")
    assert isinstance(refused, Refusal) and refused.code == "lease"


async def test_without_a_decision_nothing_is_carried_out(bench: Bench) -> None:
    """P2, I12: an awaiting proposal cannot be executed."""
    raised = await say(bench, ENTRY, "k", origin=ANA, yes=None)
    assert isinstance(raised, Raised) and raised.proposal.state is ProposalState.AWAITING
    done = await execute(bench.seat, raised.proposal.id)
    assert done.refusals and not bench.venue.sent


async def test_the_verdict_is_asked_again_when_it_counts(bench: Bench) -> None:
    """A yes is no authorisation: a limit set after the card binds the order."""
    raised = await say(bench, ENTRY, "k", origin=ANA, yes=None)
    assert isinstance(raised, Raised)
    await set_limits(bench.seat, "account", Limits(order_notional=Decimal(100)), by=None, actor="local")
    given = Answer(yes=True, manner=Manner.BUTTON, by=ANA.person, name="Ana", digest=terms_digest(raised.proposal))
    await answer(bench.seat, raised.proposal.id, given)
    stored = await bench.seat.ledger.read(lambda tx: tx.proposals.get(raised.proposal.id))
    assert stored is not None and stored.state is ProposalState.REFUSED
    assert not bench.venue.sent and "ProposalRefused" in await kinds(bench)


async def test_a_limit_nearly_used_up_is_told_once_before_it_binds(bench: Bench) -> None:
    limits = Limits(symbol_notional=Decimal(1_400), account_notional=Decimal(100_000))
    await set_limits(bench.seat, "account", limits, by=None, actor="local")
    for place, words in enumerate(("long btc 0.01 sl 2%", "long btc 0.01 sl 2%", "long btc 0.001 sl 2%")):
        assert isinstance(await say(bench, words, str(place)), Raised)
    near = [line.fact for line in await journal(bench) if line.kind == "LimitNear"]
    assert [(one.code, one.value, one.symbol) for one in near] == [  # type: ignore[union-attr]
        ("symbol_notional", Decimal(1_200), "BTCUSDT")]
    assert isinstance(await say(bench, "long btc 0.01 sl 2%", "over"), Refusal)
