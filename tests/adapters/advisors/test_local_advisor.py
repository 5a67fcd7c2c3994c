"""The model behind the port: one idea or a reason, never an exception; what it predicted is always told."""
from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bot.adapters.advisors.artefact import load_artefact
from bot.adapters.advisors.bar import Bar
from bot.adapters.advisors.calibration import Calibration
from bot.adapters.advisors.kernel import WARMUP
from bot.adapters.advisors.local import Prediction
from bot.adapters.advisors.local_advisor import LocalAdvisor
from bot.domain.ids import Symbol
from bot.domain.instrument import Instrument, ProductLine
from bot.domain.intent import Direction
from bot.domain.record import moment_of
from bot.ports.advisor import AGAINST_MAX, INVALIDATION_MAX, THESIS_MAX, Abstained, Advisor, Close, Context, Held, Idea
from bot.ports.market import Candle
from tests.adapters.advisors.models import written
from tests.adapters.advisors.synthetic import walk

BARS = walk(WARMUP + 20, 41, minutes=15, spread=0.01)
BTC = Instrument(
    symbol=Symbol("BTCUSDT"), line=ProductLine.USDT, base="BTC", quote="USDT", margin_coin="USDT",
    price_step=Decimal("0.1"), size_step=Decimal("0.0001"), minimum_size=Decimal("0.0001"), minimum_notional=Decimal(5),
)
SURE = {"LONG": Calibration(kind="platt", fitted_on=100, slope=0.0, shift=2.0)}
NEVER = {side: Calibration(kind="platt", fitted_on=100, slope=0.0, shift=-3.0) for side in ("LONG", "SHORT")}


def context(bars: list[Bar], symbol: str = "BTCUSDT", timeframe: str = "15m") -> Context:
    shown = tuple(Candle(opened_at=moment_of(bar.at), open=Decimal(repr(bar.open)), high=Decimal(repr(bar.high)),
                         low=Decimal(repr(bar.low)), close=Decimal(repr(bar.close)), volume=Decimal(repr(bar.volume)),
                         turnover=Decimal(0)) for bar in bars)
    mark = shown[-1].close.quantize(Decimal("0.1")) if shown else Decimal(1)
    return Context(as_of=datetime(2026, 1, 1, tzinfo=UTC), symbol=Symbol(symbol), timeframe=timeframe,
                   length=timedelta(minutes=15), bars=shown, mark=mark, instrument=BTC, digest="d")


def advisor(recalibrated: dict[str, Calibration], told: list[Prediction]) -> LocalAdvisor:
    model = load_artefact(*written(spread=3.0, timeframe="15m"))
    return LocalAdvisor("M-1", model, told=lambda symbol, found: told.extend(found), recalibrated=recalibrated)


async def test_the_better_side_becomes_an_idea_on_the_price_grid() -> None:
    told: list[Prediction] = []
    made: Advisor = advisor(SURE, told)
    assert (made.name, made.needs.timeframe, made.needs.bars) == ("M-1", "15m", WARMUP + 1)
    shown = context(BARS[:WARMUP + 1])
    found = await made.propose(shown)
    assert isinstance(found, Idea), found
    assert found.direction is Direction.LONG
    assert found.stop < shown.mark < found.target
    assert BTC.fits_price(found.stop)
    assert BTC.fits_price(found.target)
    assert float((found.target - shown.mark) / (shown.mark - found.stop)) == pytest.approx(2.0, abs=0.01)
    assert (found.probability_bp, found.horizon, found.context_digest) == (8808, timedelta(hours=12), "d")
    assert len(found.thesis) <= THESIS_MAX
    assert len(found.against) <= AGAINST_MAX
    assert len(found.invalidation) <= INVALIDATION_MAX
    assert [one.side for one in told] == ["LONG", "SHORT"]


async def test_what_does_not_pay_is_told_and_not_proposed() -> None:
    told: list[Prediction] = []
    made = advisor(NEVER, told)
    assert await made.propose(context(BARS[:WARMUP + 1])) == Abstained(reason="no side above its break-even")
    assert await made.propose(context(BARS[1:WARMUP + 2])) == Abstained(reason="no side above its break-even")
    assert len(told) == 4
    assert {one.began for one in told} == {BARS[0].at}


async def test_a_stream_goes_on_where_it_was_and_equals_one_that_saw_it_all() -> None:
    told: list[Prediction] = []
    made = advisor(NEVER, told)
    for end in range(WARMUP + 1, WARMUP + 5):
        await made.propose(context(BARS[end - 100 if told else 0:end]))
    once: list[Prediction] = []
    await advisor(NEVER, once).propose(context(BARS[:WARMUP + 4]))
    assert told[-2:] == once


@pytest.mark.parametrize(("shown", "reason"), [
    (context(BARS[:WARMUP], symbol="ETHUSDT"), "not trained on ETHUSDT"),
    (context(BARS[:WARMUP], timeframe="5m"), "made for 15m, not 5m"),
    (context(BARS[:300]), "warm_up: 300 of 1500"),
    (context([]), "warm_up: No bar"),
    (context([BARS[0]._replace(low=0.0)]), "bad_bar: "),
])
async def test_why_it_is_silent(shown: Context, reason: str) -> None:
    found = await advisor(SURE, []).propose(shown)
    assert isinstance(found, Abstained)
    assert found.reason.startswith(reason)


async def test_a_bar_is_told_once_and_asked_again_the_same_is_said() -> None:
    told: list[Prediction] = []
    made = advisor(SURE, told)
    first = await made.propose(context(BARS[:WARMUP + 1]))
    count = len(told)
    assert await made.propose(context(BARS[:WARMUP + 1])) == first
    assert len(told) == count > 0


async def test_a_trade_is_cut_once_the_model_would_take_the_other_side() -> None:
    shown = context(BARS[:WARMUP + 1])
    held = Held(symbol=shown.symbol, direction=Direction.SHORT, entry=shown.mark, stop=shown.mark * 2, target=None,
                risk=shown.mark, until=shown.as_of)
    found = await advisor(SURE, []).review(shown, held)
    assert isinstance(found, Close)
    assert (found.share, found.direction, found.context_digest) == (100, Direction.SHORT, "d")
    assert isinstance(await advisor(NEVER, []).review(shown, held), Abstained)
    long = Held(symbol=shown.symbol, direction=Direction.LONG, entry=shown.mark, stop=shown.mark / 2, target=None,
                risk=shown.mark, until=shown.as_of)
    assert isinstance(await advisor({**NEVER, **SURE}, []).review(shown, long), Abstained)
    other = context(BARS[:WARMUP + 1], timeframe="1h")
    assert isinstance(await advisor(SURE, []).review(other, held), Abstained)
    assert isinstance(await advisor(SURE, []).review(context(BARS[:30]), held), Abstained)
