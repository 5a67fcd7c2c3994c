"""Keep what models learn from and what they are: history, trials, versions, ideas, outcomes, evidence (advisor 13)."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from bot.domain.ids import Symbol
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
    Span,
    TrialRow,
    VersionRow,
    VersionState,
)
from bot.ports.market import Candle, Stretch, Trade


class LabHistory(Protocol):
    """The market as seen; what the exchange revised later is kept beside what was seen first, and the first wins."""

    def add_candles(self, series: Series, candles: Sequence[Candle], at: datetime) -> int:
        """Store closed candles; what is known and equal is skipped, what differs becomes a revision. Gives how many
        rows were written."""
        ...

    def candles(
        self, series: Series, since: datetime | None = None, until: datetime | None = None, limit: int = 1_000_000
    ) -> tuple[Candle, ...]:
        """List candles as first seen, from `since` on and before `until`, oldest first."""
        ...

    def span(self, series: Series) -> Span | None:
        """Tell first, last and how many; None where nothing is stored."""
        ...

    def series(self) -> tuple[Series, ...]:
        """List what is stored."""
        ...

    def add_funding(self, symbol: Symbol, rates: Sequence[tuple[datetime, Decimal]], at: datetime) -> int:
        """Store funding rates at the moments they were paid; known ones are skipped. Gives how many were written."""
        ...

    def funding(self, symbol: Symbol) -> tuple[tuple[datetime, Decimal], ...]:
        """List all rates, oldest first."""
        ...

    def add_trades(self, symbol: Symbol, stretch: Stretch, at: datetime) -> int:
        """Store public trades and the span they are all of; known ones are skipped. Gives how many were written."""
        ...

    def trades(self, symbol: Symbol, since: datetime, until: datetime) -> tuple[Trade, ...]:
        """List stored public trades from `since` on and before `until`, oldest first."""
        ...

    def traded(self, symbol: Symbol, since: datetime, until: datetime) -> bool:
        """Tell whether any public trade is stored from `since` on and before `until`."""
        ...

    def trade_spans(self, symbol: Symbol) -> tuple[tuple[datetime, datetime], ...]:
        """List from when to before when all public trades are stored: joined, oldest first."""
        ...

    def add_interest(self, symbol: Symbol, points: Sequence[tuple[datetime, Decimal]], at: datetime) -> int:
        """Store open interest in base units; known moments are skipped. Gives how many were written."""
        ...

    def interest(self, symbol: Symbol) -> tuple[tuple[datetime, Decimal], ...]:
        """List open interest, oldest first."""
        ...


class LabModels(Protocol):
    """What was tried and what came of it."""

    def add_trial(self, trial: TrialRow) -> None:
        """Write a line of the trial counter; nothing ever removes or changes one."""
        ...

    def trials(self, family: str | None = None) -> tuple[TrialRow, ...]:
        """List the lines of a family, or all, oldest first."""
        ...

    def save_model(self, model: ModelRow) -> None:
        """Store a model's name; a known name is left as it is."""
        ...

    def add_version(self, version: VersionRow) -> None:
        """Store a version; its artefact never changes afterwards. Raises ImpossibleChange for a known id."""
        ...

    def version(self, version: str) -> VersionRow | None:
        """Find by id."""
        ...

    def versions(self) -> tuple[VersionRow, ...]:
        """List all, oldest first."""
        ...

    def registered(self) -> tuple[str, ...]:
        """List the ids of the registered versions, oldest first: cheap, without what they are."""
        ...

    def move_version(
        self, version: str, state: VersionState, *, report: str | None = None, metrics: str | None = None
    ) -> None:
        """Move a version on and keep what its report says; states only go forward (ImpossibleChange)."""
        ...

    def add_calibration(self, calibration: CalibrationRow) -> None:
        """Store a new calibration of a version; the latest is in force."""
        ...

    def calibration(self, version: str) -> CalibrationRow | None:
        """Give the latest calibration of a version."""
        ...


class LabRecord(Protocol):
    """What advisors said and what came of it."""

    def save_advisor(self, advisor: AdvisorRow) -> None:
        """Store an advisor's identity; a known one is left as it is."""
        ...

    def advisors(self) -> tuple[AdvisorRow, ...]:
        """List all, oldest first."""
        ...

    def set_rung(self, rung: RungRow) -> None:
        """Append to the history of rungs."""
        ...

    def rung(self, advisor: str, group: str) -> RungRow | None:
        """Give the rung an advisor stands on in a symbol group; None before the first."""
        ...

    def rungs(self, advisor: str) -> tuple[RungRow, ...]:
        """List the history, oldest first."""
        ...

    def add_predictions(self, predictions: Sequence[PredictionRow]) -> None:
        """Store predictions; a known one is left as it is."""
        ...

    def predictions(self, advisor: str, since: datetime) -> tuple[PredictionRow, ...]:
        """List predictions of one advisor from a moment on, oldest first."""
        ...

    def forget_predictions(self, before: datetime) -> int:
        """Drop predictions older than their 90 days; gives how many went."""
        ...

    def add_idea(self, idea: IdeaRow) -> None:
        """Store an idea or an abstention. Raises ImpossibleChange for a known id."""
        ...

    def idea(self, idea: str) -> IdeaRow | None:
        """Find by id."""
        ...

    def ideas(self, since: datetime | None = None, advisor: str | None = None) -> tuple[IdeaRow, ...]:
        """List ideas, oldest first."""
        ...

    def move_idea(self, idea: str, fate: str, proposal: str | None = None) -> None:
        """Say what became of an idea (approved, rejected, expired, blocked, shadow, …) and which proposal it was."""
        ...

    def latest_ideas(self, advisor: str, limit: int) -> tuple[IdeaRow, ...]:
        """List the last ideas and abstentions of an advisor, newest first."""
        ...

    def unresolved(self, limit: int = 500) -> tuple[IdeaRow, ...]:
        """List ideas that have no outcome yet and can have one: no abstentions, no asking for risk; oldest first."""
        ...

    def add_scale(self, scale: ScaleRow) -> None:
        """Append to the history of an advisor's share of its granted risk."""
        ...

    def scales(self, advisor: str, symbol: Symbol) -> tuple[ScaleRow, ...]:
        """List that history in a symbol, oldest first; the last is in force."""
        ...

    def add_outcome(self, outcome: OutcomeRow) -> None:
        """Store the outcome of an idea, once."""
        ...

    def outcomes(
        self, advisor: str | None = None, since: datetime | None = None
    ) -> tuple[tuple[IdeaRow, OutcomeRow], ...]:
        """List openings, had from a moment on, with their outcomes, in the order they were resolved."""
        ...

    def exits(self, advisor: str | None = None) -> tuple[tuple[IdeaRow, OutcomeRow], ...]:
        """List ideas about open trades with what following them was worth, in the order they were resolved."""
        ...

    def of_proposal(self, proposal: str) -> tuple[IdeaRow, OutcomeRow | None] | None:
        """Find the idea behind a proposal and what came of it, None while that is open; None for no idea."""
        ...

    def save_evidence(self, evidence: EvidenceRow) -> None:
        """Store where the evidence of a key stands."""
        ...

    def evidence(self, advisor: str, group: str) -> EvidenceRow | None:
        """Give where the evidence of a key stands."""
        ...
