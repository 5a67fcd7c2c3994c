from __future__ import annotations

from random import Random

from bot.domain.fill import fresh_part, tally
from tests.domain.builders import D, fill


def guess(claimed: str, **changes: object) -> object:
    return fill(f"i{claimed}", claimed, "101", inferred=True, claimed=D(claimed), fee=D(0), **changes)


def test_a_set_sums_to_size_average_fees_and_profit() -> None:
    total = tally([fill("a", "1", "100", realised=D(3)), fill("b", "3", "104", realised=D(-1))])
    assert (total.size, total.average_price, total.fees, total.realised) == (D(4), D(103), D("0.12"), D(2))


def test_nothing_sums_to_nothing() -> None:
    assert tally([]).size == 0
    assert tally([]).average_price is None


def test_sums_do_not_depend_on_order_or_repetition() -> None:
    """R10, FF-22."""
    fills = [fill(f"t{n}", str(n + 1), str(100 + n)) for n in range(4)] + [guess("3"), guess("20")]
    expected = tally(fills)
    for seed in range(50):
        rng = Random(seed)
        assert tally(rng.choices(fills, k=5) + rng.sample(fills, len(fills))) == expected


def test_inferred_fills_only_fill_the_gap() -> None:
    """FF-23: a real fill is never counted on top of the one that stood in for it."""
    assert tally([guess("2"), fill("a", "0.5", "100")]).size == D(2)
    assert tally([guess("2"), fill("a", "1.5", "100"), fill("b", "1", "100")]).size == D("2.5")
    mixed = tally([guess("2"), fill("a", "0.5", "97")])
    assert mixed.average_price == D(100)
    assert tally([fill("i", "3", "101", inferred=True)]).size == D(3)


def test_only_the_uncovered_part_is_fresh() -> None:
    known = [guess("2")]
    real = fill("a", "1.5", "100")
    assert fresh_part(known, real) is None
    part = fresh_part([*known, real], fill("b", "2", "100", fee=D(1), realised=D(8)))
    assert part is not None
    assert (part.size, part.fee, part.realised) == (D("1.5"), D("0.75"), D(6))
    assert fresh_part([real], real) is None
