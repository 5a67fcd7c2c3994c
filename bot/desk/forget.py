"""Let go of what is kept for a while only: predictions after 90 days, a model's questions and answers after 180."""
from __future__ import annotations

from datetime import timedelta

from bot.desk.seat import Seat

PREDICTIONS, TEXTS = timedelta(days=90), timedelta(days=180)
DAY_S = 86_400.0


async def forget(seat: Seat) -> None:
    """Let go once a day for ever; digests, costs and outcomes stay (advisor section 13)."""
    while True:
        await let_go(seat)
        await seat.clock.sleep(DAY_S)


async def let_go(seat: Seat) -> tuple[int, int]:
    """Let go of what is old now; gives how many predictions went and how many questions lost their texts."""
    now = seat.clock.now()
    return await seat.ledger.transact(
        lambda tx: (tx.lab_record.forget_predictions(now - PREDICTIONS), tx.llm_calls.forget_texts(now - TEXTS))
    )
