from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.domain.ids import PersonId, Symbol
from bot.domain.intent import Direction, Effect
from bot.domain.mandate import Forbids, Idea, Mandate, NeedsHuman, Permits, Ruling, Rung, Usage, rule, used_up
from tests.domain.builders import BTC, DESK, NOON, D, after


def mandate(rung: Rung = Rung.AUTO, **changes: Any) -> Mandate:
    usual: dict[str, Any] = {
        "id": "m1", "account": DESK, "advisor": "rules", "rung": rung, "symbols": frozenset({BTC}),
        "notional_per_trade": D(500), "notional_per_day": D(1000), "trades_per_day": 5, "minimum_confidence": D("0.6"),
        "cool_down_s": 60, "granted_by": PersonId(1), "granted_at": NOON, "expires_at": NOON + timedelta(hours=24),
        "risk_per_trade": D(10), "risk_budget": D(30), "loss_per_day": D(20),
    }
    return Mandate(**(usual | changes))


IDEA = Idea(
    symbol=BTC, direction=Direction.LONG, effect=Effect.OPEN, notional=D(500), risk=D(10), confidence=D("0.6"),
)


def ruling(granted: Mandate, usage: Usage | None = None, at: float = 0, **changes: Any) -> Ruling:
    fields = {name: getattr(IDEA, name) for name in Idea.__slots__} | changes
    return rule(granted, Idea(**fields), usage or Usage(), after(at))


@pytest.mark.parametrize("rung", [Rung.SEMI, Rung.AUTO])
@pytest.mark.parametrize(
    "changes",
    [
        {"symbols": frozenset()},
        {"notional_per_trade": D(0)},
        {"notional_per_day": D(0)},
        {"trades_per_day": 0},
        {"risk_per_trade": D(0)},
        {"risk_budget": D(0)},
        {"loss_per_day": D(0)},
        {"directions": frozenset()},
        {"granted_by": None},
        {"expires_at": NOON},
        {"expires_at": NOON + timedelta(hours=72, seconds=1)},
    ],
)
def test_autonomy_without_bounds_cannot_be_constructed(rung: Rung, changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=rung.value):
        mandate(rung, **changes)
    mandate(Rung.PROPOSE, **changes)


def test_inside_every_bound_it_acts_alone() -> None:
    for rung in (Rung.SEMI, Rung.AUTO):
        assert ruling(mandate(rung)) == Permits(mandate_id="m1")


@pytest.mark.parametrize(
    ("rung", "expected"), [(Rung.OFF, Forbids), (Rung.SHADOW, Forbids), (Rung.PROPOSE, NeedsHuman)]
)
def test_lower_rungs_never_act(rung: Rung, expected: type) -> None:
    assert isinstance(ruling(mandate(rung)), expected)


@pytest.mark.parametrize(
    ("usage", "changes", "code"),
    [
        (Usage(), {"notional": D("500.01")}, "mandate_trade"),
        (Usage(notional=D("500.01")), {}, "mandate_day"),
        (Usage(trades=5), {}, "mandate_trades"),
        (Usage(), {"risk": D("10.01")}, "mandate_risk"),
        (Usage(risk=D("20.01")), {}, "mandate_budget"),
        (Usage(), {"confidence": D("0.59")}, "mandate_confidence"),
        (Usage(), {"confidence": None}, "mandate_confidence"),
        (Usage(last_trade_at=after(-59)), {}, "mandate_cool_down"),
        (Usage(last_loss_at=after(-59)), {}, "mandate_cool_down"),
    ],
)
def test_beyond_a_bound_people_are_asked_or_nothing_happens(usage: Usage, changes: dict[str, Any], code: str) -> None:
    for rung, expected in ((Rung.SEMI, NeedsHuman), (Rung.AUTO, Forbids)):
        result = ruling(mandate(rung), usage, **changes)
        assert isinstance(result, expected)
        assert [reason.code for reason in result.reasons] == [code]  # type: ignore[attr-defined]


def test_at_the_bound_is_inside() -> None:
    usage = Usage(trades=4, notional=D(500), risk=D(20), last_trade_at=after(-60))
    assert isinstance(ruling(mandate(), usage), Permits)


def test_another_symbol_is_forbidden_on_both_rungs() -> None:
    for rung in (Rung.SEMI, Rung.AUTO):
        assert isinstance(ruling(mandate(rung), symbol=Symbol("ETHUSDT")), Forbids)


def test_another_direction_is_forbidden_on_both_rungs() -> None:
    for rung in (Rung.SEMI, Rung.AUTO):
        short = ruling(mandate(rung, directions=frozenset({Direction.SHORT})))
        assert isinstance(short, Forbids)
        assert short.reasons[0].code == "mandate_direction"
        assert isinstance(ruling(mandate(rung), direction=Direction.SHORT), Permits)


def test_one_from_before_there_were_risk_bounds_is_bound_by_its_notional() -> None:
    old = mandate(risk_per_trade=None, risk_budget=None, loss_per_day=None)
    assert isinstance(ruling(old, risk=D(400)), Permits)
    assert not used_up(old, Usage(risk=D(10**6)))


@pytest.mark.parametrize("usage", [
    Usage(trades=5), Usage(notional=D(1000)), Usage(risk=D(30)), Usage(refused=True)])
def test_what_is_used_up_is_known(usage: Usage) -> None:
    assert used_up(mandate(), usage)
    assert not used_up(mandate(), Usage(trades=4, notional=D("999.9"), risk=D("29.9")))


@pytest.mark.parametrize(("changes", "at"), [({}, 86400), ({"revoked_at": after(1)}, 2), ({}, -1)])
def test_over_or_revoked_it_only_proposes(changes: dict[str, Any], at: float) -> None:
    result = ruling(mandate(**changes), at=at)
    assert isinstance(result, NeedsHuman)
    assert result.reasons[0].code == "mandate_over"


def test_reducing_needs_no_bound() -> None:
    usage = Usage(trades=99, notional=D(10**6))
    assert isinstance(ruling(mandate(), usage, effect=Effect.CLOSE, confidence=None), Permits)
    assert isinstance(ruling(mandate(Rung.PROPOSE), usage, effect=Effect.CLOSE), NeedsHuman)
