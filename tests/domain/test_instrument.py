from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.domain.instrument import Tier, decimals_of, leverage_cap, tier_for
from tests.domain.builders import D, instrument, inverse

TIERS = (
    Tier(floor=D(0), ceiling=D(150000), maximum_leverage=D(125), maintenance_rate=D("0.004")),
    Tier(floor=D(150000), ceiling=D(900000), maximum_leverage=D(100), maintenance_rate=D("0.005")),
)


@pytest.mark.parametrize(
    ("buying", "passive", "expected"),
    [(True, True, "100.1"), (False, True, "100.2"), (True, False, "100.2"), (False, False, "100.1")],
)
def test_prices_round_to_the_side_that_keeps_the_promise(buying: bool, passive: bool, expected: str) -> None:
    assert instrument().round_price(D("100.15"), buying=buying, passive=passive) == D(expected)


@given(some.decimals(min_value=0, max_value=10**6, places=7), some.booleans(), some.booleans())
def test_rounded_prices_and_sizes_fit(value: Decimal, buying: bool, passive: bool) -> None:
    contract = instrument()
    assert contract.fits_price(contract.round_price(value, buying=buying, passive=passive))
    size = contract.round_size(value)
    assert contract.fits_size(size)
    assert size <= value < size + contract.size_step


def test_a_price_on_the_tick_stays() -> None:
    contract = instrument(price_step=D("0.5"))
    assert contract.round_price(D("100.5"), buying=True) == D("100.5")
    assert not contract.fits_price(D("100.4"))


def test_bands_end_on_the_tick_inside() -> None:
    contract = instrument(buy_band=D("0.05"), sell_band=D("0.05"))
    assert contract.highest_buy(D("100.03")) == D(105)
    assert contract.lowest_sell(D("100.03")) == D("95.1")
    assert instrument(buy_band=None, sell_band=None).highest_buy(D(100)) is None


def test_values_of_linear_and_inverse_contracts() -> None:
    assert instrument().margin_value(D(2), D(100)) == 200
    assert inverse().margin_value(D(2), D(100)) == 2
    assert inverse().notional(D(-2), D(100)) == 200


def test_tiers_bound_leverage() -> None:
    assert tier_for(TIERS, D(150000)) is TIERS[0]
    assert tier_for(TIERS, D(10**9)) is TIERS[1]
    assert tier_for((), D(1)) is None
    assert leverage_cap(instrument(), TIERS, D(200000)) == 100
    assert leverage_cap(instrument(maximum_leverage=D(50)), (), D(1)) == 50


@pytest.mark.parametrize(("step", "count"), [("0.1", 1), ("0.00010", 4), ("5", 0), ("100", 0), ("0", 0)])
def test_decimals_of_a_step(step: str, count: int) -> None:
    assert decimals_of(D(step)) == count
