"""`wiredesk mcp` as a real process over stdio, and the HTTP door with its bearer tokens (A17)."""
from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from bot.adapters.store.address import in_directory
from bot.adapters.store.schema import prepare
from bot.compose.agents import Agents
from bot.compose.mcp import mcp
from bot.desk.agent import FIRST, Scope, add_agent
from bot.desk.ladder import step
from bot.domain.ids import PersonId
from bot.domain.mandate import Rung
from bot.mcp import __main__ as process
from bot.mcp.__main__ import http_app, served
from bot.mcp.bearer import guarded
from bot.mcp.line import Line
from bot.runtime.local_socket import listening
from bot.settings import Settings
from tests.mcp.test_contract import IDEA, bars
from tests.support.scripted import Bench

TOKEN = "wda-token-of-the-research-bot"
CANARY = "canary-of-a-venue-key"


@asynccontextmanager
async def desk(tmp_path: Path) -> AsyncIterator[Bench]:
    """Open a desk whose agents' socket is where a data directory has it."""
    books = tmp_path / "books"
    books.mkdir()
    bench = await Bench(books).open()
    bench.market.candles = bars  # type: ignore[method-assign]
    (tmp_path / "agents").mkdir()
    now = bench.clock.now()
    readers = frozenset({Scope.READ})
    await bench.seat.ledger.transact(lambda tx: add_agent(tx, "reader", "wda-r", readers, 30, now, "local"))
    await bench.seat.ledger.transact(
        lambda tx: add_agent(tx, "research-bot", TOKEN, frozenset(Scope), 30, now, "local")
    )
    await bench.seat.ledger.transact(
        lambda tx: step(tx, "mcp:research-bot", FIRST, Rung.PROPOSE, PersonId(1), "test", now))
    async with listening(tmp_path / "agents", Agents(bench.seat, Decimal("0.5")).actions()):
        yield bench
    await bench.close()


def environment(tmp_path: Path) -> dict[str, str]:
    """Give what a person's machine would have set, keys included."""
    return {
        "PATH": os.environ["PATH"], "WIREDESK_DATA": str(tmp_path), "WIREDESK_MCP_TOKEN": TOKEN,
        "WIREDESK_BITGET_KEY": CANARY, "WIREDESK_BITGET_SECRET": CANARY, "WIREDESK_BITGET_PASSPHRASE": CANARY,
    }


async def test_a_real_process_over_stdio_proposes_and_holds_no_key(tmp_path: Path) -> None:
    async with desk(tmp_path) as bench:
        command = StdioServerParameters(
            command=sys.executable, args=["-m", "bot", "--env-file", os.devnull, "mcp"],
            env=environment(tmp_path), cwd=Path(__file__).parents[2],
        )
        async with Client(stdio_client(command)) as client:
            mine = _process(tmp_path)
            assert "bot.mcp" in mine["cmdline"] and TOKEN not in mine["cmdline"]
            assert CANARY not in mine["environ"] and TOKEN not in mine["environ"]
            assert len((await client.list_tools()).tools) == 15
            result = await client.call_tool("propose_trade", {"idea": IDEA, "idempotency_key": "key-0001"})
            answer: dict[str, Any] = dict(result.structured_content or {})
        assert answer["state"] == "pending" and not bench.venue.sent
        [one] = await bench.seat.ledger.read(lambda tx: tx.proposals.awaiting())
        assert one.id == answer["id"] and one.origin.name == "mcp:research-bot"


def _process(tmp_path: Path) -> dict[str, str]:
    """Read what the system knows of the one child that serves this directory."""
    for entry in Path("/proc").iterdir():
        try:
            line = (entry / "cmdline").read_text().replace("\0", " ") if entry.name.isdigit() else ""
            if "bot.mcp" in line and str(tmp_path / "agents") in line:
                return {"cmdline": line, "environ": (entry / "environ").read_text()}
        except OSError:
            continue
    raise AssertionError("no MCP process runs")


async def test_http_lets_nobody_in_without_a_token_that_counts(tmp_path: Path) -> None:
    async with desk(tmp_path) as bench:
        reached: list[str] = []

        async def inner(scope: Any, receive: Any, send: Any) -> None:
            reached.append(scope["path"])
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body", "body": b""})

        from_desk = httpx.ASGITransport(app=_guard(inner, tmp_path))
        async with httpx.AsyncClient(transport=from_desk, base_url="http://desk") as http:
            for header in (None, "", "Basic x", "Bearer", "Bearer wda-wrong", f"Bearer {'x' * 300}", f"bearer{TOKEN}"):
                got = await http.post("/mcp", headers={} if header is None else {"Authorization": header})
                assert got.status_code == 401 and got.headers["www-authenticate"].startswith("Bearer"), header
                assert TOKEN not in got.text
            assert not reached
            assert (await http.post("/mcp", headers={"Authorization": f"Bearer {TOKEN}"})).status_code == 204
            assert reached == ["/mcp"]
        assert not await bench.seat.ledger.read(lambda tx: tx.proposals.awaiting())


def _guard(inner: Any, tmp_path: Path) -> Any:
    return guarded(inner, Line(directory=tmp_path / "agents"))


async def test_http_hangs_up_on_whoever_never_finishes_a_header(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "HEADER_S", 0.2)
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        server = uvicorn.Server(served(_guard(None, tmp_path), "127.0.0.1", port))
        task = asyncio.create_task(server.serve(sockets=[bound]))
        bound.listen()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /mcp HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        assert await asyncio.wait_for(reader.read(), 5) == b""
        writer.close()
        server.should_exit = True
        await task


async def test_http_without_a_desk_says_so(tmp_path: Path) -> None:
    transport = httpx.ASGITransport(app=_guard(None, tmp_path))
    async with httpx.AsyncClient(transport=transport, base_url="http://desk") as http:
        got = await http.post("/mcp", headers={"Authorization": f"Bearer {TOKEN}"})
    assert got.status_code == 503 and got.json()["refused"][0]["rule"] == "no_desk"


async def test_each_http_request_acts_by_its_own_token(tmp_path: Path) -> None:
    """Streamable HTTP without sessions: a reader's request cannot borrow what another may."""
    async with desk(tmp_path) as bench:
        app = http_app(Line(directory=tmp_path / "agents"))
        async with _served(app) as port:
            url = f"http://127.0.0.1:{port}/mcp"
            reader = await _rpc(url, "wda-r")
            assert reader["isError"] and reader["structuredContent"]["refused"][0]["rule"] == "scope"
            both = await asyncio.gather(*(_rpc(url, token) for token in (TOKEN, "wda-r", TOKEN)))
            assert [one["isError"] for one in both] == [False, True, False]
            assert both[0]["structuredContent"]["id"] == both[2]["structuredContent"]["id"]
        assert len(await bench.seat.ledger.read(lambda tx: tx.proposals.awaiting())) == 1


@asynccontextmanager
async def _served(app: Any) -> AsyncIterator[int]:
    """Serve an application by the server that the process uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", access_log=False,
                                           ws="none"))
    running = asyncio.create_task(server.serve())
    for _ in range(1000):
        if server.started:
            break
        await asyncio.sleep(0.01)
    assert server.started
    yield port
    server.should_exit = True
    await running


async def _rpc(url: str, token: str) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/json, text/event-stream",
               "MCP-Protocol-Version": "2025-06-18"}
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
        "name": "propose_trade", "arguments": {"idea": IDEA, "idempotency_key": "key-0001"}}}
    async with httpx.AsyncClient() as http:
        got = await http.post(url, json=call, headers=headers)
    assert got.status_code == 200, got.text
    return dict(got.json()["result"])


def test_tokens_are_made_listed_and_revoked_and_kept_only_as_hashes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prepare(in_directory(tmp_path))
    settings = Settings(data=tmp_path, environment="sandbox")

    def said(*words: str) -> tuple[int, str, str]:
        code = mcp(settings, list(words))
        read = capsys.readouterr()
        return code, read.out.strip(), read.err

    code, token, told = said("token", "add", "research-bot", "--days", "7")
    assert code == 0 and token.startswith("wda-") and len(token) == 44 and token not in told
    code, _, told = said("token", "add", "research-bot")
    assert code == 1 and "Revoke it first" in told
    code, listed, _ = said("token", "list")
    assert code == 0 and listed.startswith("research-bot  propose,read  until") and token not in listed
    code, ended, _ = said("token", "revoke", "research-bot")
    assert code == 0 and ended.endswith("revoked")
    assert said("token", "add", "other", "--scopes", "trade")[0] == 1
    kept = b"".join(file.read_bytes() for file in tmp_path.glob("wiredesk.db*"))
    assert kept and token.encode() not in kept
    code, _, told = said()
    assert code == 1 and "an agent needs its token" in told
