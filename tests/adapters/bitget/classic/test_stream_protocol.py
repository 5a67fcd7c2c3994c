from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from itertools import pairwise

import pytest

from bot.adapters.bitget.classic import stream_protocol as limits
from bot.adapters.bitget.classic.pace import SUBSCRIBES_PER_H
from bot.adapters.bitget.classic.stream_events import (
    Alive,
    Garbled,
    Lost,
    Odd,
    ProtocolEvent,
    Pushed,
    Refused,
    Settled,
    Trouble,
)
from bot.adapters.bitget.classic.stream_frames import Credentials
from bot.adapters.bitget.classic.stream_protocol import StreamProtocol, StreamState
from bot.adapters.bitget.classic.topic import Topic
from bot.domain.instrument import ProductLine
from tests.adapters.bitget.classic.pushes import NOW, SPOILS, channels, vector

CREDENTIALS = Credentials(api_key="bg_x", passphrase="p", sign=lambda timestamp: f"signed {timestamp}")
TICKER = Topic(line=ProductLine.USDT, channel="ticker", symbol="BTCUSDT")
BOOKS = Topic(line=ProductLine.USDT, channel="books", symbol="BTCUSDT")
ORDERS = Topic(line=ProductLine.USDT, channel="orders")
ACCOUNT = Topic(line=ProductLine.USDT, channel="account")


class Wire:
    """A protocol driven by hand; `sent` collects the frames that left."""

    def __init__(self, *topics: Topic, private: bool = False, quiet: dict[str, float] | None = None) -> None:
        self.protocol = StreamProtocol(topics, CREDENTIALS if private else None, quiet)
        self.now = 100.0
        self.sent: list[str] = []

    def open(self) -> Wire:
        self.protocol.connecting(self.now)
        self.protocol.opened(self.now, NOW)
        self.flush()
        return self

    def flush(self) -> None:
        while (frame := self.protocol.next_frame(self.now)) is not None:
            self.sent.append(frame)

    def hear(self, frame: object) -> list[ProtocolEvent]:
        text = frame if isinstance(frame, str | bytes) else json.dumps(frame)
        events = self.protocol.received(text, self.now, NOW)
        self.flush()
        return events

    def acknowledge(self, *topics: Topic) -> list[ProtocolEvent]:
        return [event for topic in topics for event in self.hear({"event": "subscribe", "arg": topic.argument()})]

    def wait(self, seconds: float, step: float = 0.25, pongs: bool = True) -> list[ProtocolEvent]:
        """Let time pass as the stream does, with a venue that answers pings."""
        events: list[ProtocolEvent] = []
        end = self.now + seconds
        while self.now < end:
            self.now += step
            events += self.protocol.tick(self.now)
            before = len(self.sent)
            self.flush()
            if pongs and "ping" in self.sent[before:]:
                self.hear("pong")
        return events

    def args(self, op: str) -> list[dict[str, str]]:
        frames = [json.loads(frame) for frame in self.sent if frame.startswith("{")]
        return [arg for frame in frames if frame["op"] == op for arg in frame["args"]]


def only(events: Iterable[ProtocolEvent]) -> ProtocolEvent:
    (event,) = events
    return event


def test_a_private_conversation_from_down_to_live_ff64() -> None:
    wire = Wire(ORDERS, ACCOUNT, private=True)
    assert wire.protocol.state is StreamState.DOWN
    wire.protocol.connecting(wire.now)
    assert wire.protocol.state is StreamState.CONNECTING
    wire.protocol.opened(wire.now, NOW)
    wire.flush()
    assert wire.protocol.state is StreamState.LOGGING_IN
    assert json.loads(wire.sent[0])["args"][0]["timestamp"] == str(int(NOW.timestamp()))
    assert wire.args("subscribe") == []
    assert wire.hear({"event": "login", "code": 0, "msg": ""}) == []
    assert wire.protocol.state is StreamState.SUBSCRIBING
    assert wire.args("subscribe") == [ORDERS.argument(), ACCOUNT.argument()]
    assert wire.acknowledge(ORDERS) == []
    assert wire.acknowledge(ACCOUNT) == [Settled({})]
    assert wire.protocol.state is StreamState.CATCHING_UP
    wire.protocol.caught_up(wire.now)
    assert wire.protocol.state is StreamState.LIVE


@pytest.mark.parametrize("code", [0, "0", "00000", None, ""])
def test_a_login_code_in_any_spelling(code: object) -> None:
    wire = Wire(ORDERS, private=True).open()
    wire.hear({"event": "login", "code": code})
    assert wire.protocol.state is StreamState.SUBSCRIBING


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [({"event": "error", "code": 30005, "msg": "error"}, Trouble.AUTH),
     ({"event": "error", "code": "30012", "msg": "passphrase"}, Trouble.AUTH),
     ({"event": "login", "code": "30014"}, Trouble.CLOCK), ({"event": "error"}, Trouble.AUTH)],
)
def test_a_refused_login_is_lost_and_says_why(answer: object, trouble: Trouble) -> None:
    wire = Wire(ORDERS, private=True).open()
    lost = only(wire.hear(answer))
    assert isinstance(lost, Lost)
    assert (lost.trouble, wire.protocol.state) == (trouble, StreamState.DOWN)
    assert lost.why.startswith("the venue answered")


@pytest.mark.parametrize("private", [True, False])
def test_nothing_waits_for_ever(private: bool) -> None:
    wire = Wire(ORDERS, private=private)
    wire.protocol.connecting(wire.now)
    assert "no connection" in str(wire.wait(limits.CONNECT_MAX_S + 1))
    wire = Wire(ORDERS, private=private).open()
    words = "login was not answered" if private else "was not acknowledged"
    assert words in str(wire.wait(limits.ACK_MAX_S + 1))


def test_pings_every_25_seconds_and_the_pong_is_watched_ff65() -> None:
    wire = Wire(ORDERS).open()
    wire.acknowledge(ORDERS)
    events = wire.wait(100)
    assert (wire.sent.count("ping"), events) == (4, [])
    lost = only(wire.wait(60, pongs=False))
    assert isinstance(lost, Lost)
    assert "a ping was not answered within 10 s" in lost.why
    assert wire.hear("pong") == [Alive()]


def test_unanswered_pings_are_lost_though_rows_keep_coming() -> None:
    wire = Wire(TICKER).open()
    wire.acknowledge(TICKER)
    for _ in range(200):
        wire.hear(vector("ticker"))
        if any(isinstance(event, Lost) for event in wire.wait(0.25, pongs=False)):
            break
    assert wire.protocol.state is StreamState.DOWN


def test_silence_is_lost_ff63(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PONG_MAX_S", 1000.0)
    wire = Wire(ORDERS).open()
    wire.acknowledge(ORDERS)
    lost = only(wire.wait(limits.SILENCE_MAX_S + 1, pongs=False))
    assert lost == Lost(Trouble.NETWORK, "nothing came for 40 s")


def test_an_awaited_push_that_does_not_come_is_lost_ff63() -> None:
    wire = Wire(ORDERS, ACCOUNT).open()
    wire.acknowledge(ORDERS, ACCOUNT)
    wire.protocol.expect(ORDERS, wire.now + 5)
    wire.hear(vector("orders"))
    assert wire.wait(10) == []
    wire.protocol.expect(ORDERS, wire.now + 5)
    wire.hear(vector("account"))
    assert "an awaited push on orders did not come" in str(wire.wait(6))


def test_a_channel_that_went_quiet_is_subscribed_anew_ff63() -> None:
    wire = Wire(TICKER, quiet={"ticker": 60.0}).open()
    wire.acknowledge(TICKER)
    wire.wait(58)
    assert wire.args("unsubscribe") == []
    wire.wait(4)
    assert wire.args("unsubscribe") == [TICKER.argument()]
    assert wire.args("subscribe") == [TICKER.argument()] * 2
    assert isinstance(wire.hear(vector("ticker"))[-1], Pushed)


def test_messages_keep_to_the_pace_ping_included() -> None:
    topics = [Topic(line=ProductLine.USDT, channel="ticker", symbol=f"VERYLONGNAME{i}USDT") for i in range(800)]
    wire = Wire(*topics).open()
    assert len(wire.sent) == 8
    stamps = [wire.now] * 8
    for _ in range(100):
        wire.now += wire.protocol.wake_in_s(wire.now)
        wire.flush()
        stamps += [wire.now] * (len(wire.sent) - len(stamps))
    assert wire.args("subscribe") == [topic.argument() for topic in topics]
    assert all(sum(stamp <= other < stamp + 1 for other in stamps) <= 10 for stamp in stamps)


def test_a_refused_topic_does_not_hold_up_the_others() -> None:
    wire = Wire(ORDERS, ACCOUNT).open()
    refusal = {"event": "error", "arg": ORDERS.argument(), "code": 30001, "msg": "doesn't exist"}
    assert wire.hear(refusal) == [Refused(ORDERS, "30001", "doesn't exist")]
    assert wire.acknowledge(ACCOUNT) == [Settled({ORDERS: "30001 doesn't exist"})]


def test_a_refusal_is_known_by_its_words_too() -> None:
    wire = Wire(TICKER).open()
    words = "instType:USDT-FUTURES,channel:ticker,instId:BTCUSDT doesn't exist"
    events = wire.hear({"event": "error", "code": "30001", "msg": words})
    assert events == [Refused(TICKER, "30001", words), Settled({TICKER: f"30001 {words}"})]
    assert wire.hear({"event": "error", "code": 30003, "msg": "what?"}) == [Refused(None, "30003", "what?")]


def test_asking_too_fast_is_asked_again_later() -> None:
    wire = Wire(ORDERS).open()
    assert isinstance(only(wire.hear({"event": "error", "code": 30006, "msg": "too many requests"})), Refused)
    assert len(wire.args("subscribe")) == 1
    wire.wait(limits.PAUSE_S + 0.5)
    assert wire.args("subscribe") == [ORDERS.argument()] * 2
    assert wire.acknowledge(ORDERS) == [Settled({})]


@pytest.mark.parametrize(("code", "trouble"), [(30007, Trouble.LIMIT), (30004, Trouble.NETWORK), (40018, Trouble.AUTH)])
def test_errors_that_end_the_connection(code: int, trouble: Trouble) -> None:
    wire = Wire(ORDERS).open()
    lost = only(wire.hear({"event": "error", "code": code, "msg": "x"}))
    assert isinstance(lost, Lost)
    assert lost.trouble is trouble


def test_a_push_before_its_acknowledgement_is_one() -> None:
    wire = Wire(TICKER).open()
    settled, pushed = wire.hear(vector("ticker"))
    assert settled == Settled({})
    assert isinstance(pushed, Pushed)
    assert pushed.topic == TICKER
    assert pushed.sent_at.timestamp() == 1695715383.039
    assert pushed.received_at == NOW


@pytest.mark.parametrize("tail", [
    b',"ts":1695715383039}', b',"ts":"1695715383039"}', b', "ts": 1695715383039 }', b',"ts":1.695715383039E12}',
    b',"ts":1695715383039,"x":{"ts":1695715383999}}',
])
def test_the_stamp_of_a_frame_in_any_spelling(tail: bytes) -> None:
    frame = b'{"data":[{"ts":1695715383888}]' + tail
    assert Pushed(TICKER, None, frame, NOW).sent_at.timestamp() == 1695715383.039
    for broken in (frame[:-1], frame[:-1] + b" "):
        assert Pushed(TICKER, None, broken, NOW).sent_at == NOW


def test_a_resync_unsubscribes_waits_and_subscribes() -> None:
    wire = Wire(BOOKS).open()
    wire.acknowledge(BOOKS)
    assert wire.protocol.resync(BOOKS, wire.now) == []
    assert wire.protocol.resync(BOOKS, wire.now) == []
    wire.flush()
    assert (len(wire.args("unsubscribe")), len(wire.args("subscribe"))) == (1, 1)
    wire.hear({"event": "unsubscribe", "arg": BOOKS.argument()})
    wire.hear({"op": "unsubscribe", "args": [BOOKS.argument()]})
    wire.wait(limits.RESUBSCRIBE_GAP_S)
    assert len(wire.args("subscribe")) == 2


def test_resyncs_slow_down_and_the_hour_has_an_end() -> None:
    wire = Wire(BOOKS).open()
    wire.acknowledge(BOOKS)
    asked, lost = [], None
    while lost is None:
        lost = next((event for event in wire.protocol.resync(BOOKS, wire.now) if isinstance(event, Lost)), None)
        before = len(wire.args("subscribe"))
        while lost is None and len(wire.args("subscribe")) == before:
            wire.wait(0.25)
        asked.append(wire.now)
        wire.acknowledge(BOOKS)
        if len(asked) > 12:
            break
    gaps = [round(later - sooner, 2) for sooner, later in pairwise(asked)]
    assert gaps[:8] == [1, 2, 4, 8, 16, 32, 60, 60]
    wire.protocol._subscribes.spend(wire.now, SUBSCRIBES_PER_H)
    ended = only(wire.protocol.resync(BOOKS, wire.now))
    assert isinstance(ended, Lost)
    assert "used up" in ended.why


def test_topics_come_and_go() -> None:
    wire = Wire().open()
    assert wire.wait(0.25) == [Settled({})]
    wire.protocol.subscribe(TICKER)
    wire.protocol.subscribe(TICKER)
    wire.flush()
    assert wire.args("subscribe") == [TICKER.argument()]
    assert wire.acknowledge(TICKER) == [Settled({})]
    wire.protocol.unsubscribe(TICKER)
    wire.flush()
    assert (wire.args("unsubscribe"), wire.protocol.topics) == ([TICKER.argument()], ())


def test_a_close_is_told_once() -> None:
    wire = Wire(TICKER).open()
    assert wire.protocol.closed(wire.now, "1006") == [Lost(Trouble.NETWORK, "1006")]
    assert wire.protocol.closed(wire.now, "again") == []
    assert wire.wait(100) == []


@pytest.mark.parametrize("frame", ["", "<html>", b"\xff\xfe\x00", "[]", "null", "{", "[" * 50_000, '"pong"', "{}",
                                   '{"action":"snapshot","arg":null,"data":[]}', '{"action":"update"}',
                                   '{"arg":{"instType":"X","channel":"ticker"},"data":[],"action":"update"}'])
def test_what_cannot_be_placed_is_garbled_not_a_crash(frame: str | bytes) -> None:
    assert isinstance(only(Wire(TICKER).open().hear(frame)), Garbled)


@pytest.mark.parametrize("frame", ['{"event":"notice","msg":"maintenance"}', '{"event":7}', '{"event":[]}'])
def test_unknown_events_are_odd(frame: str) -> None:
    assert isinstance(only(Wire(TICKER).open().hear(frame)), Odd)


def test_a_ping_of_theirs_is_answered() -> None:
    wire = Wire(TICKER).open()
    assert wire.hear("ping") == []
    assert wire.sent[-1] == "pong"
    assert wire.hear(b"pong") == [Alive()]


def test_no_frame_raises() -> None:
    frames: list[object] = [vector(channel)[:cut] for channel in channels() for cut in range(0, 400, 3)]
    names = ("action", "arg", "data", "ts", "event", "code", "msg", "op", "args")
    frames += [{name: spoil} for name in names for spoil in SPOILS]
    frames += [{"event": event, "arg": spoil, "code": spoil, "msg": spoil}
               for event in ("subscribe", "unsubscribe", "error", "login", "trade") for spoil in SPOILS]
    for private in (True, False):
        for frame in frames:
            wire = Wire(TICKER, ORDERS, private=private).open()
            wire.hear(frame)
            wire.wait(0.5)


def heard(events: Iterable[ProtocolEvent]) -> list[tuple[str, str, object]]:
    return [(event.topic.channel, event.topic.symbol, event.action) for event in events if isinstance(event, Pushed)]


def test_pushes_known_by_how_they_begin_are_those_they_say_they_are() -> None:
    other = Topic(line=ProductLine.USDT, channel="ticker", symbol="ETHUSDT")
    wire = Wire(TICKER, other, BOOKS).open()
    wire.acknowledge(TICKER, other, BOOKS)
    for _ in range(3):
        for topic in (TICKER, other, BOOKS):
            for action in ("snapshot", "update"):
                frame = {"action": action, "arg": topic.argument(), "data": [], "ts": 1695715383039}
                assert heard(wire.hear(frame)) == [(topic.channel, topic.symbol, action)]


@pytest.mark.parametrize("change", [
    lambda text: text.replace('"snapshot"', '"update"'), lambda text: text.replace("BTCUSDT", "ETHUSDT"),
    lambda text: text.replace('"action"', '"event"'), lambda text: text[1:], lambda text: text.replace('"data"', '"d"'),
    lambda text: text.replace('"arg"', '"org"'),
])  # fmt: skip
def test_a_push_that_begins_otherwise_is_read_anew(change: Callable[[str], str]) -> None:
    frame = json.dumps({"action": "snapshot", "arg": TICKER.argument(), "data": [], "ts": 1695715383039})
    learned, fresh = Wire(TICKER).open(), Wire(TICKER).open()
    for wire in (learned, fresh):
        wire.acknowledge(TICKER)
    learned.hear(frame)
    assert learned.hear(change(frame)) == fresh.hear(change(frame))


def test_rows_before_their_topic_are_as_good() -> None:
    wire = Wire(TICKER).open()
    wire.acknowledge(TICKER)
    for _ in range(2):
        frame = {"data": [{"data": 1}], "ts": 1695715383039, "arg": TICKER.argument(), "action": "snapshot"}
        assert heard(wire.hear(frame)) == [("ticker", "BTCUSDT", "snapshot")]


def test_what_is_followed_no_more_is_not_known_by_its_beginning() -> None:
    wire = Wire(TICKER).open()
    wire.acknowledge(TICKER)
    frame = {"action": "snapshot", "arg": TICKER.argument(), "data": []}
    assert heard(wire.hear(frame)) == heard(wire.hear(frame)) == [("ticker", "BTCUSDT", "snapshot")]
    wire.protocol.unsubscribe(TICKER)
    assert isinstance(only(wire.hear(frame)), Garbled)
