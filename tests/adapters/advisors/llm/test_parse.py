"""One object, strictly, or nothing: never repaired, never guessed (traps 5 and 6 of the advisor's anchors)."""
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.advisors.llm.failure import Failure
from bot.adapters.advisors.llm.parse import TEXT_MOST, one_object


@pytest.mark.parametrize("text", [
    '{"a": 1}', ' \n{"a": 1}\n', '```json\n{"a": 1}\n```', 'So:\n```\n{"a": 1}\n```\nDone.',
])
def test_a_plain_or_fenced_object_is_taken(text: str) -> None:
    assert one_object(text) == {"a": 1}


@pytest.mark.parametrize(("text", "words"), [
    ("", "empty"),
    ("I would buy.", "0 fences"),
    ('I say {"a": 1}', "0 fences"),
    ('```json\n{"a": 1}\n```\n```json\n{"a": 2}\n```', "2 fences"),
    ('{"a": 1} {"b": 2}', "character"),
    ('{"a": 1', "character"),
    ("{'a': 1}", "character"),
    ('{"a": 1,}', "character"),
    ('{"a": NaN}', "NaN"),
    ('{"a": -Infinity}', "Infinity"),
    ('{"a": 1, "a": 2}', "twice"),
    ('{"b": {"a": 1, "a": 2}}', "twice"),
    ('{"a": ' + "9" * 5000 + "}", "beyond reason"),
    ('{"a": ' * 3000, "beyond reason"),
    ("[1]", "0 fences"),
    ("```\n[1]\n```", "list"),
    ("x" * (TEXT_MOST + 1), "characters"),
])
def test_anything_else_is_not(text: str, words: str) -> None:
    found = one_object(text)
    assert isinstance(found, Failure)
    assert words in found.words


@given(st.text(max_size=200))
def test_no_text_breaks_it(text: str) -> None:
    assert isinstance(one_object(text), dict | Failure)
    assert isinstance(one_object("{" + text), dict | Failure)
