from __future__ import annotations

from itertools import product

import pytest

from bot.domain.intent import Effect
from bot.domain.trading import Purpose, Readiness, TradingState, may_leave

R, T, P = Readiness, TradingState, Purpose
EVERY = list(product(T, R, P))


@pytest.mark.parametrize(("state", "readiness", "purpose"), EVERY)
def test_opening_needs_active_and_ready_whoever_asks(
    state: TradingState, readiness: Readiness, purpose: Purpose
) -> None:
    """P6, I14."""
    allowed = may_leave(state, readiness, Effect.OPEN, purpose) is None
    assert allowed == (state is T.ACTIVE and readiness is R.READY)


@pytest.mark.parametrize(
    ("state", "readiness", "purpose", "allowed"),
    [
        (T.HALTED, R.READY, P.PERSON, True),
        (T.HALTED, R.READY, P.PROTECTION, True),
        (T.HALTED, R.READY, P.AUTOMATION, False),
        (T.REDUCE_ONLY, R.READY, P.AUTOMATION, True),
        (T.ACTIVE, R.DEGRADED, P.AUTOMATION, True),
        (T.HALTED, R.DEGRADED, P.PERSON, True),
        (T.ACTIVE, R.STARTING, P.PROTECTION, False),
        (T.ACTIVE, R.RECONCILING, P.PROTECTION, True),
        (T.ACTIVE, R.RECONCILING, P.PERSON, True),
        (T.ACTIVE, R.RECONCILING, P.AUTOMATION, False),
        (T.ACTIVE, R.STOPPING, P.PROTECTION, True),
        (T.ACTIVE, R.STOPPING, P.PERSON, False),
        (T.ACTIVE, R.STOPPED, P.PROTECTION, False),
    ],
)
def test_reducing(state: TradingState, readiness: Readiness, purpose: Purpose, allowed: bool) -> None:
    assert (may_leave(state, readiness, Effect.CLOSE, purpose) is None) == allowed


def test_a_stricter_state_never_allows_more() -> None:
    for readiness, effect, purpose in product(R, Effect, P):
        states = (T.ACTIVE, T.REDUCE_ONLY, T.HALTED)
        answers = [may_leave(state, readiness, effect, purpose) is None for state in states]
        assert answers == sorted(answers, reverse=True)


def test_a_no_says_what_stands_in_the_way_and_what_to_do() -> None:
    halted = may_leave(T.HALTED, R.DEGRADED, Effect.OPEN, P.PERSON)
    assert halted is not None
    assert (halted.code, halted.value) == ("trading_state", "HALTED")
    assert "/resume" in halted.remedy
    assert halted.sentence == "Trading is HALTED: nothing opens."
    automatic = may_leave(T.HALTED, R.READY, Effect.CLOSE, P.AUTOMATION)
    assert automatic is not None
    assert automatic.sentence == "Trading is HALTED: nothing closes by itself."
    degraded = may_leave(T.ACTIVE, R.DEGRADED, Effect.OPEN, P.PERSON)
    assert degraded is not None
    assert (degraded.code, degraded.value) == ("readiness", "DEGRADED")
