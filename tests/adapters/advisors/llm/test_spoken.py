"""A model's words cannot act, steer a display or imitate our receipts (FF-112, security section 9)."""
from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.advisors.llm.spoken import DROPPED, LINK, spoken


@pytest.mark.parametrize(("said", "shown"), [
    ("Higher lows held.", "Higher lows held."),
    ("a\n\nb\tc\u2028d", "a b c d"),
    ("see https://evil.example/x?y=1 now", "see … now"),
    ("tap [here](tg://resolve?domain=x) now", "tap here now"),
    ("go to t.me/evil", "go to …"),
    ("<b>bold</b> text", "bold text"),
    ("type /halt or /resume now", "type halt or resume now"),
    ("ask @owner #now", "ask owner now"),
    ("\u202eABC\u202c d\u200be", "ABC de"),
    ("✅ APPROVED: order FILLED", "approved: order filled"),
    ("ＡＰＰＲＯＶＥＤ", "approved"),
    ("risk 1/2 and 3/4", "risk 1⁄2 and 3⁄4".replace("⁄", "/")),
    ("", ""),
])
def test_words_are_plain(said: str, shown: str) -> None:
    assert spoken(said, 300) == shown


@given(st.text(max_size=400), st.integers(min_value=1, max_value=300))
def test_whatever_is_said_is_one_short_line_without_anything_that_acts(said: str, most: int) -> None:
    shown = spoken(said, most)
    assert len(shown) <= most
    assert not any(unicodedata.category(letter) in DROPPED or letter in "\n\r\u2028" for letter in shown)
    assert "://" not in shown
    assert "<b>" not in shown
    if not shown.endswith("…"):
        assert not LINK.search(shown)
