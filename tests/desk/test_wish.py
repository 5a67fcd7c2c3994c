"""What is wanted is said in closed words; symbols are written as the venue does (FF-51)."""
from __future__ import annotations

from dataclasses import is_dataclass
from typing import get_args

import pytest

from bot.desk.wish import CancelWish, OpenWish, Which, Wish, symbol_words
from bot.domain.intent import Direction, OrderKind


@pytest.mark.parametrize("words", ["btcusdt", "BTC/USDT", "btc-usdt", " Btc usdt ", "BTC_USDT"])
def test_a_symbol_is_written_as_the_venue_does(words: str) -> None:
    assert symbol_words(words) == "BTCUSDT"


@pytest.mark.parametrize("kind", get_args(Wish), ids=lambda one: one.__name__)
def test_every_wish_is_a_frozen_value(kind: type) -> None:
    assert is_dataclass(kind) and kind.__dataclass_params__.frozen  # type: ignore[attr-defined]


def test_kinds_are_closed_words() -> None:
    """FF-51: nothing falls through to market."""
    for made in (OrderKind, Direction, Which):
        with pytest.raises(ValueError, match="is not a valid"):
            made("LIMITED")
    assert OpenWish(symbol="btc", direction=Direction.LONG, amount="1").kind is OrderKind.MARKET


def test_a_cancel_that_names_nothing_means_all() -> None:
    assert CancelWish() == CancelWish(order=None, symbol=None)
