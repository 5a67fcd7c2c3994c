from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as some

from bot.domain.instrument import Tier
from bot.domain.intent import Direction, MarginMode
from bot.domain.liquidation import (
    Stake,
    break_even_price,
    isolated_margin,
    liquidation_price,
    margin_ratio,
)
from bot.domain.numbers import floor_to
from bot.domain.position import profit
from tests.domain.builders import D, instrument, inverse

LONG, SHORT = Direction.LONG, Direction.SHORT
TIERS = (Tier(floor=D(0), ceiling=D(150000), maximum_leverage=D(125), maintenance_rate=D("0.004")),)
SAMPLE = Stake(direction=LONG, size=D("0.01"), entry=D(25000))
MARGIN = D("9.6695050093373343")


def test_the_documented_sample() -> None:
    """Semantics section 12: both numbers of the vendor's example."""
    price = liquidation_price(
        instrument(), SAMPLE, mode=MarginMode.ISOLATED, tiers=TIERS, leverage=D(20), margin=MARGIN
    )
    assert price is not None
    assert price.quantize(D("1e-13")) == D("24144.1124161806978").quantize(D("1e-13"))
    ratio = margin_ratio(instrument(), SAMPLE, mark=D(25100), equity=MARGIN + 1, tiers=TIERS)
    assert ratio is not None
    assert ratio.quantize(D("1e-13")) == D("0.1082149545822")


@given(
    some.decimals(min_value=D("0.001"), max_value=100, places=3),
    some.decimals(min_value=1, max_value=100000, places=1),
    some.integers(1, 125),
    some.booleans(),
    some.booleans(),
)
def test_at_the_liquidation_price_the_ratio_is_one(
    size: Decimal, entry: Decimal, leverage: int, short: bool, coin: bool
) -> None:
    contract = inverse() if coin else instrument()
    stake = Stake(direction=SHORT if short else LONG, size=size, entry=entry)
    flat_tier = (replace(TIERS[0], ceiling=D(10**12)),)
    price = liquidation_price(
        contract, stake, mode=MarginMode.ISOLATED, tiers=flat_tier, leverage=D(leverage)
    )
    assume(price is not None)
    assert price is not None
    gain = profit(stake.direction, size, entry, price, inverse=coin)
    equity = isolated_margin(contract, stake, D(leverage)) + gain
    ratio = margin_ratio(contract, stake, mark=price, equity=equity, tiers=flat_tier)
    assert ratio is not None
    assert abs(ratio - 1) < D("1e-12")


def test_a_wallet_large_enough_has_no_liquidation_price() -> None:
    price = liquidation_price(
        instrument(), SAMPLE, mode=MarginMode.CROSSED, tiers=TIERS, leverage=D(20), wallet=D(1000)
    )
    assert price is None
    short = replace(SAMPLE, direction=SHORT)
    assert (
        liquidation_price(inverse(), short, mode=MarginMode.CROSSED, tiers=TIERS, leverage=D(1), wallet=D(1)) is None
    )


def test_adding_moves_the_estimate_towards_the_mark() -> None:
    wallet = {"mode": MarginMode.CROSSED, "tiers": TIERS, "leverage": D(20), "wallet": D(100)}
    before = liquidation_price(instrument(), SAMPLE, **wallet)  # type: ignore[arg-type]
    after = liquidation_price(instrument(), SAMPLE.add(D("0.01"), D(25000)), **wallet)  # type: ignore[arg-type]
    assert before is not None
    assert after is not None
    assert before < after < 25000


def test_nothing_held_has_no_end_and_nothing_behind_it_no_ratio() -> None:
    flat = replace(SAMPLE, size=D(0))
    assert liquidation_price(instrument(), flat, mode=MarginMode.ISOLATED, tiers=TIERS, leverage=D(1)) is None
    assert margin_ratio(instrument(), SAMPLE, mark=D(1), equity=D(0), tiers=TIERS) is None


def test_break_even_pays_both_fees() -> None:
    """Semantics section 11: a live sample, 107410.3 gives 107539.2."""
    stake = Stake(direction=LONG, size=D(1), entry=D("107410.3"))
    assert floor_to(break_even_price(instrument(), stake), D("0.1")) == D("107539.2")
    short = break_even_price(instrument(), replace(stake, direction=SHORT))
    assert short < stake.entry
    fees = (stake.entry + short) * instrument().taker_fee
    assert abs(stake.entry - short - fees) < D("1e-18")


@pytest.mark.parametrize("mode", list(MarginMode))
def test_an_unknown_table_still_counts_the_fee(mode: MarginMode) -> None:
    price = liquidation_price(instrument(), SAMPLE, mode=mode, tiers=(), leverage=D(10), wallet=D(25))
    assert price is not None
    assert price > D(22500)
