"""The schema sent out and the shape that is checked name the same fields, all required, none more."""
from __future__ import annotations

from typing import get_args

import pytest

from bot.adapters.advisors.llm.answers import Answer, CriticAnswer, IdeaAnswer, ReaderAnswer
from bot.adapters.advisors.llm.schemas import CRITIC, IDEA, READER, TOPICS, Schema

PAIRS = [(IDEA, IdeaAnswer), (CRITIC, CriticAnswer), (READER, ReaderAnswer)]


@pytest.mark.parametrize(("schema", "shape"), PAIRS, ids=["idea", "critic", "reader"])
def test_a_schema_says_what_is_checked(schema: Schema, shape: type[Answer]) -> None:
    assert list(schema["properties"]) == schema["required"] == list(shape.model_fields)
    assert schema["additionalProperties"] is False
    checked = shape.model_json_schema()
    assert checked["additionalProperties"] is False
    assert checked["required"] == schema["required"]
    for name, rule in schema["properties"].items():
        if "enum" in rule:
            literal = shape.model_fields[name].annotation
            words = {word for part in (get_args(literal) or ()) for word in (get_args(part) or (part,))}
            assert {word for word in rule["enum"] if word} == {word for word in words if isinstance(word, str)}


def test_no_field_could_carry_size_leverage_or_a_permission() -> None:
    fields = set(IDEA["properties"]) | set(CRITIC["properties"]) | set(READER["properties"])
    assert not fields & {"size", "leverage", "quantity", "notional", "approve", "order_type", "entry", "symbols_add"}
    assert len(TOPICS) == len(set(TOPICS))
