from __future__ import annotations

from dataclasses import replace

import pytest

from bot.adapters.store.link import Link
from bot.adapters.store.tx import StoreTx
from bot.domain.ids import PersonId
from bot.domain.mandate import Rung
from bot.domain.trading import TradingState
from bot.ports.ledger_rows import ScopedLimits, StaleVersion
from tests.adapters.store.refusals import impossible
from tests.adapters.store.values import T0, later, mandate


def test_the_trading_state_is_remembered(tx: StoreTx) -> None:
    assert tx.desk.trading_state() is TradingState.ACTIVE
    tx.desk.set_trading_state(TradingState.HALTED, T0)
    assert tx.desk.trading_state() is TradingState.HALTED
    tx.desk.set_trading_state(TradingState.REDUCE_ONLY, later(1))
    assert tx.desk.trading_state() is TradingState.REDUCE_ONLY


def test_a_mandate_comes_back_as_granted(tx: StoreTx) -> None:
    first = tx.desk.save_mandate(None, mandate())
    assert tx.desk.mandate("m1") == first == mandate()
    newer = tx.desk.save_mandate(None, mandate(id="m2", rung=Rung.PROPOSE, granted_at=later(1), granted_by=None))
    assert tx.desk.mandates() == (newer, first)
    revoked = tx.desk.save_mandate(first, replace(first, revoked_at=later(2)))
    assert tx.desk.mandate("m1") == revoked
    with pytest.raises(StaleVersion):
        tx.desk.save_mandate(first, first)
    with pytest.raises(StaleVersion):
        tx.desk.save_mandate(None, mandate())
    with impossible("A revoked mandate stays revoked"):
        tx.desk.save_mandate(revoked, replace(revoked, revoked_at=None))


def test_limits_keep_their_history(tx: StoreTx, link: Link) -> None:
    tx.desk.set_limits("account", {"order_notional": "1000"}, PersonId(1), T0)
    tx.desk.set_limits("person:17", {"orders": 5}, None, T0)
    tx.desk.set_limits("account", {"order_notional": "500"}, PersonId(2), later(1))
    assert tx.desk.limits() == (
        ScopedLimits(scope="account", values={"order_notional": "500"}, by=PersonId(2), at=later(1)),
        ScopedLimits(scope="person:17", values={"orders": 5}, by=None, at=T0),
    )
    assert link.plainly("SELECT count(*) FROM limits") == [(3,)]
    with impossible("A row of limits is written once"):
        link.plainly("UPDATE limits SET body = '{}'")


def test_presets_belong_to_a_person(tx: StoreTx) -> None:
    assert tx.desk.preset(PersonId(17)) is None
    tx.desk.set_preset(PersonId(17), {"stop": "2"}, T0)
    tx.desk.set_preset(PersonId(17), {"stop": "3"}, later(1))
    assert tx.desk.preset(PersonId(17)) == {"stop": "3"}
    assert tx.desk.preset(PersonId(18)) is None


def test_named_values_are_found_by_prefix(tx: StoreTx) -> None:
    assert tx.desk.value("instance") is None
    tx.desk.set_value("instance", {"seed": "abc"}, T0)
    tx.desk.set_value("breaker:daily", {"tripped": True}, T0)
    tx.desk.set_value("breaker:rolling", {"tripped": False}, T0)
    tx.desk.set_value("breaker:daily", {"tripped": False}, later(1))
    assert tx.desk.value("instance") == {"seed": "abc"}
    assert tx.desk.values("breaker:") == {"breaker:daily": {"tripped": False}, "breaker:rolling": {"tripped": False}}
