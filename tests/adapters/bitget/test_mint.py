from __future__ import annotations

import dataclasses
from dataclasses import FrozenInstanceError, dataclass
from typing import Any

import pytest

from bot.adapters.bitget.mint import mint


@dataclass(frozen=True, slots=True, kw_only=True)
class Coin:
    """A value with a default."""

    name: str
    worth: int
    minted: bool = True


def filled(**fields: object) -> Any:
    coin = mint(Coin)()
    for name, value in fields.items():
        setattr(coin, name, value)
    coin.__class__ = Coin
    return coin


def test_what_is_minted_is_the_frozen_class_itself() -> None:
    coin = filled(name="a", worth=1, minted=True)
    assert type(coin) is Coin
    assert coin == Coin(name="a", worth=1, minted=True)
    assert hash(coin) == hash(Coin(name="a", worth=1))
    assert repr(coin) == repr(Coin(name="a", worth=1))
    assert dataclasses.replace(coin, worth=2) == Coin(name="a", worth=2)
    with pytest.raises(FrozenInstanceError):
        coin.worth = 3


def test_a_missing_field_is_missed_and_a_strange_one_refused() -> None:
    with pytest.raises(AttributeError, match="minted"):
        assert filled(name="a", worth=1) == Coin(name="a", worth=1)
    with pytest.raises(AttributeError, match="colour"):
        filled(name="a", worth=1, minted=True, colour="red")


def test_a_class_that_looks_at_its_fields_is_refused() -> None:
    @dataclass(frozen=True, slots=True)
    class Proud:
        name: str

        def __post_init__(self) -> None:
            raise ValueError

    with pytest.raises(TypeError, match="Proud looks at its fields"):
        mint(Proud)
    with pytest.raises(TypeError, match="no slotted dataclass"):
        mint(int)
