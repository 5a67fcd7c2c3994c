"""What an exit was worth: the way not taken is walked by the resolver, in units of what the trade risked."""
from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.ports.assessor import Followed
from bot.ports.lab_rows import IdeaRow
from bot.ports.market import Candle
from tests.adapters.advisors.test_assessor import IDEA, JUDGE, T0, minute

# A long from 100 with its stop at 90 (1R is 10) that stands at 104 now.
CUT = replace(IDEA, kind="CLOSE", stop=Decimal(90), stood=Decimal(90), unit=Decimal(10), percent=100)
NEARER = replace(IDEA, kind="TIGHTEN", stop=Decimal(101), stood=Decimal(90), unit=Decimal(10))
FALL = [minute(0, 104, 105, 103, 104), minute(1, 104, 104, 89, 90)]
RISE = [minute(0, 104, 105, 103, 104), minute(1, 104, 121, 104, 120)]
DIP_AND_RISE = [minute(0, 104, 105, 100, 104), minute(1, 104, 121, 104, 120)]


def worth(idea: IdeaRow, bars: list[Candle], rate: str = "0") -> Followed | None:
    paid = [(T0 + timedelta(seconds=90), Decimal(rate))]
    return JUDGE.follow(idea, bars, Decimal("0.0006"), paid)


@pytest.mark.parametrize(("idea", "bars", "exit_", "value"), [
    (CUT, FALL, "STOP", "1.4"),
    (CUT, RISE, "TARGET", "-1.6"),
    (replace(CUT, percent=50), FALL, "STOP", "0.7"),
    (NEARER, FALL, "STOP", "1.1"),
    (NEARER, RISE, "TARGET", "0"),
    (NEARER, DIP_AND_RISE, "STOP", "-1.9"),
])
def test_what_it_saved_or_cost(idea: IdeaRow, bars: list[Candle], exit_: str, value: str) -> None:
    found = worth(idea, bars)
    assert found is not None
    assert (found.filled, found.exit, found.net_r) == (True, exit_, Decimal(value))


def test_a_short_reads_the_other_way_round() -> None:
    short = replace(CUT, direction="SHORT", stop=Decimal(110), stood=Decimal(110), target=Decimal(80))
    found = worth(short, [minute(0, 96, 97, 95, 96), minute(1, 96, 111, 96, 110)])
    assert found is not None and found.net_r == Decimal("1.4")


def test_who_stays_pays_funding() -> None:
    found = worth(CUT, FALL, rate="0.01")
    assert found is not None
    assert (found.gross_r, found.net_r) == (Decimal("1.4"), Decimal("1.504"))


def test_a_stop_that_was_through_before_the_next_minute_left_nothing_to_decide() -> None:
    found = worth(CUT, [minute(0, 88, 89, 87, 88)])
    assert found is not None and (found.filled, found.net_r) == (False, 0)
    jumped = worth(NEARER, [minute(0, 100, 121, 99, 120)])
    # The nearer stop would have fired at the open, which lies 2R below where staying ended.
    assert jumped is not None and (jumped.exit, jumped.net_r) == ("TARGET", Decimal(-2))


def test_while_minutes_are_missing_nothing_is_said() -> None:
    assert worth(CUT, FALL[:1]) is None
    assert worth(NEARER, DIP_AND_RISE[:1]) is None
