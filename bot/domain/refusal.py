"""Say no: a reason with its rule, what was found, what is allowed and what to do next."""
from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One ground for a no.

    `code` names the rule in snake_case; `value` is what was found and `limit` what is allowed, both as text with their
    unit; `remedy` is the next step; `sentence` says value and limit in words (without the remedy).
    """

    code: str
    value: str
    limit: str
    remedy: str
    sentence: str

    def __str__(self) -> str:
        """Give the whole answer for a person: the sentence and the next step."""
        return f"{self.sentence} {self.remedy}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An anticipated no of ours, returned instead of raised (architecture section 11); at least one reason."""

    reasons: tuple[Reason, ...]

    @property
    def code(self) -> str:
        """Name the first rule that said no."""
        return self.reasons[0].code

    def __str__(self) -> str:
        """Give all reasons, one a line."""
        return "\n".join(str(reason) for reason in self.reasons)


def refuse(code: str, sentence: str, remedy: str, *, value: str = "", limit: str = "") -> Refusal:
    """Build a refusal with one reason."""
    return Refusal(reasons=(Reason(code=code, value=value, limit=limit, remedy=remedy, sentence=sentence),))
