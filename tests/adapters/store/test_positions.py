from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from bot.adapters.store.tx import StoreTx
from bot.domain.ids import Symbol
from bot.domain.intent import Direction
from bot.domain.numbers import ZERO
from bot.ports.ledger_rows import StaleVersion
from tests.adapters.store.values import BTC, position, protection


def test_a_position_comes_back_as_it_went(tx: StoreTx) -> None:
    assert tx.positions.get(BTC, Direction.LONG) is None
    tx.positions.save(position())
    assert tx.positions.get(BTC, Direction.LONG) == position()
    tx.positions.save(position(size=Decimal("0.01"), liquidation=None))
    assert tx.positions.get(BTC, Direction.LONG) == position(size=Decimal("0.01"), liquidation=None)


def test_flat_positions_are_kept_and_not_held(tx: StoreTx) -> None:
    tx.positions.save(position(size=ZERO))
    tx.positions.save(position(direction=Direction.SHORT))
    tx.positions.save(position(symbol=Symbol("AAVEUSDT")))
    assert [(found.symbol, found.direction) for found in tx.positions.held()] == [
        ("AAVEUSDT", Direction.LONG), (BTC, Direction.SHORT),
    ]
    assert tx.positions.get(BTC, Direction.LONG) == position(size=ZERO)


def test_a_protection_comes_back_as_it_went(tx: StoreTx) -> None:
    assert tx.protections.save(None, protection()) == protection()
    assert tx.protections.get(BTC, Direction.LONG) == protection()
    bare = replace(protection(direction=Direction.SHORT), stop=None, stop_size=None, stop_order=None, targets=(),
                   verified_at=None, naked_since=None, waiver=None, break_even_at=None, trail=None)
    tx.protections.save(None, bare)
    assert tx.protections.all() == (protection(), bare)


def test_a_protection_is_changed_from_what_was_read(tx: StoreTx) -> None:
    first = tx.protections.save(None, protection())
    second = tx.protections.save(first, replace(first, waiver=None))
    assert second.version == 1
    assert tx.protections.get(BTC, Direction.LONG) == second
    with pytest.raises(StaleVersion):
        tx.protections.save(first, replace(first, stop=None))
    with pytest.raises(StaleVersion):
        tx.protections.save(None, protection())
