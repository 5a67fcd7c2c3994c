"""State that no idea came of asking an advisor: as a row of its own where a candle was looked at, and as a line."""
from __future__ import annotations

from bot.desk.enter import write
from bot.desk.note import FLAWED, note_silence
from bot.desk.seat import Seat
from bot.domain.events_proposals import AdvisorAbstained, AdvisorFailed
from bot.domain.ids import Symbol
from bot.domain.refusal import Refusal
from bot.ports.advisor import Abstained, Context
from bot.ports.ledger import Tx


async def silent(seat: Seat, advisor: str, context: Context, reason: str) -> Abstained:
    """Store the advisor's own abstention."""
    fact = AdvisorAbstained(advisor=advisor, symbol=context.symbol, reason=reason)

    def work(tx: Tx) -> None:
        note_silence(tx, advisor, context, reason)
        write(tx, fact, seat.clock.now(), f"advisor:{advisor}")

    await seat.ledger.transact(work)
    return Abstained(reason=reason)


async def failed(seat: Seat, advisor: str, context: Context, wrong: str) -> Abstained:
    """Store that an answer could not be used; no order came of it."""
    fact = AdvisorFailed(advisor=advisor, symbol=context.symbol, reason=wrong)

    def work(tx: Tx) -> None:
        note_silence(tx, advisor, context, wrong, FLAWED)
        write(tx, fact, seat.clock.now(), f"advisor:{advisor}")

    await seat.ledger.transact(work)
    return Abstained(reason=wrong)


async def abstain(seat: Seat, advisor: str, symbol: Symbol, reason: str) -> Abstained:
    """Say why an advisor was not asked, or why its idea came to nothing."""
    fact = AdvisorAbstained(advisor=advisor, symbol=symbol, reason=reason)
    await seat.ledger.transact(lambda tx: write(tx, fact, seat.clock.now(), f"advisor:{advisor}"))
    return Abstained(reason=reason)


def said_by(refusal: Refusal) -> str:
    """Say every reason of a refusal in one line."""
    return " ".join(one.sentence for one in refusal.reasons)
