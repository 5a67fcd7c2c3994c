"""Carry a tool call to the desk and its answer back; the desk judges tokens, scopes, rates and quotas itself."""
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.runtime.local_socket import Declined, NothingRuns, ask

WITHIN_S = 20.0
Answer = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The way to the desk that listens in `directory`; `token` is the agent's own, over stdio only."""

    directory: Path
    token: str | None = None

    async def call(self, tool: str, token: str, args: dict[str, Any]) -> Answer:
        """Ask for a tool; gives its answer, or `refused` where the desk says no, is not there or stays silent."""
        try:
            answer = await ask(self.directory, tool, within_s=WITHIN_S, token=token, args=args)
        except NothingRuns:
            return refused("no_desk", "No desk runs here now.", "Ask again when it does.")
        except Declined as no:
            return refused("declined", str(no), "")
        except TimeoutError:
            return refused("no_answer", f"The desk did not answer within {WITHIN_S:g} s.",
                           "Ask again with the same idempotency key: it counts once.")
        return dict(answer)


def refused(rule: str, sentence: str, would_pass: str, *, value: str = "", limit: str = "") -> Answer:
    """Say no in the form in which the desk does."""
    return {"refused": [
        {"rule": rule, "value": value, "limit": limit, "sentence": sentence, "would_pass": would_pass}
    ]}
