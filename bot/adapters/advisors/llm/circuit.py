"""Stop asking a model that fails: three in a row or too many late answers open it, one trial closes it (advisor 8)."""
from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from math import ceil

ROW = 3
OPEN_S = 300.0
LATENCIES = 20
PERCENTILE = 0.95


@dataclass(slots=True, kw_only=True)
class Circuit:
    """The state of one model: closed while `opened_at` is None, then open, and half open after `open_s` seconds.

    `took` remembers how long the last answers took, failed ones too. Moments are monotonic seconds.
    """

    deadline_s: float
    open_s: float = OPEN_S
    failures: int = 0
    opened_at: float | None = None
    trying: bool = False
    took: deque[float] = field(default_factory=lambda: deque(maxlen=LATENCIES))

    def refuses(self, now: float) -> str | None:
        """Say why the model is not asked now; None lets exactly one trial through once the time is over."""
        if self.opened_at is None:
            return None
        left = self.opened_at + self.open_s - now
        if left > 0:
            return f"it failed or was late too often; it is asked again in {left:.0f} s"
        if self.trying:
            return "one trial question is under way"
        self.trying = True
        return None

    def gave_up(self) -> None:
        """Take back a trial that was never sent."""
        self.trying = False

    def ended(self, now: float, took_s: float, failed: bool) -> bool:
        """Note how a question ended; True when this opens the circuit, which somebody has to be told."""
        was_open, self.trying = self.opened_at is not None, False
        self.took.append(took_s)
        self.failures = self.failures + 1 if failed else 0
        if was_open and not failed:
            self.opened_at = None
            self.took.clear()
            return False
        if was_open or self.failures >= ROW or self._late():
            self.opened_at = now
        return self.opened_at is not None and not was_open

    def _late(self) -> bool:
        """Tell whether the 95th percentile of a full window is at the deadline."""
        if len(self.took) < LATENCIES:
            return False
        return sorted(self.took)[ceil(PERCENTILE * LATENCIES) - 1] >= self.deadline_s
