from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from bot.domain.intent import Direction, Effect
from bot.domain.position import (
    apply,
    apply_one_way,
    empty,
    liquidation_distance,
    profit,
    return_on_margin,
    unrealised,
)
from tests.domain.builders import BTC, NOON, D, after, fill

LONG, SHORT = Direction.LONG, Direction.SHORT
FLAT = empty(BTC, LONG, margin_coin="USDT", as_of=NOON)
FLAT_SHORT = replace(FLAT, direction=SHORT)
CLOSE = {"effect": Effect.CLOSE}


def test_adding_averages_and_closing_realises() -> None:
    one = apply(FLAT, fill("a", "1", "100"), inverse=False).positions[0]
    two = apply(one, fill("b", "3", "104", at=after(5)), inverse=False).positions[0]
    assert (two.size, two.entry, two.as_of) == (D(4), D(103), after(5))
    done = apply(two, fill("c", "1", "110", **CLOSE), inverse=False)
    assert done.realised == D(7)
    assert (done.positions[0].size, done.positions[0].entry, done.positions[0].realised) == (D(3), D(103), D(7))


def test_a_short_earns_when_the_price_falls() -> None:
    held = replace(FLAT_SHORT, size=D(2), entry=D(100))
    assert apply(held, fill("a", "2", "90", direction=SHORT, **CLOSE), inverse=False).realised == D(20)
    assert unrealised(held, D(110), inverse=False) == D(-20)


def test_closing_more_than_is_held_is_told() -> None:
    held = replace(FLAT, size=D(1), entry=D(100), liquidation=D(50))
    done = apply(held, fill("a", "1.5", "90", **CLOSE), inverse=False)
    assert (done.positions[0].size, done.excess, done.realised) == (D(0), D("0.5"), D(-10))
    assert done.positions[0].liquidation is None


def test_a_reopened_position_starts_its_profit_anew() -> None:
    held = replace(FLAT, size=D(0), entry=D(90), realised=D(5))
    assert apply(held, fill("a", "1", "100"), inverse=False).positions[0].realised == 0


def test_inverse_profit_is_the_same_sum_in_coin() -> None:
    """Semantics section 11: size x (mark - entry) / mark."""
    assert profit(LONG, D(2), D(100), D(125), inverse=True) == D("0.4")
    assert profit(SHORT, D(2), D(100), D(80), inverse=True) == D("0.5")


def test_inverse_average_is_the_harmonic_mean_by_value() -> None:
    held = apply(FLAT, fill("a", "2", "100"), inverse=True).positions[0]
    held = apply(held, fill("b", "1", "160"), inverse=True).positions[0]
    value_one, value_two = D(200), D(160)
    assert held.entry == (value_one + value_two) / (value_one / 100 + value_two / 160) == D(120)
    apart = profit(LONG, D(2), D(100), D(150), inverse=True) + profit(LONG, D(1), D(160), D(150), inverse=True)
    assert abs(unrealised(held, D(150), inverse=True) - apart) < D("1e-20")


def test_one_way_flips_through_zero() -> None:
    held = replace(FLAT, size=D(1), entry=D(100))
    sold = fill("a", "3", "110", direction=SHORT, effect=Effect.OPEN)
    done = apply_one_way(held, FLAT_SHORT, sold, inverse=False)
    long, short = done.of(LONG), done.of(SHORT)
    assert long is not None
    assert short is not None
    assert (long.size, short.size, short.entry, done.realised) == (D(0), D(2), D(110), D(10))


def test_one_way_reducing_by_an_opposite_open_opens_nothing() -> None:
    held = replace(FLAT, size=D(3), entry=D(100))
    done = apply_one_way(held, FLAT_SHORT, fill("a", "1", "90", direction=SHORT, effect=Effect.OPEN), inverse=False)
    assert [(one.direction, one.size) for one in done.positions] == [(LONG, D(2))]
    assert done.realised == D(-10)


def test_one_way_close_never_opens() -> None:
    done = apply_one_way(
        replace(FLAT, size=D(1), entry=D(100)), FLAT_SHORT, fill("a", "3", "90", **CLOSE), inverse=False
    )
    assert (done.excess, len(done.positions)) == (D(2), 1)


def test_one_way_walks_keep_the_net_and_the_money() -> None:
    for seed in range(200):
        rng = Random(seed)
        long, short, realised, cash, net = FLAT, FLAT_SHORT, D(0), D(0), D(0)
        for number in range(12):
            side = rng.choice([LONG, SHORT])
            size, price = D(rng.randrange(1, 20)) / 10, D(rng.randrange(90, 110))
            made = fill(f"t{number}", str(size), str(price), direction=side)
            done = apply_one_way(long, short, made, inverse=False)
            long, short = done.of(LONG) or long, done.of(SHORT) or short
            realised += done.realised
            net += size * side.sign
            cash -= size * side.sign * price
        assert not (long.size and short.size), f"seed {seed}"
        assert long.size - short.size == net
        worth = unrealised(long, D(100), inverse=False) + unrealised(short, D(100), inverse=False)
        assert abs(realised + worth - (cash + net * 100)) < D("1e-18"), f"seed {seed}"


def test_the_way_to_liquidation_is_in_percent_of_the_mark() -> None:
    held = replace(FLAT, size=D(1), entry=D(100), liquidation=D(80))
    assert liquidation_distance(held, D(100)) == 20
    assert liquidation_distance(held, D(79)) == 0
    assert liquidation_distance(replace(held, direction=SHORT, liquidation=D(125)), D(100)) == 25
    assert liquidation_distance(replace(held, liquidation=None), D(100)) is None
    assert liquidation_distance(replace(held, size=D(0)), D(100)) is None


def test_return_on_margin_counts_leverage() -> None:
    assert return_on_margin(replace(FLAT, size=D(1), entry=D(100), leverage=D(5)), D(102)) == 10
    assert return_on_margin(FLAT, D(102)) == 0


@pytest.mark.parametrize("changes", [{"direction": None, "effect": None}, {"direction": SHORT}, {"symbol": "ETHUSDT"}])
def test_a_fill_that_does_not_belong_here_is_an_error_of_ours(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="Fill t1"):
        apply(FLAT, fill(**changes), inverse=False)  # type: ignore[arg-type]


def test_a_fill_without_direction_cannot_be_netted() -> None:
    with pytest.raises(ValueError, match="from its order"):
        apply_one_way(FLAT, FLAT_SHORT, fill(direction=None, effect=None), inverse=False)
