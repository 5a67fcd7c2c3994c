"""The sandbox on real sockets and as a process (C9)."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import aiohttp
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from bot.sandbox.__main__ import main
from bot.sandbox.exchange.http import loopback
from bot.sandbox.launch import Options, launch
from tests.sandbox.exchange.bench import arg, signature

READY = {"rest", "ws_public", "ws_private", "ws3_public", "ws3_private", "key", "secret", "passphrase",
         "telegram_root", "telegram_token", "chat_page", "control", "model_url", "people", "env"}


async def test_rest_streams_and_control_answer_over_loopback(tmp_path: Path) -> None:
    async with launch(Options(data=tmp_path / "data")) as sandbox, aiohttp.ClientSession() as session:
        ready = sandbox.ready
        path = "/api/v2/mix/account/accounts?productType=USDT-FUTURES"
        async with session.get(ready["rest"] + "/api/v2/public/time") as reply:
            stamp = (await reply.json())["data"]["serverTime"]
        headers = {"ACCESS-KEY": ready["key"], "ACCESS-PASSPHRASE": ready["passphrase"], "ACCESS-TIMESTAMP": stamp,
                   "ACCESS-SIGN": signature(ready["secret"], stamp + "GET" + path)}
        async with session.get(ready["rest"] + path, headers=headers) as reply:
            assert reply.status == 200
            assert reply.headers["x-mbx-used-remain-limit"] == "9"
            assert (await reply.json())["data"][0]["marginCoin"] == "USDT"
        async with session.get(ready["rest"] + "/api/mix/v1/market/tickers") as reply:
            assert reply.status == 404
        async with session.get(ready["control"] + "/health") as reply:
            assert (await reply.json())["exchange"]["state"] == "ready"
        async with connect(ready["ws_public"]) as socket:
            await socket.send("ping")
            assert await socket.recv() == "pong"
            await socket.send(json.dumps({"op": "subscribe", "args": [arg("books5")]}))
            assert json.loads(await socket.recv())["event"] == "subscribe"
            assert json.loads(await socket.recv())["action"] == "snapshot"
        async with connect(ready["ws_private"]) as socket:
            await socket.send(json.dumps({"op": "login", "args": [{"apiKey": "x", "passphrase": "x",
                                                                   "timestamp": "1700000000", "sign": "x"}]}))
            assert json.loads(await socket.recv())["code"] == 30011
            with pytest.raises(ConnectionClosed):
                await socket.recv()
        async with session.get(ready["ws_public"].replace("ws:", "http:") + "x") as reply:
            assert reply.status == 404


async def test_a_bot_asks_the_model_only_where_that_is_wished() -> None:
    async with launch(Options()) as sandbox:
        assert not sandbox.ready["env"].keys() & {"WIREDESK_ADVISORS", "WIREDESK_RUNG"}
    async with launch(Options(model="hostile")) as sandbox:
        assert (sandbox.ready["env"]["WIREDESK_ADVISORS"], sandbox.ready["env"]["WIREDESK_RUNG"]) == ("llm", "PROPOSE")
        assert sandbox.model.moods.active() == [{"name": "hostile"}]


async def test_one_control_surface_serves_exchange_telegram_model_and_page(tmp_path: Path) -> None:
    async with launch(Options(data=tmp_path)) as sandbox, aiohttp.ClientSession() as session:
        ready = sandbox.ready
        assert ready.keys() >= READY
        assert {name: ready["people"][name] for name in ("owner", "trader", "stranger")} == {
            "owner": 7001, "trader": 7002, "stranger": 7003}
        assert ready["env"]["WIREDESK_TELEGRAM_ROOT"] == ready["telegram_root"]
        assert not ready["telegram_root"].endswith("/")
        async with session.get(f"{ready['telegram_root']}/bot{ready['telegram_token']}/getMe") as reply:
            assert (await reply.json())["ok"]
        async with session.get(ready["chat_page"]) as reply:
            assert "text/html" in reply.headers["Content-Type"]

        async def control(path: str, body: object = None) -> tuple[int, dict[str, object]]:
            async with session.request("GET" if body is None else "POST", ready["control"] + path, json=body) as reply:
                return reply.status, await reply.json()

        _, health = await control("/health")
        assert health.keys() == {"exchange", "telegram", "model"}
        assert (await control("/people", {"name": "Zoe"}))[1] == {"id": 7004}
        assert (await control("/people/7001/say", {"text": "hi"}))[0] == 200
        assert (await control("/telegram/fault", {"name": "telegram_down", "for": 5}))[0] == 200
        assert (await control("/model/fault", {"name": "hostile"}))[1] == {"active": [{"name": "hostile"}]}
        assert (await control("/exchange/fault", {"name": "clear"}))[1] == {"active": []}
        _, market = await control("/telegram/market")
        moved = await control("/exchange/price", {"symbol": "BTCUSDT", "move": 1})
        assert float(moved[1]["price"]) > float(market["prices"]["BTCUSDT"])  # type: ignore[arg-type, index]
        assert (await control("/nowhere"))[0] == 404


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "example.com", "::", ""])
def test_other_addresses_are_refused(host: str) -> None:
    with pytest.raises(ValueError, match="loopback only"):
        loopback(host)


def test_a_wrong_start_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--host", "0.0.0.0"]) == 1
    assert "loopback only" in capsys.readouterr().err
    assert main(["--tape", str(tmp_path / "nothing.csv")]) == 1
    assert "nothing.csv" in capsys.readouterr().err


async def _started(*words: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"})


@pytest.mark.parametrize("front", [("bot.sandbox",), ("bot", "sandbox")])
async def test_the_process_writes_its_ready_file_and_ends_on_sigterm(tmp_path: Path, front: tuple[str, ...]) -> None:
    file = tmp_path / "ready.json"
    process = await _started(*front, "--headless", "--no-bot", "--ready-file", str(file), "--data",
                             str(tmp_path / "d"), "--tape", "synthetic", "--speed", "2", "--seed", "5")
    assert process.stdout is not None
    assert process.stderr is not None
    first = await process.stdout.readline()
    assert b"running" in first
    ready = json.loads(file.read_text())
    assert ready.keys() >= READY
    assert file.stat().st_mode & 0o077 == 0
    assert ready["rest"].startswith("http://127.0.0.1:")
    assert ready["env"]["WIREDESK_ENVIRONMENT"] == "sandbox"
    async with aiohttp.ClientSession() as session, session.get(ready["control"] + "/health") as reply:
        assert (await reply.json())["exchange"]["factor"] == 2
    process.send_signal(signal.SIGTERM)
    out, err = await process.communicate()
    assert process.returncode == 0
    assert err == b""
    assert b"Control" in out
    settings = tmp_path / "d" / "bot.env"
    assert f"--env-file {settings} run".encode() in out
    assert f"WIREDESK_BITGET_REST='{ready['rest']}'" in settings.read_text()
    assert settings.stat().st_mode & 0o077 == 0
