"""Propose from one registered model: bars in, the side whose calibrated chance beats its break-even out (advisor 5).

What each bar gave is handed to `told`, so that predictions are recorded whatever becomes of them.
"""
from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal

from bot.adapters.advisors.artefact import Artefact
from bot.adapters.advisors.bar import Bar, minutes_of
from bot.adapters.advisors.calibration import Calibration
from bot.adapters.advisors.kernel import WARMUP
from bot.adapters.advisors.labels import SIDES, parse_recipe
from bot.adapters.advisors.local import Local, Prediction, Silent
from bot.adapters.advisors.outlier import Place
from bot.domain.ids import Symbol
from bot.domain.intent import Direction
from bot.domain.numbers import floor_to
from bot.domain.record import milliseconds
from bot.ports.advisor import Abstained, Close, Context, Held, Idea, Needs
from bot.ports.market import Candle

# A piece of the first warm-up must not hold the loop: 100 bars are some 4 ms.
AT_ONCE = 100
# What is left of the risk in a market unlike all but a hundredth of the training (advisor section 9).
UNUSUAL_PERCENT = 50
Told = Callable[[Symbol, tuple[Prediction, ...]], None]


class LocalAdvisor:
    """A model behind the advisor port; one stream per symbol, warm after its first context of 1,500 bars.

    `recalibrated` replaces the artefact's calibrations by side, once there is a newer one (advisor section 6).
    """

    def __init__(
        self, name: str, artefact: Artefact, *, told: Told = lambda symbol, found: None,
        recalibrated: dict[str, Calibration] | None = None,
    ) -> None:
        self._name = name
        self._artefact = artefact
        self._recipe = parse_recipe(artefact.label)
        self._streams: dict[Symbol, Local] = {}
        self._last: dict[Symbol, tuple[Prediction, ...] | Silent] = {}
        self._told = told
        self._recalibrated = recalibrated or {}

    @property
    def name(self) -> str:
        """Name the advisor by its version."""
        return self._name

    @property
    def needs(self) -> Needs:
        """Ask for the whole warm-up and the bar to judge."""
        return Needs(timeframe=self._artefact.timeframe, bars=WARMUP + 1)

    def recalibrate(self, maps: Mapping[str, Calibration]) -> None:
        """Take newer calibrations by side, from the next bar on."""
        self._recalibrated = dict(maps)

    async def propose(self, context: Context) -> Idea | Abstained:
        """Give an idea for the last closed bar, or why there is none."""
        if context.symbol not in self._artefact.symbols:
            return Abstained(reason=f"not trained on {context.symbol}")
        if context.timeframe != self._artefact.timeframe:
            return Abstained(reason=f"made for {self._artefact.timeframe}, not {context.timeframe}")
        found = await self._read(context)
        if isinstance(found, Silent):
            return Abstained(reason=f"{found.reason}: {found.words}")
        best = max(found, key=self._surplus)
        if self._surplus(best) <= 0.0:
            return Abstained(reason="no side above its break-even")
        return self._idea(context, best)

    async def review(self, context: Context, held: Held) -> Close | Abstained:
        """Cut a trade once the model itself would take the other side; its barriers do the rest, as in its training."""
        if context.symbol not in self._artefact.symbols or context.timeframe != self._artefact.timeframe:
            return Abstained(reason=f"not made for {context.symbol} {context.timeframe}")
        found = await self._read(context)
        if isinstance(found, Silent):
            return Abstained(reason=f"{found.reason}: {found.words}")
        other = next((one for one in found if one.side == held.direction.other.value), None)
        if other is None or self._surplus(other) <= 0.0:
            return Abstained(reason="it holds its trade")
        return Close(
            symbol=held.symbol, direction=held.direction, share=100, context_digest=context.digest,
            why=f"The model sees the other side. {_spelled('For', other.reasons, 1)}".strip(),
        )

    async def _read(self, context: Context) -> tuple[Prediction, ...] | Silent:
        """Feed what the stream has not seen; a stream that missed bars begins anew with what is shown."""
        stream = self._streams.get(context.symbol)
        bars = [_bar(candle) for candle in context.bars]
        if not bars:
            return Silent(reason="warm_up", words="No bar was shown.")
        if stream is None or stream.last_at is None or stream.last_at < bars[0].at:
            stream = self._streams[context.symbol] = Local(self._artefact)
        fresh = [bar for bar in bars if stream.last_at is None or bar.at > stream.last_at]
        if not fresh:
            # Asked again about the same bar, a model says the same; it is told once.
            return self._last[context.symbol]
        answer: tuple[Prediction, ...] | Silent = Silent(reason="warm_up", words="")
        for number, bar in enumerate(fresh, 1):
            answer = stream.push(bar)
            if number % AT_ONCE == 0:
                await asyncio.sleep(0)
        self._last[context.symbol] = answer
        if not isinstance(answer, Silent):
            self._told(context.symbol, answer)
        return answer

    def _chance(self, prediction: Prediction) -> float | None:
        newer = self._recalibrated.get(prediction.side)
        return newer.chance(prediction.raw) if newer is not None else prediction.chance

    def _surplus(self, prediction: Prediction) -> float:
        chance = self._chance(prediction)
        return -1.0 if chance is None else chance - prediction.break_even

    def _idea(self, context: Context, best: Prediction) -> Idea:
        sign = SIDES[best.side]
        tick = context.instrument.price_step
        stop = floor_to(context.mark - sign * Decimal(repr(best.stop)), tick)
        target = floor_to(context.mark + sign * Decimal(repr(best.target)), tick)
        length = timedelta(minutes=minutes_of(context.timeframe))
        return Idea(
            symbol=context.symbol, direction=Direction(best.side), stop=stop, target=target,
            horizon=length * self._recipe.horizon, thesis=_spelled("For", best.reasons, 1) or "Several small signs.",
            against=_spelled("Against", best.reasons, -1)
            + (" Unusual market." if best.place is Place.UNUSUAL else ""),
            invalidation=f"Stop {stop} or {self._recipe.horizon} bars.", context_digest=context.digest,
            probability_bp=round((self._chance(best) or 0.0) * 10_000), usual=_usual(best.spread),
            risk_percent=UNUSUAL_PERCENT if best.place is Place.UNUSUAL else 100,
        )


def _bar(candle: Candle) -> Bar:
    return Bar(milliseconds(candle.opened_at), float(candle.open), float(candle.high), float(candle.low),
               float(candle.close), float(candle.volume))


def _usual(spread: tuple[float, float, int] | None) -> tuple[Decimal, Decimal, int] | None:
    """Give a range in R with two decimals."""
    if spread is None:
        return None
    low, high, count = spread
    return Decimal(f"{low:.2f}"), Decimal(f"{high:.2f}"), count


def _spelled(word: str, reasons: tuple[tuple[str, int], ...], sign: int) -> str:
    """Spell the reasons of one sign as `For: trend_48 31 %, body 12 %.`; empty without any."""
    found = [f"{name} {abs(share) / 10:.0f} %" for name, share in reasons if share * sign > 0]
    return f"{word}: {', '.join(found)}." if found else ""
