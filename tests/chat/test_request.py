"""The Bot API's line: no proxy of the environment, no redirect, no answer without end (security sections 7 and 12)."""
from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from telegram.error import NetworkError

from bot.chat import request as line
from bot.chat.request import AioRequest


@asynccontextmanager
async def server(answer: web.Response) -> AsyncIterator[str]:
    app = web.Application()

    async def take(request: web.Request) -> web.Response:
        return answer

    app.router.add_post("/bot", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/bot"
    finally:
        await runner.cleanup()


async def asked(url: str) -> tuple[int, bytes]:
    request = AioRequest()
    await request.initialize()
    try:
        return await request.do_request(url, "POST")
    finally:
        await request.shutdown()


async def test_a_proxy_of_the_environment_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with server(web.json_response({"ok": True})) as url:
        assert (await asked(url))[0] == 200


async def test_a_redirect_is_not_followed() -> None:
    """What is told to people goes to the Bot API or nowhere."""
    async with (
        server(web.json_response({"ok": True})) as other,
        server(web.Response(status=307, headers={"Location": other})) as url,
    ):
        assert (await asked(url))[0] == 307


async def test_an_answer_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "BODY_MAX", 1024)
    async with server(web.Response(body=b"x" * 1024)) as url:
        assert len((await asked(url))[1]) == 1024
    async with server(web.Response(body=b"x" * 1025)) as url:
        with pytest.raises(NetworkError, match="larger"):
            await asked(url)
