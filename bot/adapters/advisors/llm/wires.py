"""Speak the two wires: a question as one JSON body, an answer's body as text with its tokens; pure (advisor 8)."""
from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.adapters.advisors.llm.failure import Failure
from bot.adapters.advisors.llm.prompt import Prompt
from bot.adapters.advisors.llm.provider import Form, Provider, Wire

Fields = dict[str, Any]
ANTHROPIC_VERSION = "2023-06-01"
PATHS = {Wire.OPENAI: "/chat/completions", Wire.ANTHROPIC: "/messages"}
SEED = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A whole answer: its text, and the tokens the provider counted (None where it did not say)."""

    text: str
    input_tokens: int | None
    output_tokens: int | None


def address_of(provider: Provider) -> str:
    """Give where a question goes."""
    return provider.base_url.rstrip("/") + PATHS[provider.wire]


def headers_of(provider: Provider, key: str | None) -> Mapping[str, str]:
    """Give what travels beside every question; the key is optional for models on this machine."""
    if provider.wire is Wire.ANTHROPIC:
        return {"anthropic-version": ANTHROPIC_VERSION, **({"x-api-key": key} if key else {})}
    return {"Authorization": f"Bearer {key}"} if key else {}


def body_of(provider: Provider, prompt: Prompt) -> bytes:
    """Write a question; the same provider and prompt give the same bytes."""
    system = prompt.system
    if provider.form is Form.OBJECT:
        system += "\nAnswer with one JSON object and nothing else, of this JSON schema:\n" + json.dumps(prompt.schema)
    fields: Fields = {"model": provider.model, "max_tokens": provider.max_output}
    if provider.temperature is not None:
        fields["temperature"] = float(provider.temperature)
    if provider.wire is Wire.ANTHROPIC:
        fields |= {"system": system, "messages": [{"role": "user", "content": prompt.user}]}
        if provider.form is Form.SCHEMA:
            fields["output_config"] = {"format": {"type": "json_schema", "schema": prompt.schema}}
    else:
        fields["seed"] = SEED
        fields["messages"] = [{"role": "system", "content": system}, {"role": "user", "content": prompt.user}]
        fields["response_format"] = {"type": "json_object"} if provider.form is Form.OBJECT else {
            "type": "json_schema", "json_schema": {"name": prompt.name, "strict": True, "schema": prompt.schema}}
    return json.dumps(fields).encode()


def said(provider: Provider, body: bytes) -> Said | Failure:
    """Read an answer's body; anything but one finished text is a Failure."""
    try:
        found = json.loads(body.decode())
    except (ValueError, RecursionError):
        return Failure(code="not_json", words="the provider answered with something that is no JSON")
    if not isinstance(found, dict):
        return Failure(code="shape", words="the provider answered with JSON that is no object")
    return _anthropic(found) if provider.wire is Wire.ANTHROPIC else _openai(found)


def names_in(body: bytes) -> tuple[str, ...]:
    """Read which models a server lists; empty where it says nothing readable."""
    try:
        rows = json.loads(body.decode())["data"]
        return tuple(str(row["id"]) for row in rows)
    except (ValueError, RecursionError, KeyError, TypeError):
        return ()


def _openai(found: Fields) -> Said | Failure:
    choices = found.get("choices")
    if not isinstance(choices, list) or len(choices) != 1 or not isinstance(choices[0], dict):
        return Failure(code="empty", words="expected one choice, found none or several")
    choice = choices[0]
    message = choice.get("message")
    if not isinstance(message, dict):
        return Failure(code="empty", words="the choice holds no message")
    if message.get("refusal"):
        return Failure(code="refusal", words="the model refuses to answer")
    if message.get("tool_calls"):
        return Failure(code="tools", words="the model wants a tool, and it has none")
    ended = _ended(choice.get("finish_reason"), done="stop", cut="length", refused="content_filter")
    return ended or _whole(message.get("content"), found, "prompt_tokens", "completion_tokens")


def _anthropic(found: Fields) -> Said | Failure:
    blocks = found.get("content")
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        return Failure(code="empty", words="the answer has no content")
    if any(block.get("type") == "tool_use" for block in blocks):
        return Failure(code="tools", words="the model wants a tool, and it has none")
    ended = _ended(found.get("stop_reason"), done="end_turn", cut="max_tokens", refused="refusal")
    if ended is not None:
        return ended
    texts = [block.get("text") for block in blocks if block.get("type") == "text"]
    if len(texts) != 1:
        return Failure(code="empty", words=f"expected one text, found {len(texts)}")
    return _whole(texts[0], found, "input_tokens", "output_tokens")


def _ended(reason: Any, *, done: str, cut: str, refused: str) -> Failure | None:
    if reason == done:
        return None
    if reason == cut:
        return Failure(code="truncated", words="the answer was cut off at the token limit")
    if reason == refused:
        return Failure(code="refusal", words="the model refuses to answer")
    return Failure(code="unfinished", words="the answer does not say that it is whole")


def _whole(text: Any, found: Fields, asked: str, answered: str) -> Said | Failure:
    if not isinstance(text, str) or not text.strip():
        return Failure(code="empty", words="the answer is empty")
    usage = found.get("usage")
    counts = usage if isinstance(usage, dict) else {}
    return Said(text=text, input_tokens=_count(counts.get(asked)), output_tokens=_count(counts.get(answered)))


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31 else None
