"""Tell the machine's time: the one module that reads its clocks (reliability section 7.1)."""
from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime


class SystemClock:
    """`ports.clock.Clock` over the machine's wall and monotonic clocks."""

    def now(self) -> datetime:
        """Give the aware UTC time of the wall clock, which may be corrected at any moment."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Give seconds that never go back; only differences mean anything."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait; zero or less yields once to other tasks."""
        await asyncio.sleep(max(0.0, seconds))
