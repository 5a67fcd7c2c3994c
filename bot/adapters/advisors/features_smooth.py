"""Smooth a stream: exponential and Wilder averages, true range, relative strength."""
from __future__ import annotations


class Smooth:
    """An exponential average that starts at its first value."""

    __slots__ = ("share", "started", "value")

    def __init__(self, share: float) -> None:
        """Give each new value this share."""
        self.share = share
        self.value = 0.0
        self.started = False

    def push(self, value: float) -> float:
        """Take the next value and give the average."""
        if self.started:
            self.value += self.share * (value - self.value)
        else:
            self.value = value
            self.started = True
        return self.value


def ema(span: int) -> Smooth:
    """Make the usual exponential average over a span of bars."""
    return Smooth(2.0 / (span + 1))


def wilder(span: int) -> Smooth:
    """Make Wilder's average over a span of bars."""
    return Smooth(1.0 / span)


class Strength:
    """Relative strength of moves, -1 (all down) to 1 (all up)."""

    __slots__ = ("_moved", "_size")

    def __init__(self, share: float) -> None:
        """Smooth moves and their sizes alike."""
        self._moved = Smooth(share)
        self._size = Smooth(share)

    def push(self, move: float) -> float:
        """Take the next move and give the strength; 0 while nothing moved."""
        moved, size = self._moved.push(move), self._size.push(abs(move))
        return moved / size if size > 0.0 else 0.0


def true_range(high: float, low: float, before: float) -> float:
    """Give the range of a bar including the jump from the close before it."""
    return max(high, before) - min(low, before)
