from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from random import Random

import pytest

from bot.domain.ids import PersonId, Symbol
from bot.domain.mandate import Mandate
from bot.domain.proposal import Proposal
from bot.domain.record import RecordError, canonical_json, from_plain, milliseconds, moment_of, to_plain
from bot.domain.reports import Profile
from tests.domain.builders import NOON, anything


class Colour(Enum):
    RED = "RED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cat:
    lives: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dog:
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stray:
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    pet: Cat | Dog | None = None
    pets: tuple[Cat | Dog, ...] = ()
    owed: dict[Colour, Decimal] | None = None
    by_person: dict[PersonId, int] | None = None
    symbols: frozenset[Symbol] = frozenset()
    pair: tuple[int, str] = (1, "a")
    at: datetime | None = None
    number: Decimal | None = None
    odd: Cat | Stray | None = None


FULL = Box(
    pet=Dog(name="Rex"), pets=(Cat(lives=9), Dog(name="é")), owed={Colour.RED: Decimal("1.50")},
    by_person={PersonId(7): 3}, symbols=frozenset({Symbol("B"), Symbol("A")}), at=NOON, number=Decimal("1E+3"),
)


def test_a_full_value_has_one_plain_form() -> None:
    assert to_plain(FULL) == {
        "pet": {"kind": "Dog", "name": "Rex"},
        "pets": [{"kind": "Cat", "lives": 9}, {"kind": "Dog", "name": "é"}],
        "owed": {"RED": "1.5"},
        "by_person": {"7": 3},
        "symbols": ["A", "B"],
        "pair": [1, "a"],
        "at": 1772366400000,
        "number": "1000",
        "odd": None,
    }


def test_plain_form_survives_json_and_comes_back_equal() -> None:
    assert from_plain(Box, json.loads(canonical_json(to_plain(FULL)))) == FULL


@pytest.mark.parametrize("cls", [Proposal, Profile])
def test_values_of_the_house_come_back_equal(cls: type) -> None:
    for seed in range(200):
        value = anything(cls, Random(seed))
        assert from_plain(cls, json.loads(canonical_json(to_plain(value)))) == value, f"seed {seed}"


def test_canonical_json_does_not_depend_on_order_or_spelling_of_numbers() -> None:
    one = replace(FULL, number=Decimal("1000.00"), symbols=frozenset({Symbol("A"), Symbol("B")}))
    assert canonical_json(to_plain(one)) == canonical_json(to_plain(FULL))
    assert canonical_json({"b": 1, "a": "é"}) == '{"a":"é","b":1}'


def test_moments_of_other_zones_are_the_same_moment() -> None:
    paris = NOON.astimezone(timezone(timedelta(hours=1)))
    assert to_plain(Box(at=paris)) == to_plain(Box(at=NOON))
    assert moment_of(milliseconds(datetime(1969, 12, 31, 23, 59, 59, 500000, tzinfo=UTC))).microsecond == 500000


@pytest.mark.parametrize(
    ("plain", "path"),
    [
        ({"pet": {"kind": "Fish"}}, "pet"),
        ({"pets": [{"kind": "Cat"}]}, "pets[0].lives"),
        ({"pets": [{"kind": "Cat", "lives": "9"}]}, "pets[0].lives"),
        ({"pets": [{"kind": "Cat", "lives": True}]}, "pets[0].lives"),
        ({"pets": {}}, "pets"),
        ({"owed": {"BLUE": "1"}}, "owed[key]"),
        ({"owed": {"RED": "NaN"}}, "owed[RED]"),
        ({"owed": {"RED": 1.5}}, "owed[RED]"),
        ({"by_person": {"x": 1}}, "by_person[key]"),
        ({"pair": [1]}, "pair"),
        ({"at": "yesterday"}, "at"),
        ({"number": "1,5"}, "number"),
        ({"colour": 1}, "colour"),
        ({"pair": None}, "pair"),
        ([], "the value itself"),
    ],
)
def test_unreadable_data_is_named_by_its_path(plain: object, path: str) -> None:
    with pytest.raises(RecordError) as broken:
        from_plain(Box, plain)
    assert broken.value.path == path


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (Box(at=datetime(2026, 1, 1)), "at"),  # noqa: DTZ001
        (Box(number=Decimal("Infinity")), "number"),
        (Box(odd=Stray(kind="x")), "odd"),
        (Box(pet=Stray(kind="x")), "pet"),  # type: ignore[arg-type]
        (Box(number=1.5), "number"),  # type: ignore[arg-type]
    ],
)
def test_what_cannot_be_written_is_refused(value: Box, path: str) -> None:
    with pytest.raises(RecordError) as broken:
        to_plain(value)
    assert broken.value.path == path


def test_a_missing_field_takes_its_default_and_a_broken_rule_is_named() -> None:
    assert from_plain(Box, {}) == Box()
    with pytest.raises(RecordError, match="needs this field"):
        from_plain(Mandate, {})
