"""Every number with its unit; the sandbox's time scale divides times and nothing else (C2, reliability 2 and 3)."""
from __future__ import annotations

from dataclasses import fields

import pytest

from bot.desk.rules import Rules


@pytest.mark.parametrize("factor", [1.0, 10.0, 60.0])
def test_times_are_divided_and_counts_stay(factor: float) -> None:
    plain, fast = Rules(), Rules().scaled(factor)
    for one in fields(Rules):
        was, now = getattr(plain, one.name), getattr(fast, one.name)
        if not one.name.endswith("_s"):
            assert now == was, one.name
        elif isinstance(was, tuple):
            assert now == tuple(part / factor for part in was)
        else:
            assert now == was / factor, one.name


def test_every_float_is_a_time() -> None:
    odd = [one.name for one in fields(Rules) if one.type == "float" and not one.name.endswith("_s")]
    assert not odd, "a number of seconds says so in its name, or the scale passes it by"


def test_the_clock_rule_is_that_of_reliability_two() -> None:
    """R5: three answers, the last at 30 + 2 + 10 seconds after signing or later; rounded up, never down."""
    rule = Rules().clock_rule
    assert (rule.validity_s, rule.skew_s, rule.lag_s, rule.minimum_asks) == (30, 2, 10, 3)
    fast = Rules().scaled(7).clock_rule
    assert (fast.validity_s, fast.skew_s, fast.lag_s) == (5, 1, 2)


def test_deadlines_fit_into_one_another() -> None:
    rules = Rules()
    assert rules.stop_verify_s < rules.naked_max_s, "verifying leaves time to place again"
    assert rules.lease_beat_s + rules.lease_margin_s < rules.lease_life_s, "one lost beat costs no lease"
    assert rules.send_delay_max_s < rules.lease_margin_s, "what leaves under a lease arrives under it"
