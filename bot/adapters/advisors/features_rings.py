"""Keep windows over a stream in constant or logarithmic time: sums, extremes, ranks."""
from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import deque
from math import fsum, sqrt

# Rounding of a running sum is thrown away this often (advisor section 6).
READD = 4096


class Sums:
    """Sum and sum of squares of the last `size` values."""

    __slots__ = ("_count", "size", "squares", "total", "values")

    def __init__(self, size: int) -> None:
        """Start empty."""
        self.size = size
        self.values: deque[float] = deque()
        self.total = 0.0
        self.squares = 0.0
        self._count = 0

    def push(self, value: float) -> None:
        """Take the next value; the oldest leaves when the window is full."""
        values = self.values
        values.append(value)
        self.total += value
        self.squares += value * value
        if len(values) > self.size:
            old = values.popleft()
            self.total -= old
            self.squares -= old * old
        self._count += 1
        if self._count == READD:
            self._count = 0
            self.total = fsum(values)
            self.squares = fsum([each * each for each in values])

    @property
    def mean(self) -> float:
        """Give the mean; 0 for an empty window."""
        return self.total / len(self.values) if self.values else 0.0

    @property
    def deviation(self) -> float:
        """Give the standard deviation; 0 below two values or where rounding is all there is."""
        count = len(self.values)
        if count < 2:
            return 0.0
        spread = self.squares - self.total * self.total / count
        return sqrt(spread / (count - 1)) if spread > 1e-12 * self.squares else 0.0


class Extreme:
    """The highest of the last `size` values (the lowest of negated ones), by a monotone deque."""

    __slots__ = ("_kept", "_seen", "size")

    def __init__(self, size: int) -> None:
        """Start empty."""
        self.size = size
        self._kept: deque[tuple[int, float]] = deque()
        self._seen = 0

    def push(self, value: float) -> float:
        """Take the next value and give the extreme."""
        kept = self._kept
        while kept and kept[-1][1] <= value:
            kept.pop()
        kept.append((self._seen, value))
        self._seen += 1
        if kept[0][0] <= self._seen - 1 - self.size:
            kept.popleft()
        return kept[0][1]

    @property
    def age(self) -> float:
        """Give how old the extreme is, as a share of the window."""
        return (self._seen - 1 - self._kept[0][0]) / self.size if self._kept else 0.0


class Ranks:
    """The rank of the latest among the last `size` values, 0 to 1; ties share the middle."""

    __slots__ = ("_order", "_values", "size")

    def __init__(self, size: int) -> None:
        """Start empty."""
        self.size = size
        self._values: deque[float] = deque()
        self._order: list[float] = []

    def push(self, value: float) -> float:
        """Take the next value and give its rank."""
        order = self._order
        self._values.append(value)
        insort(order, value)
        if len(order) > self.size:
            del order[bisect_left(order, self._values.popleft())]
        below, upto = bisect_left(order, value), bisect_right(order, value)
        return (below + upto) / 2 / len(order)
