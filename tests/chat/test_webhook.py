"""Alerts over HTTP: the secret first, then a proposal and nothing else; T7 and architecture 21."""
from __future__ import annotations

import asyncio
import json
import logging
import time
import zlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.chat import webhook as door
from bot.chat.webhook import A_MINUTE, BODY_MAX, HEADER, WRONG_A_MINUTE, Webhook, listening
from bot.domain.events_proposals import SignalRefused
from bot.domain.ids import Symbol
from bot.domain.proposal import OriginKind, Proposal, ProposalState
from bot.ports.reader import Reading, Unread
from tests.desk.trade import journal, kinds
from tests.support.scripted import Bench

SECRET = "a-canary-of-sixteen"
ALERT = {
    "ticker": "BTCUSDT.P", "action": "buy", "sl": 58_900, "tp": 63_500.5, "strategy": "ema cross", "interval": "15",
}


class Outside:
    """Whoever calls from outside."""

    def __init__(self, bench: Bench, hook: Webhook, port: int, session: aiohttp.ClientSession) -> None:
        self.bench, self.hook, self.port, self.session = bench, hook, port, session
        self.is_open = True

    async def post(self, body: Any, *, path: str = "", header: str | None = None) -> tuple[int, dict[str, Any]]:
        """Post an alert; gives status and answer."""
        data = body if isinstance(body, str | bytes) else json.dumps(body)
        headers = {HEADER: header} if header is not None else {}
        url = f"http://127.0.0.1:{self.port}/signal{path}"
        async with self.session.post(url, data=data, headers=headers) as got:
            return got.status, json.loads(await got.read())

    async def proposals(self) -> list[Proposal]:
        """List what lies on the table."""
        return list(await self.bench.seat.ledger.read(lambda tx: tx.proposals.awaiting()))


@pytest.fixture
async def outside(tmp_path: Path) -> AsyncIterator[Outside]:
    bench = await Bench(tmp_path).open()
    state = {"open": True}
    hook = Webhook(seat=bench.seat, secret=SECRET, amount="r0.5%", open=lambda: state["open"])
    async with listening(hook, "127.0.0.1", 0) as port, aiohttp.ClientSession() as session:
        made = Outside(bench, hook, port, session)
        made.state = state  # type: ignore[attr-defined]
        yield made
    await bench.close()


@pytest.mark.parametrize("way", ["field", "header", "path"])
async def test_an_alert_becomes_a_proposal_and_nothing_else(outside: Outside, way: str) -> None:
    body = ALERT | ({"secret": SECRET} if way == "field" else {})
    status, said = await outside.post(
        body, header=SECRET if way == "header" else None, path=f"/{SECRET}" if way == "path" else ""
    )
    assert status == 202, said
    [one] = await outside.proposals()
    assert said["proposal"] == one.id and said["state"] == "AWAITING" and said["not_understood"] == ["interval: 15"]
    assert (one.origin.kind, one.origin.name, one.origin.person) == (OriginKind.SIGNAL, "ema cross", None)
    assert one.state is ProposalState.AWAITING and not outside.bench.venue.sent
    assert SECRET not in repr(await journal(outside.bench))


async def test_text_is_read_as_a_pasted_signal(outside: Outside) -> None:
    status, said = await outside.post("LONG BTC/USDT entry 59900 sl 58900 tp 62000 gl", header=SECRET)
    assert status == 202 and "Stop: 58900" in said["read"] and said["not_understood"] == ["gl"]


async def test_the_same_alert_again_is_the_same_proposal(outside: Outside) -> None:
    """P3: a sender that repeats after a lost answer changes nothing."""
    answers = await asyncio.gather(*(outside.post(ALERT, header=SECRET) for _ in range(8)))
    assert {status for status, _ in answers} == {202} and len({said["proposal"] for _, said in answers}) == 1
    numbered = ALERT | {"id": 17, "sl": 58_000}
    first, again = await outside.post(numbered, header=SECRET), await outside.post(numbered, header=SECRET)
    assert first[1]["proposal"] == again[1]["proposal"] and again[1]["again"]
    assert (await kinds(outside.bench)).count("ProposalRaised") == 2


@pytest.mark.parametrize(("header", "body"), [
    (None, ALERT), ("wrong", ALERT), (None, ALERT | {"secret": "wrong"}), ("", ALERT), (None, "LONG BTC/USDT"),
    ("wrong", ALERT | {"secret": SECRET}), (None, "{broken"), (None, ALERT | {"secret": None}), (None, b"\xff\xfe"),
])
async def test_without_the_secret_nothing_is_read(
    outside: Outside, header: str | None, body: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """T7."""
    before = await kinds(outside.bench)
    status, said = await outside.post(body, header=header)
    assert status == 401 and "secret" in said["sentence"].lower()
    assert await kinds(outside.bench) == before and not await outside.proposals()
    assert "wrong" not in " ".join(one.getMessage() for one in caplog.records if one.name.startswith("bot"))


@pytest.mark.parametrize(("body", "code"), [
    ("{broken", "not_json"), ("[1]", "not_json"), ('{"sl": NaN, "ticker": "BTCUSDT"}', "not_json"),
    ({"action": "buy"}, "signal_pair"), ({"ticker": "BTCUSDT", "action": "close"}, "signal_closes"),
    ({"ticker": "NOPEUSDT", "action": "buy", "sl": 1}, "unknown_symbol"),
    ({"ticker": "BTCUSDT", "action": "buy", "sl": "{{plot}}"}, "signal_number"), ("gm", "signal_pair"),
    ({"ticker": "BTCUSDT", "action": "buy", "sl": 61000}, "signal_late"), ("{" * 4000, "not_json"),
])
async def test_what_cannot_be_taken_is_answered_and_told_to_people(outside: Outside, body: Any, code: str) -> None:
    status, said = await outside.post(body, header=SECRET)
    assert (status, said["error"]) == (400, code), said
    [fact] = [one.fact for one in await journal(outside.bench) if isinstance(one.fact, SignalRefused)]
    assert fact.reasons[0].code == code and fact.words and SECRET not in fact.words
    assert not await outside.proposals()


HOSTILE = (
    "\ud800", "\x00\x1b[31m", "\u202eTDSU", {"a": [1]}, [[1]], True, 1e300, -1, 10**400, "9" * 400, "<b>x</b>", "１２",
)


@pytest.mark.parametrize("field", [
    "ticker", "action", "sl", "tp", "leverage", "strategy", "id", "note", "text", "margin",
])
async def test_whatever_a_field_holds_is_answered(outside: Outside, field: str) -> None:
    for value in HOSTILE:
        status, _ = await outside.post(ALERT | {field: value}, header=SECRET)
        assert status in (202, 400), value
    for one in await outside.proposals():
        assert all(leg.intent.size is not None and leg.intent.size > 0 for leg in one.terms.legs)
        assert one.terms.direction is not None and one.terms.direction.value == "LONG"


async def test_a_huge_body_is_refused(outside: Outside) -> None:
    """T7."""
    status, _ = await outside.post("x" * (BODY_MAX + 1), header=SECRET)
    assert status == 413

    async def drip() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b"x" * 1024

    url = f"http://127.0.0.1:{outside.port}/signal"
    async with outside.session.post(url, data=drip(), headers={HEADER: SECRET}) as got:
        assert got.status == 413


async def test_a_slow_body_is_given_up(outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    """T7."""
    monkeypatch.setattr(door, "BODY_S", 0.05)
    reader, writer = await asyncio.open_connection("127.0.0.1", outside.port)
    writer.write(f"POST /signal HTTP/1.1\r\nHost: x\r\n{HEADER}: {SECRET}\r\nContent-Length: 99\r\n\r\nabc".encode())
    line = await asyncio.wait_for(reader.readline(), 5)
    writer.close()
    assert b" 408 " in line


async def test_only_so_many_a_minute(outside: Outside) -> None:
    for _ in range(A_MINUTE):
        assert outside.hook.counts.let_in("10.0.0.1", 0.0)
    assert not outside.hook.counts.let_in("10.0.0.1", 59.0) and outside.hook.counts.let_in("10.0.0.2", 59.0)
    assert outside.hook.counts.let_in("10.0.0.1", 61.0)
    for _ in range(WRONG_A_MINUTE):
        assert (await outside.post(ALERT, header="wrong"))[0] == 401
    status, said = await outside.post(ALERT, header=SECRET)
    assert status == 429 and said["error"] == "too_many", "guessing locks its address out, right or wrong"


async def test_a_desk_that_is_not_open_says_so(outside: Outside) -> None:
    outside.state["open"] = False  # type: ignore[attr-defined]
    assert (await outside.post(ALERT, header=SECRET))[0] == 503


async def test_other_paths_and_ways_do_not_exist(outside: Outside) -> None:
    base = f"http://127.0.0.1:{outside.port}"
    for method, path, status in (("GET", "/signal", 405), ("POST", "/", 404), ("POST", "/order", 404)):
        async with outside.session.request(method, base + path, headers={HEADER: SECRET}) as got:
            assert got.status == status


async def test_an_answer_comes_quickly_and_nothing_logs_the_secret(
    outside: Outside, caplog: pytest.LogCaptureFixture
) -> None:
    """Charting services wait three seconds; ours is a matter of milliseconds."""
    with caplog.at_level(logging.DEBUG):
        began = time.perf_counter()
        status, _ = await outside.post(ALERT, path=f"/{SECRET}")
        took = time.perf_counter() - began
    assert status == 202 and took < 1.0
    assert SECRET not in " ".join(one.getMessage() for one in caplog.records if one.name.startswith(("bot", "aiohttp")))


class Sorting:
    """A reader that sorts what it was told to."""

    def __init__(self, found: Reading | Unread) -> None:
        self.found, self.texts = found, list[str]()

    async def read(self, text: str) -> Reading | Unread:
        """Sort."""
        self.texts.append(text)
        return self.found


async def heard(outside: Outside, body: Any, header: str | None = SECRET) -> tuple[int, dict[str, Any]]:
    headers = {HEADER: header} if header is not None else {}
    data = body if isinstance(body, str) else json.dumps(body)
    async with outside.session.post(f"http://127.0.0.1:{outside.port}/news", data=data, headers=headers) as got:
        return got.status, json.loads(await got.read())


async def test_a_text_is_sorted_by_the_reader_and_raises_nothing(outside: Outside) -> None:
    assert (await heard(outside, "A bridge was drained."))[0] == 404
    reading = Reading(topic="hack", sentiment=-2, symbols=(Symbol("ETHUSDT"),), at=outside.bench.clock.now())
    sorting = Sorting(reading)
    object.__setattr__(outside.hook, "reader", sorting)
    assert await heard(outside, "A bridge was drained.") == (
        200, {"topic": "hack", "sentiment": -2, "symbols": ["ETHUSDT"]})
    assert (await heard(outside, {"text": f"key {SECRET}"}))[0] == 200
    assert sorting.texts == ["A bridge was drained.", "key …"]
    assert (await heard(outside, "long btc", header="wrong"))[0] == 401
    assert (await heard(outside, {"text": 7}))[0] == 400
    assert (await heard(outside, " "))[0] == 400
    sorting.found = Unread(reason="budget: spent")
    assert await heard(outside, "long btc now, sl 1") == (422, {"error": "unread", "sentence": "budget: spent"})
    assert await outside.proposals() == []


@pytest.mark.parametrize("secret", ["sëcret-of-sixteen", "\U0001f511" * 8, "\u0661\u0662" * 8])
async def test_a_secret_that_is_not_ascii_is_wrong_and_no_accident(outside: Outside, secret: str) -> None:
    """T7: whatever the bytes of a header, path or field are, the answer is 401, and it counts as a guess."""
    raw = secret.encode("utf-8")[:-1] + b"\xff"
    for line in (f"{HEADER}: ".encode() + raw, b"X-Other: 1"):
        path = b"/signal" if line.startswith(HEADER.encode()) else b"/signal/%ED%A0%80"
        reader, writer = await asyncio.open_connection("127.0.0.1", outside.port)
        writer.write(b"POST " + path + b" HTTP/1.1\r\nHost: x\r\n" + line + b"\r\nContent-Length: 2\r\n\r\n{}")
        assert b" 401 " in await asyncio.wait_for(reader.readline(), 5)
        writer.close()
    assert (await outside.post(json.dumps(ALERT | {"secret": "\ud800" * 20})))[0] == 401
    assert len(outside.hook.counts.wrong["127.0.0.1"]) == 3


async def test_who_never_finishes_a_request_is_hung_up_on(outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    """T7: connections are files, and the exchange's sockets need some: few at once, and none that only sits there."""
    monkeypatch.setattr(door, "IDLE_S", 0.6)
    monkeypatch.setattr(door, "CONNECTIONS_MAX", 5)
    async with listening(outside.hook, "127.0.0.1", 0) as port:
        lines = []
        for _ in range(8):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"POST /signal HTTP/1.1\r\nHost: x\r\nX-Slow: ")
            lines.append((reader, writer))
        for reader, writer in lines[5:]:
            assert await asyncio.wait_for(reader.read(), 0.5) == b"", "the sixth is refused at once"
            writer.close()
        for reader, writer in lines[:5]:
            assert await asyncio.wait_for(reader.read(), 5) == b"", "the others when their time is up"
            writer.close()
        async with outside.session.post(f"http://127.0.0.1:{port}/signal", json=ALERT, headers={HEADER: SECRET}) as got:
            assert got.status == 202


@pytest.mark.parametrize("path", [
    "/signal/../../etc/passwd", "/signal/%2e%2e%2fetc%2fpasswd", "//signal", "/signal/a/b", "/", "/admin",
    "/signal%2500",
])
async def test_no_path_leads_anywhere_else(outside: Outside, path: str) -> None:
    for method in ("POST", "GET", "PUT", "DELETE", "OPTIONS", "TRACE"):
        reader, writer = await asyncio.open_connection("127.0.0.1", outside.port)
        rest = "Host: x\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
        writer.write(f"{method} {path} HTTP/1.1\r\n{rest}".encode())
        status = (await asyncio.wait_for(reader.readline(), 5)).split()[1]
        assert status in (b"400", b"401", b"404", b"405", b"429"), (method, status)
        writer.close()
    assert not await outside.proposals()


@pytest.mark.parametrize("kind", [
    "application/xml", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded",
    "application/json; charset=utf-16", "text/plain; charset=no-such", "x" * 200,
])
async def test_the_declared_kind_of_a_body_decides_nothing(outside: Outside, kind: str) -> None:
    url = f"http://127.0.0.1:{outside.port}/signal"
    headers = {HEADER: SECRET, "Content-Type": kind}
    async with outside.session.post(url, data=json.dumps(ALERT).encode(), headers=headers) as got:
        assert got.status == 202
    async with outside.session.post(url, data=b"\xff\xfe{", headers=headers) as got:
        assert got.status == 400
    async with outside.session.post(url, data=b"x", headers=headers | {"Content-Encoding": "gzip"}) as got:
        assert got.status == 400


async def test_a_packed_body_does_not_unpack_beyond_the_limit(outside: Outside) -> None:
    """T7: a bomb of 20 MB in 20 kB."""
    url = f"http://127.0.0.1:{outside.port}/signal"
    bomb = zlib.compress(b"x" * (20 * 1024 * 1024), 9)[:BODY_MAX]
    headers = {HEADER: SECRET, "Content-Encoding": "deflate"}
    async with outside.session.post(url, data=bomb, headers=headers) as got:
        assert got.status in (400, 413)
