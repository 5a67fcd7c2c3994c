"""Artefacts: what is written is read back exactly; whatever is hostile is refused within 100 ms (A3)."""
from __future__ import annotations

import json
import time
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from bot.adapters.advisors.artefact import SIZE_MAX, NotServed, compose, load_artefact, sha_of
from bot.adapters.advisors.artefact_shape import Misshapen, exact_keys, number
from tests.adapters.advisors.models import TREES, parts, rows, written

Spoil = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize("kind", ["logit", "gbt"])
def test_what_is_written_is_served_exactly(kind: str) -> None:
    content, sha = written(kind)
    model = load_artefact(content, sha)
    assert (model.kind, model.sha256, model.kernel, model.label) == (kind, sha, "k1", "tb:2/1/48")
    assert [head.side for head in model.heads] == ["LONG", "SHORT"]
    for golden in parts(kind)["heads"][0]["golden"]:
        assert model.heads[0].model.predict(golden["row"]) == golden["score"]
    assert model.heads[1].calibration is not None
    assert model.heads[1].calibration.chance(0.5) == pytest.approx(0.425)
    assert model.outlier.distance(rows(1, 9)[0]) > 0.0
    assert compose(parts(kind)) == content


def test_a_changed_file_is_refused() -> None:
    content, sha = written()
    with pytest.raises(NotServed, match="was changed"):
        load_artefact(content.replace('"bias":-0.4', '"bias":-0.5'), sha)


def spoiled(spoil: Spoil, kind: str = "logit") -> str:
    made = json.loads(compose(parts(kind)))
    spoil(made)
    return json.dumps(made)


SPOILT: dict[str, Spoil] = {
    "another format": lambda m: m.update(format="pickle"),
    "a key too much": lambda m: m.update(path="/etc/passwd"),
    "a key missing": lambda m: m.pop("outlier"),
    "unknown kernel": lambda m: m.update(kernel="k9"),
    "other features": lambda m: m["features"].reverse(),
    "wrong features hash": lambda m: m.update(features_hash="00"),
    "unknown kind": lambda m: m.update(kind="neural"),
    "kind of another": lambda m: m.update(kind="gbt"),
    "no heads": lambda m: m.update(heads=[]),
    "a side twice": lambda m: m["heads"][1].update(side="LONG"),
    "a side that is a list": lambda m: m["heads"][1].update(side=["LONG"]),
    "recipe out of bounds": lambda m: m.update(label="tb:99/1/48"),
    "scale zero": lambda m: m["heads"][0]["parameters"]["scales"].__setitem__(0, 0.0),
    "weight as text": lambda m: m["heads"][0]["parameters"]["weights"].__setitem__(0, "1"),
    "weight as truth": lambda m: m["heads"][0]["parameters"]["weights"].__setitem__(0, True),
    "weights too few": lambda m: m["heads"][0]["parameters"]["weights"].pop(),
    "golden that lies": lambda m: m["heads"][0]["golden"][3].update(score=0.123),
    "golden too few": lambda m: m["heads"][0]["golden"].pop(),
    "knots that fall": lambda m: m["heads"][1]["calibration"]["knots"].reverse(),
    "negative slope": lambda m: m["heads"][0]["calibration"].update(slope=-1.0),
    "factor not triangular": lambda m: m["outlier"]["factor"][0].append(1.0),
    "factor with a zero": lambda m: m["outlier"]["factor"][4].__setitem__(4, 0.0),
    "a promise of 500R": lambda m: m["heads"][0]["ranges"]["buckets"][0]["outcomes"].__setitem__(-1, 500.0),
    "a count of outcomes without any": lambda m: m["heads"][0]["ranges"]["buckets"][0].update(outcomes=[], count=99),
    "a negative count": lambda m: m["heads"][0]["ranges"]["buckets"][0].update(count=-1),
    "a list for an object": lambda m: m.update(outlier=[]),
    "a very large number": lambda m: m["trained"].update(rows=10**400),
}


@pytest.mark.parametrize("name", SPOILT)
def test_what_no_trainer_writes_is_refused_at_once(name: str) -> None:
    refused_fast(spoiled(SPOILT[name]))


def trees_of(text: str) -> str:
    return spoiled(lambda m: [head["parameters"].update(trees=text) for head in m["heads"]], "gbt")


HOSTILE: dict[str, Callable[[], str]] = {
    "not JSON": lambda: "cos\nsystem\n(S'true'\ntR.",
    "nothing": lambda: "",
    "NaN": lambda: written()[0].replace('"bias":-0.4', '"bias":NaN'),
    "infinite": lambda: written()[0].replace('"bias":-0.4', '"bias":1e999'),
    "too long": lambda: "1" * (SIZE_MAX + 1),
    "deep lists": lambda: "[" * 1_900 + "]" * 1_900,
    "deeper lists": lambda: "[" * 2_000_000,
    "deep objects": lambda: '{"a":' * 390 + "1" + "}" * 390,
    "many objects": lambda: "[" + "{}," * 1_600_000 + "{}]",
    "many numbers": lambda: "[" + "1," * 2_400_000 + "1]",
    "one long number": lambda: '{"format":' + "9" * 4_900_000 + "}",
    "one long fraction": lambda: '{"format":0.' + "9" * 4_900_000 + "}",
    "one long text": lambda: '{"format":"' + "x" * 4_900_000 + '"}',
    "many escapes": lambda: '{"format":"' + "\\u0041" * 800_000 + '"}',
    "tree loop": lambda: trees_of(TREES.replace("left_child=1 -1", "left_child=0 -1")),
    "tree of many fields": lambda: trees_of(TREES + "a=b\n" * 1_000_000),
    "tree of a long line": lambda: trees_of(TREES.replace("leaf_value=0.1", "leaf_value=" + "1 " * 2_000_000)),
    "many trees": lambda: trees_of(TREES.partition("\nTree=")[0] + "\nTree=0\nnum_leaves=1" * 20_000),
    "many heavy trees": lambda: trees_of(heavy()),
}


def heavy() -> str:
    """Write as many full trees as the bounds allow, chained as deep as they allow."""
    chance, blocks = Random(1), []
    splits = 40
    for _ in range(900):
        left = [*range(1, splits), ~splits]
        blocks.append(
            f"\nTree=0\nnum_leaves={splits + 1}\nnum_cat=0\nsplit_feature={' '.join(['0'] * splits)}\n"
            f"threshold={' '.join(['99'] * splits)}\ndecision_type={' '.join(['2'] * splits)}\n"
            f"left_child={' '.join(map(str, left))}\nright_child={' '.join(str(~at) for at in range(splits))}\n"
            f"leaf_value={' '.join(str(chance.random()) for _ in range(splits + 1))}\n"
            f"internal_value={' '.join(['0'] * splits)}\n")
    return TREES.partition("\nTree=")[0] + "".join(blocks) + "\nend of trees\n"


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_at_once(name: str) -> None:
    refused_fast(HOSTILE[name]())


def refused_fast(content: str) -> None:
    sha, spent = sha_of(content), []
    for _ in range(3):
        begun = time.process_time()
        with pytest.raises(NotServed):
            load_artefact(content, sha)
        spent.append(time.process_time() - begun)
        if spent[-1] < 0.1:
            break
    assert min(spent) < 0.1


def test_refusals_name_the_place() -> None:
    with pytest.raises(Misshapen, match="here: expected exactly a, b"):
        exact_keys("here", {"a": 1}, ("a", "b"))
    with pytest.raises(Misshapen, match="here: expected a number, found str"):
        number("here", "1")
