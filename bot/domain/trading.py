"""Allow leaving: the desk's standing order from people, the runtime's readiness, and the one place that decides."""
from __future__ import annotations

from enum import Enum


class TradingState(Enum):
    """What people and breakers allow; persisted (P6)."""

    ACTIVE = "ACTIVE"
    REDUCE_ONLY = "REDUCE_ONLY"
    HALTED = "HALTED"


class Readiness(Enum):
    """What the process can vouch for; in memory, set by the runtime."""

    STARTING = "STARTING"
    RECONCILING = "RECONCILING"
    READY = "READY"
    DEGRADED = "DEGRADED"
    STOPPING = "STOPPING"
    STOPPED = "STOPPED"


class Environment(Enum):
    """Whose money it is (C1a)."""

    SANDBOX = "sandbox"
    PAPER = "paper"
    DEMO = "demo"
    LIVE = "live"
