"""Serve models that are registered while the desk runs, recalibrate them monthly, and check the evidence nightly."""
from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.adapters.advisors.artefact_shape import Misshapen
from bot.adapters.advisors.local_advisor import LocalAdvisor
from bot.adapters.advisors.recalibrate import fitted, read, scored, spell
from bot.desk.advise import Advice, advise
from bot.desk.enter import write
from bot.desk.recheck import recheck
from bot.desk.seat import Seat
from bot.domain.events_proposals import ModelServed
from bot.ports.assessor import Assessor
from bot.ports.lab_rows import CalibrationRow, VersionRow
from bot.ports.ledger import Tx

log = logging.getLogger(__name__)

LOOK_S = 15.0
DAY_S = 86_400.0
MONTH = timedelta(days=30)
OUTCOMES_LEAST = 30
PREDICTIONS_KEPT = timedelta(days=90)


@dataclass(slots=True)
class Served:
    """The trained models this desk serves: `advisors` by version; `serve` builds how one is asked, None for no model.

    `all_of_them` tells that the settings ask for every registered model, later ones too.
    """

    serve: Callable[[VersionRow], Advice | None]
    all_of_them: bool
    advisors: dict[str, LocalAdvisor] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)


async def watch(seat: Seat, served: Served, advices: list[Advice]) -> None:
    """Ask models that are registered from now on as soon as they are, for ever; at the start in SHADOW."""
    for advisor in served.advisors.values():
        await take_latest(seat, advisor)
    async with asyncio.TaskGroup() as group:
        while True:
            await seat.clock.sleep(LOOK_S)
            if served.all_of_them:
                for one in await fresh(seat, served, advices):
                    group.create_task(advise(seat, one), name=f"advisor {one.advisor.name}")


async def fresh(seat: Seat, served: Served, advices: list[Advice]) -> list[Advice]:
    """Take in what was registered since the last look; gives how each is asked, told in the journal."""
    found = []
    for name in await seat.ledger.read(lambda tx: tx.lab_models.registered()):
        if name in served.refused or any(one.advisor.name == name for one in advices):
            continue
        version = await seat.ledger.read(lambda tx, one=name: tx.lab_models.version(one))  # type: ignore[misc]
        advice = None if version is None else served.serve(version)
        if advice is None:
            served.refused.add(name)
            continue
        advices.append(advice)
        found.append(advice)
        await _tell(seat, ModelServed(advisor=name, symbols=advice.symbols, why="It was registered: it is watched and "
                                      "scored, it proposes nothing until somebody lets it."))
    return found


async def nightly(seat: Seat, served: Served, assessor: Assessor, advices: list[Advice]) -> None:
    """Check the evidence and recalibrate what is due, an hour after the start and then once a day, for ever."""
    await seat.clock.sleep(DAY_S / 24)
    while True:
        await recheck(seat, assessor, [one.advisor.name for one in advices])
        for name, advisor in list(served.advisors.items()):
            await recalibrate(seat, name, advisor)
        await seat.clock.sleep(DAY_S)


async def take_latest(seat: Seat, advisor: LocalAdvisor) -> bool:
    """Let a model use its latest stored calibration; False where it has none of its own yet."""
    stored = await seat.ledger.read(lambda tx: tx.lab_models.calibration(advisor.name))
    if stored is None:
        return False
    try:
        advisor.recalibrate(read(stored.body))
    except Misshapen as fault:
        log.error("Calibration %s of %s is not used: %s", stored.edition, advisor.name, fault)
        return False
    return True


async def recalibrate(seat: Seat, name: str, advisor: LocalAdvisor) -> CalibrationRow | None:
    """Fit a model's chances anew once a month, on the ideas of its own that ended since; None where it is not due.

    The new map is stored beside the old ones, which stay (advisor section 6).
    """
    now = seat.clock.now()
    row = await seat.ledger.transact(lambda tx: _fit(tx, name, now))
    if row is not None:
        await take_latest(seat, advisor)
        symbols = tuple(sorted({one.symbol for one, _ in await seat.ledger.read(
            lambda tx: tx.lab_record.outcomes(name, row.fitted_from))}))
        await _tell(seat, ModelServed(advisor=name, symbols=symbols, why=f"Its chances were fitted anew on "
                                      f"{row.fitted_on} ideas that ended ({row.edition}. time)."))
    return row


def _fit(tx: Tx, name: str, now: datetime) -> CalibrationRow | None:
    version, last = tx.lab_models.version(name), tx.lab_models.calibration(name)
    if version is None or now - (last.at if last is not None else version.created_at) < MONTH:
        return None
    since = now - PREDICTIONS_KEPT
    outcomes = tx.lab_record.outcomes(name, since)
    ended = [idea.at for idea, outcome in outcomes if outcome.filled]
    new = [at for at in ended if last is None or at > last.fitted_to]
    if len(new) < OUTCOMES_LEAST:
        return None
    maps = fitted(scored(outcomes, tx.lab_record.predictions(name, since)))
    if not maps:
        return None
    row = CalibrationRow(
        version=name, edition=1 if last is None else last.edition + 1, body=spell(maps),
        fitted_on=sum(one.fitted_on for one in maps.values()), fitted_from=min(ended), fitted_to=max(ended), at=now,
    )
    tx.lab_models.add_calibration(row)
    return row


async def _tell(seat: Seat, fact: ModelServed) -> None:
    await seat.ledger.transact(lambda tx: write(tx, fact, seat.clock.now(), "system:registry"))
