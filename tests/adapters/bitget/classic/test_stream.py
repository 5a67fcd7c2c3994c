from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from bot.adapters.bitget.classic import stream_frames
from bot.adapters.bitget.classic.stream_events import Lost, Trouble
from bot.adapters.bitget.classic.stream_frames import FRAME_BYTES_MAX, Credentials, named_in, too_fast, trouble_of
from bot.adapters.bitget.classic.topic import Topic
from bot.domain.instrument import ProductLine

CREDENTIALS = Credentials(api_key="bg_x", passphrase="p", sign=lambda timestamp: f"signed {timestamp}")


def test_a_login_is_signed_over_seconds_ff61() -> None:
    frame = json.loads(stream_frames.login(CREDENTIALS, datetime(2023, 11, 14, 22, 13, 20, 999_000, tzinfo=UTC)))
    assert frame == {"op": "login", "args": [
        {"apiKey": "bg_x", "passphrase": "p", "timestamp": "1700000000", "sign": "signed 1700000000"}]}


def test_credentials_do_not_show() -> None:
    assert "bg_x" not in repr(CREDENTIALS)


def test_requests_keep_to_the_frame_and_name_everything_once() -> None:
    topics = [Topic(line=ProductLine.USDT, channel="ticker", symbol=f"COIN{i}USDT") for i in range(200)]
    frames = list(stream_frames.requests("subscribe", topics))
    assert len(frames) > 2
    assert all(len(frame.encode()) <= FRAME_BYTES_MAX for frame, _ in frames)
    assert [topic for _, named in frames for topic in named] == topics
    assert [arg for frame, _ in frames for arg in json.loads(frame)["args"]] == [topic.argument() for topic in topics]
    assert list(stream_frames.requests("subscribe", [])) == []


@pytest.mark.parametrize(
    ("code", "logging_in", "trouble"),
    [("30005", False, Trouble.AUTH), ("30011", True, Trouble.AUTH), ("30014", True, Trouble.CLOCK),
     ("30007", False, Trouble.LIMIT), ("30004", False, Trouble.NETWORK), ("30001", False, None),
     ("30002", True, Trouble.AUTH), ("40099", False, Trouble.AUTH), ("a new code", False, None),
     ("40085", False, Trouble.AUTH), ("40014", False, Trouble.AUTH), ("40008", False, Trouble.CLOCK),
     ("40005", False, Trouble.CLOCK), ("40034", False, None)],
)
def test_what_an_error_ends(code: str, logging_in: bool, trouble: Trouble | None) -> None:
    assert trouble_of(code, logging_in) is trouble


def test_an_error_without_argument_names_its_topic_in_words() -> None:
    words = "instType:USDT-FUTURES,channel:tickerx,instId:BTCUSDT doesn't exist"
    assert named_in(words) == ("USDT-FUTURES", "tickerx", "BTCUSDT")
    assert named_in("instType:USDT-FUTURES,channel:account,coin:default doesn't exist") == (
        "USDT-FUTURES", "account", "default")
    assert named_in("out of order") is None


def test_lost_is_a_value() -> None:
    assert Lost(Trouble.AUTH, "no") == Lost(Trouble.AUTH, "no")


@pytest.mark.parametrize(("code", "asked"), [("30006", True), ("429", True), ("25004", True), ("30007", False)])
def test_what_asks_to_slow_down(code: str, asked: bool) -> None:
    assert too_fast(code) is asked
