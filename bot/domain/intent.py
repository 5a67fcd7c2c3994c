"""Wish for an order: everything that says what is wanted, without identity and without state."""
from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from bot.domain.ids import Symbol


class Direction(Enum):
    """The side of the position concerned, never the buy or sell of the wire."""

    LONG = "LONG"
    SHORT = "SHORT"

    @property
    def sign(self) -> int:
        """Give +1 for LONG and -1 for SHORT."""
        return 1 if self is Direction.LONG else -1

    @property
    def other(self) -> Direction:
        """Give the opposite direction."""
        return Direction.SHORT if self is Direction.LONG else Direction.LONG


class Effect(Enum):
    """Whether an order increases or reduces the position."""

    OPEN = "OPEN"
    CLOSE = "CLOSE"


class OrderKind(Enum):
    """What the venue is asked to do with the order.

    MARKET and LIMIT live in the venue's book; the others are plans that wait for a trigger. STOP and TARGET guard a
    position (their size may be None: the whole of it); MOVING_STOP trails behind the best price seen.
    """

    MARKET = "MARKET"
    LIMIT = "LIMIT"
    TRIGGER = "TRIGGER"
    TRAILING = "TRAILING"
    STOP = "STOP"
    TARGET = "TARGET"
    MOVING_STOP = "MOVING_STOP"

    @property
    def is_plan(self) -> bool:
        """Tell whether the order waits in the venue's plan namespace instead of its book."""
        return self not in (OrderKind.MARKET, OrderKind.LIMIT)

    @property
    def is_guard(self) -> bool:
        """Tell whether the order exists only to protect or take profit on a position."""
        return self in (OrderKind.STOP, OrderKind.TARGET, OrderKind.MOVING_STOP)


class TimeInForce(Enum):
    """How long a limit order may wait."""

    GTC = "GTC"
    POST_ONLY = "POST_ONLY"
    IOC = "IOC"
    FOK = "FOK"


class TriggerBy(Enum):
    """Which price wakes a plan."""

    MARK = "MARK"
    LAST = "LAST"


class MarginMode(Enum):
    """Whether the position shares the wallet or stands on its own margin."""

    CROSSED = "CROSSED"
    ISOLATED = "ISOLATED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """When a plan wakes: at `price` by the given price kind; `callback` is the trailing distance in percent."""

    price: Decimal
    by: TriggerBy = TriggerBy.MARK
    callback: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """The stop and target that travel inside the entry request (R11, D16); prices, None where not wanted."""

    stop: Decimal | None = None
    target: Decimal | None = None
    by: TriggerBy = TriggerBy.MARK


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderIntent:
    """A fully specified wish.

    `size` is in base units and above zero; None only for STOP and TARGET: the whole position. `limit_price` belongs
    to LIMIT orders and to plans that send a limit order when they wake. `reduce_only` is implied by Effect.CLOSE.
    """

    symbol: Symbol
    direction: Direction
    effect: Effect
    kind: OrderKind
    size: Decimal | None
    limit_price: Decimal | None = None
    trigger: Trigger | None = None
    time_in_force: TimeInForce = TimeInForce.GTC
    attached: Attached | None = None
    margin_mode: MarginMode = MarginMode.CROSSED
    leverage: Decimal | None = None

    @property
    def buying(self) -> bool:
        """Tell whether the order buys: it opens a long position or closes a short one."""
        return (self.direction is Direction.LONG) == (self.effect is Effect.OPEN)

    @property
    def stop(self) -> Decimal | None:
        """Give the stop price that travels with the order."""
        return self.attached.stop if self.attached else None
