"""Replay stored candles and compare every feature row a live model logged with what they give now (advisor 6)."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from bot.adapters.advisors.kernel import Kernel, row_hash
from bot.domain.events import subject_of
from bot.domain.events_proposals import RungChanged
from bot.domain.mandate import Rung
from bot.domain.record import milliseconds
from bot.lab.history import history
from bot.lab.registry import GROUP
from bot.ports.lab_rows import PredictionRow, RungRow, VersionState
from bot.ports.ledger import Ledger, Tx

WHY = "features differ between live and replay"


@dataclass(frozen=True, slots=True, kw_only=True)
class Skew:
    """What a replay of one advisor showed: how many rows were compared, which bars differ, which had no candle."""

    advisor: str
    compared: int
    differ: tuple[int, ...]
    absent: int
    fell: bool = False


async def skew(ledger: Ledger, now: datetime, days: int = 1) -> tuple[Skew, ...]:
    """Replay the last days of every registered model; one mismatch drops it to SHADOW, at once and on record."""
    since = now - timedelta(days=days)
    versions = await ledger.read(lambda tx: tx.lab_models.versions())
    found = []
    for version in versions:
        if version.state is not VersionState.REGISTERED:
            continue
        logged = await ledger.read(partial(_logged, advisor=version.id, since=since))
        outcome = await _replay(ledger, version.id, logged)
        if outcome.differ:
            outcome = replace(outcome, fell=await ledger.transact(partial(_drop, advisor=version.id, now=now)))
        found.append(outcome)
    return tuple(found)


async def _replay(ledger: Ledger, advisor: str, logged: Sequence[PredictionRow]) -> Skew:
    """Run the kernel over the bars each stream began with and compare; bit for bit, the beginnings being equal."""
    compared, absent, differ = 0, 0, set[int]()
    streams = {(one.symbol, one.timeframe, one.kernel, one.began_at) for one in logged}
    for symbol, timeframe, version, began in sorted(streams):
        kernel = Kernel(version, timeframe)
        wanted = {milliseconds(one.bar_at): one.row for one in logged
                  if (one.symbol, one.timeframe, one.kernel, one.began_at) == (symbol, timeframe, version, began)}
        bars = (await history(ledger, symbol, timeframe, since=began)).bars
        rows = {bar.at: row_hash(kernel.push(bar)) for bar in bars}
        for at, row in wanted.items():
            if at not in rows:
                absent += 1
                continue
            compared += 1
            if rows[at] != row:
                differ.add(at)
    return Skew(advisor=advisor, compared=compared, differ=tuple(sorted(differ)), absent=absent)


def _logged(tx: Tx, advisor: str, since: datetime) -> tuple[PredictionRow, ...]:
    return tx.lab_record.predictions(advisor, since)


def _drop(tx: Tx, advisor: str, now: datetime) -> bool:
    """Write down the finding, put the model lower and tell it; its mandates count no longer with that."""
    tx.desk.set_value(f"skew:{advisor}", {"at": milliseconds(now), "why": WHY}, now)
    stands = tx.lab_record.rung(advisor, GROUP)
    if stands is None or stands.rung in (Rung.OFF, Rung.SHADOW):
        return False
    fact = RungChanged(advisor=advisor, group=GROUP, was=stands.rung, now=Rung.SHADOW, by=None, why=WHY,
                       back="a person closes the cause")
    tx.journal.append(fact, at=now, actor="system:lab", subject=subject_of(fact))
    tx.lab_record.set_rung(RungRow(advisor=advisor, group=GROUP, edition=stands.edition + 1, rung=Rung.SHADOW,
                                   by="auto", reason=WHY, at=now))
    return True
