"""Give the rows of the advisors' tables a shape: fields are columns. Numbers of statistics are decimal text too."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum

from bot.domain.ids import Symbol
from bot.domain.mandate import Rung
from bot.ports.market import PriceKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Which candles: symbol, timeframe (1m, 15m, …) and price."""

    symbol: Symbol
    timeframe: str
    price: PriceKind = PriceKind.LAST


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What is stored of a series: openings of first and last candle, and how many there are."""

    first: datetime
    last: datetime
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialRow:
    """One line of the trial counter: written before fitting (`kind` fit), with the result (result), or when an
    untouched tail was opened (tail). `family` is label recipe, timeframe and symbols."""

    id: str
    family: str
    kind: str
    settings: str
    seed: int
    by: str
    at: datetime
    result: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRow:
    """A name under which versions are made."""

    name: str
    owner: str
    purpose: str
    at: datetime


class VersionState(Enum):
    """Where a version stands; only a registered one may be served."""

    CANDIDATE = "CANDIDATE"
    REGISTERED = "REGISTERED"
    RETIRED = "RETIRED"
    REVOKED = "REVOKED"


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """One trained model; `artefact` is its whole text, `metrics` and `report` are JSON and HTML of its evaluation."""

    id: str
    model: str
    kind: str
    sha256: str
    artefact: str
    kernel: str
    features_hash: str
    label: str
    data_from: datetime
    data_to: datetime
    data_sha256: str
    rows: int
    seed: int
    versions: str
    revision: str
    metrics: str
    report: str | None
    trials: int
    parent: str | None
    created_by: str
    created_at: datetime
    state: VersionState


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationRow:
    """A calibration fitted later on resolved ideas; `body` is the map as JSON."""

    version: str
    edition: int
    body: str
    fitted_on: int
    fitted_from: datetime
    fitted_to: datetime
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvisorRow:
    """An advisor's identity: what kind it is, and the digest of all that makes its answers."""

    id: str
    kind: str
    name: str
    digest: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RungRow:
    """A step on the ladder, by whom (a person, or "auto") and why."""

    advisor: str
    group: str
    edition: int
    rung: Rung
    by: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictionRow:
    """What a model said of one side at one closed bar; `row` is the hash of the features live, from a stream that
    began with the bar of `began_at`."""

    advisor: str
    symbol: Symbol
    timeframe: str
    bar_at: datetime
    side: str
    kernel: str
    began_at: datetime
    row: str
    score: Decimal
    distance: Decimal
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class IdeaRow:
    """An idea, or an abstention with its reason; prices in quote units, the raw claim in basis points.

    Of an idea about an open trade: `stood` is the stop that stood, `unit` the price distance of its 1R, `percent` the
    share to close, or the share of the granted risk that is asked for.
    `range_low` and `range_high` say in R where most ideas like it ended, `range_of` how many those were.
    """

    id: str
    advisor: str
    kind: str
    symbol: Symbol
    direction: str | None
    entry: Decimal | None
    stop: Decimal | None
    target: Decimal | None
    valid_s: int
    horizon_s: int
    claim_bp: int | None
    chance_bp: int | None
    thesis: str
    against: str
    invalidation: str
    reasons: str
    context: str
    fate: str
    abstained: str | None
    proposal: str | None
    at: datetime
    stood: Decimal | None = None
    unit: Decimal | None = None
    percent: int | None = None
    range_low: Decimal | None = None
    range_high: Decimal | None = None
    range_of: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleRow:
    """How much of its granted risk in a symbol an advisor asked for and may take, in percent; by whom ("advisor" or a
    person)."""

    advisor: str
    symbol: Symbol
    edition: int
    requested: int
    effective: int
    by: str
    why: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeRow:
    """What came of an idea, whatever happened to it; R after costs, `executed_r` only where it was traded."""

    idea: str
    filled: bool
    exit: str
    gross_r: Decimal
    net_r: Decimal
    executed_r: Decimal | None
    ai_cost_r: Decimal
    entered_at: datetime | None
    ended_at: datetime | None
    resolved_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRow:
    """Where the evidence of one advisor in one symbol group stands; recomputable from the outcomes."""

    advisor: str
    group: str
    log_skill: Decimal
    log_harm: Decimal
    blocks: int
    outcomes: int
    body: str
    at: datetime
