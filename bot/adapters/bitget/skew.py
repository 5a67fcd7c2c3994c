"""Estimate the venue's clock: an offset with an uncertainty, from answers that carry its time. Pure."""
from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from math import inf

SAMPLES = 32
# Every answer brings one of these, and every call looks at all of them.
OTHER_SAMPLES = 8
# Cheap quartz drifts up to a few hundred parts in a million: an old sample is worth less by that much.
DRIFT = 300 / 1_000_000
# While an answer of the time call is younger than this, stamps of other answers are not listened to.
PREFERRED_MS = 600_000
# Stamps on the wire are whole milliseconds.
GRAIN_MS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Offset:
    """Milliseconds to add to our wall clock to get the venue's, and how far that may be off."""

    ms: float
    uncertainty_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One answer: our wall and monotonic clocks when it was asked, how long it took, the venue's stamp.

    `dedicated` marks the answer of the venue's time call, which does nothing but tell the time.
    """

    asked_ms: float
    took_ms: float
    venue_ms: float
    monotonic_ms: float
    dedicated: bool = True


class Skew:
    """Hold the last samples and answer from the sharpest of them (FF-61, FF-62).

    The venue read its clock somewhere between request and answer, so the offset lies within half the round trip of
    the middle. A jump of our wall clock against the monotonic one adds itself to the uncertainty until a new sample.
    """

    def __init__(self) -> None:
        self._dedicated: deque[Sample] = deque(maxlen=SAMPLES)
        self._others: deque[Sample] = deque(maxlen=OTHER_SAMPLES)

    def add(self, sample: Sample) -> None:
        """Take one sample; one that took negative time is dropped, because the clock moved under it."""
        if sample.took_ms >= 0:
            (self._dedicated if sample.dedicated else self._others).append(sample)

    def estimate(self, wall_ms: float, monotonic_ms: float) -> Offset | None:
        """Give the present offset; None before the first sample."""
        young = [sample for sample in self._dedicated if monotonic_ms - sample.monotonic_ms < PREFERRED_MS]
        sharpest, least = None, inf
        for sample in young or (*self._dedicated, *self._others):
            elapsed = monotonic_ms - sample.monotonic_ms
            jumped = abs(wall_ms - sample.asked_ms - elapsed)
            doubt = sample.took_ms / 2 + GRAIN_MS + jumped + (elapsed * DRIFT if elapsed > 0 else 0.0)
            if doubt < least:
                sharpest, least = sample, doubt
        if sharpest is None:
            return None
        middle = sharpest.asked_ms + sharpest.took_ms / 2
        return Offset(ms=sharpest.venue_ms - middle, uncertainty_ms=least)
