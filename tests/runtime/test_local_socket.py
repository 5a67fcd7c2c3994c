"""The local socket: private, plain, and never the reason that something stops (C5, C6)."""
from __future__ import annotations

import asyncio
import gc
import json
import logging
from pathlib import Path
from typing import Any

import pytest

from bot.runtime.local_socket import NAME, REQUEST_MAX, Declined, NothingRuns, ask, listening


async def status(fields: dict[str, Any]) -> Any:
    return {"readiness": "READY", "asked": fields}


async def flat(fields: dict[str, Any]) -> Any:
    raise Declined("BTCUSDT could not be closed: 0.01 is left.")


ACTIONS = {"status": status, "flat": flat}


async def test_an_action_answers(tmp_path: Path) -> None:
    async with listening(tmp_path, ACTIONS) as path:
        assert path.stat().st_mode & 0o777 == 0o600
        assert await ask(tmp_path, "status", verbose=True) == {"readiness": "READY", "asked": {"verbose": True}}
    assert not path.exists()


async def test_a_no_is_a_sentence(tmp_path: Path) -> None:
    async with listening(tmp_path, ACTIONS):
        with pytest.raises(Declined, match=r"0\.01 is left"):
            await ask(tmp_path, "flat")
        with pytest.raises(Declined, match="known are flat, status"):
            await ask(tmp_path, "buy")


async def test_nobody_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(NothingRuns, match="wiredesk run"):
        await ask(tmp_path, "status")
    (tmp_path / NAME).touch()
    with pytest.raises(NothingRuns, match="not a desk's socket"):
        await ask(tmp_path, "status")


async def test_a_dead_process_socket_is_replaced(tmp_path: Path) -> None:
    server = await asyncio.start_unix_server(lambda *_: None, tmp_path / NAME)
    server.close()
    if not (tmp_path / NAME).exists():
        (tmp_path / NAME).touch()
    else:
        with pytest.raises(NothingRuns):
            await ask(tmp_path, "status")
    async with listening(tmp_path, ACTIONS):
        assert await ask(tmp_path, "status")


async def test_a_long_path_works(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 120) / ("e" * 80)
    deep.mkdir(parents=True)
    async with listening(deep, ACTIONS):
        assert (await ask(deep, "status"))["readiness"] == "READY"


@pytest.mark.parametrize("line", [b"\n", b"{\n", b"[]\n", b'{"do": 1}\n', b'"x"\n', b"\xff\xfe\n",
                                  b"[" * 10_000 + b"\n", b"x" * (REQUEST_MAX + 10) + b"\n"])
async def test_bad_requests_are_answered_with_a_sentence(tmp_path: Path, line: bytes) -> None:
    async with listening(tmp_path, ACTIONS) as path:
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(line)
        answer = json.loads(await reader.readline())
        writer.close()
        assert answer["ok"] is False
        assert answer["sentence"].endswith(".")
        assert await ask(tmp_path, "status")


async def test_several_requests_share_a_connection(tmp_path: Path) -> None:
    async with listening(tmp_path, ACTIONS) as path:
        reader, writer = await asyncio.open_unix_connection(path)
        for _ in range(3):
            writer.write(b'{"do": "status"}\n')
            assert json.loads(await reader.readline())["ok"]
        writer.close()


async def test_halting_does_not_wait_behind_a_slow_command(tmp_path: Path) -> None:
    slow = asyncio.Event()

    async def wait(_: dict[str, Any]) -> str:
        await slow.wait()
        return "done"

    async with listening(tmp_path, {"slow": wait, "halt": status}), asyncio.TaskGroup() as group:
        waiting = group.create_task(ask(tmp_path, "slow"))
        await asyncio.sleep(0.01)
        assert await ask(tmp_path, "halt")
        slow.set()
    assert waiting.result() == "done"


async def test_a_bug_in_an_action_is_logged_and_the_socket_lives(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(_: dict[str, Any]) -> None:
        raise KeyError("bug")

    asyncio.get_running_loop().set_exception_handler(lambda *_: None)
    async with listening(tmp_path, {**ACTIONS, "broken": broken}):
        with pytest.raises(Declined, match="broke off"):
            await ask(tmp_path, "broken")
        assert await ask(tmp_path, "status")
        gc.collect()
    assert [record.levelno for record in caplog.records if "broken failed" in record.message] == [logging.ERROR]


async def test_a_slow_answer_is_a_timeout(tmp_path: Path) -> None:
    ended = asyncio.Event()

    async def slow(_: dict[str, Any]) -> None:
        await ended.wait()

    async with listening(tmp_path, {"slow": slow}):
        with pytest.raises(TimeoutError):
            await ask(tmp_path, "slow", within_s=0.02)
        ended.set()
        await asyncio.sleep(0.01)
