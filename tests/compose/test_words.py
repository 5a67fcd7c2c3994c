"""Results of commands in plain words: numbers with their unit, nothing claimed that is not proven."""
from __future__ import annotations

from decimal import Decimal

from bot.compose.words import flat_words, risk_words
from bot.desk.flat import FlatReport
from bot.desk.planned import Preview

PREVIEW = Preview(
    price=Decimal("100005.6"),
    size=Decimal("0.005"),
    notional=Decimal("500.028"),
    margin=Decimal("100.0056"),
    fees=Decimal("0.60003"),
    loss=Decimal("10.594"),
    loss_percent=Decimal("0.1059"),
    liquidation=Decimal("80123.456"),
    distance=Decimal("19.88"),
    leverage=Decimal(5),
    leverage_was=Decimal(20),
    stop=Decimal("98005.5"),
    targets=(Decimal("104005.8"),),
    default_stop=True,
    coin="USDT",
)


def test_the_risk_is_said_before_the_question() -> None:
    assert risk_words(PREVIEW) == [
        "About 500.03 at 100005.6, margin 100.01 USDT, fees 0.60003 USDT.",
        "At the stop 98005.5 (the default stop) it loses about 10.59 USDT (0.1059 % of equity), fees included.",
        "Targets: 104005.8.",
        "Liquidation is near 80123.46 (19.88 % away).",
        "Leverage is changed first, from 20x to 5x.",
    ]


def test_a_trade_without_a_stop_says_so() -> None:
    bare = Preview(price=Decimal(100), size=Decimal(1), notional=Decimal(100), coin="USDT")
    assert risk_words(bare) == [
        "About 100 at 100, margin unknown USDT, fees unknown USDT.",
        "No stop: the loss has no bound but liquidation.",
    ]


def test_flat_is_only_said_when_read_back() -> None:
    left = FlatReport(rounds=12, canceled=1, closed=0, residuals=("BTCUSDT long 0.1",), flat=False, proven=True)
    assert flat_words(left) == "Not flat after 12 rounds. Left: BTCUSDT long 0.1."
