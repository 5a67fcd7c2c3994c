"""A line to the stub's words without sockets, for desks in virtual time; OpenAI wire."""
from __future__ import annotations

import json
from typing import Any

from bot.adapters.advisors.llm.failure import Failure
from bot.adapters.advisors.llm.line import Got
from bot.sandbox.model_words import said


class InProcessLine:
    """Answers as the stub would in a mood; `cut` and such are failures of the way. `asked` keeps the questions."""

    def __init__(self, mood: str = "good", **given: Any) -> None:
        self.mood, self.given = mood, given
        self.asked: list[dict[str, Any]] = []

    async def ask(self, body: bytes) -> Got | Failure:
        """Answer one question."""
        asked = json.loads(body)
        self.asked.append(asked)
        if self.mood == "cut":
            return Failure(code="cut", words="the connection broke (test)")
        prompt = "\n".join(message["content"] for message in asked["messages"])
        text = said(self.mood, prompt, asked["response_format"]["json_schema"]["schema"], self.given)
        answer = {"choices": [{"finish_reason": "stop", "message": {"role": "assistant", "content": text}}],
                  "usage": {"prompt_tokens": len(prompt) // 4, "completion_tokens": len(text) // 4}}
        return Got(body=json.dumps(answer).encode())

    async def close(self) -> None:
        """Close nothing."""
