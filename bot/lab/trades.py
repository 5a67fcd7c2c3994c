"""Turn chances into trades the way the desk would take them: above break-even, one open per symbol at a time."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random

from bot.adapters.advisors.labels import Recipe
from bot.lab.dataset import Example

# Features the deterministic rule looks at; it is what every model must beat (advisor section 7, point 12).
RULE_FEATURE = "trend_48"
RULE_FROM = 1.0


@dataclass(frozen=True, slots=True)
class Choice:
    """An example with the chance a model gave it out of fold."""

    example: Example
    side: str
    raw: float
    chance: float


def break_even(example: Example, recipe: Recipe) -> float:
    """Give the chance from which a trade pays its costs, if it ended at target or stop."""
    return min(1.0, (1.0 + example.cost) / (1.0 + recipe.target_r))


def take(choices: Iterable[Choice], recipe: Recipe, margin: float = 0.0) -> list[Choice]:
    """Take what lies above break-even by a margin, in the order of time; of one moment the likelier side first."""
    open_until: dict[str, int] = {}
    taken = []
    ranked = sorted(choices, key=lambda one: (one.example.at, break_even(one.example, recipe) - one.chance, one.side))
    for choice in ranked:
        example = choice.example
        if choice.chance <= break_even(example, recipe) + margin or example.at < open_until.get(example.symbol, 0):
            continue
        open_until[example.symbol] = example.ends
        taken.append(choice)
    return taken


def by_rule(choices: Iterable[Choice], names: Sequence[str], recipe: Recipe) -> list[Choice]:
    """Trade the rule: with the trend when the price is far from its average."""
    at = names.index(RULE_FEATURE)
    wanted = [Choice(each.example, each.side, each.raw, 1.0) for each in choices
              if (each.example.row[at] if each.side == "LONG" else -each.example.row[at]) > RULE_FROM]
    return take(wanted, recipe)


def by_coin(choices: Sequence[Choice], count: int, recipe: Recipe, seed: int) -> list[Choice]:
    """Enter at random about `count` times."""
    chance = Random(seed)
    share = min(1.0, 2.0 * count / max(1, len(choices)))
    wanted = [Choice(each.example, each.side, each.raw, 1.0) for each in choices if chance.random() < share]
    taken = take(wanted, recipe)
    return taken if len(taken) <= count else sorted(chance.sample(taken, count), key=lambda one: one.example.at)


def at_cost(taken: Iterable[Choice], times: float) -> list[float]:
    """Give R of trades with their costs taken a number of times."""
    return [one.example.gross - times * one.example.cost for one in taken]
