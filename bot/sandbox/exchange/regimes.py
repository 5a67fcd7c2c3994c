"""What the generated market does next: trend, range, jump or quiet, minute by minute, all coins together."""

from __future__ import annotations

import math
from random import Random
from typing import NamedTuple


class Coin(NamedTuple):
    """A coin of the generated market: first price, share in the common move, daily volatility, volume a minute."""

    price: float
    beta: float
    sigma: float
    volume: float


COINS = {
    "BTC": Coin(100_000.0, 1.0, 0.022, 45.0),
    "ETH": Coin(3_500.0, 1.2, 0.030, 700.0),
    "SOL": Coin(180.0, 1.4, 0.040, 6_000.0),
    "XRP": Coin(2.2, 1.1, 0.040, 400_000.0),
    "DOGE": Coin(0.18, 1.3, 0.045, 4_000_000.0),
}

_MINUTES_A_DAY = 1440
_NEXT = (("trend", 0.35), ("range", 0.35), ("quiet", 0.27), ("jump", 0.03))


class Shape(NamedTuple):
    """One minute of one coin relative to its open, in logs: high, low, close; and volume in base coin."""

    high: float
    low: float
    close: float
    volume: float
    high_first: bool


class Regimes:
    """Draw minute after minute from the seed."""

    def __init__(self, seed: int) -> None:
        self._rng = Random(f"{seed}:regimes")
        self._left = 0
        self.name = "quiet"
        self._drift = 0.0
        self._centre = 0.0

    def minute(self) -> dict[str, Shape]:
        """Return the next minute's shape of every coin."""
        common = self._common()
        return {name: self.shape(name, common) for name in COINS}

    def follow(self, leader: str, move: float) -> dict[str, Shape]:
        """Return shapes for the coins other than the leader, whose log move this minute is given."""
        common = move / COINS[leader].beta
        return {name: self.shape(name, common) for name in COINS if name != leader}

    def shape(self, name: str, common: float, busy: float = 1.0) -> Shape:
        """Return one coin's minute under a common log move."""
        rng, coin = self._rng, COINS[name]
        sigma = coin.sigma / math.sqrt(_MINUTES_A_DAY)
        close = coin.beta * common + rng.gauss(0, sigma * 0.35)
        high = max(0.0, close) + abs(rng.gauss(0, sigma * 0.4))
        low = min(0.0, close) - abs(rng.gauss(0, sigma * 0.4))
        volume = coin.volume * busy * (0.4 + rng.random() + 400 * abs(common))
        return Shape(high, low, close, volume, rng.random() < (0.3 if close > 0 else 0.7))

    def _common(self) -> float:
        rng = self._rng
        if self._left <= 0:
            self._turn()
        self._left -= 1
        sigma = COINS["BTC"].sigma / math.sqrt(_MINUTES_A_DAY)
        if self.name == "trend":
            return self._drift + rng.gauss(0, sigma * 0.8)
        if self.name == "range":
            move = rng.gauss(0, sigma) - 0.05 * self._centre
            self._centre += move
            return move
        if self.name == "jump":
            return rng.choice((-1, 1)) * abs(rng.gauss(0.006, 0.003))
        return rng.gauss(0, sigma * 0.4)

    def _turn(self) -> None:
        rng = self._rng
        self.name = rng.choices([n for n, _ in _NEXT], [w for _, w in _NEXT])[0]
        self._left = 1 if self.name == "jump" else rng.randint(30, 240)
        self._drift = rng.choice((-1, 1)) * abs(rng.gauss(0.00008, 0.00004))
        self._centre = 0.0


def setup_moves(count: int, rng: Random) -> list[tuple[float, float]]:
    """Return ``count`` common log moves and volume factors that end in a breakout out of a pullback.

    Advance, shallow pullback, quiet base, then about 75 minutes of new highs on rising volume, so that the last
    closed candle of every length up to an hour is a breakout in the direction of the trend, whatever the minute.
    """
    noise = COINS["BTC"].sigma / math.sqrt(_MINUTES_A_DAY)
    moves = []
    for left in range(count, 0, -1):
        if left > 600:
            drift, calm, busy = 0.030 / max(count - 600, 1), 0.4, 1.0
        elif left > 240:
            drift, calm, busy = -0.006 / 360, 0.4, 0.7
        elif left > 75:
            drift, calm, busy = 0.001 / 165, 0.3, 0.5
        else:
            drift, calm, busy = 0.021 / 75, 0.3, 2.5
        moves.append((drift + rng.gauss(0, noise * calm), busy))
    return moves
