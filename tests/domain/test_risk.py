from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.domain.ids import Symbol
from bot.domain.intent import Attached, Direction, Effect, OrderKind
from bot.domain.limits import Limits
from bot.domain.risk import Approved, Exposure, Refused, Verdict, evaluate, near_limits
from tests.domain.builders import BTC, NOON, D, after, instrument, intent, inverse

NONE = Exposure(
    symbol=BTC, direction=Direction.LONG, equity=D(10000), available=D(10000), symbol_notional=D(0), side_notional=D(0),
    account_notional=D(0), person_notional=D(0), open_risk=D(0), position_size=D(0), opposite_size=D(0), closable=D(0),
    positions=0, orders=0, symbol_orders=0, orders_last_minute=0, person_orders_last_minute=0, in_doubt=0, closing=0,
    day_start_equity=D(10000), day_loss=D(0), rolling_start_equity=D(10000), rolling_loss=D(0), last_loss_at=None,
    mark=D(100), mark_at=NOON, next_funding_at=None, leverage=D(10),
)
# 2 BTC at 100 is 200 of notional; with this stop it loses 4 of price and 0.2376 of fees.
STOPPED = intent(attached=Attached(stop=D(98)))


def verdict(limits: Limits, wish: Any = STOPPED, at: float = 0, **exposure: Any) -> Verdict:
    return evaluate(wish, instrument(), replace(NONE, **exposure), limits, after(at))


def codes(result: Verdict) -> list[str]:
    return [reason.code for reason in result.reasons] if isinstance(result, Refused) else []


def test_without_limits_an_opening_passes_and_counts_as_filled() -> None:
    """R14."""
    result = verdict(Limits())
    assert isinstance(result, Approved)
    after_all = result.after
    assert (after_all.symbol_notional, after_all.account_notional, after_all.positions) == (D(200), D(200), 1)
    assert (after_all.open_risk, after_all.orders, after_all.position_size) == (D("4.2376"), 1, D(2))


EDGES: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    ("order_notional", {"order_notional": D(200)}, {"order_notional": D("199.99")}, {}),
    ("symbol_notional", {"symbol_notional": D(1200)}, {"symbol_notional": D(1199)}, {"symbol_notional": D(1000)}),
    ("side_notional", {"side_notional": D(1200)}, {"side_notional": D(1199)}, {"side_notional": D(1000)}),
    ("account_notional", {"account_notional": D(1200)}, {"account_notional": D(1199)}, {"account_notional": D(1000)}),
    ("person_notional", {"person_notional": D(1200)}, {"person_notional": D(1199)}, {"person_notional": D(1000)}),
    ("leverage", {"leverage": D(10)}, {"leverage": D(9)}, {}),
    ("account_leverage", {"account_leverage": D(2)}, {"account_leverage": D("1.9")}, {"account_notional": D(19800)}),
    ("order_risk", {"order_risk": D("0.05")}, {"order_risk": D("0.04")}, {}),
    ("open_risk", {"open_risk": D("1.05")}, {"open_risk": D("1.04")}, {"open_risk": D(100)}),
    ("positions", {"positions": 3}, {"positions": 2}, {"positions": 2}),
    ("orders", {"orders": 3}, {"orders": 2}, {"orders": 2}),
    ("symbol_orders", {"symbol_orders": 3}, {"symbol_orders": 2}, {"symbol_orders": 2}),
    ("orders_per_minute", {"orders_per_minute": 3}, {"orders_per_minute": 2}, {"orders_last_minute": 2}),
    ("person_orders_per_minute", {"person_orders_per_minute": 3}, {"person_orders_per_minute": 2},
     {"person_orders_last_minute": 2}),
    ("mark_age", {"mark_age_s": 5}, {"mark_age_s": 4}, {"mark_at": after(-5)}),
    ("daily_loss", {"daily_loss": D("3.01")}, {"daily_loss": D(3)}, {"day_loss": D(300)}),
    ("rolling_loss", {"rolling_loss": D("3.01")}, {"rolling_loss": D(3), "rolling_hours": 24},
     {"rolling_loss": D(300)}),
    ("cool_down", {"cool_down_s": 60}, {"cool_down_s": 61}, {"last_loss_at": after(-60)}),
    ("funding_window", {"funding_window_s": 600}, {"funding_window_s": 601}, {"next_funding_at": after(600)}),
    ("symbol_not_allowed", {"allow": frozenset({BTC})}, {"allow": frozenset({Symbol("ETHUSDT")})}, {}),
    ("symbol_denied", {"deny": frozenset({Symbol("ETHUSDT")})}, {"deny": frozenset({BTC})}, {}),
    ("stop_required", {}, {"stop_required": True}, {}),
]


@pytest.mark.parametrize(("code", "fits", "breaks", "exposure"), EDGES, ids=[row[0] for row in EDGES])
def test_each_limit_at_its_edge(
    code: str, fits: dict[str, Any], breaks: dict[str, Any], exposure: dict[str, Any]
) -> None:
    """FF-77: a limit that is set is wired."""
    wish = intent() if code == "stop_required" else STOPPED
    assert code not in codes(verdict(Limits(**fits), wish, **exposure))
    result = verdict(Limits(**breaks), wish, **exposure)
    assert codes(result) == [code]
    assert isinstance(result, Refused)
    (reason,) = result.reasons
    assert reason.value
    assert reason.limit
    assert reason.remedy
    assert reason.sentence.endswith(".")


def test_every_limit_has_an_edge_case() -> None:
    names = {name for _, _, breaks, _ in EDGES for name in breaks} | {"price_collar"}
    assert names == set(Limits.__slots__)


@pytest.mark.parametrize(
    ("direction", "price", "refused"),
    [("LONG", "102", False), ("LONG", "102.1", True), ("LONG", "50", False), ("SHORT", "98", False),
     ("SHORT", "97.9", True), ("SHORT", "150", False)],
)
def test_the_collar_stops_prices_that_would_pay_too_much(direction: str, price: str, refused: bool) -> None:
    wish = intent(kind=OrderKind.LIMIT, direction=Direction(direction), limit_price=D(price))
    assert ("price_collar" in codes(verdict(Limits(price_collar=D(2)), wish))) == refused


def test_a_sentence_carries_value_limit_and_way_out() -> None:
    result = verdict(Limits(symbol_notional=D(1000)), symbol_notional=D(1040))
    assert isinstance(result, Refused)
    assert str(result.reasons[0]) == (
        "It would make BTCUSDT exposure 1,240 USDT; the limit is 1,000. Close something first."
    )
    result = verdict(Limits(symbol_notional=D(1000)), symbol_notional=D(900))
    assert isinstance(result, Refused)
    assert result.reasons[0].remedy == "Take at most 100 USDT."


def test_prices_losses_and_rests_are_told_in_numbers() -> None:
    wish = intent(kind=OrderKind.LIMIT, limit_price=D(103))
    (far,) = refused(Limits(price_collar=D(2)), wish)
    assert (far.value, far.limit, far.sentence) == (
        "3%", "2%", "The price 103 is 3% above the mark 100; the limit is 2%."
    )
    (low,) = refused(Limits(price_collar=D(2)), replace(wish, direction=Direction.SHORT, limit_price=D(97)))
    assert low.sentence == "The price 97 is 3% below the mark 100; the limit is 2%."
    (lost,) = refused(Limits(rolling_loss=D(3), rolling_hours=24), rolling_loss=D(300))
    assert lost.sentence == "The account lost 3% in the last 24 h; the limit is 3%."
    (rest,) = refused(Limits(cool_down_s=60), last_loss_at=after(-20))
    assert (rest.value, rest.remedy) == ("20 s", "Try again in 40 s.")
    assert codes(verdict(Limits(daily_loss=D(0)))) == []


def test_open_risk_may_be_used_up_exactly() -> None:
    wish = intent()  # 200 of 10,000 at risk: the whole notional
    assert codes(verdict(Limits(open_risk=D(3)), wish, open_risk=D(100))) == []
    assert codes(verdict(Limits(open_risk=D(3)), wish, open_risk=D("100.01"))) == ["open_risk"]


def refused(limits: Limits, wish: Any = STOPPED, **exposure: Any) -> tuple[Any, ...]:
    result = verdict(limits, wish, **exposure)
    assert isinstance(result, Refused)
    return result.reasons


def test_all_reasons_are_kept() -> None:
    limits = Limits(order_notional=D(1), leverage=D(1), positions=0, deny=frozenset({BTC}))
    assert codes(verdict(limits)) == ["symbol_denied", "order_notional", "leverage", "positions"]


def test_nothing_opens_beside_a_doubt_or_an_unsettled_close() -> None:
    """R12, R14."""
    assert codes(verdict(Limits(), in_doubt=1)) == ["in_doubt"]
    assert codes(verdict(Limits(), closing=1)) == ["closing"]


def test_an_order_without_a_stop_risks_all_of_itself() -> None:
    assert codes(verdict(Limits(order_risk=D("1.99")), intent())) == ["order_risk"]
    assert codes(verdict(Limits(order_risk=D(2)), intent())) == []


def test_an_inverse_risk_is_valued_in_quote() -> None:
    wish = replace(STOPPED, symbol=Symbol("BTCUSD"))
    result = evaluate(wish, inverse(taker_fee=D(0), maker_fee=D(0)), NONE, Limits(), NOON)
    assert isinstance(result, Approved)
    assert abs(result.after.open_risk - 4) < D("1e-20")


def test_adding_to_a_position_is_no_new_position() -> None:
    assert codes(verdict(Limits(positions=1), positions=1, position_size=D(1))) == []


def test_without_equity_every_percentage_is_used_up() -> None:
    limits = Limits(order_risk=D(50), open_risk=D(50), account_leverage=D(5))
    assert codes(verdict(limits, equity=D(0))) == ["account_leverage", "order_risk", "open_risk"]


def test_getting_out_is_never_limited() -> None:
    everything = Limits(
        order_notional=D(0), leverage=D(0), orders=0, orders_per_minute=0, daily_loss=D(0), cool_down_s=9999,
        mark_age_s=0, deny=frozenset({BTC}), stop_required=True,
    )
    wish = intent(effect=Effect.CLOSE)
    result = verdict(everything, wish, closable=D(2), day_loss=D(9000), last_loss_at=NOON, in_doubt=2, closing=1)
    assert isinstance(result, Approved)
    assert (result.after.closable, result.after.symbol_notional, result.after.closing) == (D(0), D(0), 2)


def test_only_what_is_there_can_be_closed() -> None:
    close = intent(effect=Effect.CLOSE)
    assert codes(verdict(Limits(), close, closable=D(1))) == ["close_too_large"]
    assert codes(verdict(Limits(), close)) == ["nothing_to_close"]
    (reason,) = refused(Limits(), replace(close, size=None))
    assert (reason.code, reason.value) == ("nothing_to_close", "all")
    assert codes(verdict(Limits(), replace(close, size=None), closable=D(1))) == []
    guard = intent(effect=Effect.CLOSE, kind=OrderKind.STOP, size=None)
    assert codes(verdict(Limits(), guard)) == []


LIMITS = some.integers(0, 2000)


@given(some.lists(some.integers(1, 300), min_size=1, max_size=30), LIMITS, LIMITS)
def test_no_sequence_of_approvals_passes_a_limit(sizes: list[int], most: int, account: int) -> None:
    """I10: each approval counts at once, so any sequence stays below every limit."""
    limits, exposure = Limits(symbol_notional=Decimal(most), account_notional=Decimal(account)), NONE
    for size in sizes:
        result = evaluate(intent(size=Decimal(size) / 10), instrument(), exposure, limits, NOON)
        if isinstance(result, Approved):
            exposure = result.after
        assert exposure.symbol_notional <= most
        assert exposure.account_notional <= account


def test_a_limit_nearly_used_up_is_told_before_it_refuses() -> None:
    limits = Limits(symbol_notional=D(1000), open_risk=D(5), daily_loss=D(3), rolling_loss=D(0))
    carried = replace(NONE, symbol_notional=D(800), open_risk=D(399), day_loss=D(300))
    assert [(one.code, one.value, one.limit) for one in near_limits(carried, limits)] == [
        ("symbol_notional", D(800), D(1000)),
        ("daily_loss", D(3), D(3)),
    ]
    assert near_limits(NONE, limits) == ()
    assert [one.code for one in near_limits(replace(carried, equity=D(0)), limits)][1] == "open_risk"
