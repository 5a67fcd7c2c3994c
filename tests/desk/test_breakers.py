"""What must stop stops by itself, and a restart changes nothing of it (FF-15, FF-78, FF-79, I11)."""
from __future__ import annotations

from decimal import Decimal

from bot.desk import breakers
from bot.desk.control import halt, resume, set_limits
from bot.domain.limits import Limits
from bot.domain.trading import TradingState
from bot.ports.venue import Rejected
from tests.desk.trade import kinds, say
from tests.support.scripted import Bench


async def look(bench: Bench) -> TradingState:
    await bench.seat.ledger.transact(lambda tx: breakers.look(tx, bench.seat))
    return await bench.seat.ledger.read(lambda tx: tx.desk.trading_state())


async def test_a_daily_loss_lets_nothing_open(bench: Bench) -> None:
    await set_limits(bench.seat, "account", Limits(daily_loss=Decimal(3)), by=None, actor="local")
    assert await look(bench) is TradingState.ACTIVE
    await bench.open(Decimal(9_690))
    assert await look(bench) is TradingState.REDUCE_ONLY
    assert "BreakerTripped" in await kinds(bench)
    await look(bench)
    assert (await kinds(bench)).count("BreakerTripped") == 1, "told once a day"


async def test_nearing_a_limit_is_told_before(bench: Bench) -> None:
    await set_limits(bench.seat, "account", Limits(daily_loss=Decimal(3)), by=None, actor="local")
    await bench.open(Decimal(9_750))
    assert await look(bench) is TradingState.ACTIVE
    assert "LimitNear" in await kinds(bench)


async def test_the_same_refusal_three_times_stops_the_source(bench: Bench) -> None:
    """FF-15."""
    for place in range(3):
        bench.venue.answers.append(Rejected(code="40762", words="not enough"))
        await say(bench, "long btc 0.01 sl 2%", str(place))
    assert await look(bench) is TradingState.REDUCE_ONLY


async def test_different_refusals_stop_nothing(bench: Bench) -> None:
    for place, code in enumerate(("40762", "45110", "40762")):
        bench.venue.answers.append(Rejected(code=code, words=code))
        await say(bench, "long btc 0.01 sl 2%", str(place))
    assert await look(bench) is TradingState.ACTIVE


async def test_who_resumes_is_not_stopped_again_by_the_same_loss(bench: Bench) -> None:
    await set_limits(bench.seat, "account", Limits(daily_loss=Decimal(3)), by=None, actor="local")
    await bench.open(Decimal(9_600))
    await look(bench)
    await resume(bench.seat, by=None, why="known", actor="local")
    assert await look(bench) is TradingState.ACTIVE


async def test_the_same_code_with_other_numbers_in_its_words_is_the_same_refusal(bench: Bench) -> None:
    """FF-15."""
    for place in range(3):
        bench.venue.answers.append(Rejected(code="40762", words=f"need {place}.5 USDT more"))
        await say(bench, "long btc 0.01 sl 2%", str(place))
    assert await look(bench) is TradingState.REDUCE_ONLY
    await resume(bench.seat, by=None, why="seen", actor="local")
    assert await look(bench) is TradingState.ACTIVE, "the same three stop once"


async def test_a_success_between_refusals_stops_nothing(bench: Bench) -> None:
    for place in range(4):
        if place != 2:
            bench.venue.answers.append(Rejected(code="40762", words="no"))
        await say(bench, "long btc 0.01 sl 2%", str(place))
    assert await look(bench) is TradingState.ACTIVE


async def test_a_stricter_state_stays_when_a_breaker_trips(bench: Bench) -> None:
    await set_limits(bench.seat, "account", Limits(daily_loss=Decimal(3)), by=None, actor="local")
    await halt(bench.seat, by=None, why="test", actor="local")
    await bench.open(Decimal(9_600))
    assert await look(bench) is TradingState.HALTED
    assert "BreakerTripped" in await kinds(bench)


async def test_without_limits_nothing_trips(bench: Bench) -> None:
    """FF-83."""
    await bench.open(Decimal(1))
    assert await look(bench) is TradingState.ACTIVE
