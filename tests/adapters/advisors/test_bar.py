from __future__ import annotations

import pytest

from bot.adapters.advisors.bar import minutes_of


def test_timeframes_are_counted_in_minutes() -> None:
    assert [minutes_of(word) for word in ("1m", "15m", "4h", "1d")] == [1, 15, 240, 1440]


@pytest.mark.parametrize("word", ["", "15", "0m", "m15", "15M", "1.5h", "99999m"])
def test_anything_else_is_refused_with_an_example(word: str) -> None:
    with pytest.raises(ValueError, match="15m, 4h, 1d"):
        minutes_of(word)
