"""Say which facts interest whom, how loudly, and which may be told together."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from bot.domain import events as e
from bot.domain.events import Fact, kind_of, subject_of
from bot.domain.fill import Cause
from bot.domain.ids import PersonId
from bot.domain.intent import Effect
from bot.domain.order import OrderState, Owner
from bot.domain.trading import Readiness, TradingState


class Severity(Enum):
    """How loudly: SILENT is delivered without a sound, CRITICAL pierces quiet hours and escalates."""

    SILENT = "SILENT"
    NORMAL = "NORMAL"
    WARNING = "WARNING"
    CRITICAL = "CRITICAL"


class Audience(Enum):
    """Who is told: everybody of the desk, those who may trade, approve or own, or one person."""

    ALL = "ALL"
    TRADERS = "TRADERS"
    APPROVERS = "APPROVERS"
    OWNERS = "OWNERS"
    PERSON = "PERSON"


class Topic(Enum):
    """Rows of the matrix in which a person sets on, silent or off; CRITICAL alerts cannot be switched off."""

    ORDERS = "ORDERS"
    FILLS = "FILLS"
    PROTECTION = "PROTECTION"
    RISK = "RISK"
    FUNDING = "FUNDING"
    PROPOSALS = "PROPOSALS"
    OUTSIDE = "OUTSIDE"
    DESK = "DESK"
    PEOPLE = "PEOPLE"
    OWN = "OWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What a fact means to people; facts of equal `merge_key` may share one message, None is told alone."""

    severity: Severity
    audience: Audience
    topic: Topic
    merge_key: str | None
    person: PersonId | None = None


# A fact's loudness: fixed, or read from the fact; None tells nobody.
Loudness = Severity | Callable[[Any], Severity | None]
SILENT, NORMAL, WARNING, CRITICAL = Severity.SILENT, Severity.NORMAL, Severity.WARNING, Severity.CRITICAL


def alert_for(fact: Fact) -> Alert | None:
    """Give the alert of a fact; None where nobody needs to be told (it stays in the journal)."""
    row = TABLE.get(type(fact))
    if row is None:
        return None
    topic, audience, loudness = row
    severity = loudness if isinstance(loudness, Severity) else loudness(fact)
    if severity is None:
        return None
    # Every halt and resume rings by itself: an edit of the one before would be heard by nobody.
    alone = severity is CRITICAL or isinstance(fact, e.TradingStateChanged)
    merge = None if alone else f"{topic.value}:{_merged_under(fact)}"
    person = getattr(fact, "person", None) if audience is Audience.PERSON else None
    return Alert(severity=severity, audience=audience, topic=topic, merge_key=merge, person=person)


def _merged_under(fact: Fact) -> str:
    """Fills and the end of one order share its card; bursts of one kind of plumbing share one line."""
    order = getattr(fact, "order", None)
    proposal = getattr(order, "proposal_id", None) or getattr(fact, "proposal_id", None)
    proposal = proposal or getattr(getattr(fact, "proposal", None), "id", None)
    if proposal is not None:
        return str(proposal)
    subject = subject_of(fact)
    if isinstance(fact, e.PersonDenied):
        # A flood of strangers is one message with a count.
        return kind_of(fact)
    return kind_of(fact) if subject == "desk" else subject


def _fill(fact: e.FillRecorded) -> Severity:
    return NORMAL if fact.fill.cause is Cause.ORDER else CRITICAL


def _ended(fact: e.OrderEnded) -> Severity | None:
    if fact.order.owner is Owner.FOREIGN or fact.order.state is OrderState.FILLED:
        return None
    return WARNING if fact.outside else SILENT


def _accepted(fact: e.OrderAccepted) -> Severity | None:
    # That a stop or target is at the exchange is told on the card of what it guards.
    return None if fact.order.intent.kind.is_guard else SILENT


def _limits(fact: e.LimitsChanged) -> Severity | None:
    # The first ceilings come from the settings and change nothing for anybody.
    return None if fact.was is None and fact.by is None else WARNING


def _rejected(fact: e.OrderRejected) -> Severity:
    return CRITICAL if fact.order.intent.kind.is_guard else WARNING


def _not_sent(fact: e.OrderNotSent) -> Severity:
    return WARNING if fact.order.intent.effect is Effect.OPEN else CRITICAL


def _resolved(fact: e.OrderResolved) -> Severity:
    wrong = fact.was in (OrderState.REJECTED, OrderState.NOT_PLACED)
    return CRITICAL if wrong else NORMAL


def _stop_moved(fact: e.StopMoved) -> Severity | None:
    # A stop of another size at the same price follows its position: nobody has to know.
    return None if fact.was == fact.now else SILENT


def _guard_wrong(fact: e.GuardWrong) -> Severity | None:
    # One that is being brought down to its position is what follows every part that is closed (D50).
    return None if fact.mending else WARNING


def _position(fact: e.PositionChanged) -> Severity | None:
    if fact.cause is not Cause.ORDER:
        return CRITICAL
    return WARNING if fact.outside else None


def _outside(fact: e.LeverageChanged | e.MarginModeChanged) -> Severity:
    return WARNING if fact.outside else SILENT


def _tier(fact: e.LiquidationNear | e.MarginRatioHigh) -> Severity:
    return WARNING if fact.tier <= 1 else CRITICAL


def _state(fact: e.TradingStateChanged) -> Severity:
    return NORMAL if fact.now is TradingState.ACTIVE else WARNING


def _readiness(fact: e.ReadinessChanged) -> Severity | None:
    if fact.now is Readiness.DEGRADED:
        return WARNING
    return NORMAL if fact.was is Readiness.DEGRADED and fact.now is Readiness.READY else None


def _failed(fact: e.AdvisorFailed) -> Severity | None:
    # Only a model that is left alone for it tells more than one in a row (advisor section 8).
    return WARNING if fact.failures_in_a_row >= 3 else None


def _mandate(fact: e.MandateChanged) -> Severity | None:
    # That one ended is told with the rung that fell, or with the one that took its place.
    return WARNING if fact.now is not None and fact.now.revoked_at is None else None


def _scaled(fact: e.RiskScaled) -> Severity:
    # That a model takes less is quiet; that it asks for more waits for somebody.
    return NORMAL if fact.asked > fact.now else SILENT


def _flat(fact: e.FlatReported) -> Severity:
    return NORMAL if fact.flat else CRITICAL


def _locked(fact: e.StepUpFailed) -> Severity | None:
    return WARNING if fact.locked_until is not None else None


def _opened(fact: e.DeskOpened) -> Severity:
    return WARNING if fact.trouble or fact.drifts or fact.in_doubt else NORMAL


def _drifts(fact: e.ReconciliationDone) -> Severity | None:
    return WARNING if fact.drifts else None




A, T = Audience, Topic
TABLE: Mapping[type, tuple[Topic, Audience, Loudness]] = {
    e.ProposalRaised: (T.PROPOSALS, A.APPROVERS, NORMAL),
    e.ProposalRevised: (T.PROPOSALS, A.APPROVERS, NORMAL),
    e.VoteCast: (T.PROPOSALS, A.APPROVERS, SILENT),
    e.ProposalDecided: (T.PROPOSALS, A.APPROVERS, SILENT),
    e.ProposalExpired: (T.PROPOSALS, A.APPROVERS, SILENT),
    e.ProposalRefused: (T.PROPOSALS, A.APPROVERS, NORMAL),
    e.ProposalSuperseded: (T.PROPOSALS, A.APPROVERS, SILENT),
    e.ProposalWithdrawn: (T.PROPOSALS, A.APPROVERS, SILENT),
    e.ProposalCompleted: (T.PROPOSALS, A.TRADERS, SILENT),
    e.MandateChanged: (T.PROPOSALS, A.ALL, _mandate),
    e.RungChanged: (T.PROPOSALS, A.ALL, WARNING),
    e.TradeReduced: (T.PROPOSALS, A.TRADERS, NORMAL),
    e.RiskScaled: (T.PROPOSALS, A.TRADERS, _scaled),
    e.ModelServed: (T.PROPOSALS, A.OWNERS, NORMAL),
    e.EvidenceCorrected: (T.PROPOSALS, A.OWNERS, WARNING),
    e.MandateSpent: (T.PROPOSALS, A.TRADERS, NORMAL),
    e.AdvisorFailed: (T.PROPOSALS, A.OWNERS, _failed),
    e.SignalRefused: (T.PROPOSALS, A.TRADERS, NORMAL),
    e.OrderAccepted: (T.ORDERS, A.TRADERS, _accepted),
    e.OrderRejected: (T.ORDERS, A.TRADERS, _rejected),
    e.OrderNotSent: (T.ORDERS, A.TRADERS, _not_sent),
    e.OrderInDoubt: (T.ORDERS, A.TRADERS, WARNING),
    e.OrderResolved: (T.ORDERS, A.TRADERS, _resolved),
    e.FillRecorded: (T.FILLS, A.TRADERS, _fill),
    e.OrderEnded: (T.ORDERS, A.TRADERS, _ended),
    e.OrderAmended: (T.ORDERS, A.TRADERS, SILENT),
    e.PlanTriggered: (T.FILLS, A.TRADERS, NORMAL),
    e.StopMoved: (T.PROTECTION, A.TRADERS, _stop_moved),
    e.StopFailed: (T.PROTECTION, A.TRADERS, CRITICAL),
    e.PositionNaked: (T.PROTECTION, A.TRADERS, CRITICAL),
    e.WaiverGranted: (T.PROTECTION, A.ALL, WARNING),
    e.WaiverEnded: (T.PROTECTION, A.TRADERS, WARNING),
    e.OrphanStopFound: (T.PROTECTION, A.TRADERS, WARNING),
    e.GuardWrong: (T.PROTECTION, A.TRADERS, _guard_wrong),
    e.PositionChanged: (T.FILLS, A.TRADERS, _position),
    e.FundingDue: (T.FUNDING, A.TRADERS, NORMAL),
    e.FundingPaid: (T.FUNDING, A.TRADERS, SILENT),
    e.Transferred: (T.OUTSIDE, A.OWNERS, NORMAL),
    e.Liquidated: (T.RISK, A.ALL, CRITICAL),
    e.Deleveraged: (T.RISK, A.ALL, CRITICAL),
    e.LiquidationNear: (T.RISK, A.TRADERS, _tier),
    e.MarginRatioHigh: (T.RISK, A.TRADERS, _tier),
    e.LeverageChanged: (T.OUTSIDE, A.TRADERS, _outside),
    e.MarginModeChanged: (T.OUTSIDE, A.TRADERS, _outside),
    e.MarginMoved: (T.ORDERS, A.TRADERS, SILENT),
    e.ModeChangedOutside: (T.OUTSIDE, A.TRADERS, CRITICAL),
    e.ReconciliationDone: (T.DESK, A.OWNERS, _drifts),
    e.DriftFound: (T.OUTSIDE, A.TRADERS, WARNING),
    e.ForeignOrderSeen: (T.OUTSIDE, A.TRADERS, WARNING),
    e.ForeignPositionSeen: (T.OUTSIDE, A.TRADERS, WARNING),
    e.ForeignSettled: (T.OUTSIDE, A.TRADERS, SILENT),
    e.TradingStateChanged: (T.RISK, A.ALL, _state),
    e.LimitsChanged: (T.RISK, A.OWNERS, _limits),
    e.LimitNear: (T.RISK, A.TRADERS, WARNING),
    e.BreakerTripped: (T.RISK, A.ALL, CRITICAL),
    e.FlatReported: (T.ORDERS, A.ALL, _flat),
    e.LeaseLost: (T.DESK, A.OWNERS, CRITICAL),
    e.ReadinessChanged: (T.DESK, A.TRADERS, _readiness),
    e.StreamLost: (T.DESK, A.TRADERS, WARNING),
    e.StreamRestored: (T.DESK, A.TRADERS, NORMAL),
    e.KeyTrouble: (T.DESK, A.OWNERS, CRITICAL),
    e.ClockOff: (T.DESK, A.OWNERS, WARNING),
    e.StorageTrouble: (T.DESK, A.OWNERS, CRITICAL),
    e.ChatUnreachable: (T.DESK, A.OWNERS, WARNING),
    e.ChatConflict: (T.DESK, A.OWNERS, CRITICAL),
    e.PersonDenied: (T.PEOPLE, A.OWNERS, SILENT),
    e.PersonChanged: (T.PEOPLE, A.OWNERS, WARNING),
    e.StepUpFailed: (T.PEOPLE, A.OWNERS, _locked),
    e.AlertRang: (T.OWN, A.PERSON, NORMAL),
    e.DeskOpened: (T.DESK, A.ALL, _opened),
    e.DeskClosed: (T.DESK, A.ALL, NORMAL),
}
# Kept in the journal for /why and audits; the person concerned reads the answer to his own command.
UNTOLD = frozenset({
    e.IdeaResolved, e.AdvisorAbstained, e.OrderPlanned, e.FillReplaced, e.CancelRequested, e.StopPlaced,
    e.ProtectionVerified, e.AccountMarked, e.LeaseTaken, e.CommandGiven, e.CommandRefused, e.CommandExpired,
    e.SettingChanged,
})
