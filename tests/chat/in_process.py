"""The Bot API without sockets: the library calls the emulator in this process, so that time may be virtual."""
from __future__ import annotations

from typing import Any

from telegram import Bot
from telegram.error import NetworkError
from telegram.request import BaseRequest, RequestData

from bot.sandbox.telegram.emulator import Emulator
from bot.sandbox.telegram.errors import Dropped
from bot.sandbox.telegram.params import Params, Upload
from bot.sandbox.telegram.world import TOKEN


class InProcessRequest(BaseRequest):
    """Calls the emulator in this process."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    @property
    def read_timeout(self) -> float:
        return 5.0

    async def initialize(self) -> None:
        pass

    async def shutdown(self) -> None:
        pass

    async def do_request(self, url: str, method: str, request_data: RequestData | None = None,
                         *timeouts: Any, **more: Any) -> tuple[int, bytes]:
        token, _, name = url.rpartition("/bot")[2].partition("/")
        files = {}
        if request_data is not None and request_data.multipart_data:
            parts = request_data.multipart_data.items()
            files = {key: Upload(name=file, content=content) for key, (file, content, _) in parts}
        values = dict(request_data.json_parameters) if request_data is not None else {}
        try:
            answer = await self._emulator.call(token, name, Params(values=values, files=files))
        except Dropped as dropped:
            raise NetworkError("dropped") from dropped
        return answer.status, answer.body


def bot_of(emulator: Emulator) -> Bot:
    """Make a bot that speaks to the emulator without sockets; initialise it before use."""
    request = InProcessRequest(emulator)
    return Bot(TOKEN, base_url="http://emulator/bot", request=request, get_updates_request=request)
