from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from bot.domain.ids import VenueOrderId
from bot.domain.intent import Direction, OrderKind
from bot.domain.position import empty
from bot.domain.protection import (
    Flaw,
    Guard,
    Protection,
    ProtectionState,
    Waiver,
    audit,
    guarded,
    naked_for,
    next_stop,
    stop_at_distance,
    target_at_distance,
    verified_stop,
)
from tests.domain.builders import BTC, DESK, NOON, D, after, instrument

LONG, SHORT = Direction.LONG, Direction.SHORT
HELD = replace(
    empty(BTC, LONG, margin_coin="USDT", as_of=NOON), size=D(2), entry=D(100), liquidation=D(80)
)
HELD_SHORT = replace(HELD, direction=SHORT, liquidation=D(120))


def guard(price: str = "95", size: str | None = "2", **changes: Any) -> Guard:
    usual = Guard(
        client_order_id=None, venue_order_id=VenueOrderId("g"), symbol=BTC, direction=LONG, kind=OrderKind.STOP,
        price=D(price), size=None if size is None else D(size), ours=True,
    )
    return replace(usual, **changes)


TARGET = {"kind": OrderKind.TARGET}


@pytest.mark.parametrize(
    ("positions", "guards", "flaws"),
    [
        ((HELD,), (guard(),), []),
        ((HELD,), (guard(size=None),), []),
        ((HELD,), (guard(size="1"), guard(size="1")), []),
        ((HELD,), (guard(), guard("110", "1", **TARGET)), []),
        ((HELD,), (), [Flaw.NAKED]),
        ((HELD,), (guard("110", **TARGET),), [Flaw.NAKED]),
        ((HELD,), (guard(kind=OrderKind.MOVING_STOP),), [Flaw.NAKED]),
        ((HELD,), (guard(size="1.5"),), [Flaw.UNDERSIZED]),
        ((HELD,), (guard(size="3"),), [Flaw.OVERSIZED]),
        ((HELD,), (guard(), guard("110", "3", **TARGET)), [Flaw.OVERSIZED]),
        ((HELD,), (guard("80"),), [Flaw.NAKED, Flaw.USELESS]),
        ((HELD_SHORT,), (guard("121", direction=SHORT),), [Flaw.NAKED, Flaw.USELESS]),
        ((HELD,), (guard(direction=SHORT),), [Flaw.NAKED, Flaw.WRONG_LEG]),
        ((), (guard(),), [Flaw.ORPHAN]),
        ((replace(HELD, size=D(0)),), (guard(),), [Flaw.ORPHAN]),
        ((HELD, HELD_SHORT), (guard(), guard("105", direction=SHORT)), []),
    ],
)
def test_the_audit(positions: tuple[Any, ...], guards: tuple[Guard, ...], flaws: list[Flaw]) -> None:
    """I8, I9; FF-35, FF-36, FF-39."""
    assert [finding.flaw for finding in audit(positions, guards)] == flaws


def test_what_is_missing_or_too_much_is_measured() -> None:
    assert audit((HELD,), (guard(size="1.5"),))[0].size == D("0.5")
    assert audit((HELD,), (guard(size="3"),))[0].size == D(1)
    assert audit((HELD,), ())[0].size == D(2)


def test_a_waiver_silences_nakedness_and_nothing_else() -> None:
    waived = frozenset({(BTC, LONG)})
    assert audit((HELD,), (), waived) == ()
    assert [one.flaw for one in audit((HELD,), (guard(size="3"),), waived)] == [Flaw.OVERSIZED]


def test_the_audit_does_not_depend_on_order() -> None:
    guards = [guard(size="1"), guard("70"), guard(direction=SHORT), guard("110", "5", **TARGET)]
    expected = audit((HELD,), tuple(guards))
    for seed in range(20):
        Random(seed).shuffle(guards)
        assert {(one.flaw, one.words) for one in audit((HELD,), tuple(guards))} == {
            (one.flaw, one.words) for one in expected
        }


def test_the_tightest_whole_stop_verifies() -> None:
    best = guard("96", None)
    assert verified_stop(HELD, (guard("95"), best, guard("99", "1"), guard("110", **TARGET))) is best
    assert verified_stop(HELD, (guard("79"),)) is None
    assert verified_stop(HELD_SHORT, (guard("105", direction=SHORT), guard("104", direction=SHORT))) == guard(
        "104", direction=SHORT
    )


PLAIN = Protection(account=DESK, symbol=BTC, direction=LONG, state=ProtectionState.NAKED, naked_since=NOON)


@pytest.mark.parametrize(
    ("state", "waiver_until", "expected"),
    [
        (ProtectionState.VERIFIED, None, True),
        (ProtectionState.PLACING, None, False),
        (ProtectionState.NAKED, None, False),
        (ProtectionState.WAIVED, 11, True),
        (ProtectionState.WAIVED, 10, False),
        (ProtectionState.WAIVED, None, False),
    ],
)
def test_guarded_is_verified_or_waived_for_now(
    state: ProtectionState, waiver_until: float | None, expected: bool
) -> None:
    waiver = waiver_until and Waiver(by=None, reason="x", at=NOON, until=after(waiver_until))
    protection = replace(PLAIN, state=state, waiver=waiver or None)
    assert guarded(protection, after(10)) is expected
    assert naked_for(protection, after(10)) == timedelta(seconds=0 if expected else 10)


def test_distances_round_towards_the_entry() -> None:
    contract = instrument(price_step=D("0.5"))
    assert stop_at_distance(contract, LONG, D(101), D(2)) == D(99)
    assert stop_at_distance(contract, SHORT, D(101), D(2)) == D(103)
    assert target_at_distance(contract, LONG, D(101), D(2)) == D(103)
    assert target_at_distance(contract, SHORT, D(101), D(2)) == D(99)


def moved(mark: str, position: Any = HELD, **changes: Any) -> Decimal | None:
    protection = replace(PLAIN, direction=position.direction, stop=D(95), **changes)
    even = D("100.12") if position.direction is LONG else D("99.88")
    return next_stop(protection, position, D(mark), instrument(), even)


def test_break_even_pays_the_fees_and_moves_once() -> None:
    assert moved("101", break_even_at=D(102)) is None
    assert moved("102", break_even_at=D(102)) == D("100.2")
    assert moved("105", HELD, break_even_at=D(102), trail=D(10)) == D("100.2")


def test_trailing_follows_and_never_loosens() -> None:
    assert moved("110", trail=D(5)) == D("104.5")
    assert moved("99", trail=D(5)) is None
    assert moved("110", replace(HELD, size=D(0)), trail=D(5)) is None


def test_a_stop_is_never_put_where_it_would_fire_at_once() -> None:
    assert moved("100.1", break_even_at=D(100)) is None


def test_a_shorts_stop_moves_down() -> None:
    protection = replace(PLAIN, direction=SHORT, stop=D(105), break_even_at=D(98), trail=D(3))
    assert next_stop(protection, HELD_SHORT, D(90), instrument(), D("99.88")) == D("92.7")
    assert next_stop(protection, HELD_SHORT, D(97), instrument(), D("99.88")) == D("99.8")


def test_a_walk_only_tightens() -> None:
    for seed in range(50):
        rng, mark, stop = Random(seed), D(100), D(95)
        protection = replace(PLAIN, stop=stop, trail=D(2), break_even_at=D(103))
        for _ in range(60):
            mark += D(rng.randrange(-10, 11)) / 10
            found = next_stop(protection, HELD, mark, instrument(), D("100.12"))
            if found is not None:
                assert stop < found < mark
                stop = found
                protection = replace(protection, stop=found)
