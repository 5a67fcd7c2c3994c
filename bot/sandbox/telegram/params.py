"""Parameters of one call: strings from any carrier, and uploaded files."""
from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.telegram.errors import bad


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
        try:
            return int(self.values.get(name, "").strip() or default)
        except ValueError:
            return default

    def flag(self, name: str) -> bool:
        """Return true for `true`, `yes` and `1`."""
        return self.values.get(name, "").strip().lower() in ("true", "yes", "1")

    def json(self, name: str, what: str) -> Any:
        """Return the decoded value or None where absent; raises 400 naming `what` could not be parsed."""
        raw = self.values.get(name, "")
        if not raw:
            return None
        try:
            return json.loads(raw)
        except ValueError:
            raise bad(f"can't parse {what}") from None

    def array(self, name: str) -> list[Any] | None:
        """Return a JSON array, or None where absent or something else."""
        raw = self.values.get(name, "")
        try:
            value = json.loads(raw) if raw else None
        except ValueError:
            return None
        return value if isinstance(value, list) else None

    def upload(self, name: str) -> Upload | None:
        """Return the file meant by a parameter: a part of that name, or one named by `attach://`."""
        value = self.values.get(name, "")
        if value.startswith("attach://"):
            return self.files.get(value[9:])
        return self.files.get(name)
