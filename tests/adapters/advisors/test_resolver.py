"""The resolver against brute force on ticks: stop first, gaps, limits that must be crossed, funding (A16)."""
from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from random import Random

import pytest

from bot.adapters.advisors.bar import MINUTE_MS, Bar
from bot.adapters.advisors.resolver import (
    NOT_FILLED,
    UNFINISHED,
    Costs,
    Exit,
    Pursuit,
    Resolved,
    funding_paid,
    net,
    resolve,
    walk,
)

FREE = Costs(fee=0.0, half_spread=0.0)
LONG = Pursuit(sign=1, entry=None, stop=90.0, target=120.0, valid_until=MINUTE_MS * 5, horizon_ms=MINUTE_MS * 4)


def bar(at: int, opened: float, high: float, low: float, close: float) -> Bar:
    return Bar(at * MINUTE_MS, opened, high, low, close, 1.0)


def brute_force(idea: Pursuit, bars: list[Bar]) -> tuple[Exit, float | None, float | None]:
    """Walk tick by tick along the worst path a bar allows: before the entry the good extreme comes first, after it the
    bad one."""
    sign, entry, held, begun = idea.sign, None, False, 0
    for each in bars:
        if held and each.at >= begun + idea.horizon_ms:
            break
        if not held:
            if each.at >= idea.valid_until or sign * (each.open - idea.stop) <= 0:
                return Exit.NOT_FILLED, None, None
            if idea.entry is None or sign * (each.open - idea.entry) < 0:
                held, entry, begun = True, each.open, each.at
        good, bad = (each.high, each.low) if sign > 0 else (each.low, each.high)
        path = [each.open, bad, good, each.close] if held else [each.open, good, bad, each.close]
        if held and sign * (each.open - idea.stop) <= 0:
            return Exit.STOP, entry, each.open
        for start, end in pairwise(path):
            if not held:
                assert idea.entry is not None
                if sign * (end - idea.entry) >= 0:
                    continue
                held, entry, begun = True, idea.entry, each.at
                start = idea.entry
            if sign * (start - idea.stop) > 0 >= sign * (end - idea.stop):
                return Exit.STOP, entry, idea.stop
            if sign * (start - idea.target) < 0 <= sign * (end - idea.target):
                return Exit.TARGET, entry, idea.target
            if sign * (start - idea.target) >= 0:
                return Exit.TARGET, entry, idea.target
        last = each.close
        if held and each.at + MINUTE_MS >= begun + idea.horizon_ms:
            return Exit.TIME, entry, last
    if held:
        return Exit.UNFINISHED, None, None
    return (Exit.NOT_FILLED if bars[-1].at + MINUTE_MS >= idea.valid_until else Exit.UNFINISHED), None, None


def test_it_equals_brute_force_on_ticks() -> None:
    chance, ended = Random(5), dict.fromkeys(Exit, 0)
    for _ in range(6000):
        price, bars = 100.0, []
        for at in range(chance.randrange(1, 9)):
            opened = price + (chance.choice((-6.0, -3.0, 3.0, 6.0)) if chance.random() < 0.2 else 0.0)
            close = opened + chance.randrange(-5, 6)
            high, low = max(opened, close) + chance.randrange(4), min(opened, close) - chance.randrange(4)
            bars.append(bar(at, opened, high, low, close))
            price = close
        sign = chance.choice((1, -1))
        entry = None if chance.random() < 0.4 else 100.0 - sign * chance.randrange(-1, 5)
        idea = Pursuit(sign=sign, entry=entry, stop=100.0 - sign * chance.randrange(6, 10),
                       target=100.0 + sign * chance.randrange(3, 14), valid_until=MINUTE_MS * chance.randrange(1, 6),
                       horizon_ms=MINUTE_MS * chance.randrange(1, 6))
        found, (kind, price_in, price_out) = resolve(idea, bars, MINUTE_MS, FREE), brute_force(idea, bars)
        assert (found.exit, found.entry, found.price) == (kind, price_in, price_out), (idea, bars)
        ended[kind] += 1
    assert all(count > 100 for count in ended.values()), ended


def test_the_stop_comes_first_where_a_bar_touched_both() -> None:
    found = resolve(LONG, [bar(0, 100, 125, 85, 110)], MINUTE_MS, FREE)
    assert (found.exit, found.price, found.gross_r) == (Exit.STOP, 90.0, -1.0)


def test_a_gap_through_the_stop_costs_more_than_one_r() -> None:
    found = resolve(LONG, [bar(0, 100, 101, 99, 100), bar(1, 80, 82, 79, 81)], MINUTE_MS, FREE)
    assert (found.exit, found.price, found.gross_r) == (Exit.STOP, 80, -2.0)


def test_a_target_is_never_paid_better_than_its_price() -> None:
    found = resolve(LONG, [bar(0, 100, 101, 99, 100), bar(1, 130, 131, 129, 130)], MINUTE_MS, FREE)
    assert (found.exit, found.price, found.gross_r) == (Exit.TARGET, 120.0, 2.0)


def test_a_limit_that_was_only_touched_is_not_filled() -> None:
    idea = replace(LONG, entry=99.0, valid_until=MINUTE_MS)
    assert resolve(idea, [bar(0, 100, 101, 99, 100)], MINUTE_MS, FREE) == NOT_FILLED
    found = resolve(idea, [bar(0, 100, 101, 98.9, 100), bar(1, 100, 121, 99, 120)], MINUTE_MS, FREE)
    assert (found.exit, found.entry) == (Exit.TARGET, 99.0)
    assert not NOT_FILLED.filled
    assert found.filled


def test_what_is_not_over_waits() -> None:
    assert resolve(LONG, [], MINUTE_MS, FREE) == UNFINISHED
    bars = [bar(at, 100, 101, 99, 100) for at in range(4)]
    assert resolve(LONG, bars[:3], MINUTE_MS, FREE) == UNFINISHED
    found = resolve(LONG, bars, MINUTE_MS, FREE)
    assert (found.exit, found.ended_at) == (Exit.TIME, 4 * MINUTE_MS)


def test_costs_and_funding_come_off() -> None:
    costs = Costs(fee=0.001, half_spread=0.0005)
    rates = [(0, 0.5), (MINUTE_MS, 0.01), (9 * MINUTE_MS, 0.5)]
    found = resolve(LONG, [bar(0, 100, 101, 99, 100), bar(1, 100, 120, 99, 119)], MINUTE_MS, costs, rates)
    assert found.gross_r == 2.0
    assert found.net_r == pytest.approx(2.0 - (0.0015 * 220 + 0.01 * 100) / 10)
    assert funding_paid(rates, -1, 0, 2 * MINUTE_MS) == -0.01
    assert net(1.0, 10.0, 100.0, 100.0, FREE, 0.0) == 1.0
    assert costs.scaled(2.0) == Costs(fee=0.002, half_spread=0.001)


def test_a_stop_on_the_wrong_side_is_nothing_to_hold() -> None:
    assert resolve(replace(LONG, stop=101.0), [bar(0, 100, 101, 99, 100)], MINUTE_MS, FREE) == NOT_FILLED


def test_walking_is_mirrored() -> None:
    bars = [bar(0, 100, 104, 97, 101), bar(1, 101, 108, 95, 99)]
    mirrored = [bar(one.at // MINUTE_MS, 200 - one.open, 200 - one.low, 200 - one.high, 200 - one.close)
                for one in bars]
    for stop, target in ((90, 105), (96, 120), (80, 130)):
        kind, at, price = walk(bars, 0, 2, 1, stop, target)
        assert walk(mirrored, 0, 2, -1, 200 - stop, 200 - target) == (kind, at, 200 - price)


def test_a_result_is_a_value() -> None:
    assert Resolved(exit=Exit.NOT_FILLED) == NOT_FILLED
