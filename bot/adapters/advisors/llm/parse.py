"""Take exactly one JSON object out of a model's text, strictly, or nothing: no repair, no fallback (traps 5 and 6)."""
from __future__ import annotations

import json
import re
from typing import Any

from bot.adapters.advisors.llm.failure import Failure

TEXT_MOST = 20_000
FENCE = re.compile(r"```(?:json)?[ \t]*\n(.*?)```", re.DOTALL)


class _Doubtful(ValueError):
    """JSON that two readers could read differently."""


def one_object(text: str) -> dict[str, Any] | Failure:
    """Give the one object a text is, or holds in its one fence."""
    if len(text) > TEXT_MOST:
        return Failure(code="too_long", words=f"the answer has {len(text)} characters, at most {TEXT_MOST} are read")
    stripped = text.strip()
    if not stripped:
        return Failure(code="empty", words="the answer is empty")
    if not stripped.startswith("{"):
        fenced = FENCE.findall(stripped)
        if len(fenced) != 1:
            return Failure(code="not_json", words=f"expected one JSON object, found prose with {len(fenced)} fences")
        stripped = fenced[0]
    try:
        found = json.loads(stripped, object_pairs_hook=_once, parse_constant=_finite)
    except (ValueError, RecursionError) as fault:
        return Failure(code="not_json", words=f"expected one JSON object, found {_why(fault)}")
    if not isinstance(found, dict):
        return Failure(code="not_json", words=f"expected one JSON object, found a {type(found).__name__}")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Doubtful("a field that comes twice")
    return found


def _finite(word: str) -> None:
    raise _Doubtful(f"{word}, which is no number")


def _why(fault: Exception) -> str:
    if isinstance(fault, _Doubtful):
        return str(fault)
    if isinstance(fault, json.JSONDecodeError):
        return f"something else at character {fault.pos}"
    return "something nested or numbered beyond reason"
