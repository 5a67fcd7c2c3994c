"""Keep what was tried and what came of it: trials, models, their versions, calibrations."""
from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select

from bot.adapters.store.lab_statements import insert_new, read, read_all, spelled
from bot.adapters.store.link import Link
from bot.adapters.store.statements import change, mine, pick
from bot.adapters.store.tables_lab import calibrations, lab_trials, model_versions, models
from bot.domain.ids import AccountId
from bot.ports.lab_rows import CalibrationRow, ModelRow, TrialRow, VersionRow, VersionState
from bot.ports.ledger_rows import ImpossibleChange

ADD_TRIAL, ADD_VERSION, ADD_CALIBRATION = insert(lab_trials), insert(model_versions), insert(calibrations)
ADD_MODEL = insert_new(models)
TRIALS = pick(lab_trials).order_by(lab_trials.c.at, lab_trials.c.id)
TRIALS_OF = pick(lab_trials, "family").order_by(lab_trials.c.at, lab_trials.c.id)
VERSION = pick(model_versions, "id")
REGISTERED = (select(model_versions.c.id)
              .where(mine(model_versions), model_versions.c.state == VersionState.REGISTERED)
              .order_by(model_versions.c.created_at, model_versions.c.id))
VERSIONS = pick(model_versions).order_by(model_versions.c.created_at, model_versions.c.id)
MOVE = change(model_versions, "id")
CALIBRATION = pick(calibrations, "version").order_by(calibrations.c.edition.desc()).limit(1)


class StoredLabModels:
    """The repository behind `ports.lab.LabModels`."""

    __slots__ = ("_account", "_link")

    def __init__(self, account: AccountId, link: Link) -> None:
        """Bind to an account and the open transaction."""
        self._account = account
        self._link = link

    def add_trial(self, trial: TrialRow) -> None:
        """Write a line of the trial counter."""
        self._link.run(ADD_TRIAL, spelled(self._account, trial))

    def trials(self, family: str | None = None) -> tuple[TrialRow, ...]:
        """List the lines of a family, or all, oldest first."""
        if family is None:
            return read_all(TrialRow, self._link.run(TRIALS, {"key_account": self._account}).all())
        values = {"key_account": self._account, "key_family": family}
        return read_all(TrialRow, self._link.run(TRIALS_OF, values).all())

    def save_model(self, model: ModelRow) -> None:
        """Store a model's name; a known name is left as it is."""
        self._link.run(ADD_MODEL[0 if self._link.sqlite else 1], spelled(self._account, model))

    def add_version(self, version: VersionRow) -> None:
        """Store a version."""
        if self.version(version.id) is not None:
            raise ImpossibleChange(f"There is a model {version.id} already.")
        self._link.run(ADD_VERSION, spelled(self._account, version))

    def version(self, version: str) -> VersionRow | None:
        """Find by id."""
        row = self._link.run(VERSION, {"key_account": self._account, "key_id": version}).first()
        return None if row is None else read(VersionRow, row)

    def versions(self) -> tuple[VersionRow, ...]:
        """List all, oldest first."""
        return read_all(VersionRow, self._link.run(VERSIONS, {"key_account": self._account}).all())

    def registered(self) -> tuple[str, ...]:
        """List the ids of the registered versions, oldest first."""
        return tuple(row.id for row in self._link.run(REGISTERED, {"key_account": self._account}))

    def move_version(
        self, version: str, state: VersionState, *, report: str | None = None, metrics: str | None = None
    ) -> None:
        """Move a version on and keep what its report says."""
        values: dict[str, Any] = {"key_account": self._account, "key_id": version, "state": state}
        if report is not None:
            values["report"] = report
        if metrics is not None:
            values["metrics"] = metrics
        if self._link.run(MOVE, values).rowcount == 0:
            raise ImpossibleChange(f"There is no model {version}.")

    def add_calibration(self, calibration: CalibrationRow) -> None:
        """Store a new calibration of a version."""
        self._link.run(ADD_CALIBRATION, spelled(self._account, calibration))

    def calibration(self, version: str) -> CalibrationRow | None:
        """Give the latest calibration of a version."""
        row = self._link.run(CALIBRATION, {"key_account": self._account, "key_version": version}).first()
        return None if row is None else read(CalibrationRow, row)
