"""What is secret is crossed out, however it is spelled; what is not stays readable."""
from __future__ import annotations

import json
import time
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.system.redaction import CROSSED_OUT, Redactor

TOKEN = "123456789:AAE-canary_canary_canary_canary_can"
PATTERNED = [
    f"HTTP Request: POST https://api.telegram.org/bot{TOKEN}/getUpdates",  # FF-106
    f"token is {TOKEN}",
    "{'ACCESS-KEY': 'bg_canary', 'ACCESS-SIGN': 'canary=', 'ACCESS-PASSPHRASE': 'canary'}",
    "ACCESS-SIGN: canary/canary+canary=",
    "(b'ACCESS-KEY', b'canary')",
    '{"op":"login","args":[{"apiKey":"canary","passphrase":"canary","timestamp":"1","sign":"canary="}]}',
    r'"{\"apiKey\":\"canary\"}"',
    "WIREDESK_BITGET_SECRET=canary",
    "Authorization: Bearer canary.canary-canary",
    "X-Telegram-Bot-Api-Secret-Token: canary",
    "x-api-key: sk-canary",
    "auth_date=1&hash=" + "ca" * 32,
    "postgresql+psycopg://desk:canary@db.example/desk",
]


@pytest.mark.parametrize("text", PATTERNED)
def test_what_looks_like_a_secret_is_crossed_out(text: str) -> None:
    cleaned = Redactor().clean(text)
    assert "canary" not in cleaned and "caca" not in cleaned
    assert CROSSED_OUT in cleaned


@pytest.mark.parametrize("text", [
    "Filled: long 0.0015 BTC at 66,420 (fee 0.06).", "order 1234567890123456789 accepted", "design: blue",
    "bot:12 is no token", "2026-01-05T12:00:00.123Z READY", "the tokens moved", "https://api.bitget.com/api/v2/mix",
    "clientOid wd-ab12-0123456789abcdefzz state OPEN", "code 123456 at the door",
])
def test_what_is_no_secret_stays(text: str) -> None:
    assert Redactor().clean(text) == text


def test_codes_are_crossed_out_while_one_is_awaited() -> None:
    redactor = Redactor()
    redactor.awaiting_code(+1)
    assert redactor.clean("he typed 123456, order 1234567") == f"he typed {CROSSED_OUT}, order 1234567"
    redactor.awaiting_code(-1)
    assert redactor.clean("he typed 123456") == "he typed 123456"


def test_a_secret_inside_another_leaves_no_rest() -> None:
    assert Redactor(["abcd", "abcdefgh"]).clean("x abcdefgh y") == f"x {CROSSED_OUT} y"


def test_short_secrets_do_not_blot_out_words() -> None:
    assert Redactor(["a", ""]).clean("a word") == "a word"


@given(st.text(min_size=4, max_size=40).filter(lambda text: text.isprintable() and len(set(text)) > 1),
       st.text(max_size=20), st.text(max_size=20))
def test_a_known_secret_is_found_in_every_spelling(secret: str, before: str, after: str) -> None:
    redactor = Redactor([secret])
    for spelling in {secret, quote(secret, safe=""), json.dumps(secret)[1:-1], repr(secret)[1:-1]}:
        if spelling not in CROSSED_OUT:
            assert spelling not in redactor.clean(f"{before}\n{spelling}\n{after}").replace(CROSSED_OUT, "\0")


@pytest.mark.parametrize("text", ["a" * 100_000, "1" * 100_000, "bot1:" * 20_000, "a://" * 25_000, "sign" * 25_000,
                                  "ACCESS-KEY " * 9_000, "x:" * 50_000, "secret=\\" * 12_000])
def test_no_text_makes_it_slow(text: str) -> None:
    before = time.perf_counter()
    Redactor(["canary-canary"]).clean(text)
    assert time.perf_counter() - before < 1
