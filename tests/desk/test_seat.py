"""What use cases share: one lane a symbol, one shelf, one fence (R13)."""
from __future__ import annotations

import asyncio
from dataclasses import FrozenInstanceError

import pytest

from bot.desk.seat import Lanes, Shelf
from bot.domain.account import PositionMode
from bot.domain.ids import Symbol
from bot.domain.instrument import ProductLine
from tests.support.scripted import Bench

BTC, ETH = Symbol("BTCUSDT"), Symbol("ETHUSDT")


async def test_a_symbol_has_one_lane_and_others_have_theirs() -> None:
    lanes = Lanes()
    assert lanes.of(BTC) is lanes.of(BTC) and lanes.of(BTC) is not lanes.of(ETH)
    async with lanes.of(BTC):
        assert lanes.of(BTC).locked() and not lanes.of(ETH).locked()
        async with asyncio.timeout(1), lanes.of(ETH):
            pass


async def test_before_the_first_probe_no_mode_is_known(bench: Bench) -> None:
    assert Shelf().position_mode(ProductLine.USDT) is None
    assert bench.seat.shelf.position_mode(ProductLine.USDT) is PositionMode.HEDGE


async def test_a_seat_is_not_changed_in_place(bench: Bench) -> None:
    with pytest.raises(FrozenInstanceError):
        bench.seat.tag = "other"  # type: ignore[misc]
