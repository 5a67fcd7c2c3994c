"""The deterministic advisor: the set-ups it takes, mirrored for shorts, and what keeps it quiet."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bot.adapters.advisors.rules import WARM_UP, Rules, ema, keep, look
from bot.domain.ids import Symbol
from bot.domain.instrument import Instrument, ProductLine
from bot.domain.intent import Direction
from bot.ports.advisor import AGAINST_MAX, INVALIDATION_MAX, THESIS_MAX, Abstained, Close, Context, Held, Idea, Tighten
from bot.ports.market import Candle

START = datetime(2026, 1, 5, tzinfo=UTC)
LENGTH = timedelta(minutes=15)
BTC = Instrument(
    symbol=Symbol("BTCUSDT"), line=ProductLine.USDT, base="BTC", quote="USDT", margin_coin="USDT",
    price_step=Decimal("0.1"), size_step=Decimal("0.0001"), minimum_size=Decimal("0.0001"),
    minimum_notional=Decimal(5),
)


def candle(place: int, opened: float, closed: float, volume: float = 100, wick: float = 60) -> Candle:
    high, low = max(opened, closed) + wick, min(opened, closed) - wick
    values = [Decimal(str(round(one, 1))) for one in (opened, high, low, closed)]
    return Candle(
        opened_at=START + place * LENGTH, open=values[0], high=values[1], low=values[2], close=values[3],
        volume=Decimal(str(volume)), turnover=Decimal(0),
    )


def bars(closes: Sequence[float], volumes: Sequence[float] = ()) -> tuple[Candle, ...]:
    opens = [closes[0], *closes]
    loud = [*(100.0 for _ in range(len(closes) - len(volumes))), *volumes]
    return tuple(candle(n, opens[n], close, loud[n]) for n, close in enumerate(closes))


def shown(found: tuple[Candle, ...], mark: float | None = None) -> Context:
    price = found[-1].close if mark is None else Decimal(str(mark))
    return Context(as_of=START, symbol=BTC.symbol, timeframe="15m", length=LENGTH, bars=found, mark=price,
                   instrument=BTC, digest="d")


def advance(last: float = 60_700) -> list[float]:
    """Rise, drift sideways for thirty candles, then close at `last`."""
    rise = [55_000 + 60 * n for n in range(WARM_UP - 31)]
    top = rise[-1]
    flat = [top + (-80 if n % 2 else 60) for n in range(30)]
    return [*rise, *flat, last]


def mirrored(closes: Sequence[float]) -> list[float]:
    return [120_000 - close for close in closes]


LOUD = [100, 300]


def test_a_breakout_on_volume_is_an_idea_with_stop_and_target() -> None:
    idea = look(shown(bars(advance(), LOUD)))
    assert isinstance(idea, Idea), idea
    assert (idea.symbol, idea.direction, idea.context_digest) == (BTC.symbol, Direction.LONG, "d")
    mark = Decimal(60_700)
    assert idea.target - mark == pytest.approx(Decimal("2.5") * (mark - idea.stop), abs=Decimal("0.5"))
    assert mark - idea.stop >= Decimal("0.006") * mark - 1
    assert idea.stop % BTC.price_step == idea.target % BTC.price_step == 0
    assert "Breakout" in idea.thesis
    assert "3.0 times the usual volume" in idea.thesis
    assert len(idea.thesis) <= THESIS_MAX
    assert len(idea.against) <= AGAINST_MAX
    assert len(idea.invalidation) <= INVALIDATION_MAX


def test_the_mirror_image_is_a_short() -> None:
    long, short = look(shown(bars(advance(), LOUD))), look(shown(bars(mirrored(advance()), LOUD)))
    assert isinstance(long, Idea)
    assert isinstance(short, Idea), short
    assert short.direction is Direction.SHORT
    assert short.stop > Decimal(59_300) > short.target
    assert "below" in short.thesis
    assert "above" in short.invalidation


def test_the_end_of_a_pullback_is_an_idea_too() -> None:
    rise = [55_000 + 60 * n for n in range(WARM_UP - 4)]
    dip = [*rise, rise[-1] - 350, rise[-1] - 650, rise[-1] - 600, rise[-1] - 200]
    idea = look(shown(bars(dip)))
    assert isinstance(idea, Idea), idea
    assert "Pullback" in idea.thesis


@pytest.mark.parametrize(("closes", "volumes", "mark", "reason"), [
    (advance()[1:], LOUD, None, "are needed"),
    ([60_000.0] * WARM_UP, LOUD, None, "no trend"),
    (advance(59_100), LOUD, None, "no set-up"),
    (advance(), LOUD, 63_500, "too far"),
])
def test_what_keeps_it_quiet(
    closes: Sequence[float], volumes: Sequence[float], mark: float | None, reason: str,
) -> None:
    answer = look(shown(bars(closes, volumes), mark))
    assert isinstance(answer, Abstained)
    assert reason in answer.reason


def test_a_market_too_quiet_for_its_fees_is_left_alone() -> None:
    closes = [60_000 + (close - 60_000) / 40 for close in advance()]
    found = tuple(candle(n, ([closes[0], *closes])[n], close, 300 if n == len(closes) - 1 else 100, wick=1)
                  for n, close in enumerate(closes))
    answer = look(shown(found))
    assert isinstance(answer, Abstained)
    assert "fees" in answer.reason


def test_the_same_bars_give_the_same_answer_at_any_scale() -> None:
    one, two = look(shown(bars(advance(), LOUD))), look(shown(bars(advance(), LOUD)))
    assert one == two


async def test_the_advisor_says_what_it_needs() -> None:
    rules = Rules("15m")
    assert (rules.name, rules.needs.timeframe, rules.needs.bars) == ("rules", "15m", WARM_UP)
    assert await rules.propose(shown(bars(advance(), LOUD))) == look(shown(bars(advance(), LOUD)))


def test_an_average_starts_at_the_first_value_and_follows() -> None:
    assert ema([1.0, 1.0, 1.0], 3) == [1.0, 1.0, 1.0]
    assert ema([0.0, 2.0], 3) == [0.0, 1.0]


def trade(direction: Direction, entry: str, stop: str, risk: str = "500") -> Held:
    return Held(symbol=BTC.symbol, direction=direction, entry=Decimal(entry), stop=Decimal(stop), target=None,
                risk=Decimal(risk), until=START + timedelta(days=1))


def test_a_trade_is_cut_when_the_trend_turns_against_it() -> None:
    rising, falling = shown(bars(advance())), shown(bars(mirrored(advance())))
    cut = keep(falling, trade(Direction.LONG, "60000", "59500"))
    assert isinstance(cut, Close)
    assert (cut.share, cut.direction, cut.context_digest) == (100, Direction.LONG, "d")
    assert "turned down" in cut.why
    assert isinstance(keep(rising, trade(Direction.SHORT, "60000", "60500")), Close)
    assert isinstance(keep(rising, trade(Direction.LONG, "60600", "60100")), Abstained)


def test_a_trade_that_gained_its_risk_goes_to_break_even_and_not_again() -> None:
    rising = shown(bars(advance()))
    moved = keep(rising, trade(Direction.LONG, "60000", "59500"))
    assert isinstance(moved, Tighten)
    # Both sides' fees of 0.06 % at 60,000 are 72.04.
    assert moved.stop == Decimal("60072.0")
    assert isinstance(keep(rising, trade(Direction.LONG, "60000", str(moved.stop))), Abstained)
    assert isinstance(keep(rising, trade(Direction.LONG, "60000", "59500", risk="800")), Abstained)
    # The candle closed above one R, the price has come back since.
    assert isinstance(keep(shown(bars(advance()), 60_300), trade(Direction.LONG, "60000", "59500")), Abstained)
    falling = shown(bars(mirrored(advance())))
    down = keep(falling, trade(Direction.SHORT, "60000", "60500"))
    assert isinstance(down, Tighten) and down.stop == Decimal("59928.1")


async def test_too_few_candles_decide_nothing_about_a_trade() -> None:
    few = shown(bars(advance()[-20:]))
    assert isinstance(await Rules("15m").review(few, trade(Direction.LONG, "1", "0.5")), Abstained)
