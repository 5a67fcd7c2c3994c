"""Notice when the event loop stalls, and when the machine slept or its wall clock jumped (architecture section 23)."""
from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

log = logging.getLogger(__name__)

STALL_S = 0.020
PERIOD_S = 0.050
GAP_S = 5.0
SAY_EVERY_S = 10.0


@dataclass(slots=True, kw_only=True)
class Stalls:
    """What was noticed so far; `worst_s` is the longest stall in seconds."""

    count: int = 0
    worst_s: float = 0.0
    gaps: int = 0


async def watch_stalls(
    stalls: Stalls,
    *,
    monotonic: Callable[[], float],
    now: Callable[[], datetime],
    sleep: Callable[[float], Awaitable[None]],
    on_gap: Callable[[str], None] = lambda why: None,
    stall_s: float = STALL_S,
    period_s: float = PERIOD_S,
    gap_s: float = GAP_S,
) -> None:
    """Sleep for ever in small steps: wake-ups later than `stall_s` are counted, and logged at most every 10 s.

    Later than `gap_s`, or a wall clock that moved by more than that against the monotonic one, means that the machine
    slept or its clock was set: `on_gap(sentence)` is called, after which everything read before is old.
    """
    said_at, unsaid = monotonic() - SAY_EVERY_S, 0
    while True:
        before, wall = monotonic(), now()
        await sleep(period_s)
        passed = monotonic() - before
        late, jump = passed - period_s, (now() - wall).total_seconds() - passed
        if late > gap_s or abs(jump) > gap_s:
            stalls.gaps += 1
            stood = f"everything stood still for {late:.1f} s"
            why = stood if late > gap_s else f"the wall clock jumped by {jump:+.1f} s"
            log.warning("A gap in time: %s.", why)
            on_gap(why)
        elif late > stall_s:
            stalls.count, stalls.worst_s, unsaid = stalls.count + 1, max(stalls.worst_s, late), unsaid + 1
            if monotonic() - said_at >= SAY_EVERY_S:
                log.warning("The event loop stalled %d times, just now for %.0f ms (worst %.0f ms).",
                            unsaid, late * 1000, stalls.worst_s * 1000)
                said_at, unsaid = monotonic(), 0
