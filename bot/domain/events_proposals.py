"""State facts about proposals, votes, decisions and advisors."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.domain.decision import Decision
from bot.domain.ids import PersonId, ProposalId, Symbol
from bot.domain.intent import Direction
from bot.domain.mandate import Mandate, Rung
from bot.domain.proposal import Proposal
from bot.domain.refusal import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalRaised:
    """Terms lie on the table; money is in quote units, percentages of equity.

    `shrunk` says what made a model's trade smaller than it was granted, the strictest first; `record` how
    its ideas like this one ended.
    """

    proposal: Proposal
    worst_loss: Decimal | None = None
    worst_loss_percent: Decimal | None = None
    notional: Decimal | None = None
    exposure_before: Decimal | None = None
    exposure_after: Decimal | None = None
    liquidation: Decimal | None = None
    votes_needed: int = 1
    shrunk: tuple[str, ...] = ()
    record: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalRevised:
    """The terms changed (edit or requote): earlier votes are void; numbers as in ProposalRaised."""

    proposal: Proposal
    by: PersonId | None
    why: str
    worst_loss: Decimal | None = None
    worst_loss_percent: Decimal | None = None
    notional: Decimal | None = None
    exposure_before: Decimal | None = None
    exposure_after: Decimal | None = None
    liquidation: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteCast:
    """One of several needed votes."""

    proposal_id: ProposalId
    revision: int
    by: PersonId
    name: str
    answer: bool
    votes: int
    needed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalDecided:
    """Somebody or something said yes or no."""

    proposal: Proposal
    decision: Decision
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalExpired:
    """Nobody decided in time, or the price ran away twice."""

    proposal: Proposal
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalRefused:
    """Risk or the trading state said no after the yes."""

    proposal: Proposal
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalSuperseded:
    """A newer idea of the same origin for the same symbol took its place."""

    proposal: Proposal
    by: ProposalId


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalWithdrawn:
    """Its author took it back."""

    proposal: Proposal
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalCompleted:
    """All orders of the terms are settled; `filled` of `intended` base units."""

    proposal: Proposal
    intended: Decimal
    filled: Decimal
    average_price: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IdeaResolved:
    """What became of an idea, in units of its risk, whatever happened to it; `proposal_id` where it became one."""

    proposal_id: ProposalId | None
    symbol: Symbol
    advisor: str
    outcome: str
    result_r: Decimal
    executed_r: Decimal | None
    at: datetime
    idea: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MandateChanged:
    """What a model may do alone was granted, moved or ended; `by` is None when a rule did it."""

    was: Mandate | None
    now: Mandate | None
    by: PersonId | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RungChanged:
    """An advisor reaches further or less far; `by` is None when a rule did it, `back` says what brings it back."""

    advisor: str
    group: str
    was: Rung
    now: Rung
    by: PersonId | None
    why: str
    back: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MandateSpent:
    """A model acted under its mandate; what is used of today's bounds, and of its money at risk ever."""

    mandate_id: str
    proposal_id: ProposalId
    trades_today: int
    trades_per_day: int
    notional_today: Decimal
    notional_per_day: Decimal
    risk_used: Decimal | None = None
    risk_budget: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeReduced:
    """A model cut its own open trade (`share` percent of it) or moved its stop nearer (from `was` to `stop`)."""

    advisor: str
    symbol: Symbol
    direction: Direction
    proposal_id: ProposalId
    why: str
    share: int | None = None
    was: Decimal | None = None
    stop: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskScaled:
    """A model takes, or asks for, another share of its granted risk in a symbol, in percent; `by` allowed more."""

    advisor: str
    symbol: Symbol
    was: int
    now: int
    asked: int
    why: str
    by: PersonId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelServed:
    """A model that was registered while the desk runs is asked from now on, or knows its chances better."""

    advisor: str
    symbols: tuple[Symbol, ...]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceCorrected:
    """The evidence of an advisor was not what its outcomes add up to; it is now. Values as logarithms."""

    advisor: str
    group: str
    was_skill: Decimal
    now_skill: Decimal
    was_outcomes: int
    now_outcomes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvisorAbstained:
    """A model had nothing to say, in its own words."""

    advisor: str
    symbol: Symbol | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvisorFailed:
    """A model's answer could not be had or read; no order came of it."""

    advisor: str
    symbol: Symbol | None
    reason: str
    failures_in_a_row: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalRefused:
    """A signal that nobody pasted, but a program sent, could not become a proposal; its `words` are kept."""

    source: str
    words: str
    reasons: tuple[Reason, ...]


FACTS = (
    ProposalRaised,
    ProposalRevised,
    VoteCast,
    ProposalDecided,
    ProposalExpired,
    ProposalRefused,
    ProposalSuperseded,
    ProposalWithdrawn,
    ProposalCompleted,
    IdeaResolved,
    MandateChanged,
    MandateSpent,
    RungChanged,
    TradeReduced,
    RiskScaled,
    ModelServed,
    EvidenceCorrected,
    AdvisorAbstained,
    AdvisorFailed,
    SignalRefused,
)
