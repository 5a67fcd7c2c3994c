"""Flood limits: per chat, per group, overall, and waits that grow when ignored."""

from __future__ import annotations

import json

import pytest

from bot.sandbox.telegram.emulator import Emulator
from bot.sandbox.telegram.errors import Refusal
from bot.sandbox.telegram.limits import OFF, TELEGRAM, Limits
from bot.sandbox.telegram.params import Params
from bot.sandbox.telegram.world import World
from tests.sandbox.telegram.conftest import Clock


def refused(limits: Limits, chat_id: int, now: float) -> int:
    try:
        limits.spend(chat_id, now)
    except Refusal as refusal:
        assert refusal.code == 429 and refusal.parameters is not None
        return int(refusal.parameters["retry_after"])
    return 0


def test_one_a_second_in_one_chat_with_a_short_burst() -> None:
    limits = Limits(TELEGRAM)
    assert [refused(limits, 1, 0.0) for _ in range(4)] == [0, 0, 0, 3]
    assert refused(limits, 2, 0.0) == 0
    assert refused(limits, 1, 2.5) == 1
    assert refused(limits, 1, 10.0) == 0


def test_waits_that_are_ignored_grow() -> None:
    limits = Limits(TELEGRAM)
    assert [refused(limits, 1, 0.0) for _ in range(6)][3:] == [3, 3, 4]
    waits = []
    now = 5.5
    for _ in range(3):
        while not (wait := refused(limits, 1, now)):
            pass
        waits.append(wait)
        now += wait + 0.1
    assert waits == sorted(waits) and waits[-1] >= 2 * waits[0]


def test_twenty_a_minute_in_a_group() -> None:
    limits = Limits(TELEGRAM)
    assert [refused(limits, -100, n * 0.05) for n in range(20)] == [0] * 20
    assert refused(limits, -100, 1.0) >= 3


def test_thirty_a_second_overall() -> None:
    limits = Limits(TELEGRAM)
    assert [refused(limits, n, 0.0) for n in range(1, 31)] == [0] * 30
    assert refused(limits, 31, 0.0) > 0


def test_off_means_off() -> None:
    limits = Limits(OFF)
    assert not any(refused(limits, 1, 0.0) for _ in range(500))


@pytest.mark.parametrize("method", ["editMessageText", "sendMessage"])
async def test_edits_share_the_limit_and_answers_do_not(method: str) -> None:
    clock = Clock()
    world = World(now=clock, sleep=clock.sleep, allowance=TELEGRAM)
    emulator = Emulator(world)

    async def call(name: str, **values: str) -> tuple[int, dict[str, str], dict[str, object]]:
        answer = await emulator.call(world.bot.token, name, Params(values=values))
        return answer.status, dict(answer.headers), json.loads(answer.body)

    _, _, first = await call("sendMessage", chat_id="7001", text="card")
    number = str(first["result"]["message_id"])  # type: ignore[index]
    for n in range(2):
        assert (await call(method, chat_id="7001", message_id=number, text=f"n{n}"))[0] == 200
    status, headers, body = await call(method, chat_id="7001", message_id=number, text="too many")
    assert (status, headers["Retry-After"], body["parameters"]) == (429, "3", {"retry_after": 3})
    assert body["description"] == "Too Many Requests: retry after 3"
    for _ in range(10):
        assert (await call("sendChatAction", chat_id="7001", action="typing"))[0] == 200
    assert (await call("deleteMessage", chat_id="7001", message_id=number))[0] == 200
