"""What served models predict is stored once, side by side with the hash of its features, and kept for 90 days."""
from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bot.adapters.advisors.kernel import WARMUP
from bot.compose.advice import advices_of
from bot.compose.predictions import KEPT_FOR, Heard, store
from bot.domain.record import moment_of
from bot.ports.lab_rows import PredictionRow
from bot.ports.ledger import Tx
from bot.settings import Settings
from tests.adapters.advisors.models import written
from tests.adapters.advisors.test_local_advisor import BARS, context
from tests.compose.test_advice import stored
from tests.support.clock import FakeClock
from tests.support.ledgers import inline, sqlite


async def test_predictions_of_a_served_model_are_kept(tmp_path: Path) -> None:
    content, digest = written("logit", timeframe="15m", spread=3.0)
    settings = Settings(environment="sandbox", advisors="local", _env_file=None)  # type: ignore[call-arg,arg-type]
    clock = FakeClock(moment_of(BARS[WARMUP].at))
    heard = Heard(clock=clock)
    async with inline(sqlite(tmp_path)) as ledger:
        version = replace(stored("M-1"), artefact=content, sha256=digest)
        await ledger.transact(lambda tx: tx.lab_models.add_version(version))
        (plan,) = await advices_of(ledger, settings, heard=heard)
        assert await store(heard, ledger) == 0
        await plan.advisor.propose(context(BARS[:WARMUP + 1]))
        assert await store(heard, ledger) == 2
        assert await store(heard, ledger) == 0

        def kept(tx: Tx) -> tuple[PredictionRow, ...]:
            return tx.lab_record.predictions("M-1", moment_of(0))

        rows = await ledger.read(kept)
        assert {one.side for one in rows} == {"LONG", "SHORT"}
        assert len({one.row for one in rows}) == 1
        assert rows[0].at == clock.now()
        clock.jump(KEPT_FOR.total_seconds() + 1)
        await plan.advisor.propose(context(BARS[:WARMUP + 2]))
        await store(heard, ledger)
        assert len(await ledger.read(kept)) == 2
