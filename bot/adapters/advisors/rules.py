"""Propose by fixed rules: a breakout or the end of a pullback in the direction of the trend, on closed candles.

The baseline every model is measured by, and what answers without any key or model file. Same bars, same answer.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from statistics import fmean

from bot.domain.intent import Direction
from bot.domain.liquidation import Stake, break_even_price
from bot.ports.advisor import Abstained, Close, Context, Held, Idea, Needs, Scale, Tighten
from bot.ports.market import Candle

NAME = "rules"
FAST, SLOW, CHANNEL, RANGE = 20, 50, 20, 14
WARM_UP = 2 * SLOW
STOP_ATR, STOP_ATR_MAX = 2.0, 3.0
# Closer stops are eaten by fees and noise: at 0.6 % a round trip of taker fees costs a fifth of the risk.
STOP_LEAST = 0.006
TARGET_R = 2.5
STRETCH_ATR = 8.0
VOLUME_LEAST = 1.2
HORIZON_BARS = 24
# From one R of gain on the trade is not to become a loss: its stop goes where both sides' fees are paid.
BREAK_EVEN_R = 1
# Ranges that much wider than usual are a wilder market.
WILD = 3.0


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars as floats, oldest first, mirrored for shorts so that every rule reads as if for a long."""

    high: list[float]
    low: list[float]
    close: list[float]
    volume: list[float]


class Rules:
    """The deterministic advisor. `timeframe` is that of its candles, such as 15m."""

    def __init__(self, timeframe: str) -> None:
        self._needs = Needs(timeframe=timeframe, bars=WARM_UP)

    @property
    def name(self) -> str:
        """Name the advisor."""
        return NAME

    @property
    def needs(self) -> Needs:
        """Ask for twice the slow average's length of bars."""
        return self._needs

    async def propose(self, context: Context) -> Idea | Abstained:
        """Give the idea the last closed candle completes, or why there is none."""
        return look(context)

    def scale(self, context: Context) -> Scale:
        """Ask for less risk while the market is wilder than usual."""
        return risk_share(context)

    async def review(self, context: Context, held: Held) -> Close | Tighten | Abstained:
        """Cut a trade whose trend has turned; let one that gained its risk not become a loss."""
        return keep(context, held)


def look(context: Context) -> Idea | Abstained:
    """Apply the rules to one context."""
    if len(context.bars) < WARM_UP:
        return Abstained(reason=f"{len(context.bars)} candles, {WARM_UP} are needed")
    up = sign_of_trend([float(bar.close) for bar in context.bars])
    if up == 0:
        return Abstained(reason="no trend")
    bars = read(context.bars, up)
    setup = breakout(bars) or pullback(bars)
    if setup is None:
        return Abstained(reason="no set-up in the direction of the trend")
    reach = true_range(bars)
    entry = up * float(context.mark)
    if entry - ema(bars.close, FAST)[-1] > STRETCH_ATR * reach:
        return Abstained(reason="too far from the average already")
    distance = max(STOP_ATR * reach, STOP_LEAST * abs(entry))
    if distance > STOP_ATR_MAX * reach:
        return Abstained(reason="too quiet for a stop that pays its fees")
    stop, target = entry - distance, entry + TARGET_R * distance
    side = Direction.LONG if up > 0 else Direction.SHORT
    tick = context.instrument.price_step
    return Idea(
        symbol=context.symbol,
        direction=side,
        stop=_price(up * stop, tick),
        target=_price(up * target, tick),
        horizon=context.length * HORIZON_BARS,
        thesis=f"{setup}; {_lead(bars):.1f} ranges {'above' if up > 0 else 'below'} a {SLOW}-candle average that "
               f"{'rises' if up > 0 else 'falls'}.",
        against="It may be late in the move; the last candles were wide." if _wide(bars) else "Volume may fade.",
        invalidation=f"A {context.timeframe} close {'below' if up > 0 else 'above'} {_price(up * stop, tick)}.",
        context_digest=context.digest,
    )


def keep(context: Context, held: Held) -> Close | Tighten | Abstained:
    """Apply the rules of open trades to one context."""
    if len(context.bars) < WARM_UP:
        return Abstained(reason=f"{len(context.bars)} candles, {WARM_UP} are needed")
    sign = held.direction.sign
    if sign_of_trend([float(bar.close) for bar in context.bars]) == -sign:
        return Close(
            symbol=held.symbol, direction=held.direction, share=100, context_digest=context.digest,
            why=f"The trend of {context.timeframe} candles has turned {'down' if sign > 0 else 'up'}.",
        )
    closed = context.bars[-1].close
    if held.in_r(closed) < BREAK_EVEN_R or held.in_r(context.mark) < BREAK_EVEN_R:
        return Abstained(reason="it holds its trade")
    stake = Stake(direction=held.direction, size=Decimal(1), entry=held.entry)
    stop = context.instrument.round_price(break_even_price(context.instrument, stake), buying=sign > 0)
    if (stop - held.stop) * sign <= 0:
        return Abstained(reason="it holds its trade, which cannot lose any more")
    return Tighten(
        symbol=held.symbol, direction=held.direction, stop=stop, context_digest=context.digest,
        why=f"It gained {held.in_r(closed):.1f} times its risk; from here it pays its fees at worst.",
    )


def risk_share(context: Context) -> Scale:
    """Say what share of the risk suits the ranges of late: all of it up to three times the usual, then less."""
    if len(context.bars) < WARM_UP:
        return Scale(percent=100, why="Too little was seen.")
    bars = read(context.bars, 1)
    usual = fmean(high - low for high, low in zip(bars.high[:-RANGE], bars.low[:-RANGE], strict=True))
    times = true_range(bars) / usual if usual > 0 else 1.0
    percent = 100 if times <= WILD else max(10, int(10 / times) * 10)
    return Scale(percent=percent, why=f"Its {context.timeframe} candles are {times:.1f} times as wide as usual.")


def sign_of_trend(closes: Sequence[float]) -> int:
    """Give 1 in an advance, -1 in a decline: price beyond the slow average, both averages going that way; else 0."""
    fast, slow = ema(closes, FAST), ema(closes, SLOW)
    if closes[-1] > slow[-1] > slow[-4] and fast[-1] > fast[-4]:
        return 1
    return -1 if closes[-1] < slow[-1] < slow[-4] and fast[-1] < fast[-4] else 0


def read(candles: Sequence[Candle], up: int) -> Bars:
    """Turn candles into floats; for a decline (`up` -1) mirrored at zero."""
    highs, lows = [float(bar.high) for bar in candles], [float(bar.low) for bar in candles]
    if up < 0:
        highs, lows = [-low for low in lows], [-high for high in highs]
    return Bars(highs, lows, [up * float(bar.close) for bar in candles], [float(bar.volume) for bar in candles])


def breakout(bars: Bars) -> str | None:
    """Tell of a close above the highest of the channel before it, on more than usual volume."""
    top = max(bars.high[-CHANNEL - 1:-1])
    usual = fmean(bars.volume[-CHANNEL - 1:-1])
    if bars.close[-1] <= top or usual <= 0 or bars.volume[-1] < VOLUME_LEAST * usual:
        return None
    return f"Breakout over {CHANNEL} candles on {bars.volume[-1] / usual:.1f} times the usual volume"


def pullback(bars: Bars) -> str | None:
    """Tell of a dip to the fast average that ended: the last close beats the high of the candle before."""
    fast = ema(bars.close, FAST)
    dipped = any(low <= average for low, average in zip(bars.low[-4:-1], fast[-4:-1], strict=True))
    held = min(bars.close[-4:-1]) > ema(bars.close, SLOW)[-1]
    if not dipped or not held or bars.close[-1] <= max(bars.high[-2], fast[-1]):
        return None
    return f"Pullback to the {FAST}-candle average held and turned"


def ema(values: Sequence[float], length: int) -> list[float]:
    """Give the exponential average after each value."""
    share, found = 2 / (length + 1), [values[0]]
    for value in values[1:]:
        found.append(found[-1] + share * (value - found[-1]))
    return found


def true_range(bars: Bars) -> float:
    """Give the average true range of the last candles."""
    before = bars.close[-RANGE - 1:-1]
    rows = zip(bars.high[-RANGE:], bars.low[-RANGE:], before, strict=True)
    return fmean(max(high, close) - min(low, close) for high, low, close in rows)


def _lead(bars: Bars) -> float:
    reach = true_range(bars)
    return (bars.close[-1] - ema(bars.close, SLOW)[-1]) / reach if reach > 0 else 0.0


def _wide(bars: Bars) -> bool:
    moves = [abs(after - before) for before, after in pairwise(bars.close[-RANGE:])]
    return fmean(moves[-3:]) > fmean(moves)


def _price(value: float, tick: Decimal) -> Decimal:
    return (Decimal(repr(value)) / tick).to_integral_value() * tick
