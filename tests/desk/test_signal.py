"""Read what outsiders write, field by field, and keep every part nobody understood."""
from __future__ import annotations

import json
import random
import string
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bot.desk.signal import Signal, digest_of, echoed, level_words
from bot.desk.signal_fields import Posted, read_fields
from bot.desk.signal_text import TEXT_MAX, read_text, reads_as_signal
from bot.domain.numbers import plain
from bot.domain.refusal import Refusal

DATA = Path(__file__).parents[1] / "data" / "signals"
TEXTS: list[dict[str, Any]] = json.loads((DATA / "texts.json").read_text(encoding="utf-8"))
POSTED: list[dict[str, Any]] = json.loads((DATA / "posted.json").read_text(encoding="utf-8"), parse_float=Decimal)


def seen(signal: Signal, wanted: dict[str, Any]) -> dict[str, Any]:
    """Say a signal in the words of the data, shares only where the data names them."""
    shared = any(":" in one for one in wanted.get("targets", []))
    found: dict[str, Any] = {
        "pair": signal.pair,
        "side": signal.direction.value,
        "entry": [plain(one) for one in signal.entry],
        "targets": [
            level_words(one.level).removesuffix(" from the entry") + (f":{plain(one.share)}" if shared else "")
            for one in signal.targets
        ],
        "stop": level_words(signal.stop).removesuffix(" from the entry") if signal.stop is not None else None,
        "unread": list(signal.unread),
    }
    for name, value in (("leverage", signal.leverage), ("margin", signal.margin), ("breakout", signal.breakout)):
        if value:
            found[name] = plain(value) if isinstance(value, Decimal) else value
    return found


@pytest.mark.parametrize("row", TEXTS, ids=lambda row: row["name"])
def test_a_text_is_read_as_people_mean_it(row: dict[str, Any]) -> None:
    near = Decimal(row["near"]) if "near" in row else None
    found, wanted = read_text(row["text"], near), row["expect"]
    if "refused" in wanted:
        assert isinstance(found, Refusal) and found.code == wanted["refused"], found
        assert len(str(found).splitlines()) == 1
        return
    assert isinstance(found, Signal), found
    assert seen(found, wanted) == wanted
    assert reads_as_signal(row["text"])


@pytest.mark.parametrize("text", [
    "$BTC looking bullish, might long here, thoughts?", "⛔️ CLOSE BTC LONG now!! take profit", "what a day"])
def test_an_opinion_or_a_call_to_close_that_is_pasted_is_no_signal(text: str) -> None:
    assert not reads_as_signal(text)


@pytest.mark.parametrize("row", POSTED, ids=lambda row: row["name"])
def test_a_posted_alert_is_read_by_its_fields(row: dict[str, Any]) -> None:
    found, wanted = read_fields(row["fields"]), dict(row["expect"])
    if "refused" in wanted:
        assert isinstance(found, Refusal) and found.code == wanted["refused"], found
        return
    assert isinstance(found, Posted), found
    assert (found.source, found.id) == (wanted.pop("source", ""), wanted.pop("id", ""))
    assert seen(found.signal, wanted) == wanted


def test_every_field_is_echoed() -> None:
    found = read_text(TEXTS[1]["text"])
    assert isinstance(found, Signal)
    assert echoed(found) == (
        "Pair: #SOLUSDT", "Side: short", "Entry: 155.2 to 157", "Target 1: 150, 50% of the position",
        "Target 2: 145, 30% of the position", "Target 3: 138, 20% of the position", "Stop: 161.5", "Leverage: 5x",
    )


def test_the_same_trade_in_other_words_is_the_same_signal() -> None:
    one = read_text("LONG BTC/USDT\nEntry 60500\nSL 59800\nTP 63500")
    two = read_text("🔥 BTC/USDT long @ 60,500 stop 59,800 target 63,500 good luck!")
    other = read_text("LONG BTC/USDT\nEntry 60500\nSL 59900\nTP 63500")
    assert isinstance(one, Signal) and isinstance(two, Signal) and isinstance(other, Signal)
    assert digest_of(one) == digest_of(two) != digest_of(other)


@pytest.mark.parametrize("text", [
    "hello", "what about btc?", "I am long BTC since monday", "positions", "", "60500",
    "btc long please", "🚀🚀🚀",
])
def test_talk_is_no_signal(text: str) -> None:
    assert not reads_as_signal(text)


def test_any_text_yields_a_signal_or_one_sentence_in_time() -> None:
    """Total, and never slow: nothing may hold the event loop for 20 ms, no text may backtrack."""
    chance = random.Random(7)
    words = ["long", "short", "BTC/USDT", "entry", "tp1", "sl", "60,500", "1)", "2️⃣", "-", "\n", "10x", "%", "стоп",
             "止损", "۶۰", "@", "above", ":", "buy zone", "t", "\u202e", "'", ".", "."]
    for _ in range(300):
        text = " ".join(chance.choice(words) for _ in range(chance.randrange(1, 60)))
        found = read_text(text)
        assert isinstance(found, Signal | Refusal)
    for letters in (string.digits, "1 ", "a ", "- ", "1) ", "tp ", "BTC/", "USDT", "entry ", "1.", "1,", "long "):
        text = ("LONG BTC/USDT sl 1\n" + letters * TEXT_MAX)[:TEXT_MAX]
        began = time.process_time()
        read_text(text)
        assert time.process_time() - began < 0.5, letters


def test_a_long_text_is_refused_in_a_sentence() -> None:
    found = read_text("x" * (TEXT_MAX + 1))
    assert isinstance(found, Refusal) and found.code == "too_long"
