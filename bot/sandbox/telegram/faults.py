"""Faults by name, as the control surface sets them (architecture section 14, C10)."""
from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox.telegram import errors
from bot.sandbox.telegram.errors import Dropped, Refusal

_SENDS = (
    "sendmessage", "sendphoto", "senddocument", "sendmediagroup", "editmessagetext", "editmessagecaption",
    "editmessagemedia", "editmessagereplymarkup", "copymessage", "forwardmessage", "pinchatmessage",
)
_COMMON = {"times": int, "for": float, "method": str, "chat": int}
NAMES: Mapping[str, Mapping[str, type]] = {
    "telegram_flood": {"s": int},
    "telegram_blocked": {},
    "telegram_conflict": {},
    "telegram_down": {},
    "telegram_5xx": {"code": int},
    "telegram_slow": {"ms": int},
    "telegram_html": {},
    "telegram_garbage": {},
    "telegram_unauthorized": {},
    "telegram_lost_answer": {},
    "telegram_lost_request": {},
    "telegram_redeliver": {},
    "telegram_fail": {"code": int, "description": str, "retry_after": int},
}
_ONCE = ("telegram_lost_answer", "telegram_lost_request", "telegram_redeliver", "telegram_fail")
_BAD_GATEWAY = b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1>" \
               b"</center>\r\n<hr><center>nginx/1.18.0</center>\r\n</body>\r\n</html>\r\n"


@dataclass(slots=True, kw_only=True)
class Fault:
    """One active fault; `left` counts calls, `until` is a moment, either may be None."""

    name: str
    given: dict[str, Any]
    left: int | None
    until: float | None

    def matches(self, method: str, chat_id: int | None) -> bool:
        """Tell whether a call is in the fault's reach."""
        wanted, chat = self.given.get("method"), self.given.get("chat")
        if wanted is not None and str(wanted).lower() != method:
            return False
        return chat is None or chat == chat_id

    def shown(self) -> dict[str, Any]:
        """Return the fault as the control surface lists it; `until` is Unix milliseconds."""
        out: dict[str, Any] = {"name": self.name}
        out |= {k: v for k, v in self.given.items() if k not in ("times", "for")}
        return out | {"times": self.left, "until": None if self.until is None else round(self.until * 1000)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """An answer that is not the Bot API's own."""

    status: int
    content_type: str
    body: bytes


class Faults:
    """The active faults, asked on every call."""

    def __init__(self) -> None:
        self.active: list[Fault] = []

    def set(self, name: str, given: Mapping[str, Any], now: float) -> str | None:
        """Activate a fault, or `clear` all; returns a sentence where the request cannot be understood.

        Without `times` and `for` the one-shot faults strike once, the others until cleared.
        """
        if name == "clear":
            self.active.clear()
            return None
        known = NAMES.get(name)
        if known is None:
            return f"There is no fault named {name!r}. Expected one of: {', '.join([*NAMES, 'clear'])}."
        kinds = dict(known) | _COMMON
        for key, value in given.items():
            if key not in kinds:
                return f"Fault {name} has no parameter {key!r}. Expected: {', '.join(kinds)}."
            if not _fits(value, kinds[key]):
                return f"Parameter {key!r} of fault {name} must be {kinds[key].__name__}, found {value!r}."
        until = now + float(given["for"]) if "for" in given else None
        times = given.get("times")
        if times is None and until is None and name in _ONCE:
            times = 1
        if name == "telegram_flood" and times is None and until is None:
            until = now + int(given.get("s", 5))
        self.active.append(Fault(name=name, given=dict(given), left=times, until=until))
        return None

    def list(self, now: float) -> list[dict[str, Any]]:
        """Return the active faults."""
        self._forget(now)
        return [fault.shown() for fault in self.active]

    def has(self, name: str, method: str, now: float, chat_id: int | None = None) -> Fault | None:
        """Return the fault of that name which meets this call, using up one of its times."""
        self._forget(now)
        for fault in self.active:
            if fault.name == name and fault.matches(method, chat_id):
                if fault.left is not None:
                    fault.left -= 1
                return fault
        return None

    def _forget(self, now: float) -> None:
        self.active = [
            f for f in self.active if (f.left is None or f.left > 0) and (f.until is None or now < f.until)
        ]

    def before(self, method: str, chat_id: int | None, now: float) -> Raw | None:
        """Meet a call before it is carried out: return a foreign answer, raise a refusal, or let it pass with None."""
        if self.has("telegram_down", method, now) or self.has("telegram_lost_request", method, now):
            raise Dropped
        if self.has("telegram_html", method, now):
            return Raw(status=502, content_type="text/html", body=_BAD_GATEWAY)
        if self.has("telegram_garbage", method, now):
            return Raw(status=200, content_type="application/json", body=b'{"ok":true,"resu')
        if fault := self.has("telegram_5xx", method, now):
            code = int(fault.given.get("code", 500))
            raise Refusal(code, "Internal Server Error: restart" if code == 500 else "Bad Gateway")
        if self.has("telegram_unauthorized", method, now):
            raise Refusal(401, errors.TOKEN_UNKNOWN)
        if method == "getupdates" and self.has("telegram_conflict", method, now):
            raise Refusal(409, errors.POLL_TERMINATED)
        if fault := self.has("telegram_fail", method, now, chat_id):
            raise _wanted(fault)
        if method in _SENDS:
            self._sends(method, chat_id, now)
        return None

    def _sends(self, method: str, chat_id: int | None, now: float) -> None:
        if fault := self.has("telegram_flood", method, now, chat_id):
            left = fault.until - now if fault.until is not None else int(fault.given.get("s", 5))
            raise errors.flood(max(1, int(-(-left // 1))))
        if self.has("telegram_blocked", method, now, chat_id):
            raise errors.forbidden(errors.BLOCKED)


def _fits(value: Any, kind: type) -> bool:
    if isinstance(value, bool):
        return False
    return isinstance(value, (int, float)) and value >= 0 if kind is float else isinstance(value, kind)


def _wanted(fault: Fault) -> Refusal:
    code = int(fault.given.get("code", 400))
    description = str(fault.given.get("description", "Bad Request: failed as asked"))
    after = fault.given.get("retry_after")
    return Refusal(code, description, {"retry_after": after} if after is not None else None)


def encode(answer: dict[str, Any]) -> bytes:
    """Write an answer as the server does: compact JSON in UTF-8."""
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
