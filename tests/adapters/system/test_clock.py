"""The machine's clock: aware, UTC, and monotonic where it says so."""
from __future__ import annotations

from datetime import UTC, timedelta

from bot.adapters.system.clock import SystemClock
from bot.ports.clock import Clock


async def test_it_tells_aware_utc_and_never_goes_back() -> None:
    clock: Clock = SystemClock()
    assert clock.now().tzinfo is UTC
    before, wall = clock.monotonic(), clock.now()
    await clock.sleep(0.01)
    assert 0.009 <= clock.monotonic() - before < 5
    assert clock.now() - wall < timedelta(seconds=5)


async def test_a_negative_sleep_only_yields() -> None:
    await SystemClock().sleep(-5)
