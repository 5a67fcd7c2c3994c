"""The advisors' tables: history with revisions, trials nobody resets, versions that never change, outcomes."""
from __future__ import annotations

import dataclasses
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.adapters.store import tables_lab
from bot.adapters.store.link import Link
from bot.adapters.store.tx import StoreTx
from bot.domain.ids import Symbol
from bot.domain.mandate import Rung
from bot.ports.lab_rows import (
    AdvisorRow,
    CalibrationRow,
    EvidenceRow,
    IdeaRow,
    ModelRow,
    OutcomeRow,
    PredictionRow,
    RungRow,
    ScaleRow,
    Series,
    TrialRow,
    VersionRow,
    VersionState,
)
from bot.ports.market import Candle, PriceKind, Stretch, Trade
from tests.adapters.store.refusals import impossible
from tests.adapters.store.values import T0

BTC = Symbol("BTCUSDT")
MINUTES = Series(symbol=BTC, timeframe="1m")
MINUTE = timedelta(minutes=1)


def candle(after: int, close: str = "100.5", *, forming: bool = False) -> Candle:
    return Candle(opened_at=T0.replace(microsecond=0) + after * MINUTE, open=Decimal("100"), high=Decimal("101"),
                  low=Decimal("99"), close=Decimal(close), volume=Decimal("1.25"), turnover=Decimal(0), forming=forming)


def trial(number: int, kind: str = "fit") -> TrialRow:
    return TrialRow(id=f"T-{number}", family="tb:2/1/48 15m BTCUSDT", kind=kind, settings="{}", seed=7, by="local",
                    at=T0 + number * MINUTE)


def version(name: str = "M-1") -> VersionRow:
    return VersionRow(
        id=name, model="local", kind="logit", sha256="aa", artefact="{}", kernel="k1", features_hash="bb",
        label="tb:2/1/48", data_from=T0, data_to=T0 + MINUTE, data_sha256="cc", rows=10, seed=7, versions="{}",
        revision="abc", metrics="{}", report=None, trials=1, parent=None, created_by="local", created_at=T0,
        state=VersionState.CANDIDATE,
    )


def idea(name: str = "I-1", **changed: object) -> IdeaRow:
    made = IdeaRow(
        id=name, advisor="A-1", kind="OPEN", symbol=BTC, direction="LONG", entry=Decimal("100"), stop=Decimal("98"),
        target=Decimal("104"), valid_s=900, horizon_s=43200, claim_bp=6000, chance_bp=None, thesis="up", against="",
        invalidation="", reasons="[]", context="dd", fate="shadow", abstained=None, proposal=None, at=T0,
    )
    return replace(made, **changed)  # type: ignore[arg-type]


def outcome(name: str = "I-1") -> OutcomeRow:
    return OutcomeRow(idea=name, filled=True, exit="STOP", gross_r=Decimal("-1"), net_r=Decimal("-1.1"),
                      executed_r=None, ai_cost_r=Decimal(0), entered_at=T0, ended_at=T0 + MINUTE,
                      resolved_at=T0 + MINUTE)


def test_every_row_shape_has_its_columns() -> None:
    for shape, table in (
        (TrialRow, tables_lab.lab_trials), (ModelRow, tables_lab.models), (VersionRow, tables_lab.model_versions),
        (CalibrationRow, tables_lab.calibrations), (AdvisorRow, tables_lab.advisors), (RungRow, tables_lab.rungs),
        (PredictionRow, tables_lab.predictions), (IdeaRow, tables_lab.ideas), (OutcomeRow, tables_lab.outcomes),
        (EvidenceRow, tables_lab.evidence), (ScaleRow, tables_lab.risk_scales),
    ):
        assert {column.name for column in table.c} == {field.name for field in dataclasses.fields(shape)} | {"account"}


def test_candles_are_kept_as_seen_and_the_first_wins(tx: StoreTx) -> None:
    history = tx.lab_history
    assert history.add_candles(MINUTES, [candle(0), candle(1), candle(2, forming=True)], T0) == 2
    assert history.add_candles(MINUTES, [candle(0), candle(1), candle(2)], T0) == 1
    assert history.add_candles(MINUTES, [candle(1, "100.7")], T0) == 1
    assert history.add_candles(MINUTES, [candle(1, "100.7")], T0) == 0
    assert history.candles(MINUTES) == (candle(0), candle(1), candle(2))
    assert history.candles(MINUTES, since=candle(1).opened_at, until=candle(2).opened_at) == (candle(1),)
    found = history.span(MINUTES)
    assert found is not None
    assert (found.first, found.last, found.count) == (candle(0).opened_at, candle(2).opened_at, 3)
    assert history.span(replace(MINUTES, price=PriceKind.MARK)) is None
    assert history.series() == (MINUTES,)
    assert history.add_candles(MINUTES, [], T0) == 0


def test_funding_and_interest_are_kept_once(tx: StoreTx) -> None:
    rates = [(T0, Decimal("0.0001")), (T0 + MINUTE, Decimal("-0.0002"))]
    assert tx.lab_history.add_funding(BTC, rates, T0) == 2
    assert tx.lab_history.add_funding(BTC, rates, T0) == 0
    assert tx.lab_history.funding(BTC) == tuple(rates)
    assert tx.lab_history.add_interest(BTC, [(T0, Decimal("5"))], T0) == 1
    assert tx.lab_history.interest(BTC) == ((T0, Decimal("5")),)


def test_public_trades_are_kept_once_with_the_spans_they_are_all_of(tx: StoreTx, link: Link) -> None:
    history = tx.lab_history
    first, second = (Trade(id=name, price=Decimal("100.5"), size=Decimal("0.2"), bought=name == "9", at=T0 + MINUTE)
                     for name in ("10", "9"))
    third = replace(first, id="11", at=T0 + 2 * MINUTE)
    assert history.add_trades(BTC, Stretch(since=T0 + MINUTE, until=T0 + 3 * MINUTE, trades=(third, first)), T0) == 2
    again = Stretch(since=T0, until=T0 + 2 * MINUTE, trades=(first, second))
    assert history.add_trades(BTC, again, T0) == 1
    assert history.add_trades(BTC, again, T0) == 0
    assert history.trades(BTC, T0, T0 + 2 * MINUTE) == (first, second)
    assert history.traded(BTC, T0 + 2 * MINUTE, T0 + 3 * MINUTE)
    assert not history.traded(BTC, T0, T0 + MINUTE)
    assert not history.traded(Symbol("ETHUSDT"), T0, T0 + 3 * MINUTE)
    history.add_trades(BTC, Stretch(since=T0 + 5 * MINUTE, until=T0 + 6 * MINUTE, trades=()), T0)
    assert history.trade_spans(BTC) == ((T0, T0 + 3 * MINUTE), (T0 + 5 * MINUTE, T0 + 6 * MINUTE))
    with impossible("A row of lab_fills is written once"):
        link.plainly("UPDATE lab_fills SET price = '1'")


def test_nobody_resets_the_trial_counter(tx: StoreTx, link: Link) -> None:
    tx.lab_models.add_trial(trial(1))
    tx.lab_models.add_trial(trial(2, "tail"))
    assert tx.lab_models.trials() == tx.lab_models.trials(trial(1).family) == (trial(1), trial(2, "tail"))
    assert tx.lab_models.trials("other") == ()
    link.savepoint()
    with impossible("Nothing is ever deleted from lab_trials"):
        link.plainly("DELETE FROM lab_trials")
    link.undo()
    with impossible("A row of lab_trials is written once"):
        link.plainly("UPDATE lab_trials SET seed = 1")


def test_a_version_is_what_it_is(tx: StoreTx, link: Link) -> None:
    tx.lab_models.save_model(ModelRow(name="local", owner="local", purpose="x", at=T0))
    tx.lab_models.save_model(ModelRow(name="local", owner="else", purpose="y", at=T0))
    tx.lab_models.add_version(version())
    with impossible("a model M-1 already"):
        tx.lab_models.add_version(version())
    tx.lab_models.move_version("M-1", VersionState.REGISTERED, report="<p>", metrics='{"a":1}')
    stored = replace(version(), state=VersionState.REGISTERED, report="<p>", metrics='{"a":1}')
    assert tx.lab_models.version("M-1") == stored
    assert tx.lab_models.versions() == (stored,)
    assert tx.lab_models.version("M-2") is None
    with impossible("There is no model M-2"):
        tx.lab_models.move_version("M-2", VersionState.RETIRED)
    tx.lab_models.move_version("M-1", VersionState.REVOKED)
    link.savepoint()
    with impossible("A revoked model stays revoked"):
        tx.lab_models.move_version("M-1", VersionState.REGISTERED)
    link.undo()
    with impossible("What a model is never changes"):
        link.plainly("UPDATE model_versions SET artefact = 'other'")


def test_the_latest_calibration_is_in_force(tx: StoreTx) -> None:
    assert tx.lab_models.calibration("M-1") is None
    first = CalibrationRow(version="M-1", edition=1, body="{}", fitted_on=40, fitted_from=T0, fitted_to=T0, at=T0)
    tx.lab_models.add_calibration(first)
    tx.lab_models.add_calibration(replace(first, edition=2))
    assert tx.lab_models.calibration("M-1") == replace(first, edition=2)


def test_rungs_keep_their_history(tx: StoreTx) -> None:
    advisor = AdvisorRow(id="A-1", kind="local", name="M-1", digest="aa", at=T0)
    tx.lab_record.save_advisor(advisor)
    tx.lab_record.save_advisor(replace(advisor, name="other"))
    assert tx.lab_record.advisors() == (advisor,)
    assert tx.lab_record.rung("A-1", "majors") is None
    first = RungRow(advisor="A-1", group="majors", edition=1, rung=Rung.SHADOW, by="auto", reason="new", at=T0)
    second = replace(first, edition=2, rung=Rung.PROPOSE, by="17", at=T0 + MINUTE)
    tx.lab_record.set_rung(first)
    tx.lab_record.set_rung(second)
    assert tx.lab_record.rung("A-1", "majors") == second
    assert tx.lab_record.rungs("A-1") == (first, second)


def test_predictions_go_after_their_time(tx: StoreTx) -> None:
    made = PredictionRow(advisor="A-1", symbol=BTC, timeframe="15m", bar_at=T0, side="LONG", kernel="k1", began_at=T0,
                         row="ee", score=Decimal("0.41"), distance=Decimal("5.2"), at=T0)
    later = replace(made, bar_at=T0 + MINUTE)
    tx.lab_record.add_predictions([made, later])
    tx.lab_record.add_predictions([replace(made, row="changed")])
    assert tx.lab_record.predictions("A-1", T0) == (made, later)
    assert tx.lab_record.forget_predictions(T0 + MINUTE) == 1
    assert tx.lab_record.predictions("A-1", T0) == (later,)


def test_every_idea_waits_for_its_outcome(tx: StoreTx, link: Link) -> None:
    tx.lab_record.add_idea(idea())
    tx.lab_record.add_idea(idea("I-2", abstained="stale:candles", at=T0 + MINUTE))
    tx.lab_record.add_idea(idea("I-3", advisor="A-2", at=T0 + 2 * MINUTE))
    tx.lab_record.move_idea("I-3", "approved", "P-1")
    third = idea("I-3", advisor="A-2", at=T0 + 2 * MINUTE, fate="approved", proposal="P-1")
    assert tx.lab_record.idea("I-3") == third
    assert tx.lab_record.idea("I-9") is None
    assert tx.lab_record.unresolved() == (idea(), third)
    tx.lab_record.add_outcome(outcome())
    assert tx.lab_record.unresolved() == (third,)
    assert tx.lab_record.outcomes() == tx.lab_record.outcomes("A-1") == ((idea(), outcome()),)
    assert tx.lab_record.outcomes("A-2") == ()
    assert [one.id for one in tx.lab_record.ideas(since=T0 + MINUTE)] == ["I-2", "I-3"]
    with impossible("What an idea was never changes"):
        link.plainly("UPDATE ideas SET stop = '1'")


def test_exits_are_followed_apart_and_asking_for_risk_is_not(tx: StoreTx) -> None:
    cut = idea("I-4", kind="CLOSE", stood=Decimal("98"), unit=Decimal("2"), percent=50)
    tx.lab_record.add_idea(cut)
    tx.lab_record.add_idea(idea("I-5", kind="SCALE", stop=None, target=None, percent=40))
    assert tx.lab_record.unresolved() == (cut,)
    tx.lab_record.add_outcome(outcome("I-4"))
    assert tx.lab_record.outcomes() == ()
    assert tx.lab_record.exits("A-1") == tx.lab_record.exits() == ((cut, outcome("I-4")),)
    assert tx.lab_record.exits("A-2") == ()


def test_scales_keep_their_history(tx: StoreTx, link: Link) -> None:
    first = ScaleRow(advisor="A-1", symbol=BTC, edition=1, requested=40, effective=40, by="advisor", why="wild", at=T0)
    tx.lab_record.add_scale(first)
    tx.lab_record.add_scale(replace(first, edition=2, requested=80, by="17"))
    assert [one.edition for one in tx.lab_record.scales("A-1", BTC)] == [1, 2]
    assert tx.lab_record.scales("A-1", BTC)[0] == first
    assert tx.lab_record.scales("A-2", BTC) == tx.lab_record.scales("A-1", Symbol("ETHUSDT")) == ()
    with impossible("A row of risk_scales is written once"):
        link.plainly("UPDATE risk_scales SET effective = 100")


def test_evidence_is_saved_over(tx: StoreTx) -> None:
    row = EvidenceRow(advisor="A-1", group="majors", log_skill=Decimal("0.5"), log_harm=Decimal("-0.1"), blocks=2,
                      outcomes=23, body="{}", at=T0)
    assert tx.lab_record.evidence("A-1", "majors") is None
    tx.lab_record.save_evidence(row)
    tx.lab_record.save_evidence(replace(row, blocks=3))
    assert tx.lab_record.evidence("A-1", "majors") == replace(row, blocks=3)


@pytest.mark.parametrize("table", ["lab_candles", "lab_funding", "models", "rungs", "outcomes", "ideas"])
def test_nothing_of_it_goes_away(tx: StoreTx, link: Link, table: str) -> None:
    tx.lab_history.add_candles(MINUTES, [candle(0)], T0)
    tx.lab_history.add_funding(BTC, [(T0, Decimal(1))], T0)
    tx.lab_models.save_model(ModelRow(name="local", owner="local", purpose="x", at=T0))
    tx.lab_record.set_rung(RungRow(advisor="A", group="g", edition=1, rung=Rung.OFF, by="x", reason="", at=T0))
    tx.lab_record.add_idea(idea())
    tx.lab_record.add_outcome(outcome())
    with impossible(f"Nothing is ever deleted from {table}"):
        link.plainly(f"DELETE FROM {table}")


def test_the_idea_behind_a_proposal_is_found_with_what_came_of_it(tx: StoreTx) -> None:
    tx.lab_record.add_idea(idea("I-1", at=T0))
    tx.lab_record.add_idea(idea("I-2", at=T0 + MINUTE))
    tx.lab_record.move_idea("I-1", "proposed", "P1")
    assert tx.lab_record.of_proposal("P2") is None
    first = replace(idea("I-1"), fate="proposed", proposal="P1")
    assert tx.lab_record.of_proposal("P1") == (first, None)
    tx.lab_record.add_outcome(outcome("I-1"))
    tx.lab_record.add_outcome(replace(outcome("I-2"), resolved_at=T0 + 2 * MINUTE))
    assert tx.lab_record.of_proposal("P1") == (first, outcome("I-1"))
    since = tx.lab_record.outcomes("A-1", since=T0 + MINUTE)
    assert [one.id for one, _ in since] == ["I-2"]
