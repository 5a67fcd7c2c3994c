from __future__ import annotations

import pytest
from websockets.asyncio.server import ServerConnection

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
