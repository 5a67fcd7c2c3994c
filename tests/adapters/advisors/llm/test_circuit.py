"""Three in a row, or too many late ones, open it; five minutes later one trial decides."""
from __future__ import annotations

from bot.adapters.advisors.llm.circuit import LATENCIES, OPEN_S, Circuit


def fresh() -> Circuit:
    return Circuit(deadline_s=20)


def test_three_failures_in_a_row_open_it_once() -> None:
    circuit = fresh()
    assert [circuit.ended(0, 1, True), circuit.ended(0, 1, True)] == [False, False]
    assert not circuit.ended(0, 1, False)
    assert [circuit.ended(0, 1, True) for _ in range(3)] == [False, False, True]
    assert "asked again in 300 s" in (circuit.refuses(0) or "")
    assert circuit.failures == 3


def test_half_open_lets_one_trial_through_which_decides() -> None:
    circuit = fresh()
    for _ in range(3):
        circuit.ended(0, 1, True)
    assert circuit.refuses(OPEN_S - 1) is not None
    assert circuit.refuses(OPEN_S) is None
    assert "trial" in (circuit.refuses(OPEN_S) or "")
    assert not circuit.ended(OPEN_S, 1, True)
    assert circuit.refuses(OPEN_S + 1) is not None
    assert circuit.refuses(2 * OPEN_S) is None
    assert not circuit.ended(2 * OPEN_S, 1, False)
    assert circuit.opened_at is None
    assert circuit.refuses(2 * OPEN_S) is None


def test_a_trial_that_was_never_sent_is_given_back() -> None:
    circuit = fresh()
    for _ in range(3):
        circuit.ended(0, 1, True)
    assert circuit.refuses(OPEN_S) is None
    circuit.gave_up()
    assert circuit.refuses(OPEN_S) is None


def test_two_late_of_twenty_open_it_one_does_not() -> None:
    for late, opens in ((1, False), (2, True)):
        circuit = fresh()
        found = [circuit.ended(0, 20 if number % 10 == 0 and number < 10 * late else 1, number % 10 == 0)
                 for number in range(LATENCIES)]
        assert any(found) is opens
        assert (circuit.refuses(0) is not None) is opens


def test_after_a_trial_the_old_lateness_is_forgotten() -> None:
    circuit = fresh()
    for _ in range(LATENCIES):
        circuit.ended(0, 25, True)
    assert circuit.refuses(OPEN_S) is None
    circuit.ended(OPEN_S, 1, False)
    assert not circuit.ended(OPEN_S, 1, False)
    assert circuit.opened_at is None
