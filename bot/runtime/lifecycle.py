"""Enter contexts one after the other and leave them in reverse, each within its time (architecture section 10)."""
from __future__ import annotations

import asyncio
import logging
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Any, Self, TypeVar

from bot.runtime.supervisor import guarded

log = logging.getLogger(__name__)

T = TypeVar("T")


class TookTooLong(Exception):
    """A part of the house could not be started in time."""


class Lifecycle:
    """A stack of named asynchronous contexts.

    `async with Lifecycle() as life:` then `ledger = await life.enter("ledger", open_ledger(...))`. Leaving goes on
    whatever a single part does: its fault or its delay is logged and kept in `faults`, and the next part is left.
    """

    def __init__(self) -> None:
        self._entered: list[tuple[str, AbstractAsyncContextManager[Any], float]] = []
        self.faults: list[tuple[str, Exception]] = []

    async def __aenter__(self) -> Self:
        return self

    async def enter(self, name: str, context: AbstractAsyncContextManager[T], *, within_s: float = 30.0,
                    leave_within_s: float = 5.0) -> T:
        """Enter one context and remember to leave it; gives what it gives.

        Raises TookTooLong after `within_s`, and whatever entering raises; what was entered before is left as usual.
        """
        log.debug("Starting %s.", name)
        try:
            async with asyncio.timeout(within_s):
                value = await context.__aenter__()
        except TimeoutError as late:
            raise TookTooLong(f"{name} did not start within {within_s:g} s.") from late
        self._entered.append((name, context, leave_within_s))
        return value

    @property
    def running(self) -> tuple[str, ...]:
        """The names of what was entered and not yet left, oldest first."""
        return tuple(name for name, _, _ in self._entered)

    async def __aexit__(self, kind: type[BaseException] | None, fault: BaseException | None,
                        trace: TracebackType | None) -> None:
        while self._entered:
            name, context, within_s = self._entered.pop()
            log.debug("Stopping %s.", name)
            # Parts are told of a clean end always: none of them may swallow the fault that ended the house.
            if (failed := await guarded(f"Stopping {name}", context.__aexit__(None, None, None), within_s)) is not None:
                self.faults.append((name, failed))
