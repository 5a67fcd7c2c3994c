from __future__ import annotations

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from bot.adapters.bitget.socket import SocketClosed, WebSockets
from tests.adapters.bitget.loopback import venue


async def test_frames_go_both_ways_and_a_close_is_named() -> None:
    async def echo(socket: ServerConnection) -> None:
        await socket.send(await socket.recv())
        await socket.close(1001, "release")

    async with venue(echo) as url:
        socket = await WebSockets().connect(url)
        await socket.send("ping")
        assert await socket.recv() == b"ping"
        with pytest.raises(SocketClosed, match=r"1001.*release"):
            await socket.recv()
        with pytest.raises(SocketClosed):
            await socket.send("late")
        await socket.close()


@pytest.mark.parametrize("url", ["ws://127.0.0.1:1/", "http://127.0.0.1:1/", "nonsense"])
async def test_what_cannot_be_opened_is_named(url: str) -> None:
    with pytest.raises(SocketClosed):
        await WebSockets().connect(url)


async def test_a_proxy_of_the_environment_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    """Security section 7: a proxy would see the login frame, or send us elsewhere."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "socks_proxy", "ws_proxy", "wss_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
        monkeypatch.setenv(name.upper(), "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)

    async def hello(socket: ServerConnection) -> None:
        await socket.send("hello")

    async with venue(hello) as url:
        socket = await WebSockets().connect(url)
        assert await socket.recv() == b"hello"
        await socket.close()


async def test_a_redirect_is_not_followed() -> None:
    """The next thing we say is the login: it goes to the address of the settings or nowhere (FF-115)."""
    reached: list[str] = []

    async def elsewhere(socket: ServerConnection) -> None:
        reached.append("elsewhere")

    async def hello(socket: ServerConnection) -> None:
        reached.append("here")

    async with venue(elsewhere) as other:
        def point(connection: ServerConnection, request: Request) -> Response:
            return Response(307, "Go", Headers(Location=other, Connection="close"))

        async with serve(hello, "127.0.0.1", 0, process_request=point) as server:
            port = server.sockets[0].getsockname()[1]
            with pytest.raises(SocketClosed, match="307"):
                await WebSockets().connect(f"ws://127.0.0.1:{port}/")
    assert reached == []
