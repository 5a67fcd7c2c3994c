"""A call that changes state leaves once or never, a read is asked again within bounds, an answer is judged by code."""
from __future__ import annotations

import json
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from bot.adapters.bitget.codes import Kind
from bot.adapters.bitget.http import (
    Call,
    Done,
    Endpoint,
    Http,
    ReadFailed,
    Refused,
    Silent,
    Unsent,
    judge,
    query_text,
    read_envelope,
)
from bot.adapters.bitget.sign import prehash, signature
from bot.adapters.bitget.throttle import Lane, Scope, Throttle
from bot.adapters.bitget.transport import NoAnswer, NotSent, Request, Response
from tests.adapters.bitget.lab import CREDENTIALS, NOON, HandClock, Script, http_over, no, ok

READ = Endpoint(method="GET", path="/api/v2/read", per_second=10, scope=Scope.UID)
WRITE = Endpoint(method="POST", path="/api/v2/write", per_second=10, scope=Scope.UID, changes=True)
PUBLIC = Endpoint(method="GET", path="/api/v2/public", per_second=20, scope=Scope.IP, signed=False)
HTML = Response(status=502, body=b"<html><body>Bad Gateway</body></html>")


def write(lane: Lane = Lane.OPEN) -> Call:
    return Call(endpoint=WRITE, lane=lane, body={"symbol": "BTCUSDT", "size": "0.01"})


async def test_r2_request_is_signed_with_the_stored_moment() -> None:
    script, clock = Script(ok({})), HandClock()
    stored = clock.now()
    clock.push(1.5)
    assert isinstance(await http_over(script, clock).write(write(), stored), Done)
    headers, body = script.requests[0].headers, script.requests[0].body.decode()
    stamp = str(round(stored.timestamp() * 1000))
    assert headers["ACCESS-TIMESTAMP"] == stamp
    text = prehash(stamp, "POST", WRITE.path, "", body)
    assert headers["ACCESS-SIGN"] == signature(CREDENTIALS.secret, text)
    assert json.loads(body) == {"symbol": "BTCUSDT", "size": "0.01"}


async def test_r2_nothing_is_sent_more_than_two_seconds_after_storing() -> None:
    script, clock = Script(), HandClock()
    answer = await http_over(script, clock).write(write(), clock.now() - timedelta(seconds=2.1))
    assert isinstance(answer, Unsent)
    assert "nothing was sent" in answer.why
    assert not script.requests


async def test_r2_nothing_is_sent_when_the_clock_was_set_back() -> None:
    script, clock = Script(), HandClock()
    assert isinstance(await http_over(script, clock).write(write(), clock.now() + timedelta(seconds=3)), Unsent)
    assert not script.requests


async def test_i14_what_opens_is_not_sent_once_trading_was_halted() -> None:
    script, clock = Script(ok({}), ok({})), HandClock()
    halted = [False]
    http = http_over(script, clock, stopped=lambda: halted[0])
    assert isinstance(await http.write(write(), clock.now()), Done)
    halted[0] = True
    answer = await http.write(write(), clock.now())
    assert isinstance(answer, Unsent) and "halted before it left" in answer.why
    assert isinstance(await http.write(write(Lane.REDUCE), clock.now()), Done)
    assert len(script.requests) == 2


async def test_r2_waiting_for_budget_counts() -> None:
    script, clock = Script(*[ok({})] * 7), HandClock()
    http = http_over(script, clock)
    http.throttle.limit(WRITE.path, 1)
    await http.write(write())
    http.throttle.refused(WRITE.path)
    http.throttle.refused(WRITE.path)
    http.throttle.refused(WRITE.path)
    assert isinstance(await http.write(write(), clock.now()), Unsent)
    assert len(script.requests) == 1


async def test_r2_connecting_may_take_no_longer_than_what_is_left() -> None:
    script, clock = Script(ok({})), HandClock()
    await http_over(script, clock).write(write(), clock.now() - timedelta(seconds=1.5))
    assert script.requests[0].connect_within == pytest.approx(0.5)


@pytest.mark.parametrize(
    "reply", [NoAnswer("cut"), NotSent("refused"), HTML, no("45001"), no("429", status=429), no("40786"), no("x")]
)
async def test_ff03_write_is_never_repeated(reply: Response | Exception) -> None:
    script = Script(reply)
    answer = await http_over(script).write(write(), NOON)
    assert not isinstance(answer, Done)
    assert len(script.requests) == 1


async def test_ff03_a_write_cannot_pass_through_the_repeating_function() -> None:
    with pytest.raises(ValueError, match="never asked twice"):
        await http_over(Script()).read(write())


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (NotSent("no such host"), Unsent),
        (NoAnswer("timeout"), Silent),
        (HTML, Silent),
        (Response(status=200, body=b'{"code":"00000","da'), Silent),
        (Response(status=200, body=b"[]"), Silent),
        (Response(status=200, body=b""), Silent),
        (Response(status=200, body=b"\xff\xfe"), Silent),
        (Response(status=307, body=b""), Silent),
        (no("40762", status=500), Silent),
        (no("40762", status=408), Silent),
        (no("00000", status=400), Silent),
        (no("40762"), Refused),
        (no("40762", status=200), Refused),
        (Response(status=429, body=b"slow down"), Refused),
    ],
)
async def test_ff04_ff58_what_each_answer_proves(reply: Response | Exception, expected: type) -> None:
    assert isinstance(await http_over(Script(reply)).write(write(), NOON), expected)


def test_code_may_come_as_a_number() -> None:
    envelope = read_envelope(b'{"code":40762,"msg":"The order amount exceeds the balance"}')
    assert judge(400, envelope) == Refused(code="40762", words="The order amount exceeds the balance")


def test_ff56_numbers_never_pass_through_a_float() -> None:
    envelope = read_envelope(b'{"code":"00000","data":{"a":0.1,"b":1E-7,"c":1234567890123456789012345.5,"d":12}}')
    assert envelope is not None and isinstance(envelope.data, dict)
    assert {name: str(value) for name, value in envelope.data.items()} == {
        "a": "0.1", "b": "1E-7", "c": "1234567890123456789012345.5", "d": "12"
    }  # fmt: skip


@pytest.mark.parametrize("body", [b"[" * 100000, b'{"code":' * 5000, b"null", b'"x"', b'{"code":NaN}'])
def test_hostile_bodies_are_unreadable_and_nothing_worse(body: bytes) -> None:
    assert read_envelope(body) is None


async def test_read_is_asked_again_with_growing_pauses_and_every_cause_kept() -> None:
    script, clock = Script(NoAnswer("cut"), HTML, no("45001", "unknown error")), HandClock()
    with pytest.raises(ReadFailed) as failure:
        await http_over(script, clock).read(Call(endpoint=READ, lane=Lane.ASK))
    assert len(script.requests) == 3
    assert "cut" in str(failure.value) and "HTTP 502" in str(failure.value) and "45001" in str(failure.value)
    first, second = clock.slept
    assert 0.12 < first < 0.4 and 0.25 < second < 0.8


async def test_read_recovers() -> None:
    script = Script(NotSent("refused"), no("429", status=429), ok({"a": 1}))
    assert await http_over(script).read(Call(endpoint=READ, lane=Lane.ASK)) == {"a": 1}


async def test_refusal_that_asking_cannot_change_is_raised_at_once() -> None:
    script = Script(no("40109", "The data of the order cannot be found"))
    with pytest.raises(ReadFailed) as failure:
        await http_over(script).read(Call(endpoint=READ, lane=Lane.ASK))
    assert failure.value.code == "40109"
    assert len(script.requests) == 1


async def test_ff08_code_of_a_refusal_does_not_survive_a_later_silence() -> None:
    script = Script(no("45001"), NoAnswer("cut"), NoAnswer("cut"))
    with pytest.raises(ReadFailed) as failure:
        await http_over(script).read(Call(endpoint=READ, lane=Lane.ASK))
    assert failure.value.code is None


async def test_every_attempt_of_a_read_is_signed_anew() -> None:
    script, clock = Script(NoAnswer("cut"), ok([])), HandClock()
    await http_over(script, clock).read(Call(endpoint=READ, lane=Lane.ASK, query={"b": "2", "a": "1"}))
    stamps = [request.headers["ACCESS-TIMESTAMP"] for request in script.requests]
    assert stamps[0] < stamps[1]
    assert script.requests[0].query == "a=1&b=2"


async def test_r5_a_shorter_validity_is_held_by_the_exchange_too() -> None:
    script, clock = Script(ok({}), ok([])), HandClock()
    http, now = http_over(script, clock, validity_s=3), round(clock.now().timestamp() * 1000)
    await http.write(Call(endpoint=WRITE, lane=Lane.OPEN), clock.now())
    await http.read(Call(endpoint=READ, lane=Lane.ASK))
    written, read = (int(request.headers["ACCESS-TIMESTAMP"]) for request in script.requests)
    assert written == now - 27_000
    assert read >= now


async def test_public_call_is_not_signed() -> None:
    script = Script(ok([]))
    await http_over(script).read(Call(endpoint=PUBLIC, lane=Lane.ASK))
    assert not any(name.startswith("ACCESS") for name in script.requests[0].headers)


async def test_ff53_demo_header_is_sent_in_demo_alone() -> None:
    clock = HandClock()
    script = Script(ok([]), ok([]))
    for demo in (True, False):
        http = Http(script, clock, Throttle(clock), chance=Random(1).random, demo=demo)
        await http.read(Call(endpoint=PUBLIC, lane=Lane.ASK))
    assert script.requests[0].headers["paptrading"] == "1"
    assert "paptrading" not in script.requests[1].headers


def at_venue(clock: HandClock, ahead_ms: int, took_s: float = 0.0, **body: Any) -> Any:
    def reply(request: Request) -> Response:
        clock.push(took_s / 2)
        stamp = round(clock.now().timestamp() * 1000) + ahead_ms
        clock.push(took_s / 2)
        answer = {"code": "00000", "requestTime": stamp, "data": {"serverTime": str(stamp)}} | body
        return Response(status=200, body=json.dumps(answer).encode())

    return reply


async def test_ff61_offset_is_measured_with_the_round_trip_halved_and_signed_with() -> None:
    clock = HandClock()
    script = Script(*[at_venue(clock, 40_000, took_s=0.2)] * 3, ok({}))
    http = http_over(script, clock)
    offset = await http.measure()
    assert offset is not None
    assert offset.ms == pytest.approx(40_000, abs=1)
    assert offset.uncertainty_ms == pytest.approx(101, abs=1)
    await http.write(write(), clock.now())
    assert int(script.requests[-1].headers["ACCESS-TIMESTAMP"]) == round(clock.now().timestamp() * 1000) + 40_000


async def test_ff62_offset_comes_from_any_answer_when_the_time_call_is_gone() -> None:
    clock = HandClock()
    script = Script(Response(status=404, body=b"gone"), at_venue(clock, -3_000))
    http = http_over(script, clock)
    await http.measure(samples=1)
    await http.read(Call(endpoint=READ, lane=Lane.ASK))
    assert http.offset is not None
    assert http.offset.ms == -3_000


async def test_stale_clock_is_measured_again_before_the_next_attempt() -> None:
    clock = HandClock()
    measured = at_venue(clock, 60_000)
    script = Script(no("40008", "Request timestamp expired"), measured, measured, measured, ok({"a": 1}))
    http = http_over(script, clock)
    assert await http.read(Call(endpoint=READ, lane=Lane.ASK)) == {"a": 1}
    assert script.paths == ["read", "time", "time", "time", "read"]


async def test_stale_clock_on_a_write_is_a_refusal_and_the_clock_is_measured_before_the_next_read() -> None:
    clock = HandClock()
    script = Script(no("40008"), *[at_venue(clock, 0)] * 3, ok([]))
    http = http_over(script, clock)
    answer = await http.write(write(), clock.now())
    assert isinstance(answer, Refused) and answer.kind is Kind.STALE_CLOCK
    await http.read(Call(endpoint=READ, lane=Lane.ASK))
    assert script.paths == ["write", "time", "time", "time", "read"]


def test_query_is_sorted_and_escaped() -> None:
    assert query_text({"symbol": "BTCUSDT", "clientOid": "a#b+c d"}) == "clientOid=a%23b%2Bc%20d&symbol=BTCUSDT"


async def test_secrets_reach_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    await http_over(Script(no("40009", "sign signature error"))).write(write(), NOON)
    assert "40009" in caplog.text
    assert CREDENTIALS.secret not in caplog.text
    assert "ACCESS" not in caplog.text
