"""Allow leaving: the desk's standing order from people, the runtime's readiness, and the one place that decides."""
from __future__ import annotations

from enum import Enum

from bot.domain.intent import Effect
from bot.domain.refusal import Reason


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


class Purpose(Enum):
    """Why something wants to leave: a person or the local command line says so, a rule or model does, or it guards."""

    PERSON = "PERSON"
    AUTOMATION = "AUTOMATION"
    PROTECTION = "PROTECTION"


EVERYTHING = frozenset(Purpose)
ON_DEMAND = frozenset({Purpose.PERSON, Purpose.PROTECTION})
NOTHING: frozenset[Purpose] = frozenset()

# Who may reduce. Opening needs ACTIVE and READY, whoever asks (P6, I14).
REDUCING_BY_STATE = {
    TradingState.ACTIVE: EVERYTHING,
    TradingState.REDUCE_ONLY: EVERYTHING,
    TradingState.HALTED: ON_DEMAND,
}
REDUCING_BY_READINESS = {
    # Before the first reading nobody knows the position mode, so nothing can be said correctly.
    Readiness.STARTING: NOTHING,
    Readiness.RECONCILING: ON_DEMAND,
    Readiness.READY: EVERYTHING,
    Readiness.DEGRADED: EVERYTHING,
    Readiness.STOPPING: frozenset({Purpose.PROTECTION}),
    Readiness.STOPPED: NOTHING,
}
REMEDIES = {
    TradingState.REDUCE_ONLY: "An owner can send /resume when the cause is dealt with.",
    TradingState.HALTED: "An owner can send /resume; closing and cancelling work meanwhile.",
}


def may_leave(state: TradingState, readiness: Readiness, effect: Effect, purpose: Purpose) -> Reason | None:
    """Decide whether anything of this effect may leave now: None for yes, else why not (architecture section 5).

    The one place that decides, asked inside the submitting transaction. Placing or tightening a guard and cancelling
    count as CLOSE.
    """
    if effect is Effect.OPEN:
        state_allows, process_allows = state is TradingState.ACTIVE, readiness is Readiness.READY
    else:
        state_allows = purpose in REDUCING_BY_STATE[state]
        process_allows = purpose in REDUCING_BY_READINESS[readiness]
    act = "opens" if effect is Effect.OPEN else "closes by itself"
    if not state_allows:
        return Reason(
            code="trading_state", value=state.value, limit=TradingState.ACTIVE.value, remedy=REMEDIES[state],
            sentence=f"Trading is {state.value}: nothing {act}.",
        )
    if not process_allows:
        return Reason(
            code="readiness", value=readiness.value, limit=Readiness.READY.value,
            remedy="Wait until /status says READY, or read there which step is stuck.",
            sentence=f"The desk is {readiness.value}: nothing {act} now.",
        )
    return None
