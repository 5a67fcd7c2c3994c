"""What goes wrong on the way of a model's answer: late, in drops, cut, huge, packed, elsewhere, or not at all."""

from __future__ import annotations

import json
import zlib
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from aiohttp import web

Fields = dict[str, Any]
Sleep = Callable[[float], Awaitable[Any]]

_LONGEST_DRIP = 1_200
_CHUNK = 1 << 16
_STATUSES = {"rate_limited": 429, "failing": 500, "unauthorized": 401}


async def travel(raw: web.Request, mood: str, given: Fields, body: Fields, sleep: Sleep) -> web.StreamResponse:
    """Send an answer the way a mood says."""
    if mood in _STATUSES:
        headers = {"Retry-After": f"{given['retry_after']:g}"} if mood == "rate_limited" else {}
        return web.json_response({"error": {"message": mood, "type": mood}}, status=_STATUSES[mood], headers=headers)
    if mood == "html":
        return web.Response(text="<html><body>502 Bad Gateway</body></html>", content_type="text/html")
    if mood == "redirect":
        return web.Response(status=307, headers={"Location": str(raw.url)})
    if mood == "slow":
        await sleep(given["seconds"])
    if mood in _STREAMED:
        with suppress(ConnectionError):
            return await _STREAMED[mood](raw, given, body, sleep)
    return web.json_response(body)


async def _dripping(raw: web.Request, given: Fields, body: Fields, sleep: Sleep) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(raw)
    # Blanks are whitespace in JSON: the answer is always on its way and never there.
    for _ in range(_LONGEST_DRIP):
        await response.write(b" ")
        await sleep(given["seconds"])
    await response.write(json.dumps(body).encode())
    return response


async def _cut(raw: web.Request, given: Fields, body: Fields, sleep: Sleep) -> web.StreamResponse:
    whole = json.dumps(body).encode()
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(whole))})
    await response.prepare(raw)
    await response.write(whole[: len(whole) // 2])
    if raw.transport is not None:
        raw.transport.close()
    return response


async def _big(raw: web.Request, given: Fields, body: Fields, sleep: Sleep) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(raw)
    for _ in range(int(given["megabytes"] * (1 << 20) / _CHUNK)):
        await response.write(b" " * _CHUNK)
    await response.write(json.dumps(body).encode())
    return response


async def _gzip(raw: web.Request, given: Fields, body: Fields, sleep: Sleep) -> web.StreamResponse:
    """Send few bytes that unpack to many, whatever the asker said it takes."""
    packer = zlib.compressobj(1, wbits=31)
    blanks = b" " * (1 << 20)
    packed = b"".join(packer.compress(blanks) for _ in range(int(given["megabytes"]))) + packer.flush()
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Encoding": "gzip"})
    await response.prepare(raw)
    await response.write(packed)
    return response


_STREAMED = {"dripping": _dripping, "cut": _cut, "big": _big, "gzip": _gzip}
