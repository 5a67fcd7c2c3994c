"""The lab from history to registration, in one ledger; every refusal is a sentence and an exit code."""
from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bot.adapters.advisors.artefact import load_artefact
from bot.adapters.advisors.kernel import Kernel, row_hash
from bot.domain.mandate import Rung
from bot.domain.record import moment_of
from bot.lab.command import Bench, run
from bot.lab.registry import GROUP, find, register
from bot.lab.train_gbt import installed
from bot.ports.lab_rows import PredictionRow, RungRow, VersionRow, VersionState
from tests.adapters.advisors.synthetic import BEGIN, walk
from tests.lab.world import BTC, NOW, bench, candles, said

TRAIN = ["train", "--tf", "15m", "--label", "tb:1/1/12", "--warmup", "300"]
NOISE = walk(800, 4, minutes=15)


async def only_version(place: Bench) -> VersionRow:
    (found,) = await place.ledger.read(lambda tx: tx.lab_models.versions())
    return found


async def test_from_history_to_a_report_that_says_no_edge(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with bench(tmp_path, NOISE) as place:
        assert await run(["verify"], place) == 1
        assert "There are no models yet" in capsys.readouterr().err
        assert await run(TRAIN, place) == 0
        version = await only_version(place)
        assert (version.state, version.trials, version.report) == (VersionState.CANDIDATE, 1, None)
        load_artefact(version.artefact, version.sha256)
        assert await run(["register", version.id], place) == 1
        assert "has no report yet" in capsys.readouterr().err
        assert await run(["report", version.id.lower()], place) == 0
        assert "No edge" in said(place) or "Refused" in said(place)
        page = (place.folder / f"{version.id}.html").read_text()
        assert "<script" not in page
        assert "http" not in page.replace("http-equiv", "")
        for words in ("Gates", "Folds", "Reliability", "Equity", "deflated by 1 trials", "canary", "Make it again"):
            assert words in page, words
        image = (place.folder / f"{version.id}.png").read_bytes()
        assert image[:8] == b"\x89PNG\r\n\x1a\n"
        assert int.from_bytes(image[16:20]) == 1080
        assert await run(["register", version.id], place) == 1
        assert "is not registered" in capsys.readouterr().err
        assert await run(["verify", version.id], place) == 0
        assert "The newest" not in said(place)
        for words in (["report"], ["verify"]):
            assert await run(words, place) == 0
        assert said(place).count(f"The newest model is {version.id}, candidate, made") == 2
        assert await run(["register"], place) == 1
        assert await run(["list"], place) == 0
        assert "CANDIDATE" in said(place)


async def test_the_tail_is_opened_once_and_the_counter_only_grows(tmp_path: Path) -> None:
    async with bench(tmp_path, NOISE) as place:
        assert await run([*TRAIN, "--side", "long"], place) == 0
        first = await only_version(place)
        assert "tail" not in json.loads(first.metrics)
        for _ in range(2):
            assert await run(["report", first.id], place) == 0
        trials = await place.ledger.read(lambda tx: tx.lab_models.trials())
        assert [one.kind for one in trials] == ["fit", "result", "tail"]
        assert json.loads((await only_version(place)).metrics)["tail"]["opened_before"] == 0
        assert await run([*TRAIN, "--side", "long", "--seed", "8"], place) == 0
        other = [one for one in (await place.ledger.read(lambda tx: tx.lab_models.versions())) if one.id != first.id]
        assert [one.trials for one in other] == [2]
        assert await run(["report", other[0].id], place) == 0
        found = await find(place.ledger, other[0].id)
        assert json.loads(found.metrics)["tail"]["opened_before"] == 1
        assert "opened 1 times before" in (found.report or "")


async def test_the_same_training_is_the_same_model(tmp_path: Path) -> None:
    async with bench(tmp_path, NOISE) as place:
        for _ in range(2):
            assert await run([*TRAIN, "--side", "short"], place) == 0
        assert (await only_version(place)).trials == 1
        trials = await place.ledger.read(lambda tx: tx.lab_models.trials())
        assert sum(one.kind == "fit" for one in trials) == 2


async def test_later_candles_do_not_change_what_a_report_opens(tmp_path: Path) -> None:
    async with bench(tmp_path, NOISE) as place:
        assert await run([*TRAIN, "--side", "long"], place) == 0
        version = await only_version(place)
        series = (await place.ledger.read(lambda tx: tx.lab_history.series()))[0]
        last = NOISE[-1]
        more = candles([last._replace(at=last.at + (1 + at) * 900_000) for at in range(30)])
        await place.ledger.transact(lambda tx: tx.lab_history.add_candles(series, more, NOW))
        assert await run(["report", version.id], place) == 0


async def passing(place: Bench) -> VersionRow:
    """Train on noise and give the candidate numbers that pass every gate: registration judges what is stored."""
    assert await run([*TRAIN, "--side", "long"], place) == 0
    version = await only_version(place)
    metrics = json.loads(version.metrics) | {"brier_skill": 0.02}
    for fold in metrics["folds"]:
        fold["brier_skill"] = 0.01
    metrics["canaries"] = {"future_auc": 0.99, "noise_auc": 0.5, "noise_spread": 0.0}
    await place.ledger.transact(lambda tx: tx.lab_models.move_version(
        version.id, VersionState.CANDIDATE, report="<p>", metrics=json.dumps(metrics)))
    return await only_version(place)


async def test_a_registered_model_starts_in_shadow_and_skew_drops_it(tmp_path: Path) -> None:
    async with bench(tmp_path, NOISE) as place:
        version = await passing(place)
        assert await run(["register", version.id], place) == 0
        assert "starts in SHADOW" in said(place)
        rung = await place.ledger.read(lambda tx: tx.lab_record.rung(version.id, GROUP))
        assert rung is not None
        assert rung.rung is Rung.SHADOW
        await place.ledger.transact(lambda tx: tx.lab_record.set_rung(
            RungRow(advisor=version.id, group=GROUP, edition=2, rung=Rung.PROPOSE, by="17", reason="tap", at=NOW)))
        kernel = Kernel("k1", "15m")
        rows = {bar.at: row_hash(kernel.push(bar)) for bar in NOISE[100:]}
        good = [prediction(version.id, at, rows[at]) for at in list(rows)[-20:]]
        await place.ledger.transact(lambda tx: tx.lab_record.add_predictions(good))
        days = str((NOW - moment_of(BEGIN)).days + 2)
        assert await run(["skew", "--days", days], place) == 0
        assert "20 rows compared, 0 differ, 0 without" in said(place)
        bad = [prediction(version.id, list(rows)[-30], "ff" * 32)]
        await place.ledger.transact(lambda tx: tx.lab_record.add_predictions(bad))
        assert await run(["skew", "--days", days], place) == 1
        assert "1 differ, 0 without a stored candle. It fell to SHADOW." in said(place)
        rung = await place.ledger.read(lambda tx: tx.lab_record.rung(version.id, GROUP))
        assert rung is not None
        assert (rung.rung, rung.by) == (Rung.SHADOW, "auto")


def prediction(advisor: str, at: int, row: str) -> PredictionRow:
    return PredictionRow(advisor=advisor, symbol=BTC, timeframe="15m", bar_at=moment_of(at), side="LONG", kernel="k1",
                         began_at=moment_of(NOISE[100].at), row=row, score=Decimal("0.4"), distance=Decimal(5),
                         at=moment_of(at) + timedelta(minutes=15))


async def test_a_version_that_was_changed_in_the_database_is_not_registered(tmp_path: Path) -> None:
    async with bench(tmp_path, NOISE) as place:
        version = await passing(place)
        forged = replace(version, artefact=version.artefact.replace('"bias":', '"bias":1'))
        with pytest.raises(Exception, match="not what was trained"):
            await register(place.ledger, forged, NOW)


async def test_trees_are_taken_only_where_they_are_better(tmp_path: Path) -> None:
    if not installed():
        pytest.skip("The extra `lab` is not installed.")
    async with bench(tmp_path, NOISE[:700]) as place:
        assert await run([*TRAIN, "--kind", "gbt", "--side", "long"], place) == 0
        version = await only_version(place)
        contest = json.loads(version.metrics)["contest"]
        assert version.kind == contest["chosen"] == ("gbt" if contest["gain"] > contest["standard_error"] else "logit")
        assert version.trials == 2
        assert await run(["verify", version.id], place) == 0


@pytest.mark.parametrize(("words", "sentence"), [
    (["train", "--tf", "15m"], "There are no candles for BTCUSDT 15m"),
    (["train", "--label", "up"], "A label recipe is"),
    (["train", "--tf", "soon"], "A timeframe is"),
    (["report", "M-1"], "There is no model M-1"),
    (["verify", "M-1"], "There is no model M-1"),
    (["import", "/nowhere/BTCUSDT-1m-x.csv"], "There is no file /nowhere/BTCUSDT-1m-x.csv"),
    (["import", "/nowhere/x.csv"], "There is no file"),
    (["train", "--symbols", "ethusdt, btcusdt"], "There are no candles for ETHUSDT"),
])
async def test_refusals_are_sentences(tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str],
                                      sentence: str) -> None:
    async with bench(tmp_path) as place:
        assert await run(words, place) == 1
        assert sentence in capsys.readouterr().err


async def test_too_short_a_history_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with bench(tmp_path, NOISE[:400]) as place:
        assert await run(TRAIN, place) == 1
        assert "longer history" in capsys.readouterr().err
        assert await run(["skew"], place) == 0
        assert await run(["list"], place) == 0
        assert "no models yet" in said(place)


async def test_the_canary_step(tmp_path: Path) -> None:
    async with bench(tmp_path, NOISE) as place:
        code = await run(["canary", "--label", "tb:1/1/12", "--warmup", "300", "--side", "long"], place)
        assert ("Both are so" in said(place)) == (code == 0)
