"""Serve LightGBM's trees in plain Python, bit-identical, out of its own text format (advisor sections 0, 6).

Only what the trainer makes is read: one numerical split per node, no missing values, no linear leaves, one class.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

from bot.adapters.advisors.logit import sigmoid

TREES_MAX = 1000
LEAVES_MAX = 256
NODES_MAX = 20_000
DEPTH_MAX = 48
LINES_MAX = 40_000
BLOCK_MAX = 100_000
# LightGBM's decision type: bit 0 categorical, bit 1 default left, bits 2-3 how missing values are treated (0: not).
PLAIN_DECISIONS = ("0", "2")


class NotTrees(ValueError):
    """The text is not a model this evaluator takes; the text says what was found."""


@dataclass(frozen=True, slots=True)
class Tree:
    """One tree: children at or above 0 are splits, below it leaf `~child`; `values` of splits are for explanation."""

    features: tuple[int, ...]
    thresholds: tuple[float, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]
    leaves: tuple[float, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Trees:
    """A sum of trees over features by position."""

    features: int
    trees: tuple[Tree, ...]

    def raw(self, row: Sequence[float]) -> float:
        """Give the sum of the leaves, added in LightGBM's order."""
        total = 0.0
        for tree in self.trees:
            features, thresholds, left, right = tree.features, tree.thresholds, tree.left, tree.right
            node = 0 if features else -1
            while node >= 0:
                node = left[node] if row[features[node]] <= thresholds[node] else right[node]
            total += tree.leaves[~node]
        return total

    def predict(self, row: Sequence[float]) -> float:
        """Give the raw probability of the target before the stop; not calibrated, never shown."""
        return sigmoid(self.raw(row))


def read_trees(text: str) -> Trees:
    """Read LightGBM's text model; raises NotTrees for anything but what the trainer makes."""
    if text.count("\n") > LINES_MAX:
        raise NotTrees(f"The text has more than {LINES_MAX} lines.")
    head, *blocks = text.split("\nTree=")
    if len(blocks) > TREES_MAX:
        raise NotTrees(f"{len(blocks)} trees, at most {TREES_MAX} are served.")
    if max(map(len, (head, *blocks))) > BLOCK_MAX:
        raise NotTrees(f"A tree is written in more than {BLOCK_MAX} characters.")
    fields = _fields(head)
    if fields.get("objective", "").split(" ")[0] != "binary" or fields.get("num_class") != "1":
        raise NotTrees("The model is not a binary one of one class.")
    if fields.get("objective") != "binary sigmoid:1" or "average_output" in head.split("\n"):
        raise NotTrees(f"The objective is {fields.get('objective')!r}, served is 'binary sigmoid:1'.")
    features = _count(fields, "max_feature_idx", 999) + 1
    trees, nodes = [], 0
    for block in blocks:
        tree = _tree(_fields("Tree=" + block.partition("\nend of trees")[0]), features)
        nodes += len(tree.features)
        if nodes > NODES_MAX:
            raise NotTrees(f"More than {NODES_MAX} splits.")
        trees.append(tree)
    if not trees:
        raise NotTrees("The model holds no tree.")
    return Trees(features, tuple(trees))


def _fields(text: str) -> dict[str, str]:
    return {name: value for line in text.split("\n") if "=" in line for name, _, value in (line.partition("="),)}


def _count(fields: Mapping[str, str], name: str, most: int) -> int:
    value = fields.get(name, "")
    if not (value.isascii() and value.isdigit() and len(value) < 7) or int(value) > most:
        raise NotTrees(f"{name} is {value[:20]!r}, expected a number up to {most}.")
    return int(value)


def _floats(fields: Mapping[str, str], name: str, count: int) -> tuple[float, ...]:
    words = fields.get(name, "").split()
    if len(words) != count:
        raise NotTrees(f"{name} has {len(words)} numbers, expected {count}.")
    try:
        found = tuple(map(float, words))
    except ValueError:
        raise NotTrees(f"{name} holds something that is no number.") from None
    if not all(map(isfinite, found)):
        raise NotTrees(f"{name} holds a number that is not finite.")
    return found


def _whole(fields: Mapping[str, str], name: str, count: int, low: int, high: int) -> tuple[int, ...]:
    found = _floats(fields, name, count)
    whole = tuple(map(int, found))
    if whole != found or (whole and not low <= min(whole) <= max(whole) <= high):
        raise NotTrees(f"{name} holds an index outside {low} to {high}.")
    return whole


def _tree(fields: Mapping[str, str], features: int) -> Tree:
    leaves = _count(fields, "num_leaves", LEAVES_MAX)
    if leaves < 1 or fields.get("num_cat") != "0" or fields.get("is_linear", "0") != "0":
        raise NotTrees("A tree has no leaves, categories or linear leaves; only numerical splits are served.")
    splits = leaves - 1
    if any(word not in PLAIN_DECISIONS for word in fields.get("decision_type", "").split()[:splits]):
        raise NotTrees("A split treats missing values; train with use_missing=false.")
    tree = Tree(
        _whole(fields, "split_feature", splits, 0, features - 1) if splits else (),
        _floats(fields, "threshold", splits) if splits else (),
        _whole(fields, "left_child", splits, -leaves, splits - 1) if splits else (),
        _whole(fields, "right_child", splits, -leaves, splits - 1) if splits else (),
        _floats(fields, "leaf_value", leaves),
        _floats(fields, "internal_value", splits) if splits else (),
    )
    _check_shape(tree)
    return tree


def _check_shape(tree: Tree) -> None:
    """Refuse loops and shared branches: each child lies after its parent and has one parent only."""
    splits, seen = len(tree.features), set()
    depths = [0] * splits
    for node in range(splits):
        for child in (tree.left[node], tree.right[node]):
            if child in seen or 0 <= child <= node:
                raise NotTrees(f"Split {node} points back or at a branch of another; that is no tree.")
            seen.add(child)
            if child >= 0:
                depths[child] = depths[node] + 1
                if depths[child] >= DEPTH_MAX:
                    raise NotTrees(f"A tree is deeper than {DEPTH_MAX}.")
