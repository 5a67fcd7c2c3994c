from __future__ import annotations

import pytest

from bot.adapters.bitget.classic.topic import Topic, key_of
from bot.domain.instrument import ProductLine


@pytest.mark.parametrize(
    ("topic", "argument"),
    [
        (Topic(line=ProductLine.USDT, channel="ticker", symbol="BTCUSDT"),
         {"instType": "USDT-FUTURES", "channel": "ticker", "instId": "BTCUSDT"}),
        (Topic(line=ProductLine.USDC, channel="orders"),
         {"instType": "USDC-FUTURES", "channel": "orders", "instId": "default"}),
        (Topic(line=ProductLine.COIN, channel="account"),
         {"instType": "COIN-FUTURES", "channel": "account", "coin": "default"}),
        (Topic(line=ProductLine.USDT, channel="equity"), {"instType": "USDT-FUTURES", "channel": "equity"}),
    ],
)
def test_an_argument_comes_back_as_its_key(topic: Topic, argument: dict[str, str]) -> None:
    assert topic.argument() == argument
    assert key_of(argument) == topic.key


def test_the_equity_acknowledgement_names_default() -> None:
    argument = {"instType": "USDT-FUTURES", "channel": "equity", "instId": "default"}
    assert key_of(argument) == Topic(line=ProductLine.USDT, channel="equity").key


@pytest.mark.parametrize("argument", [None, [], "x", {}, {"instType": 1, "channel": "x"}, {"instType": "x"},
                                      {"instType": "x", "channel": "y", "instId": ["z"]}])
def test_what_names_no_topic(argument: object) -> None:
    assert key_of(argument) is None
