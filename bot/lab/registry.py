"""Keep candidates, register what a passing report allows, and verify that what is stored is what was trained."""
from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from bot.adapters.advisors.artefact import Artefact, NotServed, load_artefact
from bot.adapters.advisors.gbt import Trees
from bot.adapters.advisors.kernel import KERNELS, features_hash
from bot.domain.mandate import Rung
from bot.domain.record import moment_of
from bot.lab.gates import gates, may_register
from bot.lab.train import Order, Trained, spell
from bot.lab.train_gbt import booster_of, installed
from bot.ports.lab_rows import AdvisorRow, ModelRow, RungRow, TrialRow, VersionRow, VersionState
from bot.ports.ledger import Ledger, Tx

MODEL = "local"
BY = "lab"
ROWS = 10_000
# The ladder counts per symbol group; until groups are named, all symbols are one.
GROUP = "all"


class NotRegistered(Exception):
    """The model was not registered, or there is no such model; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a model was made: the program's revision and the versions of what made it."""

    revision: str
    versions: str


async def count_trial(ledger: Ledger, order: Order, at: datetime) -> tuple[str, int, list[float]]:
    """Write the trial before anything is fitted; give its id, how many there are now, and what earlier ones showed."""
    def work(tx: Tx) -> tuple[str, int, list[float]]:
        known = tx.lab_models.trials(order.family)
        number = len(tx.lab_models.trials()) + 1
        trial = f"T-{number:06d}"
        # Trees are always tried beside the logistic baseline, and the better one is taken: that is two trials.
        for place, kind in enumerate(sorted({"logit", order.kind})):
            settings = json.dumps({**order.settings(), "kind": kind}, sort_keys=True)
            tx.lab_models.add_trial(TrialRow(
                id=f"{trial}-{place}", family=order.family, kind="fit", settings=settings, seed=order.seed, by=BY,
                at=at))
        shown = [json.loads(one.result)["sharpe"] for one in known if one.kind == "result" and one.result]
        return trial, len({"logit", order.kind}) + sum(one.kind == "fit" for one in known), shown

    return await ledger.transact(work)


async def store(
    ledger: Ledger, order: Order, trained: Trained, trial: str, origin: Origin, at: datetime
) -> VersionRow:
    """Store a candidate and the trial's result; the same model trained again is the version there is already."""
    def work(tx: Tx) -> VersionRow:
        result = json.dumps({"sharpe": trained.metrics["sharpe"], "sha256": trained.sha256}, sort_keys=True)
        tx.lab_models.add_trial(TrialRow(id=f"{trial}-result", family=order.family, kind="result", settings="{}",
                                         seed=order.seed, by=BY, at=at, result=result))
        known = {version.id: version for version in tx.lab_models.versions()}
        same = next((one for one in known.values() if one.sha256 == trained.sha256), None)
        if same is not None:
            return same
        length = next(length for length in range(4, 65) if f"M-{trained.sha256[:length].upper()}" not in known)
        tx.lab_models.save_model(ModelRow(name=MODEL, owner=BY, purpose="local models", at=at))
        version = VersionRow(
            id=f"M-{trained.sha256[:length].upper()}", model=MODEL, kind=trained.kind, sha256=trained.sha256,
            artefact=trained.content, kernel="k1", features_hash=features_hash(KERNELS["k1"]), label=order.label,
            data_from=moment_of(trained.data_from), data_to=moment_of(trained.data_to),
            data_sha256=trained.data_sha256, rows=trained.rows, seed=order.seed, versions=origin.versions,
            revision=origin.revision, metrics=spell(trained.metrics), report=None, trials=trained.metrics["trials"],
            parent=None, created_by=BY, created_at=at, state=VersionState.CANDIDATE)
        tx.lab_models.add_version(version)
        return version

    return await ledger.transact(work)


async def find(ledger: Ledger, version: str | None) -> VersionRow:
    """Find a version by its id, in either case, or the newest; raises NotRegistered with the ids there are."""
    versions = await ledger.read(lambda tx: tx.lab_models.versions())
    if version is None:
        if not versions:
            raise NotRegistered("There are no models yet. Run: wiredesk lab train")
        return versions[-1]
    for one in versions:
        if one.id == version.upper():
            return one
    known = ", ".join(one.id for one in versions[-8:]) or "none; train one first"
    raise NotRegistered(f"There is no model {version}. Known are: {known}.")


async def register(ledger: Ledger, version: VersionRow, at: datetime) -> str:
    """Register a model whose report passed; it starts in SHADOW. Raises NotRegistered with every gate that failed."""
    if version.report is None:
        raise NotRegistered(f"{version.id} has no report yet. Run: wiredesk lab report {version.id}")
    if version.state is not VersionState.CANDIDATE:
        raise NotRegistered(f"{version.id} is {version.state.value} already.")
    refused = may_register(gates(json.loads(version.metrics)))
    if refused:
        raise NotRegistered(f"{version.id} is not registered. " + " ".join(f"{each}." for each in refused))
    serve(version)

    def work(tx: Tx) -> None:
        tx.lab_models.move_version(version.id, VersionState.REGISTERED)
        tx.lab_record.save_advisor(AdvisorRow(id=version.id, kind="local", name=MODEL, digest=version.sha256, at=at))
        if tx.lab_record.rung(version.id, GROUP) is None:
            tx.lab_record.set_rung(RungRow(advisor=version.id, group=GROUP, edition=1, rung=Rung.SHADOW, by=BY,
                                           reason="registered", at=at))

    await ledger.transact(work)
    return f"{version.id} is registered and starts in SHADOW: it is scored, it proposes nothing."


def serve(version: VersionRow) -> Artefact:
    """Load a stored version the way the desk would; raises NotRegistered when it does not pass."""
    try:
        return load_artefact(version.artefact, version.sha256)
    except NotServed as fault:
        raise NotRegistered(f"{version.id} is not what was trained: {fault}") from fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What was compared: rows, how many came out identical, and the largest difference; None without the trainer."""

    sha256: str
    golden: int
    rows: int
    identical: int | None
    largest: float | None


def verify(version: VersionRow, step: Callable[[int], None] = lambda _: None) -> Verified:
    """Check SHA-256 and golden vectors, and trees against LightGBM on 10,000 rows where it is installed.

    The rows are golden ones with noise on them, so that splits are met on both sides. Raises NotRegistered.
    """
    artefact = serve(version)
    golden = json.loads(version.artefact)["heads"]
    identical, largest, compared = 0, 0.0, 0
    for head, written in zip(artefact.heads, golden, strict=True):
        if not isinstance(head.model, Trees) or not installed():
            continue
        rows = _rows([one["row"] for one in written["golden"]], ROWS // len(artefact.heads))
        theirs = _scores(written["parameters"]["trees"], rows)
        for row, score in zip(rows, theirs, strict=True):
            difference = abs(head.model.predict(row) - score)
            largest, identical = max(largest, difference), identical + (difference == 0.0)
        compared += len(rows)
        step(len(rows))
    return Verified(sha256=artefact.sha256, golden=sum(len(one["golden"]) for one in golden), rows=compared,
                    identical=identical if compared else None, largest=largest if compared else None)


def _rows(golden: list[list[float]], count: int) -> list[list[float]]:
    chance = Random(7)
    return [[value + chance.gauss(0.0, 0.3) for value in golden[at % len(golden)]] for at in range(count)]


def _scores(text: str, rows: list[list[float]]) -> list[float]:
    booster: Any = booster_of(text)
    return [float(score) for score in booster.predict(rows)]
