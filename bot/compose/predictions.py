"""Keep what served models predicted, in batches, so that `wiredesk lab skew` can compare it (advisor section 6)."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from bot.adapters.advisors.artefact import Artefact
from bot.adapters.advisors.local import Prediction
from bot.adapters.advisors.local_advisor import Told
from bot.domain.ids import Symbol
from bot.domain.record import moment_of
from bot.ports.clock import Clock
from bot.ports.lab_rows import PredictionRow
from bot.ports.ledger import Ledger, Tx

KEPT_FOR = timedelta(days=90)
PERIOD_S = 10.0


@dataclass(slots=True)
class Heard:
    """Predictions that are not stored yet; a crash loses the last seconds of them, which only shortens a comparison."""

    clock: Clock
    rows: list[PredictionRow] = field(default_factory=list)

    def of(self, advisor: str, artefact: Artefact) -> Told:
        """Listen to one model."""

        def told(symbol: Symbol, found: tuple[Prediction, ...]) -> None:
            self.rows += [PredictionRow(
                advisor=advisor, symbol=symbol, timeframe=artefact.timeframe, bar_at=moment_of(one.at), side=one.side,
                kernel=artefact.kernel, began_at=moment_of(one.began), row=one.row, score=Decimal(repr(one.raw)),
                distance=Decimal(repr(one.distance)), at=self.clock.now(),
            ) for one in found]

        return told


def untold(symbol: Symbol, found: tuple[Prediction, ...]) -> None:
    """Let a prediction go by: where nothing keeps them."""


async def store(heard: Heard, ledger: Ledger) -> int:
    """Store what was heard since the last time, and forget what is older than 90 days; gives how many were stored."""
    rows: Sequence[PredictionRow] = heard.rows
    heard.rows = []
    if rows:
        before = heard.clock.now() - KEPT_FOR

        def work(tx: Tx) -> None:
            tx.lab_record.add_predictions(rows)
            tx.lab_record.forget_predictions(before)

        await ledger.transact(work)
    return len(rows)


async def keep(heard: Heard, ledger: Ledger) -> None:
    """Store predictions for ever."""
    while True:
        await heard.clock.sleep(PERIOD_S)
        await store(heard, ledger)
