"""What is kept for a while only goes when its time is over, and nothing else does."""
from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from bot.desk.forget import PREDICTIONS, TEXTS, let_go
from bot.ports.lab_rows import PredictionRow
from bot.ports.ledger import Tx
from bot.ports.llm_calls import LlmCallRow
from tests.desk.table import BTC, at_the_table
from tests.support.simulated import Life, World


def test_old_predictions_and_texts_go_and_their_costs_stay(tmp_path: Path) -> None:
    async def play(world: World, life: Life) -> None:
        now, minute = world.clock.now(), timedelta(minutes=1)

        def work(tx: Tx) -> None:
            for at in (now - PREDICTIONS - minute, now - PREDICTIONS + minute):
                tx.lab_record.add_predictions([PredictionRow(
                    advisor="M-1", symbol=BTC, timeframe="15m", bar_at=at, side="LONG", kernel="k1", began_at=at,
                    row="r", score=Decimal(0), distance=Decimal(0), at=at,
                )])
            for name, at in (("old", now - TEXTS - minute), ("new", now - TEXTS + minute)):
                tx.llm_calls.reserve(LlmCallRow(
                    id=name, advisor="llm-1", purpose="propose", model="m", context="c", digest="d", request="{}",
                    reserved=Decimal("0.1"), at=at,
                ))

        await life.seat.ledger.transact(work)
        assert await let_go(life.seat) == (1, 1)
        assert await let_go(life.seat) == (0, 0)
        rows = await life.seat.ledger.read(lambda tx: tx.llm_calls.since(now - 2 * TEXTS))
        assert [(one.id, one.request, one.reserved) for one in rows] == [
            ("old", None, Decimal("0.1")), ("new", "{}", Decimal("0.1"))]

    at_the_table(tmp_path, 1, play)
