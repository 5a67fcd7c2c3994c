"""Words of the wire: any case, old spellings, and unknown ones kept with a note."""
from __future__ import annotations

from decimal import Decimal

import pytest

from bot.adapters.bitget.classic import words
from bot.adapters.bitget.classic.wire_value import Notes
from bot.domain.ids import Symbol
from bot.domain.instrument import ProductLine
from bot.domain.intent import MarginMode, TimeInForce, TriggerBy
from bot.domain.reports import VenueState

PLACES = [
    ("BTCUSDT", ProductLine.USDT, "USDT"),
    ("1000PEPEUSDT", ProductLine.USDT, "USDT"),
    ("USDCUSDT", ProductLine.USDT, "USDT"),
    ("BTCPERP", ProductLine.USDC, "USDC"),
    ("ETHPERP", ProductLine.USDC, "USDC"),
    ("BTCUSD", ProductLine.COIN, "BTC"),
    ("ETHUSD", ProductLine.COIN, "ETH"),
    ("BTCUSDH26", ProductLine.COIN, "BTC"),
    ("ETHUSDZ25", ProductLine.COIN, "ETH"),
]


@pytest.mark.parametrize(("symbol", "line", "coin"), PLACES)
def test_symbol_tells_line_and_margin_coin(symbol: str, line: ProductLine, coin: str) -> None:
    assert words.line_of(Symbol(symbol)) is line
    assert words.margin_coin_of(Symbol(symbol)) == coin


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("live", VenueState.LIVE),
        ("canceled", VenueState.CANCELED),
        ("cancelled", VenueState.CANCELED),
        ("Partially_Filled", VenueState.PARTLY_FILLED),
        ("filled", VenueState.FILLED),
    ],
)
def test_states_in_both_spellings(word: str, state: VenueState) -> None:
    notes = Notes()
    assert words.state_of(words.ORDER_STATES, word, notes) is state
    assert not notes.doubt


@pytest.mark.parametrize("word", ["frozen", "", None, 7, []])
def test_ff70_unknown_state_is_kept_with_a_doubt(word: object) -> None:
    notes = Notes()
    assert words.state_of(words.ORDER_STATES, word, notes) is VenueState.UNKNOWN
    assert notes.doubt


def test_old_spellings_of_modes() -> None:
    notes = Notes()
    assert words.margin_mode("cross", notes) is MarginMode.CROSSED
    assert words.margin_mode("FIXED", notes) is MarginMode.ISOLATED
    assert words.margin_mode("", notes) is MarginMode.CROSSED
    assert words.time_in_force("POST_ONLY", notes) is TimeInForce.POST_ONLY
    assert words.time_in_force("normal", notes) is TimeInForce.GTC
    assert words.trigger_by("mark_price", notes) is TriggerBy.MARK
    assert not notes.odd
    words.margin_mode("portfolio", notes)
    words.time_in_force("rpi", notes)
    assert words.trigger_by("index_price", notes) is TriggerBy.LAST
    assert len(notes.odd) == 3


@pytest.mark.parametrize("value", [None, Decimal(0), Decimal(-1)])
def test_zero_and_below_mean_not_set(value: Decimal | None) -> None:
    assert words.above_zero(value) is None


@pytest.mark.parametrize(("raw", "said"), [("one_way_mode", True), ("ONE_WAY_MODE", True), ("hedge_mode", False),
                                           ("", False), (None, False), ([], False)])
def test_one_way_is_said_or_not(raw: object, said: bool) -> None:
    assert words.one_way(raw) is said


@pytest.mark.parametrize("raw", [None, 7, [], {}, True])
def test_what_is_no_word_means_nothing(raw: object) -> None:
    assert words.told(words.FORCES, raw) is None
    assert words.told(words.FORCES, "IOC") is TimeInForce.IOC
