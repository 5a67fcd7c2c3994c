"""Budgets per second and endpoint, and the address-wide penalty (rest.md 0.4)."""

from __future__ import annotations

import pytest

from bot.sandbox.exchange.codes import Refused
from bot.sandbox.exchange.endpoints import ENDPOINTS
from bot.sandbox.exchange.ratelimit import RateLimits

PLACE = ENDPOINTS["POST", "/api/v2/mix/order/place-order"]
CANCEL = ENDPOINTS["POST", "/api/v2/mix/order/cancel-order"]
SUBS = ENDPOINTS["GET", "/api/v2/mix/account/sub-account-assets"]
T = 1_700_000_000_000


def _refused(limits: RateLimits, endpoint: object, caller: str, now: int) -> bool:
    try:
        limits.spend(endpoint, caller, now)  # type: ignore[arg-type]
    except Refused as refused:
        assert (refused.code, refused.http) == ("429", 429)
        return True
    return False


def test_ten_orders_a_second_then_429_until_the_next() -> None:
    limits = RateLimits()
    assert [limits.spend(PLACE, "main", T + i) for i in range(10)] == list(range(9, -1, -1))
    assert _refused(limits, PLACE, "main", T + 999)
    assert not _refused(limits, PLACE, "main", T + 1000)


def test_budgets_are_per_endpoint_and_caller() -> None:
    limits = RateLimits()
    for i in range(10):
        limits.spend(PLACE, "main", T + i)
    assert not _refused(limits, CANCEL, "main", T + 10)
    assert not _refused(limits, PLACE, "other", T + 10)
    assert _refused(limits, PLACE, "main", T + 10)


def test_less_than_one_a_second() -> None:
    limits = RateLimits()
    assert not _refused(limits, SUBS, "main", T)
    assert _refused(limits, SUBS, "main", T + 9_999)
    assert not _refused(limits, SUBS, "main", T + 10_000)


def test_six_thousand_a_minute_costs_five_minutes() -> None:
    limits = RateLimits()
    for _ in range(6_000):
        limits.address("127.0.0.1", T)
    limits.address("127.0.0.2", T)
    with pytest.raises(Refused):
        limits.address("127.0.0.1", T)
    with pytest.raises(Refused):
        limits.address("127.0.0.1", T + 299_999)
    limits.address("127.0.0.1", T + 300_000)


def test_limits_can_be_switched_off_for_measurements() -> None:
    limits = RateLimits(enabled=False)
    assert not any(_refused(limits, PLACE, "main", T) for _ in range(100))
