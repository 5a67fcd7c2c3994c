"""One symbol's book: depth invented around the last price, and resting orders by price, then time."""

from __future__ import annotations

from bisect import bisect_left, insort
from decimal import Decimal
from itertools import islice
from random import Random

from bot.sandbox.exchange.specs import Spec
from bot.sandbox.exchange.state import Order

LEVELS = 150
_GRID = Decimal("0.00002")
Resting = list[tuple[Decimal, int, Order]]
Levels = list[list[Decimal]]


class Book:
    """Keep both sides. Invented levels stand on a fixed grid, so that most of them survive a move of the price."""

    def __init__(self, spec: Spec, seed: int) -> None:
        self.spec = spec
        self.bid = self.ask = self.last = Decimal(0)
        self.bids: Resting = []
        self.asks: Resting = []
        self._rng = Random(f"{seed}:{spec.symbol}:book")
        self._sizes: tuple[dict[int, int], dict[int, int]] = ({}, {})
        self._grid = Decimal(0)
        self._levels: tuple[Levels, Levels] = ([], [])
        self._stale = True

    def move(self, last: Decimal) -> None:
        """Put best bid and ask around a new last price: a rise printed at the ask, a fall at the bid."""
        tick = self.spec.tick
        if last > self.last:
            self.bid, self.ask = last - tick, last
        elif last < self.last:
            self.bid, self.ask = last, last + tick
        self.last = last
        self._stale = True

    # Resting orders

    def rest(self, order: Order) -> None:
        """Queue an order behind those of the same price."""
        if order.buys:
            insort(self.bids, (-order.price, order.id, order))
        else:
            insort(self.asks, (order.price, order.id, order))

    def remove(self, order: Order) -> None:
        """Take an order out; one that is not resting is left alone."""
        rows, key = (self.bids, -order.price) if order.buys else (self.asks, order.price)
        place = bisect_left(rows, (key, order.id))
        if place < len(rows) and rows[place][2] is order:
            del rows[place]

    def facing(self, buys: bool) -> tuple[Resting, Levels]:
        """Return what an incoming order meets: resting orders and invented levels, best first."""
        self._refresh()
        return (self.asks, self._levels[1]) if buys else (self.bids, self._levels[0])

    def touch_size(self) -> Decimal:
        """Return how much trades against resting orders when the price just touches them."""
        steps = int(self.spec.depth_quote / self.last / self.spec.step)
        return self.spec.step * max(steps, 1)

    def best(self, buys: bool) -> Decimal | None:
        """Return the best price an incoming order would meet."""
        resting, levels = self.facing(buys)
        prices = [levels[0][0]] if levels else []
        if resting:
            prices.append(resting[0][2].price)
        if not prices:
            return None
        return min(prices) if buys else max(prices)

    # Depth

    def depth(self, most: int | None = None) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        """Return at most ``most`` bids and asks as (price, size) strings, best first, never crossed."""
        if not self.last:
            return [], []
        self._refresh()
        top_bid = self.bids[0][2].price if self.bids else None
        top_ask = self.asks[0][2].price if self.asks else None
        bids = self._side(self.bids, self._levels[0], top_ask, most, buys=True)
        asks = self._side(self.asks, self._levels[1], top_bid, most, buys=False)
        return bids, asks

    def _side(self, resting: Resting, levels: Levels, other: Decimal | None, most: int | None, *,
              buys: bool) -> list[tuple[str, str]]:
        free = ((price, size) for price, size in levels
                if other is None or (price < other if buys else price > other))
        if resting:
            sizes = dict(free)
            for _, _, order in resting:
                sizes[order.price] = sizes.get(order.price, Decimal(0)) + order.left
            free = ((price, sizes[price]) for price in sorted(sizes, reverse=buys))
        prices, volume = self.spec.price_place, self.spec.volume_place
        return [(f"{price:.{prices}f}", f"{size:.{volume}f}") for price, size in islice(free, most)]

    def _refresh(self) -> None:
        if not self._stale or not self.last:
            return
        self._stale = False
        tick = self.spec.tick
        grid = max(tick, (self.last * _GRID / tick).to_integral_value() * tick)
        if not self._grid or not self._grid * Decimal("0.7") < grid < self._grid * Decimal("1.4"):
            self._grid = grid
            self._sizes = ({}, {})
        self._levels = (self._one_side(0, self.bid, -1), self._one_side(1, self.ask, 1))

    def _one_side(self, which: int, best: Decimal, away: int) -> Levels:
        grid, rng, step, old = self._grid, self._rng, self.spec.step, self._sizes[which]
        first = int(best / grid) + (1 if away > 0 else 0)
        if first * grid == best:
            first += away
        steps = float(self.spec.depth_quote / best / step)
        kept: dict[int, int] = {}
        levels: Levels = [[best, step * max(1, int(steps * rng.uniform(0.3, 1.5)))]]
        for i in range(LEVELS - 1):
            k = first + away * i
            if k <= 0:
                break
            size = old.get(k)
            if size is None or rng.random() < 0.06:
                size = max(1, int(steps * rng.uniform(0.4, 1.6) * (1 + i / 30)))
            kept[k] = size
            levels.append([grid * k, step * size])
        self._sizes[which].clear()
        self._sizes[which].update(kept)
        return levels
