"""A failure says itself as an abstention's reason."""
from __future__ import annotations

from bot.adapters.advisors.llm.failure import Failure


def test_a_failure_is_a_code_and_words_and_presumes_it_was_paid() -> None:
    failure = Failure(code="timeout", words="no whole answer within 20 s")
    assert failure.sentence == "timeout: no whole answer within 20 s"
    assert failure.billed
