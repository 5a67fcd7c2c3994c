"""Questions and answers of both wires as data: the same prompt is the same bytes, only a whole answer is one."""
from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from bot.adapters.advisors.llm.failure import Failure
from bot.adapters.advisors.llm.prompt import decision
from bot.adapters.advisors.llm.provider import Form, Wire
from bot.adapters.advisors.llm.wires import Said, body_of, headers_of, names_in, said
from tests.adapters.advisors.llm.voices import context, provider

PROMPT = decision(context())


@pytest.mark.parametrize("wire", list(Wire))
@pytest.mark.parametrize("form", list(Form))
def test_a_question_is_the_same_bytes_and_asks_for_the_schema(wire: Wire, form: Form) -> None:
    asked = provider(wire=wire, form=form)
    body = body_of(asked, PROMPT)
    assert body == body_of(asked, decision(context()))
    fields = json.loads(body)
    assert (fields["model"], fields["max_tokens"]) == ("sandbox-model", 1_000)
    assert "temperature" not in fields
    assert "tools" not in fields
    assert "stream" not in fields
    assert json.dumps(PROMPT.schema) in body.decode() or json.dumps(PROMPT.schema) in str(fields)
    system = fields["system"] if wire is Wire.ANTHROPIC else fields["messages"][0]["content"]
    assert ("JSON schema" in system) is (form is Form.OBJECT)


def test_what_a_model_does_not_take_is_left_out() -> None:
    assert json.loads(body_of(provider(temperature=Decimal("0.2")), PROMPT))["temperature"] == 0.2
    assert "seed" not in json.loads(body_of(provider(wire=Wire.ANTHROPIC), PROMPT))
    assert "authorization" not in {name.lower() for name in headers_of(provider(), None)}
    assert "x-api-key" not in headers_of(provider(wire=Wire.ANTHROPIC), None)


OPENAI: dict[str, Any] = {"choices": [{"finish_reason": "stop", "message": {"content": "{}", "refusal": None}}],
                          "usage": {"prompt_tokens": 7, "completion_tokens": 3}}
ANTHROPIC: dict[str, Any] = {"stop_reason": "end_turn", "content": [{"type": "text", "text": "{}"}],
                             "usage": {"input_tokens": 7, "output_tokens": 3}}


@pytest.mark.parametrize(("wire", "body"), [(Wire.OPENAI, OPENAI), (Wire.ANTHROPIC, ANTHROPIC)])
def test_a_whole_answer_is_its_text_and_its_tokens(wire: Wire, body: dict[str, Any]) -> None:
    asked = provider(wire=wire)
    assert said(asked, json.dumps(body).encode()) == Said(text="{}", input_tokens=7, output_tokens=3)
    for usage in (None, [], {"prompt_tokens": -1}, {"input_tokens": True, "output_tokens": "3"}):
        found = said(asked, json.dumps(body | {"usage": usage}).encode())
        assert found == Said(text="{}", input_tokens=None, output_tokens=None)


def test_thoughts_are_passed_over() -> None:
    body = ANTHROPIC | {"content": [{"type": "thinking", "thinking": "..."}, {"type": "text", "text": "{}"}]}
    assert isinstance(said(provider(wire=Wire.ANTHROPIC), json.dumps(body).encode()), Said)


def choice(**changed: Any) -> dict[str, Any]:
    return {"choices": [{"finish_reason": "stop", "message": {"content": "{}"}} | changed]}


@pytest.mark.parametrize(("wire", "body", "code"), [
    (Wire.OPENAI, b"\xff\xfe", "not_json"),
    (Wire.OPENAI, b"<html>", "not_json"),
    (Wire.OPENAI, b"[" * 100_000, "not_json"),
    (Wire.OPENAI, b"[]", "shape"),
    (Wire.OPENAI, {}, "empty"),
    (Wire.OPENAI, {"choices": []}, "empty"),
    (Wire.OPENAI, {"choices": [1]}, "empty"),
    (Wire.OPENAI, {"choices": OPENAI["choices"] * 2}, "empty"),
    (Wire.OPENAI, choice(message=None), "empty"),
    (Wire.OPENAI, choice(message={"content": None}), "empty"),
    (Wire.OPENAI, choice(message={"content": " "}), "empty"),
    (Wire.OPENAI, choice(message={"content": ["{}"]}), "empty"),
    (Wire.OPENAI, choice(message={"content": "{}", "refusal": "no"}), "refusal"),
    (Wire.OPENAI, choice(message={"content": "{}", "tool_calls": [{}]}), "tools"),
    (Wire.OPENAI, choice(finish_reason="length"), "truncated"),
    (Wire.OPENAI, choice(finish_reason="content_filter"), "refusal"),
    (Wire.OPENAI, choice(finish_reason=None), "unfinished"),
    (Wire.ANTHROPIC, {}, "empty"),
    (Wire.ANTHROPIC, ANTHROPIC | {"content": "text"}, "empty"),
    (Wire.ANTHROPIC, ANTHROPIC | {"content": []}, "empty"),
    (Wire.ANTHROPIC, ANTHROPIC | {"content": ANTHROPIC["content"] * 2}, "empty"),
    (Wire.ANTHROPIC, ANTHROPIC | {"content": [{"type": "tool_use"}]}, "tools"),
    (Wire.ANTHROPIC, ANTHROPIC | {"stop_reason": "max_tokens"}, "truncated"),
    (Wire.ANTHROPIC, ANTHROPIC | {"stop_reason": "refusal"}, "refusal"),
    (Wire.ANTHROPIC, ANTHROPIC | {"stop_reason": "pause_turn"}, "unfinished"),
])
def test_everything_else_is_a_failure(wire: Wire, body: Any, code: str) -> None:
    found = said(provider(wire=wire), body if isinstance(body, bytes) else json.dumps(body).encode())
    assert isinstance(found, Failure), found
    assert found.code == code


@pytest.mark.parametrize(("body", "names"), [
    (b'{"data": [{"id": "a"}, {"id": "b"}]}', ("a", "b")), (b'{"data": []}', ()), (b"[]", ()), (b"<html>", ()),
    (b'{"data": [1]}', ()), (b'{"data": 1}', ()),
])
def test_names_of_models_are_read_where_there_are_any(body: bytes, names: tuple[str, ...]) -> None:
    assert names_in(body) == names
