"""Tell that a model answers no more: it failed too often, and is left alone for a while (advisor section 8)."""
from __future__ import annotations

from bot.desk.enter import write
from bot.desk.seat import Seat
from bot.domain.events_proposals import AdvisorFailed


async def model_silent(seat: Seat, advisor: str, reason: str, failures: int) -> None:
    """Write that an advisor's model is not asked for now, after so many failures in a row."""
    fact = AdvisorFailed(advisor=advisor, symbol=None, reason=reason, failures_in_a_row=failures)
    await seat.ledger.transact(lambda tx: write(tx, fact, seat.clock.now(), f"advisor:{advisor}"))
