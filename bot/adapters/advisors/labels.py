"""Label history with three barriers in R, costs included (advisor section 6); a recipe belongs to a model's name."""
from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bot.adapters.advisors.bar import Bar
from bot.adapters.advisors.resolver import Costs, Exit, funding_paid, net, walk

SIDES = {"LONG": 1, "SHORT": -1}
# The distance to the stop of one unit, in average true ranges.
STOP_ATR = 1.5
RECIPE = re.compile(r"tb:(\d+(?:\.\d+)?)/(\d+(?:\.\d+)?)/(\d{1,4})")
TARGET_R_MAX = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Target and stop in units of 1.5 average true ranges, horizon in bars."""

    target: float
    stop: float
    horizon: int

    @property
    def text(self) -> str:
        """Write it as `tb:2/1/48`."""
        return f"tb:{self.target:g}/{self.stop:g}/{self.horizon}"

    @property
    def target_r(self) -> float:
        """Give the target in R: multiples of the distance to the stop."""
        return self.target / self.stop


def parse_recipe(text: str) -> Recipe:
    """Read `tb:TARGET/STOP/BARS`; raises ValueError: bounds are 0.25 to 10 units, 1 to 1000 bars, at most 3R."""
    found = RECIPE.fullmatch(text)
    if found is None:
        raise ValueError(f"A label recipe is tb:TARGET/STOP/BARS such as tb:2/1/48, not {text!r}.")
    recipe = Recipe(target=float(found[1]), stop=float(found[2]), horizon=int(found[3]))
    if not (0.25 <= recipe.target <= 10 and 0.25 <= recipe.stop <= 10 and 1 <= recipe.horizon <= 1000):
        raise ValueError(f"{text}: target and stop lie between 0.25 and 10, the horizon between 1 and 1000 bars.")
    if recipe.target_r > TARGET_R_MAX:
        raise ValueError(f"{text}: the target is {recipe.target_r:g}R, an idea may aim at {TARGET_R_MAX:g}R at most.")
    return recipe


class Label(NamedTuple):
    """What came of entering after bar `begun`: hit the target?, R before and after costs, index of the last bar."""

    begun: int
    hit: int
    gross_r: float
    net_r: float
    last: int
    cost_r: float


def label(
    bars: Sequence[Bar], atrs: Sequence[float], indexes: Sequence[int], sign: int, recipe: Recipe, costs: Costs,
    funding: Sequence[tuple[int, float]] = (),
) -> list[Label]:
    """Label the entries at the open after each index; those whose horizon is not over yet are left out.

    `atrs` are the kernel's average true ranges at the close of each bar, in price.
    """
    found = []
    bar_ms = bars[1].at - bars[0].at if len(bars) > 1 else 0
    for index in indexes:
        start = index + 1
        end = start + recipe.horizon
        if end > len(bars):
            break
        entry = bars[start].open
        risk = STOP_ATR * recipe.stop * atrs[index]
        stop = entry - sign * risk
        if risk <= 0.0 or stop <= 0.0:
            continue
        target = entry + sign * risk * recipe.target_r
        kind, last, price = walk(bars, start, end, sign, stop, target)
        gross = sign * (price - entry) / risk
        paid = funding_paid(funding, sign, bars[start].at, bars[last].at + bar_ms) if funding else 0.0
        after = net(gross, risk, entry, price, costs, paid)
        found.append(Label(index, int(kind is Exit.TARGET), gross, after, last, gross - after))
    return found


def uniqueness(labels: Sequence[Label], bars: int) -> list[float]:
    """Weigh each label by its average uniqueness: one over how many others share its bars, averaged over its life."""
    steps = [0] * (bars + 2)
    for each in labels:
        steps[each.begun + 1] += 1
        steps[each.last + 1] -= 1
    shares = [0.0]
    alive = 0
    for at in range(bars + 1):
        alive += steps[at]
        shares.append(shares[-1] + (1.0 / alive if alive else 0.0))
    return [(shares[each.last + 1] - shares[each.begun + 1]) / (each.last - each.begun) for each in labels]
