"""Tell a checker elsewhere every minute that this desk lives, so that its silence is noticed (reliability 5.6)."""
from __future__ import annotations

import logging

from bot.chat.second_channel import sign_of_life
from bot.compose.parts import Parts
from bot.domain.trading import Readiness
from bot.ports.ledger_rows import LedgerRefused
from bot.runtime.readiness import ReadinessGate
from bot.runtime.supervisor import Work
from bot.settings import Settings

log = logging.getLogger(__name__)

PERIOD_S = 60.0
ALIVE = (Readiness.READY, Readiness.DEGRADED)


def works(parts: Parts, gate: ReadinessGate, settings: Settings) -> list[Work]:
    """Name the eternal task that gives signs of life; none without an address.

    A desk that has not opened, or is stopping, gives none. A database that cannot be read gives none either.
    """
    if settings.heartbeat_url is None:
        return []
    call = sign_of_life(settings.heartbeat_url.get_secret_value())
    seat = parts.seat

    async def beat() -> None:
        while True:
            if gate.readiness() in ALIVE:
                try:
                    await seat.ledger.read(lambda tx: tx.desk.trading_state())
                    await call()
                except LedgerRefused as no:
                    log.warning("No sign of life is given: %s", no)
            await seat.clock.sleep(PERIOD_S)

    return [Work(name="heartbeat", run=beat)]
