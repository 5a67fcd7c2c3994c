from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bot.adapters.bitget.classic.backlog import TOLD_MAX, Backlog
from bot.domain.account import Account
from bot.domain.fill import Fill, Liquidity
from bot.domain.ids import Symbol, TradeId, VenueOrderId
from bot.domain.instrument import ProductLine
from bot.domain.intent import Direction, Effect
from bot.domain.reports import AccountReport, PositionsReport
from bot.ports.venue import VenueEvent

T0 = datetime(2026, 3, 1, tzinfo=UTC)


def wallet(number: int, coin: str = "USDT") -> AccountReport:
    return AccountReport(account=Account(
        line=ProductLine.USDT, margin_coin=coin, equity=Decimal(number), available=Decimal(number), in_use=Decimal(0),
        unrealised=Decimal(0), margin_ratio=None, as_of=T0 + timedelta(milliseconds=number),
    ))


def positions(number: int, line: ProductLine = ProductLine.USDT) -> PositionsReport:
    return PositionsReport(line=line, positions=(), as_of=T0 + timedelta(milliseconds=number))


def fill(number: int) -> Fill:
    return Fill(
        trade_id=TradeId(f"t{number}"), venue_order_id=VenueOrderId("1"), client_order_id=None,
        symbol=Symbol("BTCUSDT"), direction=Direction.LONG, effect=Effect.OPEN, size=Decimal(1), price=Decimal(1),
        fee=Decimal(0), fee_coin="USDT", realised=Decimal(0), liquidity=Liquidity.TAKER, at=T0,
    )


def told(backlog: Backlog) -> list[VenueEvent]:
    found = []
    while backlog:
        found.append(backlog.take())
    return found


def test_two_hundred_wallets_wait_behind_a_fill_and_become_one() -> None:
    backlog = Backlog()
    backlog.add([wallet(number) for number in range(200)])
    backlog.add([fill(1)])
    backlog.add([wallet(200), wallet(7, "USDC"), fill(2)])
    assert told(backlog) == [fill(1), fill(2), wallet(200), wallet(7, "USDC")]


def test_positions_keep_their_place_among_fills_and_only_the_last_of_a_row_counts() -> None:
    """A list of positions from before a fill must not be compared with books that hold the fill."""
    backlog = Backlog()
    usdc = ProductLine.USDC
    backlog.add([positions(1), positions(2), fill(1), positions(3), positions(4, usdc), positions(5, usdc)])
    assert told(backlog) == [positions(2), fill(1), positions(3), positions(5, usdc)]


def test_it_is_full_before_an_overflow_could_go_unnoticed() -> None:
    backlog = Backlog()
    backlog.add([fill(number) for number in range(TOLD_MAX - 1)])
    assert not backlog.full
    backlog.add([fill(0)])
    assert backlog.full
    backlog.take()
    assert not backlog.full
    with pytest.raises(IndexError):
        Backlog().take()
