"""Say as JSON schemas what a model may answer; the bounds stand in descriptions and are checked by `answers`.

Every field is required and none may be added: the strict mode of either wire takes no less.
"""
from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

TOPICS = ("regulation", "listing", "hack", "outage", "macro", "flows", "technology", "other")


def _object(properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _text(words: str, *kinds: str) -> Schema:
    return {"type": ["string", *kinds] if kinds else "string", "description": words}


def _whole(words: str, *kinds: str) -> Schema:
    return {"type": ["integer", *kinds] if kinds else "integer", "description": words}


IDEA = _object({
    "kind": {"type": "string", "enum": ["OPEN", "NONE"], "description": "NONE when nothing is worth proposing"},
    "symbol": _text("the symbol you were asked about"),
    "direction": {"type": ["string", "null"], "enum": ["LONG", "SHORT", None]},
    "stop": _text("price as a plain decimal string on the losing side of the mark; null for NONE", "null"),
    "target": _text("price as a plain decimal string, at most 3 times as far as the stop; null for NONE", "null"),
    "horizon": _whole("seconds until the idea is over, 300 to 604800; null for NONE", "null"),
    "probability_bp": _whole("chance of target before stop in basis points, 0 to 10000, or null", "null"),
    "thesis": _text("why, at most 300 characters of plain text"),
    "against": _text("what speaks against it, at most 200 characters"),
    "invalidation": _text("what would prove it wrong, at most 160 characters"),
})

CRITIC = _object({
    "verdict": {"type": "string", "enum": ["agree", "lower", "veto"]},
    "reasons": {"type": "array", "items": {"type": "string"}, "description": "at most 3, each at most 120 characters"},
    "missing_evidence": {"type": "array", "items": {"type": "string"}, "description": "at most 3, likewise"},
})

READER = _object({
    "topic": {"type": "string", "enum": list(TOPICS)},
    "sentiment": _whole("-2 very bad to 2 very good for prices"),
    "symbols": {"type": "array", "items": {"type": "string"}, "description": "of the listed symbols, those concerned"},
})
