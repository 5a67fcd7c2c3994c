"""State facts about control, plumbing, people and the life of the process."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.domain.ids import PersonId, Symbol
from bot.domain.instrument import ProductLine
from bot.domain.limits import Limits
from bot.domain.principal import Person
from bot.domain.refusal import Reason
from bot.domain.trading import Environment, Readiness, TradingState


@dataclass(frozen=True, slots=True, kw_only=True)
class TradingStateChanged:
    """People or a breaker changed what may leave."""

    was: TradingState
    now: TradingState
    by: PersonId | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsChanged:
    """Limits of a scope ("account", "person:7", "symbol:BTCUSDT") are others now."""

    scope: str
    was: Limits | None
    now: Limits
    by: PersonId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitNear:
    """A limit is nearly used up; numbers in the limit's own unit."""

    code: str
    value: Decimal
    limit: Decimal
    symbol: Symbol | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerTripped:
    """A breaker stopped something by itself."""

    breaker: str
    value: str
    limit: str
    now: TradingState
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatReported:
    """One round of flattening was read back: `residuals` names what is still there, empty when flat."""

    round: int
    canceled: int
    closed: int
    residuals: tuple[str, ...]
    flat: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseTaken:
    """This process may act for the desk; `epoch` is the fencing number."""

    holder: str
    epoch: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseLost:
    """Another process may act now: this one sends nothing any more."""

    holder: str
    epoch: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadinessChanged:
    """What the process can vouch for changed."""

    was: Readiness
    now: Readiness
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamLost:
    """A private stream cannot be trusted any more."""

    line: ProductLine
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamRestored:
    """A private stream is live and caught up; what was missed while it was away."""

    line: ProductLine
    seconds: int
    fills_missed: int
    orders_changed: int
    positions_changed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyTrouble:
    """The exchange key is refused, endangers money, or lost a right."""

    what: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockOff:
    """Our clock and the venue's differ by more than we may trust; milliseconds."""

    offset_ms: int
    uncertainty_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageTrouble:
    """The ledger is slow, or its disk nearly full."""

    what: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatUnreachable:
    """Messages to a chat do not arrive."""

    chat: int
    person: PersonId | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatConflict:
    """Another process polls with our bot token."""

    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonDenied:
    """Somebody was turned away; the name is display only."""

    person: int
    name: str
    chat: int | None
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonChanged:
    """A person was invited, given other roles, or removed."""

    was: Person | None
    now: Person
    by: PersonId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandGiven:
    """A person gave a command that changes something; secrets are redacted before."""

    person: PersonId | None
    name: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRefused:
    """A person's command was refused."""

    person: PersonId | None
    words: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandExpired:
    """A command arrived too late to be carried out."""

    person: PersonId
    words: str
    age_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StepUpFailed:
    """A second factor was wrong; `locked_until` when raising actions are locked now."""

    person: PersonId
    failures: int
    locked_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingChanged:
    """A person's or the desk's setting changed."""

    name: str
    was: str | None
    now: str
    by: PersonId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRang:
    """An alert that a person set came true."""

    person: PersonId
    alert_id: str
    symbol: Symbol | None
    condition: str
    value: Decimal
    again: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskOpened:
    """The desk is back: what happened meanwhile, what is held, which start-up step could not be finished."""

    environment: Environment
    away_s: int | None
    fills: int
    drifts: int
    positions: int
    orders: int
    in_doubt: int
    trading: TradingState
    rung: str
    trouble: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskClosed:
    """The desk leaves in an orderly way; what stays at the venue."""

    why: str
    positions: int
    orders: int


FACTS = (
    TradingStateChanged,
    LimitsChanged,
    LimitNear,
    BreakerTripped,
    FlatReported,
    LeaseTaken,
    LeaseLost,
    ReadinessChanged,
    StreamLost,
    StreamRestored,
    KeyTrouble,
    ClockOff,
    StorageTrouble,
    ChatUnreachable,
    ChatConflict,
    PersonDenied,
    PersonChanged,
    CommandGiven,
    CommandRefused,
    CommandExpired,
    StepUpFailed,
    SettingChanged,
    AlertRang,
    DeskOpened,
    DeskClosed,
)
