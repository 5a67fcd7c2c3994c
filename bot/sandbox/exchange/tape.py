"""The tape: where prices come from. A seeded generator or a recording, with a past, played minute by minute.

Nothing here reads a clock: ``step(market_ms)`` plays everything up to that moment. Prices are floats of the coin's
index; symbols are priced from it and quantised where they meet the exchange.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from bot.sandbox.exchange.bars import HOUR, MINUTE, Bar, Series, merge
from bot.sandbox.exchange.past import Past
from bot.sandbox.exchange.recording import PAST_MINUTES
from bot.sandbox.exchange.regimes import COINS, Regimes, Shape, setup_moves

_MINUTES_KEPT = 60 * 24 * 60
_SLACK = 60 * 24
# Points of a minute at which its first and second extreme are touched.
_FIRST, _SECOND = 0.3, 0.7


class Moment(NamedTuple):
    """Prices of all coins at a market time, and base volume traded since the moment before."""

    ms: int
    prices: dict[str, float]
    volumes: dict[str, float]


@dataclass(slots=True)
class _Drag:
    start_ms: int
    end_ms: int
    start: float
    target: float


@dataclass(slots=True)
class _Lane:
    """One coin's live state: the minute being played (plan) and the minute as it came out (live)."""

    past: Past
    minutes: Series
    hours: Series
    plan: Bar
    high_first: bool
    live: Bar
    price: float
    offset: float = 0.0
    drag: _Drag | None = None
    open_hour: list[Bar] = field(default_factory=list)


class Tape:
    """Play prices forward from ``start_ms`` and answer for the past before it."""

    def __init__(self, *, start_ms: int, seed: int, recording: list[Bar] | None = None, leader: str = "BTC") -> None:
        self.start_ms = start_ms
        self.leader = leader
        self.regimes = Regimes(seed)
        self._rng = Random(f"{seed}:tape")
        self.minute_ms = start_ms // MINUTE * MINUTE
        self.now_ms = self.minute_ms
        self._queue = recording[PAST_MINUTES:] if recording else []
        self._played = 0
        rows = self._recent(recording[:PAST_MINUTES] if recording else None)
        self._lanes = {coin: self._lane(coin, rows[coin], seed) for coin in COINS}
        self._next_minute()
        self.step(start_ms)

    # The past

    def _recent(self, recorded: list[Bar] | None) -> dict[str, list[Bar]]:
        count = len(recorded) if recorded else 34 * 60
        start = self.minute_ms - count * MINUTE
        lead = start % HOUR // MINUTE
        if recorded:
            moves = [(math.log(bar.close / bar.open), 1.0) for bar in recorded]
        else:
            moves = setup_moves(count, self._rng)
        moves = [(self._rng.gauss(0, 0.0002), 0.6) for _ in range(lead)] + moves
        begin = start - lead * MINUTE
        rows = {}
        for coin, facts in COINS.items():
            common = [(m / COINS[self.leader].beta if recorded else m, busy) for m, busy in moves]
            made = [self.regimes.shape(coin, move, busy) for move, busy in common]
            bars = _chain(made, begin, facts.price)
            if recorded and coin == self.leader:
                scale = recorded[0].open / bars[lead].open
                head = [_scaled(bar, scale) for bar in bars[:lead]]
                tail = [bar._replace(ms=start + i * MINUTE) for i, bar in enumerate(recorded)]
                bars = head + tail
            rows[coin] = bars
        return rows

    def _lane(self, coin: str, bars: list[Bar], seed: int) -> _Lane:
        facts = COINS[coin]
        minutes, hours = Series(bars[0].ms, MINUTE), Series(bars[0].ms, HOUR)
        past = Past(seed=seed, coin=coin, beta=facts.beta, sigma=facts.sigma, volume=facts.volume,
                    end_ms=bars[0].ms, end_price=bars[0].open)
        flat = Bar(self.minute_ms, *(bars[-1].close,) * 4, 0.0)
        lane = _Lane(past, minutes, hours, flat, True, flat, bars[-1].close)
        for bar in bars:
            _remember(lane, bar)
        return lane

    # The present

    def coins(self) -> tuple[str, ...]:
        """Return the names of the coins on this tape."""
        return tuple(self._lanes)

    def price(self, coin: str) -> float:
        """Return the coin's index price now."""
        return self._lanes[coin].price

    def step(self, market_ms: int) -> list[Moment]:
        """Play up to ``market_ms`` and return the moments in between, the last one at that time."""
        moments = []
        while self.minute_ms + MINUTE <= market_ms:
            for part in (_FIRST, _SECOND, 1.0):
                at = self.minute_ms + round(part * MINUTE)
                if at > self.now_ms:
                    moments.append(self._play(at, part))
            self._close_minute()
        for part in (_FIRST, _SECOND):
            at = self.minute_ms + round(part * MINUTE)
            if self.now_ms < at < market_ms:
                moments.append(self._play(at, part))
        if market_ms > self.now_ms:
            moments.append(self._play(market_ms, (market_ms - self.minute_ms) / MINUTE))
        return moments

    def drag(self, coin: str, target: float, over_ms: int = 0) -> Moment | None:
        """Move a coin to ``target`` within market milliseconds; at once (with its moment) when that is zero."""
        lane = self._lanes[coin]
        if over_ms > 0:
            lane.drag = _Drag(self.now_ms, self.now_ms + over_ms, lane.price, target)
            return None
        lane.drag = None
        lane.offset += math.log(target / lane.price)
        self._trade(lane, target, 0.0)
        return Moment(self.now_ms, {coin: target}, {coin: 0.0})

    def _play(self, at_ms: int, part: float) -> Moment:
        spent = (self.now_ms - self.minute_ms) / MINUTE
        prices, volumes = {}, {}
        for coin, lane in self._lanes.items():
            planned = _along(lane, part, self._rng)
            price = self._dragged(lane, planned, at_ms)
            volume = lane.plan.volume * max(part - spent, 0.0)
            self._trade(lane, price, volume)
            prices[coin], volumes[coin] = price, volume
        self.now_ms = at_ms
        return Moment(at_ms, prices, volumes)

    @staticmethod
    def _dragged(lane: _Lane, planned: float, at_ms: int) -> float:
        pull = lane.drag
        if pull is None:
            return planned * math.exp(lane.offset)
        share = min(1.0, (at_ms - pull.start_ms) / (pull.end_ms - pull.start_ms))
        price = pull.start * math.exp(share * math.log(pull.target / pull.start))
        lane.offset = math.log(price / planned)
        if share >= 1.0:
            lane.drag = None
            return pull.target
        return price

    @staticmethod
    def _trade(lane: _Lane, price: float, volume: float) -> None:
        live = lane.live
        lane.live = Bar(live.ms, live.open, max(live.high, price), min(live.low, price), price, live.volume + volume)
        lane.price = price

    def _close_minute(self) -> None:
        for lane in self._lanes.values():
            _remember(lane, lane.live)
        self.minute_ms += MINUTE
        self._next_minute()

    def _next_minute(self) -> None:
        shapes = self._shapes()
        for coin, lane in self._lanes.items():
            base = lane.price / math.exp(lane.offset)
            shape = shapes[coin]
            if isinstance(shape, Bar):
                # A recording names its own prices; what it does between two bars is a gap.
                lane.plan, lane.high_first = shape, self._rng.random() < (0.3 if shape.close > shape.open else 0.7)
            else:
                lane.plan, lane.high_first = _bar(shape, self.minute_ms, base), shape.high_first
            opened = lane.plan.open * math.exp(lane.offset)
            lane.live = Bar(self.minute_ms, opened, opened, opened, opened, 0.0)
            lane.price = opened

    def _shapes(self) -> dict[str, Shape | Bar]:
        if self._played >= len(self._queue):
            return dict(self.regimes.minute())
        bar = self._queue[self._played]
        self._played += 1
        shapes: dict[str, Shape | Bar] = dict(self.regimes.follow(self.leader, math.log(bar.close / bar.open)))
        shapes[self.leader] = bar._replace(ms=self.minute_ms)
        return shapes

    # The record

    def minutes(self, coin: str, start_ms: int, end_ms: int) -> list[Bar]:
        """Return minute bars opening in [start, end), the open one included."""
        lane = self._lanes[coin]
        rows = lane.past.minutes(start_ms, end_ms) if start_ms < lane.past.end_ms else []
        rows += lane.minutes.between(start_ms, end_ms)
        if start_ms <= lane.live.ms < end_ms:
            rows.append(lane.live)
        return rows

    def hours(self, coin: str, start_ms: int, end_ms: int) -> list[Bar]:
        """Return hour bars opening in [start, end), the open one included as it stands."""
        lane = self._lanes[coin]
        rows = lane.past.hours(start_ms, end_ms) if start_ms < lane.past.end_ms else []
        rows += lane.hours.between(start_ms, end_ms)
        current = lane.hours.end_ms
        if start_ms <= current < end_ms:
            part = merge(current, [*lane.open_hour, lane.live])
            if part:
                rows.append(part)
        return rows

    def begin_ms(self, coin: str) -> int:
        """Return the time of the oldest bar."""
        return self._lanes[coin].past.begin_ms


def _remember(lane: _Lane, bar: Bar) -> None:
    lane.minutes.append(bar)
    lane.open_hour.append(bar)
    if bar.ms % HOUR == HOUR - MINUTE:
        whole = merge(lane.hours.end_ms, lane.open_hour)
        if whole:
            lane.hours.append(whole)
        lane.open_hour.clear()
    if len(lane.minutes) > _MINUTES_KEPT + _SLACK:
        lane.minutes.drop(_SLACK)


def _along(lane: _Lane, part: float, rng: Random) -> float:
    plan = lane.plan
    one, two = (plan.high, plan.low) if lane.high_first else (plan.low, plan.high)
    for (a, pa), (b, pb) in (((0.0, plan.open), (_FIRST, one)), ((_FIRST, one), (_SECOND, two)),
                             ((_SECOND, two), (1.0, plan.close))):
        if part <= b:
            level = pa + (pb - pa) * (part - a) / (b - a)
            if part in (_FIRST, _SECOND, 1.0):
                return level
            noisy = level + rng.gauss(0, (plan.high - plan.low) * 0.05)
            return min(max(noisy, plan.low), plan.high)
    return plan.close


def _bar(shape: Shape, ms: int, base: float) -> Bar:
    return Bar(ms, base, base * math.exp(shape.high), base * math.exp(shape.low), base * math.exp(shape.close),
               shape.volume)


def _chain(shapes: list[Shape], begin_ms: int, end_price: float) -> list[Bar]:
    base = end_price / math.exp(sum(shape.close for shape in shapes))
    bars = []
    for i, shape in enumerate(shapes):
        bars.append(_bar(shape, begin_ms + i * MINUTE, base))
        base = bars[-1].close
    return bars


def _scaled(bar: Bar, scale: float) -> Bar:
    return Bar(bar.ms, bar.open * scale, bar.high * scale, bar.low * scale, bar.close * scale, bar.volume)
