"""Parameters of one call: strings from any carrier, and uploaded files."""
from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.telegram.errors import bad

NOT_UTF8 = "strings must be encoded in UTF-8"


def decoded(raw: str | bytes) -> Any:
    """Decode JSON whose strings are whole characters; raises 400 for half a surrogate pair, ValueError for no JSON."""
    try:
        value = json.loads(raw)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if b"\\u" in (raw if isinstance(raw, bytes) else raw.encode("utf-8", "replace")):
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise bad(NOT_UTF8) from None
    return value


def whole(value: Any) -> int:
    """Return a whole number given as one or as its text, 0 for everything else."""
    if isinstance(value, str) and value.strip().lstrip("-").isdecimal() and len(value) < 20:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 63 else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One file part of a multipart body."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """What a call carries: every value is a string, nested ones are JSON inside it (bot_api.md 1.2)."""

    values: dict[str, str] = field(default_factory=dict)
    files: dict[str, Upload] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        """Tell whether the parameter was sent at all."""
        return name in self.values

    def text(self, name: str) -> str:
        """Return the parameter or an empty string."""
        return self.values.get(name, "")

    def integer(self, name: str, default: int = 0) -> int:
        """Return a whole number; anything that is none counts as the default, as on the original."""
        return whole(self.values.get(name, "")) or default

    def flag(self, name: str) -> bool:
        """Return true for `true`, `yes` and `1`."""
        return self.values.get(name, "").strip().lower() in ("true", "yes", "1")

    def json(self, name: str, what: str) -> Any:
        """Return the decoded value or None where absent; raises 400 naming `what` could not be parsed."""
        raw = self.values.get(name, "")
        if not raw:
            return None
        try:
            return decoded(raw)
        except ValueError:
            raise bad(f"can't parse {what}") from None

    def array(self, name: str) -> list[Any] | None:
        """Return a JSON array, or None where absent or something else."""
        raw = self.values.get(name, "")
        try:
            value = decoded(raw) if raw else None
        except ValueError:
            return None
        return value if isinstance(value, list) else None

    def upload(self, name: str) -> Upload | None:
        """Return the file meant by a parameter: a part of that name, or one named by `attach://`."""
        value = self.values.get(name, "")
        if value.startswith("attach://"):
            return self.files.get(value[9:])
        return self.files.get(name)
