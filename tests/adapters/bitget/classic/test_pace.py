from __future__ import annotations

from bot.adapters.bitget.classic.pace import Pace


def test_a_window_slides() -> None:
    pace = Pace(2, 1.0)
    assert pace.wait_s(0.0) == 0.0
    pace.spend(0.0)
    pace.spend(0.4)
    assert pace.wait_s(0.5) == 0.5
    assert pace.wait_s(1.0) == 0.0
    pace.spend(1.0)
    assert pace.wait_s(1.1) == 0.4 + 1.0 - 1.1


def test_what_was_overspent_is_waited_for() -> None:
    pace = Pace(2, 10.0)
    pace.spend(0.0, 3)
    pace.spend(5.0)
    assert pace.wait_s(6.0) == 4.0
    assert pace.wait_s(10.0) == 0.0
