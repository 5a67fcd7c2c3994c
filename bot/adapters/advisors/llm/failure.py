"""Say why a question brought no usable answer: a code for the row, words for people."""
from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """No answer. `billed` is False only where the provider cannot have charged for it."""

    code: str
    words: str
    billed: bool = True

    @property
    def sentence(self) -> str:
        """Give code and words as an abstention states its reason."""
        return f"{self.code}: {self.words}"
