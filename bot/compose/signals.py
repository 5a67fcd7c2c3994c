"""Let alerts from outside in, where the settings name an address for them."""
from __future__ import annotations

import asyncio
import logging

from bot.chat.webhook import Webhook, listening
from bot.compose.parts import Parts
from bot.domain.numbers import plain
from bot.domain.trading import Readiness
from bot.runtime.readiness import ReadinessGate
from bot.runtime.supervisor import Work
from bot.settings import Settings

log = logging.getLogger(__name__)

OPEN = (Readiness.READY, Readiness.DEGRADED)
AGAIN_S = 10.0


def works(parts: Parts, gate: ReadinessGate, settings: Settings) -> list[Work]:
    """Name the eternal task that takes alerts; none without an address."""
    if settings.signals_listen is None or settings.signals_secret is None:
        return []
    host, _, port = settings.signals_listen.rpartition(":")
    webhook = Webhook(
        seat=parts.seat, secret=settings.signals_secret.get_secret_value(),
        amount=f"r{plain(settings.signals_risk)}%", open=lambda: gate.readiness() in OPEN,
        reader=parts.reader,
    )

    async def serve() -> None:
        while True:
            try:
                async with listening(webhook, host.strip("[]"), int(port)) as taken:
                    log.info("Alerts from outside are taken at %s:%s.", host, taken)
                    await asyncio.Event().wait()
            except OSError as fault:
                # A port that somebody else holds must not stop trading.
                log.error("Alerts from outside cannot be taken at %s: %s", settings.signals_listen, fault.strerror)
            await parts.seat.clock.sleep(AGAIN_S)

    return [Work(name="alerts from outside", run=serve)]
