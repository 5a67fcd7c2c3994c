from __future__ import annotations

from typing import Any

import pytest

from bot.domain.contract_rules import check, reference_price
from bot.domain.instrument import Tier
from bot.domain.intent import Attached, Direction, Effect, OrderKind, Trigger
from tests.domain.builders import D, instrument, intent

LIMIT = {"kind": OrderKind.LIMIT, "limit_price": D(100)}
TIER = (Tier(floor=D(0), ceiling=D(10**6), maximum_leverage=D(20), maintenance_rate=D("0.004")),)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        LIMIT,
        LIMIT | {"limit_price": D(105)},
        {"attached": Attached(stop=D(98), target=D(104))},
        {"direction": Direction.SHORT, "attached": Attached(stop=D(102), target=D(96))},
        {"effect": Effect.CLOSE, "size": D("0.0001")},
        {"effect": Effect.CLOSE, "kind": OrderKind.STOP, "size": None, "trigger": Trigger(price=D(98))},
        {"leverage": D(20)},
        {"kind": OrderKind.LIMIT, "limit_price": D(150), "direction": Direction.SHORT},
    ],
)
def test_what_fits_passes(changes: dict[str, Any]) -> None:
    assert check(instrument(), intent(**changes), D(100), TIER) is None


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"size": D("0.00015")}, "size_step"),
        ({"size": D(0)}, "size_step"),
        ({"size": D(-1)}, "size_step"),
        ({"size": D("0.01")}, "notional_minimum"),
        ({"size": D(221)}, "size_maximum"),
        (LIMIT | {"size": D(1201)}, "size_maximum"),
        ({"size": None}, "size_missing"),
        (LIMIT | {"limit_price": D("100.05")}, "price_step"),
        (LIMIT | {"limit_price": D(0)}, "price_step"),
        ({"kind": OrderKind.LIMIT}, "price_missing"),
        ({"kind": OrderKind.TRIGGER}, "trigger_missing"),
        ({"kind": OrderKind.TRIGGER, "trigger": Trigger(price=D("1.23"))}, "price_step"),
        (LIMIT | {"limit_price": D("105.1")}, "price_band"),
        (LIMIT | {"limit_price": D("94.9"), "direction": Direction.SHORT}, "price_band"),
        ({"attached": Attached(stop=D(101))}, "stop_side"),
        ({"attached": Attached(stop=D(100))}, "stop_side"),
        ({"attached": Attached(target=D(99))}, "target_side"),
        ({"direction": Direction.SHORT, "attached": Attached(stop=D(99))}, "stop_side"),
        ({"leverage": D(21)}, "leverage_bounds"),
        ({"leverage": D("0.5")}, "leverage_bounds"),
    ],
)
def test_what_the_venue_would_refuse_is_said_before(changes: dict[str, Any], code: str) -> None:
    """FF-36, FF-50, FF-52."""
    refusal = check(instrument(), intent(**changes), D(100), TIER)
    assert refusal is not None
    assert code in [reason.code for reason in refusal.reasons]
    assert all(reason.sentence and reason.remedy for reason in refusal.reasons)


def test_a_closed_contract_takes_no_opening_but_lets_out() -> None:
    for contract in (instrument(tradable=False), instrument(delisting=True)):
        refusal = check(contract, intent(), D(100))
        assert refusal is not None
        assert refusal.code == "not_tradable"
        assert check(contract, intent(effect=Effect.CLOSE), D(100)) is None


def test_the_smallest_size_is_named_and_would_pass() -> None:
    refusal = check(instrument(), intent(size=D("0.01")), D(99))
    assert refusal is not None
    assert "0.0506" in str(refusal)
    assert check(instrument(), intent(size=D("0.0506")), D(99)) is None


def test_orders_are_valued_at_their_own_price() -> None:
    assert reference_price(intent(**LIMIT), D(90)) == 100
    assert reference_price(intent(kind=OrderKind.TRIGGER, trigger=Trigger(price=D(80))), D(90)) == 80
    assert reference_price(intent(), D(90)) == 90
