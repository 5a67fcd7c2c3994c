"""A model registered while the desk runs is served at once; its chances are fitted anew once a month."""
from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bot.adapters.advisors.calibration import Calibration
from bot.adapters.advisors.local_advisor import LocalAdvisor
from bot.adapters.advisors.recalibrate import spell
from bot.compose.advice import SILENT, advices_of, registry_of
from bot.compose.registry import MONTH, fresh, recalibrate, take_latest
from bot.desk.advise import Advice
from bot.domain.mandate import Rung
from bot.ports.lab_rows import CalibrationRow, VersionState
from bot.ports.ledger import Tx
from bot.settings import Settings
from tests.adapters.advisors.test_assessor import judged
from tests.adapters.advisors.test_recalibrate import history, predicted
from tests.compose.test_advice import stored
from tests.desk.trade import kinds
from tests.support.clock import FakeClock
from tests.support.scripted import Bench


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """Give an opened bench."""
    made = await Bench(tmp_path).open()
    yield made
    await made.close()


def settings(advisors: str) -> Settings:
    return Settings(environment="sandbox", advisors=advisors, _env_file=None)  # type: ignore[call-arg,arg-type]


async def found(bench: Bench, advisors: str) -> tuple[list[Advice], list[str]]:
    """Start with one model, register another and a broken one; gives how all are asked, and who came later."""
    def first(tx: Tx) -> None:
        tx.lab_models.add_version(stored("M-1"))
        tx.lab_models.add_version(stored("M-2", VersionState.CANDIDATE))
        tx.lab_models.add_version(stored("M-3", VersionState.CANDIDATE, sha256="00" * 32))

    await bench.seat.ledger.transact(first)
    given = settings(advisors)
    advices = list(await advices_of(bench.seat.ledger, given))
    served = registry_of(given, SILENT, None, advices)
    assert await fresh(bench.seat, served, advices) == []
    for name in ("M-2", "M-3"):
        await bench.seat.ledger.transact(
            lambda tx, one=name: tx.lab_models.move_version(one, VersionState.REGISTERED))  # type: ignore[misc]
    later = await fresh(bench.seat, served, advices)
    assert await fresh(bench.seat, served, advices) == []
    assert served.refused == {"M-3"}
    assert served.advisors.keys() == {"M-1", "M-2"}
    return advices, [one.advisor.name for one in later]


async def test_a_model_registered_later_is_served_at_once_in_the_shadow(bench: Bench) -> None:
    advices, later = await found(bench, "rules,local")
    assert later == ["M-2"]
    assert [(one.advisor.name, one.rung) for one in advices][1:] == [("M-1", Rung.SHADOW), ("M-2", Rung.SHADOW)]
    assert (await kinds(bench)).count("ModelServed") == 1


class Kept(LocalAdvisor):
    """A model whose calibrations can be looked at."""

    def __init__(self) -> None:
        self.maps: dict[str, Calibration] = {}

    @property
    def name(self) -> str:
        """Name it."""
        return "M-1"

    def recalibrate(self, maps: dict[str, Calibration]) -> None:  # type: ignore[override]
        """Keep them."""
        self.maps = dict(maps)


async def test_chances_are_fitted_anew_once_a_month_on_what_ended(bench: Bench) -> None:
    outcomes, predictions = history(60)
    made = outcomes[0][0].at - MONTH

    def work(tx: Tx) -> None:
        tx.lab_models.add_version(replace(stored("M-1"), created_at=made))
        tx.lab_record.add_predictions(predictions)
        for idea, outcome in outcomes[:40]:
            tx.lab_record.add_idea(idea)
            tx.lab_record.add_outcome(outcome)

    await bench.seat.ledger.transact(work)
    model = Kept()

    async def at(moment: timedelta) -> CalibrationRow | None:
        seat = replace(bench.seat, clock=FakeClock(outcomes[0][0].at + moment))
        return await recalibrate(seat, "M-1", model)

    assert await at(timedelta(days=-1)) is None
    row = await at(timedelta(days=1))
    assert row is not None
    assert (row.edition, row.fitted_on) == (1, 40)
    assert model.maps.keys() == {"LONG"}
    assert (await kinds(bench)).count("ModelServed") == 1
    # A month later there are too few new ones; with more it is the second edition, and the first stays.
    assert await at(timedelta(days=32)) is None

    def more(tx: Tx) -> None:
        for number in range(60, 100):
            idea, outcome = judged(number, "1.9" if number % 3 else "-1.1")
            tx.lab_record.add_idea(idea)
            tx.lab_record.add_outcome(outcome)
            tx.lab_record.add_predictions([predicted(number, "0.6")])

    await bench.seat.ledger.transact(more)
    again = await at(timedelta(days=32))
    assert again is not None and again.edition == 2
    fresh_model = Kept()
    assert await take_latest(bench.seat, fresh_model)
    assert fresh_model.maps == model.maps


async def test_a_stored_calibration_that_is_none_is_not_used(bench: Bench) -> None:
    model = Kept()
    assert not await take_latest(bench.seat, model)
    now = bench.seat.clock.now()
    row = CalibrationRow(version="M-1", edition=1, body='{"UP": null}', fitted_on=30, fitted_from=now, fitted_to=now,
                         at=now)
    await bench.seat.ledger.transact(lambda tx: tx.lab_models.add_calibration(row))
    assert not await take_latest(bench.seat, model)
    good = replace(row, edition=2, body=spell({"LONG": Calibration(kind="platt", fitted_on=40)}))
    await bench.seat.ledger.transact(lambda tx: tx.lab_models.add_calibration(good))
    assert await take_latest(bench.seat, model)
    assert model.maps["LONG"].chance(0.5) == pytest.approx(float(Decimal("0.5")))
