"""Trees in plain Python: equal to LightGBM bit for bit (A2), and nothing but trees is read."""
from __future__ import annotations

from random import Random

import pytest

from bot.adapters.advisors.gbt import DEPTH_MAX, NotTrees, Trees, read_trees
from bot.adapters.advisors.logit import sigmoid

HEAD = ("tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\nmax_feature_idx=1\n"
        "objective=binary sigmoid:1\n")
TREE = ("\nTree=0\nnum_leaves=3\nnum_cat=0\nsplit_feature=0 1\nsplit_gain=1 1\nthreshold=0.5 -1.5\n"
        "decision_type=2 2\nleft_child=1 -1\nright_child=-3 -2\nleaf_value=0.1 -0.2 0.3\n"
        "internal_value=0 0.05\nis_linear=0\nshrinkage=1\n")
TEXT = HEAD + TREE + "\nend of trees\n"


def test_a_tree_is_walked_as_written() -> None:
    trees = read_trees(TEXT)
    assert [trees.raw(row) for row in ((0.5, -1.5), (0.5, -1.4), (0.6, 0.0))] == [0.1, -0.2, 0.3]
    assert trees.predict((0.6, 0.0)) == sigmoid(0.3)


def test_a_lone_leaf_is_a_tree_too() -> None:
    stump = "\nTree=0\nnum_leaves=1\nnum_cat=0\nleaf_value=0.7\n"
    assert read_trees(HEAD + stump).raw((0.0, 0.0)) == 0.7


@pytest.mark.parametrize(("old", "new", "words"), [
    ("objective=binary sigmoid:1", "objective=regression", "not a binary"),
    ("objective=binary sigmoid:1", "objective=binary sigmoid:2", "served is"),
    ("num_class=1", "num_class=3", "not a binary"),
    ("left_child=1 -1", "left_child=0 -1", "points back"),
    ("left_child=1 -1", "left_child=1 -3", "at a branch of another"),
    ("left_child=1 -1", "left_child=1 -4", "index outside"),
    ("left_child=1 -1", "left_child=1.5 -1", "index outside"),
    ("split_feature=0 1", "split_feature=0 2", "index outside"),
    ("threshold=0.5 -1.5", "threshold=0.5 nan", "not finite"),
    ("threshold=0.5 -1.5", "threshold=0.5 x", "no number"),
    ("threshold=0.5 -1.5", "threshold=0.5", "has 1 numbers"),
    ("leaf_value=0.1 -0.2 0.3", "leaf_value=0.1 inf 0.3", "not finite"),
    ("decision_type=2 2", "decision_type=2 1", "missing values"),
    ("decision_type=2 2", "decision_type=2 10", "missing values"),
    ("num_cat=0", "num_cat=1", "only numerical"),
    ("is_linear=0", "is_linear=1", "only numerical"),
    ("num_leaves=3", "num_leaves=9999", "up to 256"),
    ("num_leaves=3", "num_leaves=-3", "expected a number"),
    ("max_feature_idx=1", "max_feature_idx=99999", "up to 999"),
])
def test_anything_else_is_refused(old: str, new: str, words: str) -> None:
    assert old in TEXT
    with pytest.raises(NotTrees, match=words):
        read_trees(TEXT.replace(old, new))


def test_no_trees_too_many_and_too_deep_are_refused() -> None:
    with pytest.raises(NotTrees, match="no tree"):
        read_trees(HEAD)
    with pytest.raises(NotTrees, match="at most 1000"):
        read_trees(HEAD + TREE * 1001)
    with pytest.raises(NotTrees, match="lines"):
        read_trees("\n" * 50_000)
    with pytest.raises(NotTrees, match="characters"):
        read_trees(HEAD + "x=" + "1" * 200_000)
    deep = DEPTH_MAX + 1
    chain = ("\nTree=0\nnum_leaves={n}\nnum_cat=0\nsplit_feature={f}\nthreshold={f}\ndecision_type={d}\n"
             "left_child={left}\nright_child={right}\nleaf_value={v}\ninternal_value={f}\n").format(
        n=deep + 1, f=" ".join(["0"] * deep), d=" ".join(["2"] * deep), v=" ".join(["0"] * (deep + 1)),
        left=" ".join([*map(str, range(1, deep)), str(~deep)]), right=" ".join(str(~at) for at in range(deep)))
    with pytest.raises(NotTrees, match="deeper"):
        read_trees(HEAD + chain)


def test_it_equals_lightgbm_bit_for_bit() -> None:
    """A small version of A2; 50 models of 2,000 rows each are `python -m tests.campaigns.advisor evaluator`."""
    lightgbm = pytest.importorskip("lightgbm")
    numpy = pytest.importorskip("numpy")
    chance = Random(3)
    for seed in range(4):
        rows = [[chance.gauss(0.0, 1.0) for _ in range(8)] for _ in range(600)]
        hits = [int(row[0] + row[1] * row[2] + chance.gauss(0.0, 1.0) > 0) for row in rows]
        table = lightgbm.Dataset(numpy.array(rows), label=numpy.array(hits, dtype=float))
        booster = lightgbm.train({"objective": "binary", "verbosity": -1, "seed": seed, "use_missing": False,
                                  "num_threads": 1, "num_leaves": 5 + 8 * seed}, table, 30)
        ours: Trees = read_trees(booster.model_to_string())
        fresh = [[chance.gauss(0.0, 2.0) for _ in range(8)] for _ in range(500)] + rows[:100]
        assert [ours.predict(row) for row in fresh] == [float(score) for score in booster.predict(numpy.array(fresh))]
