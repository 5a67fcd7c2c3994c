"""A message without a slash is a signal only where it reads as one; typed trades and talk stay what they are."""
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.chat.grammar import Misunderstood, Spoken, Unclear, read
from bot.chat.pasted import understood_anew

ROWS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "data" / "signals" / "texts.json").read_text(encoding="utf-8")
)


def heard(text: str) -> Spoken | Unclear | Misunderstood:
    return understood_anew(text, read(text, command=False))


@pytest.mark.parametrize("row", [row for row in ROWS if "\n" in row["text"] and "refused" not in row["expect"]],
                         ids=lambda row: row["name"])
def test_what_groups_send_is_a_signal(row: dict[str, Any]) -> None:
    found = heard(row["text"])
    assert isinstance(found, Spoken) and found.spec.name == "signal" and found.args == row["text"]


@pytest.mark.parametrize(("text", "name"), [
    ("long btc $100 5x sl 2% tp 4%", "long"),
    ("positions", "positions"),
    ("close btc", None),
    ("price btc", "price"),
])
def test_typed_words_stay_commands(text: str, name: str | None) -> None:
    found = heard(text)
    if name is None:
        assert not isinstance(found, Spoken)
    else:
        assert isinstance(found, Spoken) and found.spec.name == name


@pytest.mark.parametrize("text", [
    "long btc $100 5x sl 2% tpp 4%", "buy btc 0.1 sl 59000 tp 62000 foo", "lonng btc sl 59000 tp 62000",
    "hello", "is btc long a good idea?",
])
def test_mistyped_trades_and_talk_get_their_hint(text: str) -> None:
    assert not isinstance(heard(text), Spoken)


def test_one_line_without_a_verb_in_front_is_a_signal() -> None:
    found = heard("BTC long 60500 sl 59800 tp 63500")
    assert isinstance(found, Spoken) and found.spec.name == "signal"
