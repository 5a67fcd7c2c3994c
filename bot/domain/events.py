"""State facts in the past tense: every journal line, carrying all a reader needs (architecture section 6)."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import cast

from bot.domain import events_control, events_holdings, events_orders, events_proposals
from bot.domain.events_control import (
    AlertRang,
    BreakerTripped,
    ChatConflict,
    ChatUnreachable,
    ClockOff,
    CommandExpired,
    CommandGiven,
    CommandRefused,
    DeskClosed,
    DeskOpened,
    FlatReported,
    KeyTrouble,
    LeaseLost,
    LeaseTaken,
    LimitNear,
    LimitsChanged,
    PersonChanged,
    PersonDenied,
    ReadinessChanged,
    SettingChanged,
    StepUpFailed,
    StorageTrouble,
    StreamLost,
    StreamRestored,
    TradingStateChanged,
)
from bot.domain.events_holdings import (
    AccountMarked,
    Deleveraged,
    DriftFound,
    ForeignOrderSeen,
    ForeignPositionSeen,
    ForeignSettled,
    FundingDue,
    FundingPaid,
    LeverageChanged,
    Liquidated,
    LiquidationNear,
    MarginModeChanged,
    MarginMoved,
    MarginRatioHigh,
    ModeChangedOutside,
    PositionChanged,
    ReconciliationDone,
    Transferred,
)
from bot.domain.events_orders import (
    CancelRequested,
    FillRecorded,
    FillReplaced,
    GuardWrong,
    OrderAccepted,
    OrderAmended,
    OrderEnded,
    OrderInDoubt,
    OrderNotSent,
    OrderPlanned,
    OrderRejected,
    OrderResolved,
    OrphanStopFound,
    PlanTriggered,
    PositionNaked,
    ProtectionVerified,
    StopFailed,
    StopMoved,
    StopPlaced,
    WaiverEnded,
    WaiverGranted,
)
from bot.domain.events_proposals import (
    AdvisorAbstained,
    AdvisorFailed,
    EvidenceCorrected,
    IdeaResolved,
    MandateChanged,
    MandateSpent,
    ModelServed,
    ProposalCompleted,
    ProposalDecided,
    ProposalExpired,
    ProposalRaised,
    ProposalRefused,
    ProposalRevised,
    ProposalSuperseded,
    ProposalWithdrawn,
    RiskScaled,
    RungChanged,
    SignalRefused,
    TradeReduced,
    VoteCast,
)
from bot.domain.ids import AccountId
from bot.domain.record import Plain, RecordError, from_plain, to_plain

__all__ = [
    "FACTS",
    "KINDS",
    "SUBJECTS",
    "AccountMarked",
    "AdvisorAbstained",
    "AdvisorFailed",
    "AlertRang",
    "BreakerTripped",
    "CancelRequested",
    "ChatConflict",
    "ChatUnreachable",
    "ClockOff",
    "CommandExpired",
    "CommandGiven",
    "CommandRefused",
    "Deleveraged",
    "DeskClosed",
    "DeskOpened",
    "DriftFound",
    "Entry",
    "EvidenceCorrected",
    "Fact",
    "FillRecorded",
    "FillReplaced",
    "FlatReported",
    "ForeignOrderSeen",
    "ForeignPositionSeen",
    "ForeignSettled",
    "FundingDue",
    "FundingPaid",
    "GuardWrong",
    "IdeaResolved",
    "KeyTrouble",
    "LeaseLost",
    "LeaseTaken",
    "LeverageChanged",
    "LimitNear",
    "LimitsChanged",
    "Liquidated",
    "LiquidationNear",
    "MandateChanged",
    "MandateSpent",
    "MarginModeChanged",
    "MarginMoved",
    "MarginRatioHigh",
    "ModeChangedOutside",
    "ModelServed",
    "OrderAccepted",
    "OrderAmended",
    "OrderEnded",
    "OrderInDoubt",
    "OrderNotSent",
    "OrderPlanned",
    "OrderRejected",
    "OrderResolved",
    "OrphanStopFound",
    "PersonChanged",
    "PersonDenied",
    "PlanTriggered",
    "PositionChanged",
    "PositionNaked",
    "ProposalCompleted",
    "ProposalDecided",
    "ProposalExpired",
    "ProposalRaised",
    "ProposalRefused",
    "ProposalRevised",
    "ProposalSuperseded",
    "ProposalWithdrawn",
    "ProtectionVerified",
    "ReadinessChanged",
    "ReconciliationDone",
    "RiskScaled",
    "RungChanged",
    "SettingChanged",
    "SignalRefused",
    "StepUpFailed",
    "StopFailed",
    "StopMoved",
    "StopPlaced",
    "StorageTrouble",
    "StreamLost",
    "StreamRestored",
    "TradeReduced",
    "TradingStateChanged",
    "Transferred",
    "VoteCast",
    "WaiverEnded",
    "WaiverGranted",
    "body_of",
    "fact_of",
    "kind_of",
    "subject_of",
]

Fact = (
    ProposalRaised
    | ProposalRevised
    | VoteCast
    | ProposalDecided
    | ProposalExpired
    | ProposalRefused
    | ProposalSuperseded
    | ProposalWithdrawn
    | ProposalCompleted
    | IdeaResolved
    | MandateChanged
    | MandateSpent
    | AdvisorAbstained
    | AdvisorFailed
    | SignalRefused
    | OrderPlanned
    | OrderAccepted
    | OrderRejected
    | OrderNotSent
    | OrderInDoubt
    | OrderResolved
    | FillRecorded
    | FillReplaced
    | OrderEnded
    | OrderAmended
    | CancelRequested
    | PlanTriggered
    | StopPlaced
    | StopMoved
    | StopFailed
    | ProtectionVerified
    | PositionNaked
    | WaiverGranted
    | WaiverEnded
    | OrphanStopFound
    | GuardWrong
    | PositionChanged
    | AccountMarked
    | FundingDue
    | FundingPaid
    | Transferred
    | Liquidated
    | Deleveraged
    | LiquidationNear
    | MarginRatioHigh
    | LeverageChanged
    | MarginModeChanged
    | MarginMoved
    | ModeChangedOutside
    | ReconciliationDone
    | RungChanged
    | TradeReduced
    | RiskScaled
    | ModelServed
    | EvidenceCorrected
    | DriftFound
    | ForeignOrderSeen
    | ForeignPositionSeen
    | ForeignSettled
    | TradingStateChanged
    | LimitsChanged
    | LimitNear
    | BreakerTripped
    | FlatReported
    | LeaseTaken
    | LeaseLost
    | ReadinessChanged
    | StreamLost
    | StreamRestored
    | KeyTrouble
    | ClockOff
    | StorageTrouble
    | ChatUnreachable
    | ChatConflict
    | PersonDenied
    | PersonChanged
    | CommandGiven
    | CommandRefused
    | CommandExpired
    | StepUpFailed
    | SettingChanged
    | AlertRang
    | DeskOpened
    | DeskClosed
)

FACTS: tuple[type[Fact], ...] = (
    *events_proposals.FACTS,
    *events_orders.FACTS,
    *events_holdings.FACTS,
    *events_control.FACTS,
)
KINDS: Mapping[str, type[Fact]] = MappingProxyType({cls.__name__: cls for cls in FACTS})

# Where a fact names what it is about, most telling first; a value of the house is followed to its own name.
SUBJECTS = (
    "client_order_id",
    "order",
    "new",
    "proposal",
    "proposal_id",
    "fill",
    "subject",
    "symbol",
    "position",
    "now",
    "person",
    "scope",
    "advisor",
    "line",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A journal line: the fact, when, by whom, about what, and the line that led here.

    `actor` is "person:<id>", "advisor:<name>", "system:<rule>", "venue" or "local"; `kind` is the fact's class name.
    """

    seq: int
    account: AccountId
    at: datetime
    actor: str
    kind: str
    subject: str
    cause: int | None
    fact: Fact
    hash: str


def kind_of(fact: Fact) -> str:
    """Name the kind of a fact, as the journal stores it."""
    return type(fact).__name__


def subject_of(fact: Fact) -> str:
    """Name what a fact is about: an order, proposal, symbol, person or, failing all, "desk"."""
    for name in SUBJECTS:
        value = getattr(fact, name, None)
        if value is None:
            continue
        for inner in ("client_order_id", "id", "symbol", "person"):
            if getattr(value, inner, None) is not None:
                return str(getattr(value, inner))
        if isinstance(value, (str, int)):
            return str(value)
    return "desk"


def body_of(fact: Fact) -> Plain:
    """Write a fact as plain data, without its kind."""
    return to_plain(fact)


def fact_of(kind: str, body: Plain) -> Fact:
    """Read a fact back; raises RecordError for an unknown kind or another shape."""
    cls = KINDS.get(kind)
    if cls is None:
        raise RecordError("kind", f"{kind!r} is no fact this version knows.")
    return cast(Fact, from_plain(cls, body))
