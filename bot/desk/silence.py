"""Tell that a model answers no more: it failed too often, is left alone, and acts alone no longer (advisor 8, 11)."""
from __future__ import annotations

from bot.desk.circumstances import CHANGED, SILENT, find_out, found_out
from bot.desk.enter import write
from bot.desk.ladder import stands_on, step
from bot.desk.seat import Seat
from bot.domain.events_proposals import AdvisorFailed
from bot.domain.mandate import ALONE, Rung
from bot.ports.ledger import Tx

BACK = "an owner grants it again once the model answers"


async def model_silent(seat: Seat, advisor: str, reason: str, failures: int) -> None:
    """Write that an advisor's model is not asked for now, after so many failures in a row.

    Where it acted alone it asks from now on: the rung falls to PROPOSE in the same transaction.
    """
    await _fails(seat, advisor, reason, failures, f"its model is silent: {reason}")


async def model_answers(seat: Seat, advisor: str) -> None:
    """Write that a model that was silent answers again; what its advisor may do stays with people.

    One that answers otherwise than before is not silent: that is for a person to close.
    """

    def work(tx: Tx) -> None:
        if found_out(tx, SILENT, advisor):
            find_out(tx, SILENT, advisor, "", seat.clock.now())

    await seat.ledger.transact(work)


async def model_changed(seat: Seat, advisor: str, reason: str) -> None:
    """Write that a model answers otherwise than before under its name; where it acted alone it asks from now on."""
    await _fails(seat, advisor, reason, 1, reason, CHANGED)


async def _fails(seat: Seat, advisor: str, reason: str, failures: int, why: str, what: str = SILENT) -> None:
    fact = AdvisorFailed(advisor=advisor, symbol=None, reason=reason, failures_in_a_row=failures)

    def work(tx: Tx) -> None:
        now = seat.clock.now()
        write(tx, fact, now, f"advisor:{advisor}")
        find_out(tx, what, advisor, why, now)
        if stands_on(tx, advisor, Rung.OFF) in ALONE:
            step(tx, advisor, Rung.OFF, Rung.PROPOSE, None, why, now, back=BACK)

    await seat.ledger.transact(work)
