"""The kill sweep of the gate: at every class of moments of open-market and close; other flows by the command."""
from __future__ import annotations

import pytest

from tests.walks import broken
from tests.walks.sweep import FLOWS, Flow, die_at, moments, sweep

GATE = [flow for flow in FLOWS if flow.name in ("open-market", "close")]


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
@pytest.mark.parametrize("flow", GATE, ids=lambda one: one.name)
def test_it_may_die_between_any_two_effects(flow: Flow) -> None:
    bad = sweep(flow, classes=True)
    assert not bad, "\n".join(one.failure() for one in bad)


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
def test_a_sweep_finds_an_order_sent_before_it_is_stored() -> None:
    with broken.send_before_store():
        _, places = moments(FLOWS[0], classes=True)
        assert any(die_at(FLOWS[0], place).breaches for place in places)
