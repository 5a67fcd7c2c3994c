"""Keep the drawing process: started when the first picture is wanted, replaced when it broke.

The trading process imports this module and never matplotlib: its memory and its event loop stay its own.
"""
from __future__ import annotations

import asyncio
import importlib
import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import datetime
from decimal import Decimal
from typing import Any

DRAW_S = 30.0


class NoPicture(Exception):
    """A picture could not be drawn; the text says why. The facts go out as text alone."""


class Studio:
    """Draws pictures in a process of its own, one after the other."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None

    async def candles(
        self, title: str, badge: str, bars: Sequence[tuple[datetime, Decimal, Decimal, Decimal, Decimal]],
        levels: Sequence[tuple[str, Decimal, str]] = (), fills: Sequence[tuple[datetime, Decimal, bool]] = (),
    ) -> bytes:
        """Draw candles with levels and fills; raises NoPicture."""
        return await self._draw("bot.charts.candles", "draw", title, badge, tuple(bars), tuple(levels), tuple(fills))

    async def equity(self, title: str, badge: str, points: Sequence[tuple[datetime, Decimal]]) -> bytes:
        """Draw the equity curve; raises NoPicture."""
        return await self._draw("bot.charts.curves", "equity", title, badge, tuple(points))

    async def days(self, title: str, badge: str, bars: Sequence[tuple[str, Decimal]]) -> bytes:
        """Draw profit by day; raises NoPicture."""
        return await self._draw("bot.charts.curves", "days", title, badge, tuple(bars))

    async def qr(self, words: str) -> bytes:
        """Draw words as a QR code; raises NoPicture."""
        return await self._draw("bot.charts.qr", "draw", words)

    async def _draw(self, module: str, name: str, *given: Any) -> bytes:
        if self._pool is None:
            # Spawned, not forked: a copy of this process would hold its database and its sockets.
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(max_workers=1, mp_context=context)
        loop = asyncio.get_running_loop()
        try:
            return await asyncio.wait_for(loop.run_in_executor(self._pool, _carry_out, module, name, given), DRAW_S)
        except (BrokenProcessPool, TimeoutError) as fault:
            self.close()
            raise NoPicture(f"The drawing process ended: {type(fault).__name__}.") from fault
        except (ValueError, TypeError, ArithmeticError, ImportError) as fault:
            raise NoPicture(f"It could not be drawn: {fault}") from fault

    def close(self) -> None:
        """End the drawing process; the next picture starts a new one."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None


def _carry_out(module: str, name: str, given: tuple[Any, ...]) -> bytes:
    """Run in the drawing process: import the drawer there, and only there."""
    drawn: bytes = getattr(importlib.import_module(module), name)(*given)
    return drawn
