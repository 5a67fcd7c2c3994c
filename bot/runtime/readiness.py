"""Know whether this process can vouch for what it sees: the phases of a life, and what degrades it meanwhile."""
from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from types import MappingProxyType

from bot.domain.trading import Readiness

log = logging.getLogger(__name__)

# READY here means "has caught up"; whether it is READY or DEGRADED follows from the reasons. A reconnect goes back to
# RECONCILING; stopping is possible from everywhere and final.
NEXT = MappingProxyType({
    Readiness.STARTING: frozenset({Readiness.RECONCILING, Readiness.STOPPING}),
    Readiness.RECONCILING: frozenset({Readiness.READY, Readiness.STOPPING}),
    Readiness.READY: frozenset({Readiness.RECONCILING, Readiness.STOPPING}),
    Readiness.STOPPING: frozenset({Readiness.STOPPED}),
    Readiness.STOPPED: frozenset[Readiness](),
})

Listener = Callable[[Readiness, Readiness], None]


class ReadinessGate:
    """`ports.gate.Gate`: one phase and a set of reasons, each under a short cause such as `stream private`."""

    def __init__(self) -> None:
        self._phase = Readiness.STARTING
        self._reasons: dict[str, str] = {}
        self._listeners: list[Listener] = []
        self._changed = asyncio.Event()

    def readiness(self) -> Readiness:
        """Give the present readiness: DEGRADED instead of READY while any reason stands."""
        return Readiness.DEGRADED if self._phase is Readiness.READY and self._reasons else self._phase

    @property
    def reasons(self) -> dict[str, str]:
        """The reasons that stand now: cause to sentence, a copy."""
        return dict(self._reasons)

    def listen(self, listener: Listener) -> None:
        """Call `listener(before, after)` on each change of readiness."""
        self._listeners.append(listener)

    def advance(self, phase: Readiness) -> None:
        """Enter the next phase; the present one again changes nothing. Raises ValueError for a step that is none."""
        if phase is self._phase:
            return
        if phase not in NEXT[self._phase]:
            raise ValueError(f"Readiness cannot go from {self._phase.value} to {phase.value}.")
        before, self._phase = self.readiness(), phase
        self._tell(before)

    def degrade(self, cause: str, why: str) -> None:
        """Let a reason stand; the same cause again replaces its sentence."""
        before, known = self.readiness(), cause in self._reasons
        self._reasons[cause] = why
        if not known:
            log.warning("Degraded by %s: %s", cause, why)
        self._tell(before)

    def recover(self, cause: str) -> None:
        """Take a reason away; one that does not stand is no fault."""
        before = self.readiness()
        if self._reasons.pop(cause, None) is not None:
            log.info("Recovered from %s.", cause)
        self._tell(before)

    async def until(self, *wanted: Readiness) -> Readiness:
        """Wait until the readiness is one of these, and give it."""
        while (now := self.readiness()) not in wanted:
            await self._changed.wait()
        return now

    def _tell(self, before: Readiness) -> None:
        now = self.readiness()
        if now is before:
            return
        log.info("Readiness: %s -> %s", before.value, now.value)
        self._changed.set()
        self._changed = asyncio.Event()
        for listener in self._listeners:
            listener(before, now)
