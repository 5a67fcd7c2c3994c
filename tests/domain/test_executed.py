"""What an idea's own trade brought, in R: fees, parts, what other trades of the symbol do not change."""
from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from bot.domain.executed import Executed, executed
from bot.domain.fill import Fill, Liquidity
from bot.domain.ids import Symbol, TradeId, VenueOrderId
from bot.domain.intent import Direction, Effect
from tests.domain.builders import NOON as NOW

ENTRY = Fill(
    trade_id=TradeId("1"), venue_order_id=VenueOrderId("v"), client_order_id=None, symbol=Symbol("BTCUSDT"),
    direction=Direction.LONG, effect=Effect.OPEN, size=Decimal(2), price=Decimal(100), fee=Decimal("0.1"),
    fee_coin="USDT", realised=Decimal(0), liquidity=Liquidity.TAKER, at=NOW,
)


def exit_at(price: str, size: str = "2", fee: str = "0.1", name: str = "2") -> Fill:
    return replace(ENTRY, trade_id=TradeId(name), effect=Effect.CLOSE, size=Decimal(size), price=Decimal(price),
                   fee=Decimal(fee), at=NOW + timedelta(minutes=1))


def brought(*exits: Fill, entries: tuple[Fill, ...] = (ENTRY,), direction: Direction = Direction.LONG,
            stop: str = "90", inverse: bool = False) -> Executed | None:
    return executed(direction, entries, exits, reference=Decimal(100), stop=Decimal(stop), price=Decimal(105),
                    fee=Decimal("0.001"), inverse=inverse)


def test_a_closed_trade_counts_its_fees_in_the_risk_it_was_meant_to_take() -> None:
    found = brought(exit_at("120"))
    assert found == Executed(
        opened=Decimal(2), closed=Decimal(2), result_r=Decimal("39.8") / 20, result=Decimal("39.8"), since=NOW,
        until=NOW + timedelta(minutes=1))


def test_what_is_left_open_is_worth_the_price_less_the_fee() -> None:
    found = brought(exit_at("110", "1", "0"))
    assert found is not None
    assert (found.opened, found.closed) == (2, 1)
    assert found.result_r == (10 + 5 - Decimal("0.105") - Decimal("0.1")) / 20


def test_only_as_much_as_was_opened_counts_of_later_closings() -> None:
    assert brought(exit_at("110", "5", "0.5")) == brought(exit_at("110", "2", "0.2"))
    assert brought(exit_at("110"), exit_at("50", name="3")) == brought(exit_at("110"))


def test_a_short_and_an_inverse_contract() -> None:
    short = brought(exit_at("90", fee="0"), entries=(replace(ENTRY, fee=Decimal(0)),), direction=Direction.SHORT,
                    stop="110")
    assert short is not None
    assert short.result_r == 1
    coin = brought(exit_at("90", fee="0"), entries=(replace(ENTRY, fee=Decimal(0)),), inverse=True)
    assert coin is not None
    assert coin.result_r == -1


def test_nothing_opened_brought_nothing() -> None:
    assert brought(entries=()) is None
    assert brought(stop="100") is None
