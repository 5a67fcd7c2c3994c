"""No text from outside makes a pattern run away: readers of it are fed what patterns fear (security section 12)."""
from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from bot.adapters.advisors.llm.parse import one_object
from bot.adapters.advisors.llm.spoken import spoken
from bot.adapters.system.redaction import Redactor
from bot.chat.alerts_set import read_wish
from bot.chat.auto_words import read_auto
from bot.chat.grammar import read
from bot.chat.pasted import understood_anew
from bot.chat.render.foreign import foreign
from bot.chat.trade_words import read_trade
from bot.desk.signal_text import read_text

FEARED = (
    "0", "1,", "a", " ", "\n", "a.", "1. ", "/", "[", "](", "<", "x://", "tp 1 ", "1 000 ", "sign=", "bot1:", "```",
)
LONG = 4096
# A pattern that runs away needs hours for such a text; a busy machine needs a tenth of a second.
RUNAWAY_S = 2.0
READERS: dict[str, Callable[[str], Any]] = {
    "signal": read_text, "trade": read_trade, "alert": read_wish, "auto": read_auto,
    "pasted": lambda text: understood_anew(text, read(text, command=False)), "command": lambda text: read(f"/{text}"),
    "log": Redactor(["a-canary"]).clean, "card": foreign, "model's words": lambda text: spoken(3 * text, 1200),
    "model's answer": one_object,
}


@pytest.mark.parametrize("name", READERS)
def test_no_text_makes_a_reader_run_away(name: str) -> None:
    for piece in FEARED:
        text, began = (piece * LONG)[:LONG], time.monotonic()
        READERS[name](text)
        READERS[name](text + "!")
        assert time.monotonic() - began < RUNAWAY_S, piece
