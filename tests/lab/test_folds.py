"""Folds: time only goes forward, nothing overlaps what is tested, the tail is never trained on."""
from __future__ import annotations

import pytest

from bot.adapters.advisors.labels import parse_recipe
from bot.adapters.advisors.resolver import Costs
from bot.lab.dataset import WARMUP_LEAST, build, warmup_for
from bot.lab.folds import TooShort, calibration_split, split
from tests.adapters.advisors.synthetic import walk

BARS = walk(1400, 5, minutes=15)


def test_every_training_label_is_over_before_its_test_begins() -> None:
    data = build({"BTCUSDT": BARS}, kernel="k1", timeframe="15m", recipe=parse_recipe("tb:2/1/48"), costs=Costs(),
                 sides=("LONG",))["LONG"]
    cut = split(data.examples, data.horizon_ms)
    assert data.horizon_ms == 48 * 15 * 60_000
    assert len(cut.folds) == 5
    begin = data.examples[cut.tail[0]].at
    seen: list[int] = []
    for fold in cut.folds:
        first = data.examples[fold.test[0]].at
        assert all(data.examples[index].ends <= first - data.horizon_ms for index in fold.train)
        assert all(data.examples[index].at < begin for index in fold.test)
        fitting, calibrating = calibration_split(data.examples, fold.train, data.horizon_ms)
        assert all(data.examples[index].ends <= data.examples[calibrating[0]].at - data.horizon_ms for index in fitting)
        seen += fold.test
    assert seen == sorted(set(seen))
    assert all(data.examples[index].ends <= begin - data.horizon_ms for index in cut.before_tail)
    assert cut.tail == list(range(cut.tail[0], len(data.examples)))
    assert len(cut.tail) == pytest.approx(0.15 * len(data.examples), abs=2)


def test_symbols_of_one_moment_stay_on_one_side_of_a_cut() -> None:
    data = build({"AUSDT": BARS, "BUSDT": walk(1400, 6, minutes=15)}, kernel="k1", timeframe="15m",
                 recipe=parse_recipe("tb:1/1/12"), costs=Costs(), sides=("SHORT",))["SHORT"]
    cut = split(data.examples, data.horizon_ms)
    for earlier, later in [(fold.test[-1], fold.test[-1] + 1) for fold in cut.folds]:
        assert data.examples[earlier].at < data.examples[later].at


def test_too_little_is_said_with_what_to_do() -> None:
    data = build({"BTCUSDT": BARS[:500]}, kernel="k1", timeframe="15m", recipe=parse_recipe("tb:2/1/48"), costs=Costs(),
                 sides=("LONG",))["LONG"]
    with pytest.raises(TooShort, match="too few for 5 folds"):
        split(data.examples, data.horizon_ms)
    with pytest.raises(TooShort):
        split([], 1)


def test_labels_do_not_cross_holes_and_warm_up_is_kept() -> None:
    holed = BARS[:900] + BARS[950:]
    data = build({"BTCUSDT": holed}, kernel="k1", timeframe="15m", recipe=parse_recipe("tb:2/1/48"), costs=Costs(),
                 sides=("LONG",))["LONG"]
    assert data.warmup == 337
    gap = BARS[899].at + data.bar_ms
    assert not any(one.at < gap < one.ends for one in data.examples)
    after = [one.at for one in data.examples if one.at > gap]
    assert min(after) == BARS[950 + data.warmup - 1].at
    assert (warmup_for(100_000), warmup_for(10)) == (1500, WARMUP_LEAST)
