"""Show how far a long step is: a bar with rate and time left, on terminals only once a tenth of a second."""
from __future__ import annotations

from collections.abc import Callable
from typing import TextIO

EVERY_S = 0.1
WIDTH = 24


class Progress:
    """The bar of one step of `total` pieces."""

    def __init__(self, words: str, total: int, timer: Callable[[], float], out: TextIO, unit: str = "rows") -> None:
        """Start counting."""
        self._words, self._total, self._timer, self._out, self._unit = words, max(1, total), timer, out, unit
        self._begun = self._shown = timer()
        self.done = 0

    def add(self, count: int = 1) -> None:
        """Count pieces as done and draw where it is time."""
        self.done += count
        now = self._timer()
        if self._out.isatty() and now - self._shown >= EVERY_S:
            self._shown = now
            self._out.write(f"\r{self.line(now)}")
            self._out.flush()

    def line(self, now: float) -> str:
        """Spell the bar."""
        share = min(1.0, self.done / self._total)
        passed = max(now - self._begun, 1e-9)
        rate = self.done / passed
        left = (self._total - self.done) / rate if rate > 0.0 and self.done < self._total else 0.0
        full = round(share * WIDTH)
        return (f"{self._words} [{'#' * full}{'.' * (WIDTH - full)}] {share:4.0%}  {self.done:,} {self._unit}"
                f"  {pace(rate)}  {spoken(left)} left ")

    def end(self) -> None:
        """Close the line with what was done and how long it took."""
        passed = self._timer() - self._begun
        start = "\r" if self._out.isatty() else ""
        rate = self.done / max(passed, 1e-9)
        self._out.write(f"{start}{self._words}: {self.done:,} {self._unit} in {spoken(passed)} ({pace(rate)})"
                        f"{' ' * 24 if start else ''}\n")
        self._out.flush()


def pace(rate: float) -> str:
    """Say how fast pieces come: so many a second, or so many seconds each."""
    return f"{rate:,.0f}/s" if rate >= 1.0 or rate <= 0.0 else f"{spoken(1.0 / rate)} each"


def spoken(seconds: float) -> str:
    """Say a span of time the way people do: 8.2 s, 3:05, 2:10:00."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"
